"""Replace secrets in a commit's message and patches, and note where, before anything else reads them.

This module must not know what is done with the text, nor keep, log or verify a secret: only its place and its
sort come out. It must not depend on detect-secrets' settings, which are the process's and not the caller's.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from typing import NamedTuple

from generator.analyse.private_keys import find_key_blocks
from generator.patches import Change, Patch
from generator.records import Facts, Redaction

# Of fixed length, so that it does not tell the secret's; its brackets end what any detector takes for one.
MARK = "[redacted]"

# All detectors of detect-secrets 1.5 that are patterns, but one: IPPublicDetector's finds are no secrets. Of the
# others, the entropy detectors and KeywordDetector find every hash, test fixture and `password=None` of a diff.
DETECTORS = (
    "artifactory.ArtifactoryDetector",
    "aws.AWSKeyDetector",
    "azure_storage_key.AzureStorageKeyDetector",
    "basic_auth.BasicAuthDetector",
    "cloudant.CloudantDetector",
    "discord.DiscordBotTokenDetector",
    "github_token.GitHubTokenDetector",
    "gitlab_token.GitLabTokenDetector",
    "ibm_cloud_iam.IbmCloudIamDetector",
    "ibm_cos_hmac.IbmCosHmacDetector",
    "jwt.JwtTokenDetector",
    "mailchimp.MailchimpDetector",
    "npm.NpmDetector",
    "openai.OpenAIDetector",
    "private_key.PrivateKeyDetector",
    "pypi_token.PypiTokenDetector",
    "sendgrid.SendGridDetector",
    "slack.SlackDetector",
    "softlayer.SoftlayerDetector",
    "square_oauth.SquareOAuthDetector",
    "stripe.StripeDetector",
    "telegram_token.TelegramBotTokenDetector",
    "twilio.TwilioKeyDetector",
)
_ASSIGNED = r"[\"']?\]? *(?:=>|:=|::|=|:| ) *[\"']?[a-z0-9_-]{24}"
_URL_PART = r"[^:/?#\[\]@!$&'()*+,;=\s]+"
# What a line must hold before any detector can find anything in it. Each pattern begins with plain letters, which
# Python finds many times faster than a choice of patterns: together they cost a hundredth of the detectors, whose
# import alone takes 0.2 s.
_HINTS = (
    r"A(?:3T[0-9A-Z]{17}|[BKS]IA[0-9A-Z]{16}|CCA[0-9A-Z]{16}|KC[a-zA-Z0-9]{10}|P[0-9A-F][a-zA-Z0-9]{8}|"
    r"C[a-z0-9]{32}|ccountKey=)",
    r"S(?:K[a-z0-9]{32}|G\.[a-zA-Z0-9_-]{22})",
    r"\.[a-zA-Z\d_-]{6}\.[a-zA-Z\d_-]{27}",
    rf":(?:(?<=\d{{8}}:)[0-9A-Za-z_-]{{35}}|_authToken=|//{_URL_PART}:{_URL_PART}@)",
    r"eyJ[A-Za-z0-9_=-]{12,}\.[A-Za-z0-9_=-]",
    r"GR1348941[A-Za-z0-9_-]{20}",
    r"T3BlbkFJ[A-Za-z0-9]{20}",
    r"pypi-AgE[A-Za-z0-9_-]{70}",
    r"P(?:RIVATE KEY|uTTY-User-Key-File-\d)",
)
# The same for a text in lower case: some detectors do not care, and the others' finds are sorted out later.
_LOWER_HINTS = (
    r"g(?:h[pousr]_[a-z0-9_]{36}|l(?:pat|dt|ft|soat|rt|cbt|imt|ptt|agent|oas)-[a-z0-9_-]{20})",
    r"-us[0-9]",
    r"k_live_[a-z0-9]{24}",
    r"sq0csp-[0-9a-z\\_-]{43}",
    r"xox[abposr]-\d+-",
    r"hooks\.slack\.com/services/t",
    r"softlayer.com/soap/",
    r"aws.{0,20}?(?:key|pwd?|pass(?:word)?|token).{0,20}?['\"][0-9a-z/+]{40}",
    *(word + _ASSIGNED for word in ("key", "pwd?", "pass(?:word)?", "token")),
)
# Their patterns look for a name and a value, and the one group is the value.
_WITH_NAMES = frozenset(
    "aws.AWSKeyDetector basic_auth.BasicAuthDetector cloudant.CloudantDetector ibm_cloud_iam.IbmCloudIamDetector "
    "ibm_cos_hmac.IbmCosHmacDetector softlayer.SoftlayerDetector".split()
)
_TOKEN = "jwt.JwtTokenDetector"
# The detector's pattern ends before the signature.
_TOKEN_REST = re.compile(r"[A-Za-z0-9_.+/=-]*")
# What stands for a password in a program or a manual: `{password}`, `<password>`, `%s`, `***`.
_PLACEHOLDER = re.compile(r"\{[^{}]*\}|<[^<>]*>|%\w|[*.x]+")

_HUNK = re.compile(r"@@+ [^@\n]{0,200}@@+ ?")
_NUMBERS = re.compile(r"-(\d+)(?:,\d+)? \+(\d+)")
# What a replacement leaves behind may end where another secret begins; no text needs more than two rounds.
_MOST_ROUNDS = 8
# Some detectors take time by the square of a line's length. Lines of a patch are shorter than one step; in those of
# a message no secret is longer than the overlap.
_STEP, _OVERLAP = 4_000, 2_000


class _Span(NamedTuple):
    start: int
    end: int
    sort: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Detector:
    name: str
    sort: str
    patterns: tuple[re.Pattern[str], ...]

    def find(self, code: str) -> Iterator[_Span]:
        for match in (match for pattern in self.patterns for match in pattern.finditer(code)):
            if self.name in _WITH_NAMES and match.re.groups == 1:
                start, end = match.span(1)
            elif self.name == _TOKEN:
                start, end = _find_token(match)
            else:
                start, end = _trim(match)
            if start < end and not _PLACEHOLDER.fullmatch(code, start, end):
                yield _Span(start, end, self.sort)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One line: what belongs to the diff (a sign, a hunk's head), what is text, and its number for a reader."""

    head: str
    code: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cleaned:
    """Lines as they may be shown, and the numbers and sorts of what was replaced in them."""

    lines: tuple[str, ...]
    found: frozenset[tuple[int, str]]


def redact(change: Change) -> Change:
    """Replace every secret of a commit by `MARK`, and add where it stood to the facts.

    Lines stay lines. A commit without secrets comes back as the same object, and so does one that was redacted.
    """
    if not _is_suspect(_join(change)):
        return change
    facts, found = _redact_facts(change.facts)
    patches: list[Patch] = []
    for patch in change.patches:
        cleaned = _clean(tuple(_split_patch(patch.text))) if _is_suspect(patch.text) else None
        if cleaned and cleaned.found:
            patch = replace(patch, text="\n".join(cleaned.lines))
            found |= {Redaction(path=patch.path, line=line, sort=sort) for line, sort in cleaned.found}
        patches.append(patch)
    if not found:
        return change
    every = sorted({*facts.redactions, *found}, key=lambda one: (one.path or "", one.line, one.sort))
    return Change(facts=facts.model_copy(update={"redactions": tuple(every)}), patches=tuple(patches))


def redact_line(text: str) -> str:
    """Replace every secret of one line, such as a subject, by `MARK`."""
    return _clean_line(text).lines[0]


def redact_text(text: str) -> str:
    """Replace every secret of a text of several lines by `MARK`; lines stay lines."""
    if not _is_suspect(text):
        return text
    lines = text.split("\n")
    numbered = tuple(_Line(head="", code=line, number=number) for number, line in enumerate(lines, 1))
    return "\n".join(_clean(numbered).lines)


def _join(change: Change) -> str:
    """Join all that is read into one text: one search in it is far cheaper than one in each patch."""
    facts = change.facts
    trailers = (f"{trailer.key}: {trailer.value}" for trailer in facts.trailers)
    texts = (patch.text for patch in change.patches)
    return "\n".join((facts.subject, facts.body, *trailers, *facts.co_authors, *texts))


def _is_suspect(text: str) -> bool:
    hints, lower_hints = _compile_hints()
    if any(hint.search(text) for hint in hints):
        return True
    lowered = text.lower()
    return any(hint.search(lowered) for hint in lower_hints)


@cache
def _compile_hints() -> tuple[tuple[re.Pattern[str], ...], tuple[re.Pattern[str], ...]]:
    return tuple(map(re.compile, _HINTS)), tuple(map(re.compile, _LOWER_HINTS))


def _redact_facts(facts: Facts) -> tuple[Facts, set[Redaction]]:
    """Clean a message: its subject, its body, which begins two lines below, and what was read out of it."""
    lines = (facts.subject, "", *facts.body.split("\n"))
    cleaned = _clean(tuple(_Line(head="", code=line, number=number) for number, line in enumerate(lines, 1)))
    found = set(cleaned.found)
    trailers = []
    for trailer in facts.trailers:
        key, value = _clean_line(trailer.key), _clean_line(trailer.value)
        trailers.append(trailer.model_copy(update={"key": key.lines[0], "value": value.lines[0]}))
        sorts = {sort for _, sort in (*key.found, *value.found)} - {sort for _, sort in cleaned.found}
        # Only a value that its author broke over two lines is not found in the body as well.
        found |= {(_find_trailer(lines, trailer.key), sort) for sort in sorts}
    redacted = facts.model_copy(
        update={
            "subject": cleaned.lines[0],
            "body": "\n".join(cleaned.lines[2:]),
            "trailers": tuple(trailers),
            "co_authors": tuple(_clean_line(name).lines[0] for name in facts.co_authors),
        }
    )
    return redacted, {Redaction(line=line, sort=sort) for line, sort in found}


def _find_trailer(lines: Sequence[str], key: str) -> int:
    places = [number for number, line in enumerate(lines, 1) if line.startswith(key)]
    return places[-1] if places else len(lines)


def _clean_line(text: str) -> _Cleaned:
    return _clean((_Line(head="", code=text, number=1),))


def _split_patch(text: str) -> Iterator[_Line]:
    """Take a patch's lines apart; a removed line has its old number, every other its new one.

    A hunk's head tells the numbers; in a merge, whose hunks have none, lines count from the patch's first.
    """
    old = new = 1
    for line in text.split("\n"):
        if hunk := _HUNK.match(line):
            if numbers := _NUMBERS.search(hunk[0]):
                old, new = int(numbers[1]), int(numbers[2])
            yield _Line(head=hunk[0], code=line[hunk.end() :], number=max(new, 1))
            continue
        yield _Line(head=line[:1], code=line[1:], number=max(old if line[:1] == "-" else new, 1))
        old += line[:1] in ("-", " ")
        new += line[:1] in ("+", " ")


def _clean(lines: Sequence[_Line]) -> _Cleaned:
    """Replace the secrets of lines that belong together: first whole private keys, then what stands on one line."""
    codes = [line.code for line in lines]
    found: set[tuple[int, str]] = set()
    for block in find_key_blocks(codes, [line.head.startswith("@@") for line in lines]):
        found.add((lines[block[0].index].number, "Private Key"))
        for piece in block:
            code = codes[piece.index]
            codes[piece.index] = code[: piece.start] + MARK + code[piece.end :]
    for index in tuple(_find_suspects(codes, 0, len(codes))):
        codes[index], sorts = _replace_secrets(codes[index])
        found |= {(lines[index].number, sort) for sort in sorts}
    return _Cleaned(
        lines=tuple(line.head + code for line, code in zip(lines, codes, strict=True)), found=frozenset(found)
    )


def _find_suspects(codes: Sequence[str], first: int, last: int) -> Iterator[int]:
    """Find the suspect lines of a half-open range by halving it: most of a text is cleared in few searches."""
    if first >= last or not _is_suspect("\n".join(codes[first:last])):
        return
    if last - first == 1:
        yield first
        return
    middle = (first + last) // 2
    yield from _find_suspects(codes, first, middle)
    yield from _find_suspects(codes, middle, last)


def _replace_secrets(code: str) -> tuple[str, set[str]]:
    sorts: set[str] = set()
    for _ in range(_MOST_ROUNDS):
        spans = _merge(_find_spans(code))
        if not spans:
            break
        sorts |= {span.sort for span in spans}
        for span in reversed(spans):
            code = code[: span.start] + MARK + code[span.end :]
    return code, sorts


def _find_spans(code: str) -> Iterator[_Span]:
    for offset in range(0, max(len(code) - _OVERLAP, 1), _STEP):
        piece = code[offset : offset + _STEP + _OVERLAP]
        for detector in _load_detectors():
            for span in detector.find(piece):
                yield _Span(span.start + offset, span.end + offset, span.sort)


def _merge(spans: Iterable[_Span]) -> list[_Span]:
    """Merge what overlaps, under the sort of what begins first, the longer before the shorter."""
    merged: list[_Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if merged and span.start < merged[-1].end:
            merged[-1] = merged[-1]._replace(end=max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def _trim(match: re.Match[str]) -> tuple[int, int]:
    """Leave the quotes, blanks and signs around a secret where they are: some patterns take them in."""
    found = match[0]
    start = match.start() + len(found) - len(found.lstrip(" \t=:\"'"))
    return start, match.end() - (len(found) - len(found.rstrip(" \t\"'")))


def _find_token(match: re.Match[str]) -> tuple[int, int]:
    """Find where a JSON Web Token begins and ends; nowhere if it is none.

    Every word with "eyJ" in it, such as `keyJoin.x`, looks like one. The detector wants JSON behind the header as
    well, where an encrypted token has none.
    """
    header = match[0].partition(".")[0]
    try:
        is_token = isinstance(json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4))), dict)
    except (binascii.Error, ValueError):
        is_token = False
    rest = _TOKEN_REST.match(match.string, match.end())
    return match.start(), rest.end() if rest and is_token else match.start()


@cache
def _load_detectors() -> tuple[_Detector, ...]:
    detectors = []
    for name in DETECTORS:
        module, _, plugin = name.partition(".")
        detector = getattr(import_module(f"detect_secrets.plugins.{module}"), plugin)
        detectors.append(_Detector(name=name, sort=detector.secret_type, patterns=tuple(detector.denylist)))
    return tuple(detectors)
