"""Render which other commits belong to one: what it reverts and follows, what reverts and follows it, its companions.

This module must not look at another commit's record: it knows SHAs, and what stands in the commit's own day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from generator.pages.fragments import link_pull_request, link_sha
from generator.pages.survey import Shelf
from generator.pages.words import Words, count
from generator.record_additions import MOST_RELATED, Related
from generator.records import Commit

_MOST_LISTED = 20
# A merge's page lists what it brought in; each of these has to point the way, and no more.
_MOST_COMPANIONS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The commits that landed through the same one, in landing order, and the pull request which that one names."""

    shas: tuple[str, ...]
    pull_request: int | None


def render_relations(
    source: str, shelf: Shelf, commit: Commit, group: Group | None, words: Words
) -> list[tuple[str, str]]:
    """Render each sort of relation as a title and links, empty where there are none."""
    related = commit.related or Related()
    reverts = [link_commits(source, shelf, commit.reverts, words)] if commit.reverts else []
    if commit.reverts_pull_request is not None:
        reverts.append(link_pull_request(shelf, commit.reverts_pull_request))
    is_side = group is not None and commit.pull_request is None
    number = group.pull_request if group is not None and is_side else None
    follows = [sha for sha in related.follows if sha not in commit.reverts]
    followed_by = [sha for sha in related.followed_by if sha not in commit.reverted_by]
    return [
        (words.reverts, words.listing.join(reverts)),
        (words.reverted_by, link_commits(source, shelf, commit.reverted_by, words)),
        (words.pull_request, "" if number is None else link_pull_request(shelf, number)),
        _render_companions(source, shelf, commit, group, words),
        (words.follows, _link_related(source, shelf, follows, related.follows, words)),
        (words.followed_by, _link_related(source, shelf, followed_by, related.followed_by, words)),
    ]


def _render_companions(
    source: str, shelf: Shelf, commit: Commit, group: Group | None, words: Words
) -> tuple[str, str]:
    """Render what is of the same pull request, or landed through the same merge."""
    own = {commit.sha, commit.landing_sha}
    same = commit.related.same_pull_request if commit.related else ()
    beside = group.shas if group else ()
    shas = [sha for sha in dict.fromkeys((*beside, *same)) if sha not in own]
    is_one = bool(same) or (group is not None and group.pull_request is not None)
    title = words.same_pull_request if is_one else words.landed_together
    return title, link_commits(source, shelf, shas, words, most=_MOST_COMPANIONS)


def _link_related(source: str, shelf: Shelf, shas: Sequence[str], known: Sequence[str], words: Words) -> str:
    """Link to related commits; where the record holds as many as it may, there can be more."""
    links = link_commits(source, shelf, shas, words)
    return f"{links}{words.listing}{words.perhaps_more}" if links and len(known) == MOST_RELATED else links


def link_commits(
    source: str, shelf: Shelf, shas: Sequence[str], words: Words, most: int = _MOST_LISTED
) -> str:
    """Link to commits: here where the archive has a page of them, else to the hosting service."""
    return join_cut((link_sha(source, shelf, sha) for sha in shas[:most]), len(shas) - most, words)


def join_cut(shown: Iterable[str], rest: int, words: Words) -> str:
    """Join what is shown of a list, and count the rest that is not."""
    text = words.listing.join(shown)
    return f"{text}{words.listing}{count(rest, words.and_more)}" if rest > 0 else text
