"""Keep the records of a repository's releases: what each has that the release before has not.

Only `pipeline` calls this module; it must not go by dates, and must not know a page. Which tags name releases, and what
is a pre-release, is said in `collect/tags.py`.

The release before is, of the `_CANDIDATES` next lower versions of the same line that are no pre-releases, the one that
leaves the fewest commits to tell, then the one that has itself the fewest that the release has not. Where releases are
tagged on the mainline that is the nearest ancestor; where each has a branch of its own, none is another's ancestor, and
it is the one whose branch left the mainline last. So a pre-release is told against the last release too; where there is
none yet, against the pre-release before. A release that nothing comes before has its whole history.

The `MOST_RELEASES` highest versions have records, also at first; whatever has one keeps it. A tag that was moved is
told anew, with where it was; one that the remote has no longer is marked as gone. Git is asked when a tag has changed,
or when commits of a release are archived that were not. The tags come with the answer that says where the branch
stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from generator.collect.tags import Release, find_release
from generator.days import find_moment
from generator.errors import RemoteError
from generator.following import make_failure
from generator.landings import Followed
from generator.records import Failure
from generator.release_records import MOST_RELEASED, MOST_UNARCHIVED, ReleaseDay, ReleaseRecord, TagRef
from generator.store.places import hash_tag, name_release
from generator.summaries import ReleaseSummary

MOST_RELEASES = 30
_CANDIDATES = 5


def update_releases(followed: Followed, *, has_new_days: bool) -> None:
    """Bring the records of releases up to date with the tags of the last fetch, and with what is archived.

    Where that cannot be done, the repository's record says why, and the run goes on.
    """
    tags = followed.mirror.tags
    if tags is None:
        return
    found = (find_release(tag, sha) for tag, sha in tags.items())
    desk = _Desk(followed, {release.tag: release for release in found if release})
    try:
        desk.mark_gone()
        desk.write(desk.find_stale(has_new_days=has_new_days))
    except RemoteError as error:
        followed.report.step(f"{followed.name}: its releases could not be looked at: {error.fact}")
        _note_failure(followed, error)
    else:
        _note_failure(followed, None)


class _Desk:
    """The releases of a repository, as its remote has them and as they are recorded."""

    def __init__(self, followed: Followed, releases: Mapping[str, Release]) -> None:
        self._followed, self._archive, self._mirror = followed, followed.archive, followed.mirror
        self._releases = releases
        self._known = {summary.tag: summary for summary in self._archive.release_summaries(followed.name)}
        ranked = sorted(releases.values(), key=lambda release: release.rank, reverse=True)
        kept = (release for release in ranked[MOST_RELEASES:] if release.tag in self._known)
        self._wanted = [*ranked[:MOST_RELEASES], *kept]

    def mark_gone(self) -> None:
        """Mark the releases as gone that the remote has no longer."""
        for tag, summary in self._known.items():
            if tag not in self._releases and not summary.gone and (record := self._read(summary)):
                self._archive.write_release(record.model_copy(update={"gone": True}))

    def find_stale(self, *, has_new_days: bool) -> list[Release]:
        """Find the releases that are new, moved or back, those that may follow on them, and any that has grown."""
        changed = {release.tag for release in self._wanted if self._is_changed(release)}
        follow = {
            release.tag
            for release in (self._wanted if changed else ())
            if any(one.tag in changed for one in self._list_candidates(release))
        }
        return [
            release
            for release in self._wanted
            if release.tag in changed | follow or (has_new_days and self._has_more(release))
        ]

    def write(self, stale: Collection[Release]) -> None:
        """Write the records of releases anew."""
        if not stale:
            return
        name = self._followed.name
        candidates = {release.tag: self._list_candidates(release) for release in stale}
        needed = {one.tag: one.sha for release in stale for one in (release, *candidates[release.tag])}
        with self._followed.report.progress(f"{name}: looking at releases", len(stale)) as task:
            failure = self._fetch(needed)
            existing = self._mirror.find_existing(dict.fromkeys(needed.values()))
            days = self._archive.commit_days(name)
            for release in stale:
                # A tag may point at anything; one that is no commit's has nothing to tell.
                if release.sha in existing:
                    there = [one for one in candidates[release.tag] if one.sha in existing]
                    self._write(release, self._find_previous(release, there), days)
                task.advance(1)
        if failure:
            raise failure

    def _fetch(self, tags: Mapping[str, str]) -> RemoteError | None:
        """Fetch what lies behind tags; say what went wrong, since the others can be told of all the same."""
        try:
            self._mirror.fetch_tags(tags)
        except RemoteError as error:
            return error
        return None

    def _is_changed(self, release: Release) -> bool:
        known = self._known.get(release.tag)
        return known is None or known.gone or known.sha != release.sha

    def _has_more(self, release: Release) -> bool:
        """Say whether commits are archived now that were not when the release was recorded."""
        known = self._known.get(release.tag)
        if known is None or known.archived == known.total:
            return False
        record = self._read(known)
        return record is None or bool(self._archive.find_headlines(self._followed.name, record.unarchived))

    def _list_candidates(self, release: Release) -> list[Release]:
        earlier = sorted(
            (
                one
                for one in self._releases.values()
                if one.line == release.line and one.rank < release.rank and one.sha != release.sha
            ),
            key=lambda one: one.rank,
            reverse=True,
        )
        whole = [one for one in earlier if not one.is_prerelease]
        return (whole or (earlier if release.is_prerelease else []))[:_CANDIDATES]

    def _find_previous(self, release: Release, candidates: Iterable[Release]) -> Release | None:
        apart = ((*self._mirror.count_apart(one.sha, release.sha), one) for one in candidates)
        # One that has all of this release does not come before it, whatever its number.
        ordered = sorted((ahead, behind, one.rank, one.tag) for behind, ahead, one in apart if ahead)
        return self._releases[ordered[0][-1]] if ordered else None

    def _write(self, release: Release, previous: Release | None, days: Mapping[str, date]) -> None:
        known = self._known.get(release.tag)
        before = self._read(known) if known else None
        nodes = list(self._mirror.walk(release.sha, [previous.sha] if previous else []))
        archived = [node.sha for node in nodes if node.sha in days]
        former = before.former if before else ()
        record = ReleaseRecord(
            repository=self._followed.name,
            file=known.file if known else self._name_file(release.tag),
            tag=release.tag,
            sha=release.sha,
            committed=find_moment(nodes[0].seconds),
            is_prerelease=release.is_prerelease,
            previous=TagRef(tag=previous.tag, sha=previous.sha) if previous else None,
            total=len(nodes),
            archived=len(archived),
            days=_group(archived[:MOST_RELEASED], days),
            unarchived=tuple(node.sha for node in nodes if node.sha not in days)[:MOST_UNARCHIVED],
            former=(*former, before.sha) if before and before.sha != release.sha else former,
        )
        self._archive.write_release(record)

    def _name_file(self, tag: str) -> str:
        """Name a record's file as no other is named, on a disk that ignores letter case too."""
        taken = {summary.file.casefold() for summary in self._archive.release_summaries(self._followed.name)}
        file = name_release(tag)
        return hash_tag(tag) if file.casefold() in taken else file

    def _read(self, summary: ReleaseSummary) -> ReleaseRecord | None:
        return self._archive.find_release(self._followed.name, summary.file)


def _group(shas: Iterable[str], days: Mapping[str, date]) -> tuple[ReleaseDay, ...]:
    groups: defaultdict[date, list[str]] = defaultdict(list)
    for sha in shas:
        groups[days[sha]].append(sha)
    return tuple(ReleaseDay(day=day, commits=tuple(group)) for day, group in sorted(groups.items()))


def _note_failure(followed: Followed, error: RemoteError | None) -> None:
    record = followed.archive.find_repository(followed.name)
    if record is None:
        return
    failure: Failure | None = make_failure(followed, error, record.releases_failure) if error else None
    if record.releases_failure != failure:
        followed.archive.write_repository(record.model_copy(update={"releases_failure": failure}))
