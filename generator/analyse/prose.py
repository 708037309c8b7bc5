"""Tell prose in a commit message from templates, trailers, checklists, tables, code and dumps.

This module must not join lines or choose sentences: it judges one line, or one sentence, at a time.
"""

from __future__ import annotations

import re

# Longer lines are data; their rest says nothing that their beginning does not.
_MOST_COLUMNS = 2000
_MOST_JUDGED = 600

_FENCE = re.compile(r"^\s{0,3}(?:```|~~~)")
_HEADING = re.compile(r"^(#{1,6})\s*(.*?)[\s#]*$")
_BOLD_HEADING = re.compile(r"^(?:\*\*|__)([^*_]{1,80}?):?(?:\*\*|__):?\s*$")
_PLAIN_HEADING = re.compile(r"^([A-Z][\w /&'-]{1,40}):\s*$")
_ITEM = re.compile(r"^\s{0,6}(?:[-*+•]|\d{1,2}[.)])\s+(.*)$")
_CHECKBOX = re.compile(r"^[-*+]?\s*\[[ xX]\]")
_RULE = re.compile(r"^\s*(?:[-=_*~]\s?){3,}$")
_TRAILER = re.compile(
    r"^(?:[A-Z][\w-]{1,40}-(?:by|Id|Id-v\d|Url|URL|Revision|RevId|on|From|To|With): |"
    r"(?:Approved by|Bug|CC|Cc|Change-Id|Closes|Co-authored-by|Differential Revision|Fix|Fixes|In-Reply-To|Issue|"
    r"Link|Message-Id|PiperOrigin-RevId|Pulled By|Refs?|Release-Note|Resolves|Reviewed By|Reviewers|See|"
    r"Signed-off-by|Subscribers|Tags|Test Plan|cc|co-authored-by|fbshipit-source-id|git-svn-id|signed-off-by):\s)"
)
_DUMP = re.compile(
    r"^(?:diff --git |@@ |\+\+\+ |--- |index [0-9a-f]{6,}|Traceback \(|File \"|\$\s|>>>|\[rank|\||"
    r"(?:INFO|WARN|WARNING|ERROR|DEBUG|TRACE)\b[ :]|\[?\d{4}-\d\d-\d\d[ T]|\(cherry picked from|"
    r"This reverts commit [0-9a-f]{7,}\.?\s*$|\[\w{1,20}\]:?\s+\S+$)"
)
# What templates, bots and tools put into a message.
_NOISE = re.compile(
    r"auto-generated comment|generated (?:with|by)\b|ai[- ]assisted|before submitting|fill in the pr|"
    r"please (?:fill|read|make sure|ensure|describe|check|link|add|see|note that this template)|"
    r"thank you for contributing|existing issues this pr|you can edit|dependabot|@[\w-]+ (?:rebase|merge|recreate)|"
    r"signed-off-by|co-authored-by|^n/?a\.?$|^(?:none|no|yes|tbd)\.?$|^todo\b|^release notes?:? (?:none|n/a)|"
    r"^dependency-name:|^updated-dependencies|^full changelog|changelog\.md\)?$|^vllm (?:version|main):|"
    r"^\[?(?:release notes|commits|changelog|compare)\]?(?:\(|$)",
    re.IGNORECASE,
)
_SKIPPED_SECTION = re.compile(
    r"\btest|checklist|check list|how (?:was|has|is|did|to)|related issue|linked issue|^issues?\b|screenshot|review|"
    r"benchmark|accuracy|profil|\blogs?\b|environment|coderabbit|user[- ]facing|does this pr|follow[- ]?up|"
    r"next steps|reference|type of change|validation|verification|before submitting|pre-?commit|compatibility|"
    r"commits|maintainer|additional (?:context|info)|notes for|documentation update|\bci\b|results?\b|reproduc|"
    r"performance (?:data|numbers)",
    re.IGNORECASE,
)

_IMAGE = re.compile(r"!\[[^\]\n]{0,200}\]\([^)\n]{0,500}\)")
_LINK = re.compile(r"\[([^\]\n]{1,200})\]\((?:[^()\n]{1,500})\)")
_BARE_LINK = re.compile(r"<?https?://[^\s<>)\]]{1,500}>?")
_TAG = re.compile(
    r"</?(?:a|b|br|code|details|div|em|h[1-6]|hr|i|img|kbd|li|ol|p|pre|span|strong|sub|summary|sup|table|td|th|tr|ul)"
    r"(?:\s[^<>\n]{0,500})?/?>",
    re.IGNORECASE,
)
_STRONG = re.compile(r"\*\*(?=\S)([^*\n]{1,300}?)(?<=\S)\*\*")
_CODE = re.compile(r"`[^`]{1,200}`")

_REFERENCE = re.compile(
    r"\b(?:partial(?:ly)?|fix(?:e[sd])?|close[sd]?|resolve[sd]?|refs?|references?|related|relate[sd]?|see|part|of|"
    r"follow[- ]?up|depends?|on|issues?|addresses|also|to|and|pull|prs?|request|from|for|github|linear|jira|cc|by|"
    r"with|in)\b|[\w.-]{1,60}/[\w.-]{1,60}#\d+|#\d+|@[\w-]{1,60}|\b[A-Z]{2,10}-\d+\b|\(\*[^)]{0,100}\)",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^\s*(?:[-*]\s)?(?:\w+ )?(?:fix(?:e[sd])?|close[sd]?|resolve[sd]?|refs?)\b[:\s]", re.IGNORECASE
)


def is_fence(line: str) -> bool:
    """Say whether a line opens or closes a block of code."""
    return _FENCE.match(line) is not None


def is_rule(line: str) -> bool:
    """Say whether a line is a drawn line, such as the one above what GitHub appends to a squashed message."""
    return _RULE.match(line[:_MOST_COLUMNS]) is not None


def is_trailer(line: str) -> bool:
    """Say whether a line is a trailer, wherever it stands."""
    return _TRAILER.match(line) is not None


def is_closing(line: str) -> bool:
    """Say whether a line begins like a reference to an issue: "Fixes #12"."""
    return _CLOSING.match(line[:_MOST_COLUMNS]) is not None


def find_item(line: str) -> str | None:
    """Return the text of a list item; None for a line that is none."""
    match = _ITEM.match(line[:_MOST_COLUMNS])
    return match[1] if match else None


def find_heading(line: str) -> tuple[int, str] | None:
    """Return a heading's level and text: `## Purpose`, `**Purpose**`, or `Test plan:` alone on its line."""
    line = line[:_MOST_COLUMNS]
    if match := _HEADING.match(line):
        return len(match[1]), match[2]
    if match := _BOLD_HEADING.match(line):
        return 7, match[1]
    match = _PLAIN_HEADING.match(line)
    if match and (is_skipped_section(match[1]) or len(match[1].split()) == 1):
        return 8, match[1]
    return None


def is_skipped_section(heading: str) -> bool:
    """Say whether a section is about anything but what the commit does."""
    return _SKIPPED_SECTION.search(heading) is not None


def is_no_prose(line: str, in_list: bool) -> bool:
    """Say whether a line is code, a table, a dump, a checkbox, a trailer or a template's or bot's text."""
    bare = line.strip()[:_MOST_COLUMNS]
    if line.startswith(("  ", "\t")) and not in_list and not (find_item(line) and line[:4].strip()):
        return True
    if bare.count("|") > 1 or bare.endswith("|") or _NOISE.search(bare.strip(" *-")[:_MOST_JUDGED]):
        return True
    return any(pattern.match(bare) for pattern in (_CHECKBOX, _RULE, _TRAILER, _DUMP))


def strip_markup(text: str) -> str:
    """Take links, images, HTML tags and bold marks off; what they hold stays."""
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "](" in text:
        text = _LINK.sub(r"\1", _IMAGE.sub("", text))
    return _STRONG.sub(r"\1", text) if "**" in text else text


def says_something(text: str) -> bool:
    """Say whether more than links and references is left of a text."""
    rest = _REFERENCE.sub("", _BARE_LINK.sub("", text[:_MOST_JUDGED]))
    return _count_letters(rest) >= 3 or len(text) > _MOST_JUDGED


def is_telling(sentence: str) -> bool:
    """Say whether a sentence is worth quoting: words outside of code and links, and no mere thanks."""
    if sentence.startswith(("http://", "https://", "Thanks ", "Thank you")):
        return False
    begin = sentence[:_MOST_JUDGED]
    return (
        _count_letters(_CODE.sub("", begin)) >= 4 and _count_letters(begin) >= 8 and says_something(sentence)
    )


def _count_letters(text: str) -> int:
    return sum(map(str.isalpha, text))
