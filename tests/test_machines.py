"""What programs are told beside feeds: schemas of the records, llms.txt, and what stands in the heads of pages."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from generator.config_values import Refusal, check_name
from generator.pages.badge import render_badge
from generator.pages.guide import GUIDES
from generator.record_bytes import render_record
from generator.records import Covered, Failure, RepositoryRecord
from generator.site.schemas import MODELS, render_schemas
from generator.store.archive import Archive
from tests.archives import follow, run_update
from tests.growing import ENGINE, FIRST, GrowingArchive, start_archive
from tests.histories import Upstream, run_git
from tests.page_archive import make_archive
from tests.schema_rules import check_schema
from tests.sites import add_hostility

URL = "https://example.org/daybook/"
SCHEMAS = {name: json.loads(render_schemas(None)[f"assets/schema/{name}.json"]) for name in MODELS}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> GrowingArchive:
    archive = start_archive(tmp_path_factory.mktemp("archive"))
    archive.digests |= {(ENGINE, str(FIRST)): "Much.", ("days", str(FIRST)[:7]): "A month."}
    release = make_archive().releases[0].model_copy(update={"repository": ENGINE})
    archive.write()
    Archive(archive.root / "docs").write_release(release)
    archive.build()
    return archive


def name_schema(path: Path) -> str:
    if path.name == "archive.json":
        return "repository"
    if "releases" in path.parts:
        return "release"
    return "digest" if path.name.endswith(".digest.json") else "day"


def read_records(docs: Path) -> Iterator[tuple[Path, Any]]:
    for path in sorted(docs.rglob("*.json")):
        yield path, json.loads(path.read_bytes())


def test_every_record_of_an_archive_of_real_commits_is_as_its_schema_says(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "upstream")
    first = upstream.commit(
        "feat: begin", "2026-01-05T10:00+00:00", {"a.py": "def a(): ...\n", "b": b"\x00\x01"}
    )
    side = upstream.commit(
        "fix: b\n\nFixes #7", "2026-01-06T10:00+00:00", {"c.md": "c"}, on="side", parents=[first]
    )
    upstream.commit("Merge side", "2026-01-06T12:00+00:00", parents=[first, side])
    upstream.commit(f"Revert b\n\nThis reverts commit {side}.", "2026-01-07T10:00+00:00", {"c.md": None})
    run_git(upstream.folder, "tag", "v1.0", first)
    upstream.commit("chore: empty\n\nCo-authored-by: B <b@example.org>", "2026-01-08T10:00+00:00")
    root = tmp_path / "archive"
    root.mkdir()
    run_update(root, follow(("ada/engine", upstream)), "2026-01-09T10:00+00:00")
    upstream.branch("main", side)
    upstream.commit("fix!: otherwise", "2026-01-10T10:00+00:00", {"a.py": None})
    run_update(root, follow(("ada/engine", upstream)), "2026-01-11T10:00+00:00")
    found = [name_schema(path) for path, _ in read_records(root / "docs")]
    assert {*found} == {"day", "digest", "release", "repository"}
    for path, record in read_records(root / "docs"):
        assert check_schema(SCHEMAS[name_schema(path)], record) == [], path


@pytest.mark.parametrize("spell", [str, add_hostility])
def test_every_record_that_models_had_a_part_in_is_as_its_schema_says(spell: Any) -> None:
    made = make_archive(spell)
    for name, records in (
        ("day", made.day_records),
        ("digest", made.digests),
        ("repository", made.records),
        ("release", made.releases),
    ):
        for record in records:
            assert check_schema(SCHEMAS[name], json.loads(render_record(record))) == []


def test_a_record_that_is_not_as_it_should_be_is_refused_by_its_schema() -> None:
    day = json.loads(render_record(make_archive().day_records[0]))
    commit = day["commits"][0]
    for place, broken in (
        ("record", {key: value for key, value in day.items() if key != "sha256"}),
        ("record", {key: value for key, value in day.items() if key != "version"}),
        ("record", {**day, "extra": 1}),
        ("record.version", {**day, "version": 2}),
        ("record.day", {**day, "day": "2026-13-01"}),
        ("record.commits", {**day, "commits": []}),
        ("record.commits.0.sha", {**day, "commits": [{**commit, "sha": "abc"}]}),
        ("record.commits.0.gone", {**day, "commits": [{**commit, "gone": 1}]}),
        ("record.commits.0.nature", {**day, "commits": [{**commit, "nature": "odd"}]}),
    ):
        found = check_schema(SCHEMAS["day"], broken)
        assert found, place
        assert all(finding.startswith(place) for finding in found), found
    with pytest.raises(ValueError, match="odd is not known here"):
        check_schema({"odd": 1}, day)


def test_schemas_stand_in_the_site_under_the_address_that_they_name(archive: GrowingArchive) -> None:
    for name in MODELS:
        schema = json.loads((archive.root / f"site/assets/schema/{name}.json").read_bytes())
        assert schema.pop("$id") == f"{URL}assets/schema/{name}.json"
        assert schema == SCHEMAS[name]
        assert "$id" not in SCHEMAS[name]


def test_both_languages_say_the_same_with_the_same_gaps() -> None:
    gaps = [[gap for _, gap, _, _ in Formatter().parse(text) if gap] for text in GUIDES.values()]
    assert gaps[0] == gaps[1]
    lines = [[line[:2] for line in text.splitlines() if line[:1] in "#-"] for text in GUIDES.values()]
    assert lines[0] == lines[1]


@pytest.mark.parametrize(("language", "url"), [("zh", URL), ("en", None)])
def test_llms_txt_leads_to_what_is_there_and_its_rules_of_addresses_hold(
    archive: GrowingArchive, tmp_path: Path, language: Any, url: str | None
) -> None:
    root = Path(shutil.copytree(archive.root, tmp_path / "archive"))
    copy = GrowingArchive(root, url=url, language=language, days=archive.days, digests=archive.digests)
    copy.build()
    site = root / "site"
    text = (site / "llms.txt").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert len(links) == 10 + bool(url)
    assert all(link.startswith(url or "") for link in links)
    assert [link for link in links if not (site / link.removeprefix(url or "")).is_file()] == []
    rules = re.findall("`((?:<name>|days)/[^`]+)`", text)
    assert len(rules) == 17
    gaps = {"<name>": ENGINE, "<YYYY>": f"{FIRST:%Y}", "<MM>": f"{FIRST:%m}", "<DD>": f"{FIRST:%d}"}
    gaps["<tag>"] = "v1.0"
    gaps["<sha>"] = archive.days[ENGINE][FIRST][0].sha
    for rule in rules:
        path = rule
        for gap, value in gaps.items():
            path = path.replace(gap, value)
        # Of the repository itself no month has a digest here, of all of them this one has.
        path = path.replace(f"{ENGINE}/2026/01/index.digest", "days/2026/01/index.digest")
        assert (site / path).is_file(), rule


def read_head(root: Path, path: str) -> str:
    return (root / "site" / path).read_text(encoding="utf-8").partition("</head>")[0]


def stand(name: str, day: date | None = None, since: date | None = None) -> RepositoryRecord:
    """Make the record of a repository that was looked at until a day, and could not be looked at since another."""
    return RepositoryRecord(
        repository=name,
        timezone="UTC",
        covered=(Covered(first=date(2026, 1, 1), last=day),) if day else (),
        failure=Failure(since=since, reason="gone") if since else None,
    )


@pytest.mark.parametrize(
    ("repositories", "message", "color"),
    [
        ([], "nothing yet", "lightgrey"),
        ([stand("a/a", date(2026, 1, 6)), stand("b/b", date(2026, 1, 5))], "up to 2026-01-05", "brightgreen"),
        (
            [stand("a/a", date(2026, 1, 6)), stand("b/b", date(2026, 1, 3), date(2026, 1, 4))],
            "1 of 2 out of reach since 2026-01-04",
            "red",
        ),
    ],
)
def test_badge_says_up_to_where_the_archive_is_whole_or_since_when_not(
    repositories: list[RepositoryRecord], message: str, color: str
) -> None:
    badge = json.loads(render_badge("en", repositories))
    assert badge == {"schemaVersion": 1, "label": "archive", "message": message, "color": color}
    assert json.loads(render_badge("zh", repositories))["color"] == color


def test_badge_stands_in_the_site(archive: GrowingArchive) -> None:
    badge = json.loads((archive.root / "site/status.json").read_text(encoding="utf-8"))
    assert badge["color"] == "brightgreen"
    assert badge["schemaVersion"] == 1


def test_pages_say_who_they_are_to_others_and_those_of_commits_in_few_bytes(archive: GrowingArchive) -> None:
    day = f"{ENGINE}/{FIRST:%Y/%m/%d}.html"
    for path, title in (("index.html", "Daybook"), (day, f"{ENGINE} {FIRST}"), ("status.html", "")):
        head = read_head(archive.root, path)
        assert f'<link rel=canonical href="{URL}{path}">' in head
        assert f'<meta property=og:url content="{URL}{path}">' in head
        assert f'<meta property=og:title content="{title}' in head
        for name in ("type", "site_name", "description"):
            assert re.search(f'<meta property=og:{name} content="?[^">]', head), (path, name)
    commit = f"{ENGINE}/commit/{archive.days[ENGINE][FIRST][0].sha}.html"
    head = read_head(archive.root, commit)
    assert f'<link rel=canonical href="{URL}{commit}">' in head
    assert "<title>feat: subject" in head
    assert "og:" not in head
    assert "alternate" not in head


def test_a_site_without_an_address_names_none(archive: GrowingArchive, tmp_path: Path) -> None:
    root = Path(shutil.copytree(archive.root, tmp_path / "archive"))
    copy = GrowingArchive(root, url=None, days=archive.days, digests=archive.digests)
    copy.build()
    for path in ("index.html", f"{ENGINE}/{FIRST:%Y/%m/%d}.html"):
        assert not re.search("og:|canonical", read_head(root, path))
    assert "https://example.org" not in (root / "site/llms.txt").read_text()


@pytest.mark.parametrize("name", ["feed.xml/x", "high.xml/x", "llms.txt/x", "High/x", "assets/schema"])
def test_no_repository_may_take_an_address_of_these_files(name: str) -> None:
    with pytest.raises(Refusal, match="an address of Daybook's own pages"):
        check_name(name)
