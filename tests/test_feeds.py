"""Feeds: what they tell, by which formats, how long an entry stays the same one, and what they cost."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin
from xml.etree import ElementTree

import pytest

from generator.feeding import FOLDER, Feeding
from generator.feeds import MOST_COMMITS, MOST_DAYS
from generator.records import DayRecord, Importance, Signature
from generator.site.feeds import render_feed
from generator.store.archive import Archive
from tests.feed_rules import ATOM, check_atom, check_json
from tests.growing import ENGINE, FIRST, TABLES, GrowingArchive, start_archive
from tests.page_archive import MadeArchive, make_analysis, make_archive, name_sha
from tests.sites import HOSTILE, add_hostility, build, join, make_tables, write_archive

URL = "https://example.org/daybook/"
SCOPES = ("", f"{ENGINE}/", f"{TABLES}/")
ONE_DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> GrowingArchive:
    archive = start_archive(tmp_path_factory.mktemp("started"))
    land_high(archive, ENGINE, FIRST)
    archive.build()
    return archive


@pytest.fixture
def archive(started: GrowingArchive, tmp_path: Path) -> GrowingArchive:
    root = Path(shutil.copytree(started.root, tmp_path / "archive"))
    return replace(started, root=root, days=deepcopy(started.days), digests=dict(started.digests))


def land_high(archive: GrowingArchive, name: str, day: date, number: int = 1) -> None:
    """Have commits of high importance land."""
    archive.land(name, day, number)
    commits = archive.days[name][day]
    high = make_analysis(str, importance=Importance.HIGH)
    commits[-number:] = [commit.model_copy(update={"analysis": high}) for commit in commits[-number:]]


def write_site(
    root: Path, archive: MadeArchive, *, language: str = "en", url: str | None = URL
) -> dict[str, bytes]:
    """Build a site of an archive with its digests, and read its feeds."""
    write_archive(root, archive, language=language, url=url)
    store = Archive(root / "docs")
    for digest in archive.digests:
        store.write_digest(digest)
    build(root)
    return read_feeds(root)


def read_feeds(root: Path) -> dict[str, bytes]:
    site = root / "site"
    names = (f"{sort}.{ending}" for sort in ("feed", "high") for ending in ("xml", "json"))
    found = (path for name in names for path in site.rglob(name))
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in found}


def read_items(root: Path, path: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads((root / "site" / path).read_bytes())["items"]
    return items


def read_dates(root: Path, path: str) -> dict[str, str]:
    return {item["id"]: item["date_modified"] for item in read_items(root, path)}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("url", [URL, None])
def test_every_feed_keeps_to_its_format_whatever_texts_are_in_it(
    tmp_path: Path, language: str, url: str | None
) -> None:
    archive = join([make_tables()], make_archive(add_hostility))
    feeds = write_site(tmp_path, archive, language=language, url=url)
    assert len(feeds) == 4 * (1 + len(archive.records))
    for path, content in feeds.items():
        check = check_atom if path.endswith(".xml") else check_json
        assert check(content) == [], path


def test_hostile_texts_are_told_and_do_nothing(tmp_path: Path) -> None:
    write_site(tmp_path, make_archive(add_hostility))
    (item,) = [item for item in read_items(tmp_path, "high.json") if name_sha(2) in item["url"]]
    shown = unescape(re.sub("<[^>]*>", "", item["content_html"]))
    for part in ("<script>window.__pwned = 7</script>", "{{ config.site_name }}", "[U+202E]bidi", "[U+0000]"):
        assert part in shown
    assert item["title"].startswith("engine: feat(core): add a scheduler </title><script>")
    assert HOSTILE[:20] in item["authors"][0]["name"]
    atom = ElementTree.parse(tmp_path / "site/high.xml").getroot()
    titles = [unescape(entry.findtext(f"{ATOM}title") or "") for entry in atom.iter(f"{ATOM}entry")]
    assert item["title"] in titles


def test_characters_that_no_feed_may_hold_are_written_out_wherever_they_stand(tmp_path: Path) -> None:
    archive = GrowingArchive(tmp_path)
    land_high(archive, ENGINE, FIRST)
    commits = archive.days[ENGINE][FIRST]
    author = Signature(name="\x08Ada\ufffe", date=commits[0].author.date)
    commits[0] = commits[0].model_copy(
        update={"subject": "\x00\x1b\u202e<b>&amp;", "body": "\x0c]]>", "author": author}
    )
    archive.write()
    for feed in Feeding(tmp_path, Archive(tmp_path / "docs")).list_feeds("Daybook", "en", {}):
        for path, content in render_feed(feed, feed.make(), URL).items():
            check = check_atom if path.endswith(".xml") else check_json
            assert check(content) == [], path
            if "high" in path:
                for shown in ("[U+0000][U+001B][U+202E]", "[U+0008]Ada[U+FFFE]", "[U+000C]"):
                    assert shown in content.decode(), path


def test_both_formats_tell_the_same(archive: GrowingArchive) -> None:
    for path in ("feed", "high", f"{ENGINE}/feed", f"{ENGINE}/high"):
        atom = ElementTree.parse(archive.root / f"site/{path}.xml").getroot()
        told = [
            (
                entry.findtext(f"{ATOM}id"),
                entry.findtext(f"{ATOM}updated"),
                entry.findtext(f"{ATOM}content"),
                [link.get("href") for link in entry.iter(f"{ATOM}link")],
            )
            for entry in atom.iter(f"{ATOM}entry")
        ]
        items = read_items(archive.root, f"{path}.json")
        assert told
        assert told == [
            (item["id"], item["date_modified"], item["content_html"], [item["url"]]) for item in items
        ]


@pytest.mark.parametrize("url", [URL, None])
def test_every_link_of_a_feed_leads_to_a_page(tmp_path: Path, url: str | None) -> None:
    archive = GrowingArchive(tmp_path, url=url)
    land_high(archive, ENGINE, FIRST, 2)
    archive.land(TABLES, FIRST)
    archive.digests |= {("days", str(FIRST)): "Much.", (ENGINE, str(FIRST)): "A little."}
    archive.build()
    links = 0
    for path, content in read_feeds(tmp_path).items():
        found = re.findall(r'href=\\?"?([^\s"<>\\]+)', unescape(content.decode()))
        found += re.findall(r'url":"([^"]+)"', content.decode())
        for link in found:
            target = urljoin(f"https://nowhere.example/{path}" if url is None else "", link)
            if not target.startswith("https://github.com/"):
                top = url or "https://nowhere.example/"
                assert target.startswith(top), (path, link)
                assert (tmp_path / "site" / unquote(target.removeprefix(top))).is_file(), (path, link)
                links += 1
    assert links > 40


def test_an_entry_keeps_its_id_whatever_becomes_of_the_site_and_of_the_day(archive: GrowingArchive) -> None:
    paths = [f"{scope}{sort}.json" for scope in SCOPES for sort in ("feed", "high")]
    before = {path: read_dates(archive.root, path).keys() for path in paths}
    archive.url, archive.language = "https://elsewhere.example/", "zh"
    archive.land(ENGINE, FIRST, 1)
    archive.lose(TABLES, FIRST)
    archive.digests[ENGINE, str(FIRST)] = "What mattered."
    archive.build()
    assert {path: read_dates(archive.root, path).keys() for path in paths} == before
    # A name that is in every id of the site's own: two archives do not take each other's.
    archive.name = "Other"
    archive.build()
    assert not read_dates(archive.root, "feed.json").keys() & before["feed.json"]
    for path in set(paths) - {"feed.json"}:
        assert read_dates(archive.root, path).keys() == before[path]


def _push_late(archive: GrowingArchive) -> None:
    archive.land(ENGINE, FIRST, 1)


def _lose(archive: GrowingArchive) -> None:
    archive.lose(ENGINE, FIRST)


def _change_quietly(archive: GrowingArchive) -> None:
    commits = archive.days[ENGINE][FIRST]
    commits[0] = commits[0].model_copy(update={"body": "Nothing that an entry tells of."})


@pytest.mark.parametrize("change", [_push_late, _lose, _change_quietly])
def test_an_entry_has_another_date_when_its_record_changes_and_only_then(
    archive: GrowingArchive, change: Callable[[GrowingArchive], None]
) -> None:
    day = f"{FIRST:%Y/%m/%d}.html"
    before = {scope: read_items(archive.root, f"{scope}feed.json") for scope in SCOPES}
    change(archive)
    archive.build()
    for scope in ("", f"{ENGINE}/"):
        after = {item["id"]: item["date_modified"] for item in read_items(archive.root, f"{scope}feed.json")}
        changed = [item["url"] for item in before[scope] if after.pop(item["id"]) != item["date_modified"]]
        assert changed == [f"{URL}{scope or 'days/'}{day}"]
    assert read_items(archive.root, f"{TABLES}/feed.json") == before[f"{TABLES}/"]


def test_dates_are_those_of_the_records(archive: GrowingArchive) -> None:
    (item,) = [
        item for item in read_items(archive.root, f"{ENGINE}/feed.json") if f"{FIRST:%Y/%m/%d}" in item["url"]
    ]
    landed = sorted(commit.landed for commit in archive.days[ENGINE][FIRST])
    assert item["date_published"] == f"{landed[0]:%Y-%m-%dT%H:%M:%SZ}"
    assert item["date_modified"].startswith(f"{landed[-1]:%Y-%m-%dT%H:%M:%S}")
    (commit,) = read_items(archive.root, f"{ENGINE}/high.json")
    assert commit["date_published"] == f"{archive.days[ENGINE][FIRST][-1].landed:%Y-%m-%dT%H:%M:%SZ}"


def test_what_did_not_change_is_not_written_again(archive: GrowingArchive) -> None:
    site = archive.root / "site"
    before = {path: (site / path).stat().st_ino for path in read_feeds(archive.root)}
    archive.land(TABLES, max(archive.days[TABLES]) + ONE_DAY)
    archive.build()
    changed = {path for path, inode in before.items() if (site / path).stat().st_ino != inode}
    assert changed == {"feed.xml", "feed.json", f"{TABLES}/feed.xml", f"{TABLES}/feed.json"}


def test_feed_of_high_importance_tells_of_those_on_the_branch_alone_newest_first(
    archive: GrowingArchive,
) -> None:
    land_high(archive, TABLES, FIRST + ONE_DAY, 2)
    archive.lose(TABLES, FIRST + ONE_DAY)
    archive.build()
    kept = archive.days[TABLES][FIRST + ONE_DAY][0].sha
    high = archive.days[ENGINE][FIRST][-1].sha
    found = [re.findall("[0-9a-f]{40}", item["url"]) for item in read_items(archive.root, "high.json")]
    assert found == [[kept], [high]]
    assert len(read_items(archive.root, f"{TABLES}/high.json")) == 1


def test_feeds_hold_the_newest_alone(tmp_path: Path) -> None:
    archive = GrowingArchive(tmp_path)
    days = [FIRST + number * ONE_DAY for number in range(MOST_DAYS + 3)]
    for day in days:
        land_high(archive, ENGINE, day, 3)
        archive.land(TABLES, day)
    archive.build()
    urls = [item["url"] for item in read_items(tmp_path, "feed.json")]
    assert urls == [f"{URL}days/{day:%Y/%m/%d}.html" for day in days[: -MOST_DAYS - 1 : -1]]
    assert len(read_items(tmp_path, f"{TABLES}/feed.json")) == MOST_DAYS
    landed = [commit for day in days for commit in archive.days[ENGINE][day]]
    landed.sort(key=lambda commit: commit.landed, reverse=True)
    for path in ("high.json", f"{ENGINE}/high.json"):
        found = [item["url"][-45:-5] for item in read_items(tmp_path, path)]
        assert found == [commit.sha for commit in landed[:MOST_COMMITS]]
    assert read_items(tmp_path, f"{TABLES}/high.json") == []
    assert check_atom((tmp_path / f"site/{TABLES}/high.xml").read_bytes()) == []


def test_a_day_of_very_many_important_commits_stays_small_and_counts_them_all(tmp_path: Path) -> None:
    archive = GrowingArchive(tmp_path)
    land_high(archive, ENGINE, FIRST, 300)
    archive.write()
    for scope in ("", f"{ENGINE}/"):
        feeds = Feeding(tmp_path, Archive(tmp_path / "docs")).list_feeds("Daybook", "en", {})
        (item,) = next(feed for feed in feeds if feed.path == f"{scope}feed").make()
        shown = 15 if scope else 10
        assert item.content.count("<li>") == shown + 1
        assert f"and {300 - shown} more" in item.content
        assert len(item.content) < 20_000
    assert sum(path.stat().st_size for path in (tmp_path / FOLDER).iterdir()) < 100_000


def test_entry_of_a_day_names_its_digest_and_the_important_commits_it_leaves_out(
    archive: GrowingArchive,
) -> None:
    archive.digests[ENGINE, str(FIRST)] = "What mattered."
    archive.build()
    for scope in ("", f"{ENGINE}/"):
        (item,) = [
            item
            for item in read_items(archive.root, f"{scope}feed.json")
            if f"{FIRST:%Y/%m/%d}" in item["url"]
        ]
        assert "What mattered." in item["content_html"]
        assert archive.days[ENGINE][FIRST][-1].sha in item["content_html"]
        assert "🔴 High 1" in item["title"]
        assert "🔴 High 1" in item["content_html"]


class _CountingArchive(Archive):
    """An archive that notes which day records were read."""

    read: list[tuple[str, date]]

    def read_day(self, name: str, day: date) -> DayRecord:
        """Read a record, and note it."""
        self.read.append((name, day))
        return super().read_day(name, day)


def make_all(root: Path) -> list[tuple[str, date]]:
    """Make all entries of an archive, and say which records that took."""
    archive = _CountingArchive(root / "docs")
    archive.read = []
    for feed in Feeding(root, archive).list_feeds("Daybook", "en", {}):
        feed.make()
    return sorted(archive.read)


def test_records_are_read_once_and_then_those_that_changed(archive: GrowingArchive) -> None:
    shutil.rmtree(archive.root / FOLDER)
    everything = sorted((name, day) for name, days in archive.days.items() for day in days)
    assert make_all(archive.root) == everything
    assert make_all(archive.root) == []
    archive.land(ENGINE, FIRST, 1)
    archive.write()
    assert make_all(archive.root) == [(ENGINE, FIRST)]


@pytest.mark.parametrize("damage", [b"", b"{", b'{"x": 1}', b"[]"])
def test_what_is_kept_between_builds_may_be_lost_or_damaged(archive: GrowingArchive, damage: bytes) -> None:
    before = read_feeds(archive.root)
    for path in (archive.root / FOLDER).iterdir():
        path.write_bytes(damage)
    archive.build(full=True)
    assert read_feeds(archive.root) == before


def test_feed_that_was_lost_comes_back_and_one_that_was_changed_is_mended_by_a_full_build(
    archive: GrowingArchive,
) -> None:
    before = read_feeds(archive.root)
    (archive.root / "site/high.json").unlink()
    build(archive.root)
    assert read_feeds(archive.root) == before
    (archive.root / f"site/{ENGINE}/feed.xml").write_text("<feed/>")
    build(archive.root, full=True)
    assert read_feeds(archive.root) == before


def test_pages_name_the_feeds_that_tell_of_what_they_tell(archive: GrowingArchive) -> None:
    site = archive.root / "site"
    day = f"{FIRST:%Y/%m/%d}.html"
    expected = {
        "index.html": "",
        f"days/{day}": "",
        f"{ENGINE}/index.html": f"{ENGINE}/",
        f"{ENGINE}/{day}": f"{ENGINE}/",
    }
    commit = f"{ENGINE}/commit/{archive.days[ENGINE][FIRST][0].sha}.html"
    # Nor do those that tell of more than feeds do, or that somebody wrote.
    others = ("status.html", commit, "about.html", "notes/more.html", f"{ENGINE}/2026/index.html")
    for path in (*expected, *others):
        found = re.findall(r"<link rel=\"alternate feed\" [^>]*href=\"([^\"]+)\"", (site / path).read_text())
        named = [urljoin(f"/{path}", link)[1:] for link in found]
        if path in others:
            assert named == [], path
        else:
            scope = expected[path]
            assert named == [f"{scope}feed.xml", f"{scope}feed.json", f"{scope}high.xml"], path
            assert all((site / name).is_file() for name in named)


def test_rules_find_what_they_look_for(archive: GrowingArchive) -> None:
    atom = (archive.root / "site/feed.xml").read_text()
    for old, new in (
        ("<id>urn:uuid:", "<id>"),
        ("<updated>2026", "<updated>26"),
        ("<updated>", "<published>2026-01-01T00:00:00Z</published><updated>"),
        ('term="', 'name="'),
        ('type="html">&lt;', 'type="html">&lt;script&gt;&lt;/script&gt;&lt;'),
        ("<generator>", "<author><name>x</name></author><generator>"),
        ("<entry>", "<entry><summary>x</summary>"),
    ):
        assert old in atom
        assert check_atom(atom.replace(old, new).encode()), new
    feed = json.loads((archive.root / "site/feed.json").read_bytes())
    for broken in (
        {**feed, "version": "1"},
        {**feed, "extra": 1},
        {**feed, "title": ""},
        {**feed, "items": [*feed["items"], feed["items"][0]]},
        {**feed, "items": [{**feed["items"][0], "date_modified": "today"}]},
        {**feed, "items": [{**feed["items"][0], "content_html": "<script>x</script>"}]},
    ):
        assert check_json(json.dumps(broken).encode())
