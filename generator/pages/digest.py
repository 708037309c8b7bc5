"""Render a digest: its lines, the commits that each stands on, and who wrote it.

This module must not choose what matters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from generator.pages import classes
from generator.pages.fragments import LONGEST_NAME, link_sha, render_why, short_sha
from generator.pages.markup import cut, escape, escape_prose, render_list, wrap
from generator.pages.survey import Shelf
from generator.pages.words import Words
from generator.records import DigestLine, DigestRecord, Mention


def find_lines(digest: DigestRecord | None) -> tuple[DigestLine, ...]:
    """Find the lines of a digest; none where there is no digest."""
    return digest.lines if digest else ()


def find_told(digest: DigestRecord | None) -> frozenset[tuple[str, str]]:
    """Find the commits that a digest tells of, by the repository's name and the SHA: a fork holds the same commits."""
    return frozenset(
        (mention.repository, mention.sha) for line in find_lines(digest) for mention in line.commits
    )


def render_digest_section(
    source: str, digest: DigestRecord | None, shelves: Sequence[Shelf], words: Words
) -> str:
    """Render a whole digest under a heading of its own; empty when it says nothing."""
    text = render_digest(source, digest, shelves, words)
    return f"## {words.what_matters}\n\n{text}" if text else ""


def render_digest(source: str, digest: DigestRecord | None, shelves: Sequence[Shelf], words: Words) -> str:
    """Render a digest, of one repository or of all those on `shelves`, as a list, and in small print who wrote it.

    Empty when it says nothing.
    """
    if digest is None or not digest.lines:
        return ""
    items = (_render_line(source, line, shelves) for line in digest.lines)
    return f"{render_list(items)}\n\n{wrap('p', classes.QUIET, _render_writer(digest, words))}"


def _render_line(source: str, line: DigestLine, shelves: Sequence[Shelf]) -> str:
    return f"{escape_prose(line.text)} {' '.join(_link_mentions(source, line.commits, shelves))}"


def _link_mentions(source: str, mentions: Sequence[Mention], shelves: Sequence[Shelf]) -> Iterator[str]:
    """Link to commits by their SHA, those of one repository together, after its name where there are several."""
    by_name = {shelf.name: shelf for shelf in shelves}
    for name in dict.fromkeys(mention.repository for mention in mentions):
        if len(by_name) > 1:
            yield wrap("span", classes.QUIET, escape(cut(_shorten(name, by_name), LONGEST_NAME)))
        own = (mention.sha for mention in mentions if mention.repository == name)
        yield from (_link_mention(source, by_name.get(name), sha) for sha in own)


def _shorten(name: str, names: Iterable[str]) -> str:
    """Name a repository without its owner, unless another has the same name."""
    last = name.rpartition("/")[2]
    return name if any(other != name and other.rpartition("/")[2] == last for other in names) else last


def _link_mention(source: str, shelf: Shelf | None, sha: str) -> str:
    return short_sha(sha) if shelf is None else link_sha(source, shelf, sha)


def _render_writer(digest: DigestRecord, words: Words) -> str:
    """Say who wrote the lines, and what became of a model's where they are still the rules'."""
    wrote = digest.provenance
    version = escape(wrote.version)
    if wrote.writer == "model":
        model = escape(cut(wrote.model or "", LONGEST_NAME))
        parts = [words.digest_by_model.format(model=model, version=version)]
    else:
        parts = [words.digest_by_rules.format(version=version)]
    if wrote.written:
        parts.append(escape(f"{wrote.written:%Y-%m-%d %H:%M} UTC"))
    note = words.comma.join(parts)
    if digest.outcome in words.digest_notes:
        note += words.semicolon + words.digest_notes[digest.outcome] + render_why(digest, words)
    return note + words.stop
