"""Know a report's lines by their shape: titles, rows, the lines that name a commit, the ends of its part.

This module must not know what stands around a line. Every shape is found by itself, so that a damaged line takes no
other with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from generator.records import Importance

TITLE = re.compile(r"^\ufeff?#\s*每日更新报告\s*[（(]\s*(\d{4}-\d{2}-\d{2})\b")
DAY = re.compile(r"\b(\d{4}-\d{2}-\d{2})\b")
# A longest line bounds the work of every pattern; nobody writes a message of this length into a table.
LONGEST_LINE = 100_000
RESULTS = "的LLM分析结果"
TABLE_HEAD = "| 提交时间 | 作者 | 提交信息 |"
_NAME = r"[A-Za-z0-9_.~-]+(?:/[A-Za-z0-9_.~-]+)+"
_SECTION = re.compile(rf"^##\s+({_NAME})\s*$")
_RESULTS = re.compile(rf"^##\s+({_NAME})\s*{RESULTS}\s*$")
_TABLE = re.compile(r"^\|\s*(?:提交时间|:?-{3,}:?)\s*\|")
# The rest of a row is cut at its bars: a pattern for all of it would read a line of blanks again for each of them.
_TIME_CELL = re.compile(
    r"^\|[ \t]{0,9}(\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2})?(?: ?[+-]\d{2}:?\d{2})?)[ \t]{0,9}\|"
)
_SHA = r"[0-9a-f]{64}|[0-9a-f]{40}"
_SHA_HEADING = re.compile(rf"^#{{2,4}}\s+`?({_SHA})`?\s*$")
# The address of a commit, as GitHub, GitLab and others write it.
_ADDRESS = re.compile(rf"(https?://[^\s()<>\]\\]{{1,300}}?)(?:/-)?/commits?/({_SHA})(?![0-9a-f])")
_SHA_LINE = re.compile(r"^\W*SHA\W*[:：]", re.IGNORECASE)
_SHORT = re.compile(r"`([0-9a-f]{7,39})`")
_GROUP = re.compile(r"^#{2,4}\s*(🔴|🟡|🟢)\s*.?\s*重要度变更")
_CONTENTS = re.compile(r"^(?:#{2,4}\s*(?:📊\s*统计摘要|📋\s*目录)|>\s*本日共|\s*- \[.*\]\(#[^()]*\)\s*$)")
_RULE = re.compile(r"^\s*-{3,}\s*$")
_LEVELS = {"🔴": Importance.HIGH, "🟡": Importance.MEDIUM, "🟢": Importance.LOW}


@dataclass(frozen=True, slots=True)
class Address:
    """A commit's address on a host: that of its repository, and the SHA."""

    web: str
    sha: str


def parse_section(line: str) -> str | None:
    """Read the name of the repository that a table is headed with."""
    match = _SECTION.match(line)
    return match[1] if match else None


def parse_results(line: str) -> str | None:
    """Read the name of the repository that the first format's analyses are headed with."""
    match = _RESULTS.match(line)
    return match[1] if match else None


def is_table_line(line: str) -> bool:
    """Say whether a line is a table's head or the rule below it."""
    return bool(_TABLE.match(line))


def parse_row(line: str) -> tuple[str, str, str] | None:
    """Read a row: time, author, message."""
    match = _TIME_CELL.match(line) if line.startswith("|") and len(line) <= LONGEST_LINE else None
    author, bar, message = line[match.end() :].partition("|") if match else ("", "", "")
    if match is None or not bar:
        return None
    return match[1], author.strip(), message.rstrip().removesuffix("|").strip()


def parse_sha_heading(line: str) -> str | None:
    """Read a heading that is a whole SHA."""
    match = _SHA_HEADING.match(line)
    return match[1] if match else None


def find_address(line: str) -> Address | None:
    """Find a commit's address in a line."""
    match = _ADDRESS.search(line) if "/commit" in line and len(line) <= LONGEST_LINE else None
    return Address(match[1], match[2]) if match else None


def is_bare_address(line: str) -> bool:
    """Say whether a line is a commit's address and nothing else."""
    match = _ADDRESS.match(line.strip()) if "/commit" in line and len(line) <= 500 else None
    return bool(match) and match is not None and match.end() == len(line.strip())


def is_sha_line(line: str) -> bool:
    """Say whether a line is the second format's, which names a commit's SHA and its address."""
    return bool(_SHA_LINE.match(line)) and bool(_SHORT.search(line) or find_address(line))


def find_short(line: str) -> str | None:
    """Find a short SHA in a line."""
    match = _SHORT.search(line[:LONGEST_LINE])
    return match[1] if match else None


def parse_group(line: str) -> Importance | None:
    """Read the importance that a group of commits is headed with."""
    match = _GROUP.match(line)
    return _LEVELS[match[1]] if match else None


def is_contents(line: str) -> bool:
    """Say whether a line is of the second format's statistics or its table of contents."""
    return bool(_CONTENTS.match(line[:2000]))


def is_rule(line: str) -> bool:
    """Say whether a line is a rule, which ends a commit's part in the second format."""
    return bool(_RULE.match(line))


def is_heading(line: str) -> bool:
    """Say whether a line is a heading of Markdown's."""
    return line.startswith("#") and bool(line.lstrip("#").strip())


def parse_heading(line: str) -> str:
    """Read a heading's text."""
    return line.lstrip("#").strip()
