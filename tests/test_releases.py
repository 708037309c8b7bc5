"""Releases: which tags name one, what came before it, what becomes of its record, and how a reader finds its page."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from generator.checking.repairing import repair
from generator.checking.verifying import verify
from generator.collect.mirror import Mirror
from generator.collect.tags import find_release, parse_tags
from generator.config import load_config
from generator.pages.release import MOST_COMMITS
from generator.pages.render import PageSettings, plan_pages, render_pages
from generator.pipeline import Summary
from generator.records import Breaking, Importance, Kind
from generator.release_records import MOST_RELEASED, MOST_UNARCHIVED, ReleaseDay, ReleaseRecord, TagRef
from generator.releasing import MOST_RELEASES
from generator.site.schemas import MODELS, render_schemas
from generator.store.archive import Archive
from generator.store.places import name_release
from tests.archives import NAME, read_days, run_backfill, run_update
from tests.browser import visit
from tests.histories import Upstream, run_git
from tests.page_archive import (
    ENGINE,
    MadeArchive,
    make_analysis,
    make_commit,
    make_day,
    make_repository,
)
from tests.quiet import QuietReport
from tests.schema_rules import check_schema
from tests.sites import ROOT, ServedSite, build, serve

NOW = "2026-02-01T12:00+00:00"
SHA = "a" * 40


@pytest.mark.parametrize(
    ("tag", "line", "numbers", "is_prerelease"),
    [
        ("v1.2.3", "", (1, 2, 3), False),
        ("1.2.0", "", (1, 2), False),
        ("v0.6.3.post1", "", (0, 6, 3), False),
        ("2026.01.05", "", (2026, 1, 5), False),
        ("curl-8_5_0", "curl-", (8, 5), False),
        ("OpenSSL_1_1_1a", "openssl_", (1, 1, 1), False),
        ("storage/v1.40.0", "storage/", (1, 40), False),
        ("pkg@2.0.1", "pkg@", (2, 0, 1), False),
        ("go1.22.1", "go", (1, 22, 1), False),
        ("x86-1.4", "x86-", (1, 4), False),
        ("版本1.2", "版本", (1, 2), False),
        ("v1.0.0+build.5", "", (1, 0), False),
        ("v1.0.0-hotfix", "", (1, 0), False),
        ("v1.0-alphabet", "", (1, 0), False),
        ("v1.0.0rc1", "", (1, 0), True),
        ("v1.0.0-beta.2", "", (1, 0), True),
        ("v1.0.0b2", "", (1, 0), True),
        ("v0.1.dev0", "", (0, 1), True),
        ("nightly-2026.01.05", "nightly-", (2026, 1, 5), True),
    ],
)
def test_a_tag_that_ends_in_a_version_names_a_release_of_its_line(
    tag: str, line: str, numbers: tuple[int, ...], is_prerelease: bool
) -> None:
    release = find_release(tag, SHA)
    assert release is not None
    assert (release.line, release.numbers, release.is_prerelease) == (line, numbers, is_prerelease)


@pytest.mark.parametrize(
    "tag", ["v5", "b4567", "latest", "v1", "", "v1.0\ufffd", "v1..0", "a b1.0", "x" * 300 + "1.0"]
)
def test_other_tags_name_none(tag: str) -> None:
    assert find_release(tag, SHA) is None


def test_a_tag_points_at_the_commit_behind_it_and_other_lines_are_no_tags() -> None:
    other = "b" * 40
    answer = f"ref: refs/heads/main\tHEAD\n{other}\tHEAD\n{SHA}\trefs/tags/v1\n{other}\trefs/tags/v1^{{}}\n"
    answer += (
        f"{SHA}\trefs/tags/a/b\nnot-a-sha\trefs/tags/c\n{SHA}\trefs/heads/d\nref: refs/tags/v1\trefs/tags/e\n"
    )
    assert parse_tags(answer) == {"v1": other, "a/b": SHA}


@pytest.mark.parametrize(
    ("tag", "file"),
    [
        ("v1.0", "v1.0"),
        ("storage/v1.40.0", "storage/v1.40.0"),
        ("pkg@2.0.1+b-x_y", "pkg@2.0.1+b-x_y"),
        ("v1.0.json", None),
        ("v1.0.md", None),
        ("con.1.0/x", None),
        ("v1.0 <b>", None),
        ("版本1.2", None),
        (".v1.0", None),
        ("v1.0,2", None),
        ("x" * 98 + "1.0", None),
    ],
)
def test_a_release_has_the_address_of_its_host_or_one_that_no_tag_can_take(
    tag: str, file: str | None
) -> None:
    assert name_release(tag) == (file or name_release(tag))
    if file is None:
        assert re.fullmatch("tag-[0-9a-f]{16}", name_release(tag))
        assert find_release(name_release(tag), SHA) is None


@dataclass
class World:
    """A repository with tags, and the archive that follows it."""

    folder: Path
    upstream: Upstream = field(init=False)
    root: Path = field(init=False)

    def __post_init__(self) -> None:
        self.upstream = Upstream(self.folder / "upstream")
        self.root = self.folder / "archive"
        self.root.mkdir()

    def commit(self, subject: str, day: int, **options: Any) -> str:
        """Commit on a day of January."""
        return self.upstream.commit(
            subject, f"2026-01-{day:02}T10:00+00:00", {f"{subject[-9:]}.py": "1\n"}, **options
        )

    def tag(self, name: str, sha: str, *, is_annotated: bool = True) -> None:
        """Point a tag at a commit, whatever it pointed at."""
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        options = ("-a", "-m", "x") if is_annotated else ()
        run_git(self.upstream.folder, *identity, "tag", "--force", *options, name, sha)

    def remove_tag(self, name: str) -> None:
        """Delete a tag."""
        run_git(self.upstream.folder, "tag", "--delete", name)

    def write_settings(self, first_days: int = 366) -> None:
        """Write archive.yml."""
        (self.root / "archive.yml").write_text(
            f"timezone: UTC\nlanguage: en\nfirst_days: {first_days}\nrepositories:\n"
            f"  - url: {self.upstream.url}\n    name: {NAME}\n    web: https://github.com/{NAME}\n"
        )

    def update(self, first_days: int = 366) -> Summary:
        """Update the archive."""
        self.write_settings(first_days)
        return run_update(self.root, load_config(self.root / "archive.yml"), NOW)

    def read(self, tag: str) -> ReleaseRecord:
        """Read the record of a release."""
        record = Archive(self.root / "docs").find_release(NAME, name_release(tag))
        assert record is not None
        return record

    def list_tags(self) -> set[str]:
        """List the tags that have records."""
        return {summary.tag for summary in Archive(self.root / "docs").release_summaries(NAME)}

    def read_page(self, file: str) -> str:
        """Read a page of releases."""
        return (self.root / "docs" / NAME / "releases" / file).read_text(encoding="utf-8")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_the_release_before_is_the_nearest_ancestor_whatever_the_dates_say(world: World) -> None:
    first = world.commit("feat: first", 20)
    second = world.commit("feat: second", 5)
    third = world.commit("feat: third", 9)
    fourth = world.commit("feat: fourth", 2)
    for tag, sha in (("v1.0.0", first), ("v1.1.0rc1", second), ("v1.1.0", third), ("v1.2.0", fourth)):
        world.tag(tag, sha, is_annotated=tag != "v1.1.0")
    world.update()
    told = {tag: world.read(tag) for tag in sorted(world.list_tags())}
    assert {tag: (record.previous and record.previous.tag, record.total) for tag, record in told.items()} == {
        "v1.0.0": (None, 1),
        # A pre-release is told against the release before, and the release too.
        "v1.1.0": ("v1.0.0", 2),
        "v1.1.0rc1": ("v1.0.0", 1),
        "v1.2.0": ("v1.1.0", 1),
    }
    assert [tag for tag, record in told.items() if record.is_prerelease] == ["v1.1.0rc1"]
    # Both landed by the clock of the first, which stands before them.
    assert [sha for day in told["v1.1.0"].days for sha in day.commits] == [second, third]


def test_releases_on_branches_of_their_own_are_told_from_where_the_branch_before_left(world: World) -> None:
    first = world.commit("feat: first", 1)
    world.tag("v1.0.0", world.commit("fix: on one", 2, on="r1", parents=[first]))
    second = world.commit("feat: second", 3)
    world.tag("v2.0.0", world.commit("fix: on two", 4, on="r2", parents=[second]))
    # A fix of the old release that came after the new one belongs to the old one's line of history.
    patch = world.commit("fix: later", 5, on="r1")
    world.tag("v1.0.1", patch)
    world.commit("feat: third", 6)
    world.update()
    two, one = world.read("v2.0.0"), world.read("v1.0.1")
    assert two.previous is not None
    assert (two.previous.tag, two.total, two.archived) == ("v1.0.0", 2, 1)
    assert [day.commits for day in two.days] == [(second,)]
    assert two.unarchived == (world.upstream.tip("r2"),)
    assert one.previous is not None
    assert (one.previous.tag, one.total, one.archived, one.unarchived) == ("v1.0.0", 1, 0, (patch,))
    page = world.read_page("tag/v2.0.0.md")
    assert "2 commits since the release before. 1 of them is listed here. 1 is not in this archive" in page
    assert f"https://github.com/{NAME}/compare/{two.previous.sha}...{two.sha}" in page
    assert "None of them is in this archive." in world.read_page("tag/v1.0.1.md")


def test_packages_of_one_repository_follow_each_their_own(world: World) -> None:
    for day, tag in enumerate(("a/v1.0", "b@1.0", "a/v1.1", "b@1.1", "a/v2.0-rc.1"), 1):
        world.tag(tag, world.commit(f"feat: {day}", day))
    world.update()
    assert {tag: (found := world.read(tag)).previous and found.previous.tag for tag in world.list_tags()} == {
        "a/v1.0": None,
        "b@1.0": None,
        "a/v1.1": "a/v1.0",
        "b@1.1": "b@1.0",
        "a/v2.0-rc.1": "a/v1.1",
    }


def test_where_there_are_pre_releases_alone_each_is_told_against_the_one_before(world: World) -> None:
    for day, tag in enumerate(("v0.1.0a1", "v0.1.0a2", "v0.1.0"), 1):
        world.tag(tag, world.commit(f"feat: {day}", day))
    world.update()
    previous = {tag: world.read(tag).previous for tag in world.list_tags()}
    assert {tag: ref and ref.tag for tag, ref in previous.items()} == {
        "v0.1.0a1": None,
        "v0.1.0a2": "v0.1.0a1",
        "v0.1.0": None,
    }


def read_releases(root: Path) -> dict[str, tuple[bytes, int]]:
    folder = root / "docs" / NAME / "releases"
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns) for path in files
    }


@dataclass
class Asked:
    """What git was asked, and whether it could reach the network."""

    commands: list[tuple[str, bool]] = field(default_factory=list)

    def list_online(self) -> list[str]:
        return [command for command, online in self.commands if online]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    asked = Asked()
    real = Mirror._open

    @contextmanager
    def note(mirror: Mirror, arguments: Any, *rest: Any, **options: Any) -> Iterator[Any]:
        asked.commands.append((arguments[0], options.get("online", False)))
        with real(mirror, arguments, *rest, **options) as output:
            yield output

    monkeypatch.setattr(Mirror, "_open", note)
    return asked


def test_tags_cost_no_question_of_their_own_and_a_second_run_writes_nothing(
    world: World, asked: Asked
) -> None:
    first = world.commit("feat: first", 1)
    world.update()
    asked.commands.clear()
    world.update()
    plain = list(asked.commands)
    world.tag("v1.0.0", first)
    world.tag("v1.1.0", world.commit("fix: aside", 2, on="r1", parents=[first]))
    world.tag("v5", first)
    asked.commands.clear()
    world.update()
    # One fetch for what lies behind the tags off the branch, and nothing for the others.
    assert asked.list_online() == ["ls-remote", "fetch", "fetch"]
    before = read_releases(world.root)
    assert {file for file in before if file.endswith(".json")} == {"tag/v1.0.0.json", "tag/v1.1.0.json"}
    asked.commands.clear()
    world.update()
    assert asked.commands == plain
    assert read_releases(world.root) == before


def test_a_tag_that_points_at_no_commit_is_looked_up_once(world: World, asked: Asked) -> None:
    first = world.commit("feat: first", 1)
    blob = run_git(world.upstream.folder, "hash-object", "-w", "--stdin", stdin=b"x")
    # Of no commit, so that it does not come with one; nor with the tag, because trees are left out.
    tree = run_git(world.upstream.folder, "mktree", stdin=f"100644 blob {blob}\tz\n".encode())
    world.tag("v1.0.0", tree)
    world.tag("v1.1.0", blob, is_annotated=False)
    world.tag("v1.2.0", first)
    world.update()
    assert world.list_tags() == {"v1.2.0"}
    asked.commands.clear()
    world.update()
    assert asked.list_online() == ["ls-remote", "fetch"]


def test_a_tag_that_moves_goes_or_comes_back_loses_nothing(world: World) -> None:
    first, second = world.commit("feat: first", 1), world.commit("feat: second", 2)
    third = world.commit("feat: third", 3)
    world.tag("v1.0.0", first)
    world.tag("v1.1.0", second)
    world.tag("v1.2.0", third)
    world.update()
    world.tag("v1.1.0", third)
    world.tag("v1.2.0", second)
    world.update()
    moved = world.read("v1.1.0")
    assert (moved.sha, moved.former, moved.total) == (third, (second,), 2)
    assert f"https://github.com/{NAME}/commit/{second}" in world.read_page("tag/v1.1.0.md")
    # What was told against it is told anew: one with a higher number that it has whole comes after nothing of it.
    assert world.read("v1.2.0").previous == TagRef(tag="v1.0.0", sha=first)
    world.remove_tag("v1.1.0")
    world.update()
    gone = world.read("v1.1.0")
    assert gone == moved.model_copy(update={"gone": True})
    page = world.read_page("tag/v1.1.0.md")
    assert "The repository has no such tag any more." in page
    # Markdown would take what follows an open element for a part of it.
    assert page.count("<p>") + page.count("<p class") == page.count("</p>")
    assert "gone" in world.read_page("index.md")
    world.tag("v1.1.0", third)
    world.update()
    assert world.read("v1.1.0") == moved


def test_a_tag_that_is_set_late_between_two_others_comes_before_the_later_one(world: World) -> None:
    first, second, third = (world.commit(f"feat: {name}", day) for day, name in enumerate(("a", "b", "c"), 1))
    world.tag("v1.0.0", first)
    world.tag("v1.2.0", third)
    world.update()
    assert world.read("v1.2.0").total == 2
    world.tag("v1.1.0", second)
    world.update()
    assert world.read("v1.2.0").previous == TagRef(tag="v1.1.0", sha=second)
    assert world.read("v1.2.0").total == 1


def test_what_is_archived_later_is_listed_by_the_release_then(world: World) -> None:
    shas = [world.commit(f"feat: {day}", day) for day in range(1, 6)]
    world.tag("v1.0.0", shas[0])
    world.tag("v1.1.0", shas[-1])
    world.update(first_days=1)
    assert (world.read("v1.1.0").total, world.read("v1.1.0").archived) == (4, 1)
    assert set(world.read("v1.1.0").unarchived) == set(shas[1:-1])
    run_backfill(world.root, load_config(world.root / "archive.yml"), NOW, "2026-01-03")
    assert world.read("v1.1.0").archived == 3
    page = world.read_page("tag/v1.1.0.md")
    assert page.count("<li>") == 3
    assert (
        verify(
            world.root, load_config(world.root / "archive.yml"), datetime.fromisoformat(NOW), QuietReport()
        ).problems
        == []
    )


def test_without_a_release_there_is_no_page_and_no_link(world: World) -> None:
    world.tag("latest", world.commit("feat: first", 1))
    world.update()
    assert not (world.root / "docs" / NAME / "releases").exists()
    assert "releases" not in (world.root / "docs" / NAME / "index.md").read_text()


def test_tags_that_cannot_be_fetched_stop_no_run_and_are_not_taken_for_none(world: World) -> None:
    first = world.commit("feat: first", 1)
    lost = world.commit("fix: lost", 2, on="r1", parents=[first])
    world.tag("v1.0.0", world.commit("fix: aside", 3, on="r1"))
    world.tag("v0.9.0", first)
    unpack(world.upstream.folder)
    broken = world.upstream.folder / "objects" / lost[:2] / lost[2:]
    content = broken.read_bytes()
    broken.chmod(0o644)
    broken.unlink()
    summary = world.update()
    assert read_days(world.root) == {"2026-01-01": ["feat: first"]}
    assert summary.results[0].failure is None
    assert world.list_tags() == {"v0.9.0"}
    page = world.read_page("index.md")
    assert "Could not be looked at since 2026-02-01" in page
    assert str(world.upstream.folder) not in page
    assert "href=releases/index.md>" in (world.root / "docs" / NAME / "index.md").read_text()
    broken.write_bytes(content)
    world.update()
    assert world.read("v1.0.0").total == 2
    assert "Could not be looked at" not in world.read_page("index.md")


def unpack(folder: Path) -> None:
    """Have every object of a repository in a file of its own."""
    for pack in [*(folder / "objects" / "pack").glob("*.pack")]:
        content = pack.read_bytes()
        pack.chmod(0o644)
        pack.unlink()
        run_git(folder, "unpack-objects", "-q", stdin=content)


HOSTILE_TAGS = (
    'v1.0"><script>alert(1)</script>',
    "v1.1{{config}}",
    "v1.2|</title>",
    "v1.3%2e%2e",
    "v1.4&amp;'x",
    "v1.5\u202ebidi",
    "v1.6.html",
    "V1.7.0",
    "v1.7.0",
)


def test_tags_with_hostile_names_do_no_harm_and_have_pages_of_their_own(world: World) -> None:
    for day, tag in enumerate(HOSTILE_TAGS, 1):
        world.tag(tag, world.commit(f"feat: {day}", day), is_annotated=False)
    world.update()
    assert world.list_tags() == set(HOSTILE_TAGS)
    summaries = Archive(world.root / "docs").release_summaries(NAME)
    assert len({summary.file.casefold() for summary in summaries}) == len(HOSTILE_TAGS)
    for summary in summaries:
        page = world.read_page(f"tag/{summary.file}.md")
        assert "<script" not in page
        assert "{{" not in page
        assert "\u202e" not in page
    index = world.read_page("index.md")
    assert "<script" not in index
    assert "v1&#46;0&#34;&#62;&#60;script&#62;" in index
    assert "[U+202E]".translate({ord(c): f"&#{ord(c)};" for c in "[]+"}) in index


def test_a_first_run_tells_of_so_many_releases_and_what_has_a_record_keeps_it(world: World) -> None:
    shas = [world.commit(f"feat: {number:02}", 1 + number // 4) for number in range(MOST_RELEASES + 2)]
    for number, sha in enumerate(shas):
        world.tag(f"v1.{number}", sha, is_annotated=False)
    world.update()
    newest = {f"v1.{number}" for number in range(2, MOST_RELEASES + 2)}
    assert world.list_tags() == newest
    world.tag("v2.0", world.commit("feat: new", 30))
    world.update()
    assert world.list_tags() == newest | {"v2.0"}
    world.remove_tag("v1.2")
    world.update()
    assert world.list_tags() == newest | {"v2.0"}
    assert world.read("v1.2").gone


def test_records_of_releases_are_as_their_schema_says_and_damage_is_found_and_mended(world: World) -> None:
    first = world.commit("feat: first", 1)
    world.tag("v1.0.0", first)
    world.tag("a/b/v1.1.0", world.commit("feat: second", 2))
    world.update()
    schema = json.loads(render_schemas(None)["assets/schema/release.json"])
    assert "release" in MODELS
    files = sorted((world.root / "docs" / NAME / "releases").rglob("*.json"))
    assert len(files) == 2
    for file in files:
        assert check_schema(schema, json.loads(file.read_bytes())) == []
    config, now = load_config(world.root / "archive.yml"), datetime.fromisoformat(NOW)
    assert verify(world.root, config, now, QuietReport()).problems == []
    whole = read_releases(world.root)
    for file, damage in (
        (files[0], b"{}"),
        (files[1], files[1].read_bytes().replace(b"first", b"worst") + b" "),
    ):
        file.write_bytes(damage)
    stray = world.root / "docs" / NAME / "releases" / "tag" / "v9.md"
    stray.write_text("x")
    problems = {problem.place for problem in verify(world.root, config, now, QuietReport()).problems}
    assert {file.relative_to(world.root).as_posix() for file in files} <= problems
    repair(world.root, config, now, QuietReport())
    assert not stray.exists()
    world.update()
    assert {name: content for name, (content, _) in read_releases(world.root).items()} == {
        name: content for name, (content, _) in whole.items()
    }
    assert verify(world.root, config, now, QuietReport()).problems == []


def test_a_run_without_a_change_reads_no_release(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.tag("v1.0.0", world.commit("feat: first", 1))
    world.update()
    looked: list[str] = []
    find = Archive.find_release

    def note(archive: Archive, name: str, file: str) -> ReleaseRecord | None:
        looked.append(file)
        return find(archive, name, file)

    monkeypatch.setattr(Archive, "find_release", note)
    world.commit("feat: second", 2)
    world.update()
    assert looked == []
    world.tag("v1.1.0", world.upstream.tip())
    world.update()
    # Its own page, and that of the one that it follows in the list.
    assert sorted(looked) == ["v1.0.0", "v1.1.0"]


# Pages


def make_released(
    commits: int, *, day: date = date(2026, 1, 5), unarchived: int = 0, **fields: Any
) -> MadeArchive:
    """Make an archive of one day and one release that holds all of it."""
    kinds = (Kind.FEATURE, Kind.FIX, Kind.DOCS)
    made = [
        make_commit(
            number,
            f"{day}T12:00:00+08:00",
            analysis=make_analysis(
                str,
                kinds=(kinds[number % 3],),
                importance=list(Importance)[number // 4 % 3],
                breaking=Breaking(answer="yes" if number % 5 == 0 else "no"),
            ),
        )
        for number in range(1, commits + 1)
    ]
    shas = tuple(commit.sha for commit in reversed(made))
    record = ReleaseRecord(
        repository=ENGINE,
        file="v1.0",
        tag="v1.0",
        sha=shas[0],
        committed=datetime(2026, 1, 5, 12, tzinfo=UTC),
        is_prerelease=False,
        total=commits + unarchived,
        archived=commits,
        days=(ReleaseDay(day=day, commits=shas),),
        **fields,
    )
    return MadeArchive((make_repository(ENGINE),), (make_day(ENGINE, day, made),), releases=(record,))


def render(archive: MadeArchive) -> dict[str, str]:
    settings = PageSettings(site_name="Daybook", language="en")
    return {page.src_uri: page.text for page in render_pages(archive, settings)}


def read_numbers(page: str) -> list[int]:
    return [int(number, 16) for number in re.findall(r"commit/([0-9a-f]{7})c0ffee", page)]


def test_a_release_tells_breaking_changes_first_then_by_importance_and_kind() -> None:
    page = render(make_released(12))[f"{ENGINE}/releases/tag/v1.0.md"]
    assert re.findall("^##+ (.*)$", page, re.MULTILINE) == [
        "💥 Breaking (2)",
        "🔴 High (4)",
        "Feature",
        "Fix",
        "Docs",
        "🟡 Medium (3)",
        "Feature",
        "Fix",
        "🟢 Low (3)",
        "Feature",
        "Docs",
    ]
    assert read_numbers(page) == [10, 5, 12, 3, 1, 2, 6, 7, 4, 9, 11, 8]


def test_a_large_release_goes_on_in_parts_that_hold_every_commit_once() -> None:
    pages = render(make_released(2 * MOST_COMMITS + 1))
    parts = [pages[f"{ENGINE}/releases/tag/v1.0{end}.md"] for end in ("", ",2", ",3")]
    assert [len(read_numbers(part)) for part in parts] == [MOST_COMMITS, MOST_COMMITS, 1]
    assert sorted(number for part in parts for number in read_numbers(part)) == list(
        range(1, 2 * MOST_COMMITS + 2)
    )
    assert max(map(len, parts)) < 120_000


def test_a_day_that_is_changed_or_lost_renews_the_releases_that_tell_of_it_and_no_others() -> None:
    archive = make_released(5)
    settings = PageSettings(site_name="Daybook", language="en")
    other = make_day(ENGINE, date(2026, 1, 9), [make_commit(99, "2026-01-09T12:00:00+08:00")])

    def find_key(made: MadeArchive) -> str:
        (key,) = [unit.key for unit in plan_pages(made, settings) if unit.name == f"release {ENGINE} v1.0"]
        return key

    (day,) = archive.day_records
    later = MadeArchive(archive.records, (day, other), releases=archive.releases)
    assert find_key(later) == find_key(archive)
    amended = MadeArchive(
        archive.records, (make_day(ENGINE, day.day, day.commits[:4]), other), releases=archive.releases
    )
    assert find_key(amended) != find_key(archive)
    assert read_numbers(render(amended)[f"{ENGINE}/releases/tag/v1.0.md"]) == [3, 1, 2, 4]
    lost = MadeArchive(archive.records, (other,), releases=archive.releases)
    assert "None of them is in this archive." in render(lost)[f"{ENGINE}/releases/tag/v1.0.md"]


def test_a_record_stays_small_however_long_the_history_is(world: World) -> None:
    number = MOST_UNARCHIVED + 40
    lines = []
    for place in range(1, number + 1):
        before = f"from :{place - 1}\n" if place > 1 else ""
        when = 1767225600 + place
        lines.append(
            f"commit refs/heads/main\nmark :{place}\ncommitter A <a@b> {when} +0000\ndata 1\nx\n{before}"
        )
    run_git(world.upstream.folder, "fast-import", "--quiet", stdin="".join(lines).encode())
    world.commit("feat: last", 20)
    world.tag("v1.0.0", world.upstream.tip())
    world.update(first_days=1)
    record = world.read("v1.0.0")
    assert (record.total, record.archived, len(record.unarchived)) == (number + 1, 1, MOST_UNARCHIVED)
    assert MOST_RELEASED > MOST_UNARCHIVED


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSite]:
    world = World(tmp_path_factory.mktemp("released"))
    for name in ("mkdocs.yml", "docs/search.md"):
        (world.root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, world.root / name)
    for name in ("hooks", "overrides", "docs/assets"):
        shutil.copytree(ROOT / name, world.root / name, ignore=shutil.ignore_patterns("__pycache__"))
    world.tag("v1.0.0", world.commit("feat: first", 1))
    world.commit("feat!: breaks", 2)
    world.tag("pkg/v1.1+x", world.commit("fix: second", 3))
    world.tag("v1.1.0", world.upstream.tip())
    world.tag("v1.2<b>,2", world.commit("docs: third", 4))
    world.update()
    build(world.root)
    with serve(world.root, None) as site:
        yield site


@pytest.mark.parametrize("width", [360, 1280])
def test_a_reader_finds_a_release_from_the_repository_and_by_swapping_the_host(
    served: ServedSite, browser: Browser, width: int
) -> None:
    with visit(browser, f"{served.url}{NAME}/index.html", width=width) as opened:
        page = opened.page
        page.get_by_role("link", name="Releases", exact=True).click()
        assert page.locator("article tbody tr").count() == 4
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.locator("article").get_by_role("link", name="v1.1.0", exact=True).first.click()
        page.wait_for_url(f"**/{NAME}/releases/tag/v1.1.0.html")
        headings = page.locator("article h2").all_inner_texts()
        assert headings[0].startswith("💥 Breaking (1)")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.locator("article .db-lead").get_by_role("link", name="v1.0.0").click()
        page.wait_for_url("**/v1.0.0.html")
        # As on its host.
        for address in ("v1.1.0", "pkg/v1.1+x"):
            page.goto(f"{served.url}{NAME}/releases/tag/{address}")
            assert page.locator("article h1").inner_text().endswith(address)
        page.goto(f"{served.url}{NAME}/releases/index.html")
        page.get_by_role("link", name="v1.2<b>,2").click()
        assert page.locator("article h1").inner_text().endswith("v1.2<b>,2")
        assert opened.complaints == []
