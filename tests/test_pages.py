"""Pages of a small archive: what they say, where they lead, and that they only say what the records say."""

from __future__ import annotations

import gc
import html
import json
import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import markdown  # type: ignore[import-untyped]
import pytest
from justhtml import JustHTML
from mkdocs.commands.build import build
from mkdocs.config import load_config

from generator.errors import ArchiveError
from generator.headlines import Headline
from generator.pages import classes
from generator.pages.addresses import find_link
from generator.pages.page import Page
from generator.pages.render import PageSettings, render_pages
from generator.pages.survey import Standing, survey_archive
from generator.record_bytes import render_record
from generator.records import (
    Covered,
    DayRecord,
    DigestRecord,
    Failure,
    Importance,
    Kind,
    Language,
    RepositoryRecord,
    Signature,
)
from generator.release_records import ReleaseRecord
from generator.summaries import DaySummary, DigestSummary, ReleaseSummary, summarise_day
from generator.tallies import Tallies
from tests.page_archive import (
    AWAY,
    ENGINE,
    MONDAY,
    THURSDAY,
    TOOLS,
    TUESDAY,
    MadeArchive,
    make_analysis,
    make_archive,
    make_commit,
    make_day,
    make_long_archive,
    make_repository,
    name_sha,
)

ROOT = Path(__file__).parent.parent
KEYS = ["title", "description", "template", "trail", "previous", "next", "around", "record"]
NOON = "2026-01-05T12:00:00+08:00"
VIEWS = ("01/high", "01/kinds", "trends", "authors")
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def render(archive: MadeArchive, language: Language = "en", today: date | None = None) -> dict[str, str]:
    settings = PageSettings(site_name="Our archive", language=language, today=today)
    pages = list(render_pages(archive, settings))
    rendered = {page.src_uri: page.text for page in pages}
    assert len(rendered) == len(pages), "two pages have one address"
    return rendered


@cache
def render_made(language: Language = "en") -> dict[str, str]:
    return render(make_archive(), language)


@cache
def render_without_digests() -> dict[str, str]:
    return render(replace(make_archive(), digests=()))


def read_front_matter(text: str) -> dict[str, object]:
    lines = text.split("---\n")[1].splitlines()
    return {key: json.loads(value) for key, value in (line.split(": ", 1) for line in lines)}


def read_body(text: str) -> str:
    return text.split("---\n", 2)[2]


def parse_page(text: str) -> JustHTML:
    rendered = markdown.markdown(read_body(text), extensions=["tables", "toc"])
    return JustHTML(f"<!doctype html><html><head></head><body>{rendered}", sanitize=False)


BLOCKS = frozenset("br details div figure h1 h2 h3 li p pre summary table td th tr ul".split())


def show(text: str) -> str:
    """Read a page as its reader does: text alone, with one space between words, blocks and cells."""
    words: list[str] = []

    def read(node: Any) -> None:
        words.append(" " if node.name in BLOCKS else "")
        if node.name == "#text":
            words.append(node.data)
        for child in node.children or ():
            read(child)
        words.append(" " if node.name in BLOCKS else "")

    read(parse_page(text).root)
    return " ".join("".join(words).split())


def list_links(text: str) -> list[str]:
    return [str((node.attrs or {})["href"]) for node in parse_page(text).query("a")]


def list_internal_links(src_uri: str, text: str) -> Iterator[str]:
    """Resolve every link of a page that leads to a file of the archive."""
    folder = posixpath.dirname(src_uri)
    for link in list_links(text):
        if link.startswith("#"):
            assert f" id={link[1:]}>" in text, link
        elif not re.match("[a-z]+:", link):
            yield posixpath.normpath(posixpath.join(folder, link.partition("?")[0]))


def list_references(text: str) -> Iterator[str]:
    front_matter = read_front_matter(text)
    for key in ("previous", "next"):
        if stop := front_matter.get(key):
            assert isinstance(stop, list)
            yield stop[1]
    for key in ("trail", "around"):
        stops = front_matter.get(key, [])
        assert isinstance(stops, list)
        yield from (stop[1] for stop in stops)


def commit_uri(number: int, name: str = ENGINE) -> str:
    return f"{name}/commit/{name_sha(number)}.md"


def test_every_page_of_the_design_is_there_and_no_other() -> None:
    assert sorted(render_made()) == sorted(
        [
            "index.md",
            "status.md",
            *("days/2026/01/05.md", "days/2026/01/06.md", "days/2026/01/08.md"),
            *("days/2026/01/index.md", "days/2026/index.md", "days/2026/01/high.md"),
            *(f"{ENGINE}/2026/01/05.md", f"{ENGINE}/2026/01/06.md", f"{ENGINE}/2026/01/08.md"),
            *(f"{ENGINE}/2026/01/index.md", f"{ENGINE}/2026/index.md", f"{ENGINE}/index.md"),
            *(f"{ENGINE}/2026/{view}.md" for view in VIEWS),
            *(commit_uri(number) for number in range(1, 10)),
            *(f"{TOOLS}/2026/01/05.md", f"{TOOLS}/2026/01/06.md"),
            *(f"{TOOLS}/2026/01/index.md", f"{TOOLS}/2026/index.md", f"{TOOLS}/index.md"),
            *(f"{TOOLS}/2026/{view}.md" for view in VIEWS),
            *(commit_uri(number, TOOLS) for number in (101, 102, 103)),
            f"{AWAY}/index.md",
            *(f"{ENGINE}/releases/{page}.md" for page in ("index", "tag/v1.0", "tag/tools/v1.1")),
        ]
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_begins_with_front_matter_of_the_fixed_keys(language: Language) -> None:
    for text in render_made(language).values():
        assert text.startswith('---\ntitle: "')
        assert text.endswith("\n")
        assert not text.endswith("\n\n")
        keys = list(read_front_matter(text))
        assert keys == [key for key in KEYS if key in keys]
        assert re.search(r"\n---\n\n<h1>[^\n]+</h1>\n", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_leads_to_a_page_or_a_record_that_is_there(language: Language) -> None:
    pages = render_made(language)
    records = {f"{r.repository}/{r.day:%Y/%m/%d}.json" for r in make_archive().day_records}
    records |= {f"{r.repository}/releases/tag/{r.file}.json" for r in make_archive().releases}
    for src_uri, text in pages.items():
        leads_to = {*list_internal_links(src_uri, text), *list_references(text)}
        # The search page is written by hand.
        assert leads_to - pages.keys() - records - {"search.md"} == set(), src_uri


def test_every_page_is_reached_from_home() -> None:
    pages = render_made()
    reached = {"index.md"}
    waiting = ["index.md"]
    while waiting:
        src_uri = waiting.pop()
        found = {*list_internal_links(src_uri, pages[src_uri])} & pages.keys()
        waiting.extend(found - reached)
        reached |= found
    assert pages.keys() - reached == set()


def test_mkdocs_builds_the_pages_strictly_without_a_warning(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    theme = tmp_path / "theme"
    theme.mkdir()
    for template in ("main.html", "commit.html"):
        (theme / template).write_text("<title>{{ page.title }}</title>{{ page.content }}")
    files = {src_uri: text.encode() for src_uri, text in render_made("zh").items()}
    files["search.md"] = b"# Search"
    files |= {f"{r.repository}/{r.day:%Y/%m/%d}.json": render_record(r) for r in make_archive().day_records}
    files |= {f"{r.repository}/releases/tag/{r.file}.json": render_record(r) for r in make_archive().releases}
    for name, content in files.items():
        (docs / name).parent.mkdir(parents=True, exist_ok=True)
        (docs / name).write_bytes(content)
    (tmp_path / "mkdocs.yml").write_text("site_name: x\n")
    config = load_config(
        str(tmp_path / "mkdocs.yml"),
        strict=True,
        use_directory_urls=False,
        plugins=[],
        markdown_extensions=["tables", "toc"],
        theme={"name": None, "custom_dir": str(theme)},
        hooks=[str(ROOT / "hooks" / "links.py")],
        validation={"links": {"unrecognized_links": "warn", "anchors": "warn", "absolute_links": "warn"}},
    )
    build(config)
    built = (tmp_path / "site" / ENGINE / "commit" / f"{name_sha(2)}.html").read_text()
    assert built.startswith("<title>feat&#40;core&#41;&#58; add a scheduler &#40;&#35;12&#41;</title><h1>")
    assert "<a href=../2026/01/05.html>" in built


def test_the_same_archive_gives_the_same_bytes() -> None:
    assert list(render(make_archive()).items()) == list(render_made().items())


def test_pages_hold_the_elements_attributes_and_classes_of_the_list_and_each_of_these_is_used() -> None:
    elements: set[str] = set()
    attributes: set[str] = set()
    used: set[str] = set()
    for language in LANGUAGES:
        for text in render_made(language).values():
            body = re.sub(rf"<h2 id=(?:{'|'.join(Kind)})>", "", read_body(text))
            assert not re.search(r"<[^>]* (?:id|style|on[a-z]+|src)=", body)
            for node in parse_page(text).query("*"):
                elements.add(node.name)
                attributes.update(node.attrs or {})
                used.update(str((node.attrs or {}).get("class", "")).split())
    assert elements - {"html", "head", "body"} == classes.ELEMENTS
    assert attributes == classes.ATTRIBUTES
    unused = {
        f"db-kind-{kind}"
        for kind in ("fix", "refactor", "docs", "test", "config", "dependency", "ci", "security")
    }
    # What bars there are is for test_pages_files.py.
    unused |= {*classes.LINES.values()} - used
    assert used == classes.ALL - unused - {"db-heat-1"}


def test_a_day_is_as_warm_as_its_share_of_the_months_busiest() -> None:
    days = [
        make_day(
            ENGINE,
            MONDAY + timedelta(days=step),
            [make_commit(10 * step + n, NOON) for n in range(1, size + 1)],
        )
        for step, size in enumerate((1, 2, 3, 4, 5, 8))
    ]
    text = render(MadeArchive((make_repository(ENGINE),), tuple(days)))[f"{ENGINE}/2026/01/index.md"]
    assert re.findall(r"db-heat-(\d)>(\d)", text) == [
        ("1", "1"),
        ("1", "2"),
        ("2", "3"),
        ("2", "4"),
        ("3", "5"),
        ("4", "8"),
    ]


def test_ids_on_a_page_come_from_its_fixed_headings_and_do_not_repeat() -> None:
    for text in render_made("zh").values():
        ids = [str((node.attrs or {})["id"]) for node in parse_page(text).query("[id]")]
        assert len(set(ids)) == len(ids)
        assert not [found for found in ids if found.startswith("__")]


def test_commits_are_chained_in_landing_order_across_days() -> None:
    pages = render_made()
    walked = [commit_uri(1)]
    while following := read_front_matter(pages[walked[-1]]).get("next"):
        assert isinstance(following, list)
        previous = read_front_matter(pages[following[1]])["previous"]
        assert isinstance(previous, list)
        assert previous[1] == walked[-1]
        walked.append(following[1])
    assert walked == [commit_uri(number) for number in range(1, 10)]
    assert "previous" not in read_front_matter(pages[commit_uri(1)])


def test_days_months_and_years_are_chained() -> None:
    day = timedelta(days=1)
    pages = render(make_long_archive(days=400, commits=1))
    months = read_front_matter(pages["days/2026/02/index.md"])
    assert months["previous"] == ["2026&#45;01", "days/2026/01/index.md"]
    assert months["next"] == ["2026&#45;03", "days/2026/03/index.md"]
    assert len(months["around"]) == 12  # type: ignore[arg-type]
    assert read_front_matter(pages[f"{ENGINE}/2026/index.md"])["next"] == ["2027", f"{ENGINE}/2027/index.md"]
    for step in (1, 27, 200):
        found = read_front_matter(pages[f"{ENGINE}/{MONDAY + step * day:%Y/%m/%d}.md"])
        assert found["previous"][1] == f"{ENGINE}/{MONDAY + (step - 1) * day:%Y/%m/%d}.md"  # type: ignore[index]
        assert found["next"][1] == f"{ENGINE}/{MONDAY + (step + 1) * day:%Y/%m/%d}.md"  # type: ignore[index]


def test_a_day_page_tells_how_complete_it_is_before_anything_else() -> None:
    shown = show(render_made()[f"{ENGINE}/2026/01/05.md"])
    assert shown.startswith(
        "ada/engine 2026-01-05 Mon 3 commits: 2 analysed (rules, gpt-5-mini), 1 pending "
        "(the day's budget was spent), 0 failed, 0 skipped "
        "Asia/Shanghai 2026-01-05 00:00 – 2026-01-06 00:00 +08:00 · main 0000003 · "
        "a commit's day is the day it landed on main · JSON record · "
        "Models: 4 calls, 2,400 + 680 tokens, $0.0025 What matters"
    )


def test_an_amended_day_and_a_gone_commit_are_marked() -> None:
    pages = render_made()
    shown = show(pages[f"{ENGINE}/2026/01/08.md"])
    assert "1 failed (no answer), 0 skipped, 1 no longer on the branch amended" in shown
    assert "commits were added to this day later" in shown
    assert "Feature gone feat: subject 7 Ada Lovelace · 09:00:00 · 0000007 touches one file" in shown
    assert "<bdi class=db-gone>feat&#58; subject 7</bdi>" in pages[f"{ENGINE}/2026/01/08.md"]
    assert "This commit is no longer on the branch: a forced push removed it." in show(pages[commit_uri(7)])


def test_a_gone_commit_is_no_highlight() -> None:
    important = make_analysis(str, importance=Importance.HIGH)
    commits = [
        make_commit(1, "2026-01-05T08:00:00+08:00", subject="stays", analysis=important),
        make_commit(2, "2026-01-05T08:00:00+08:00", subject="went away", analysis=important, gone=True),
    ]
    archive = MadeArchive((make_repository(ENGINE),), (make_day(ENGINE, MONDAY, commits),))
    pages = render(archive)
    for src_uri in ("index.md", f"{ENGINE}/index.md"):
        assert "stays" in pages[src_uri]
        assert "went away" not in pages[src_uri]
    assert "<bdi class=db-gone>went away</bdi>" in pages["days/2026/01/05.md"]


def test_a_day_page_lists_every_commit_by_importance_and_in_landing_order() -> None:
    shown = show(render_made()[f"{ENGINE}/2026/01/06.md"])
    assert shown[shown.index("🔴 High (1)") :] == (
        "🔴 High (1) Revert Revert scheduler Ada Lovelace · 23:59:59 · 0000006 touches one file "
        "🟢 Low (2) Feature feat: subject 4 Ada Lovelace · 01-05 12:59:59 · 0000004 touches one file "
        "Other Merge branch topic Ada Lovelace · 12:00:00 · 0000005 Adds a thing that was not there before."
    )


def test_a_pull_request_is_named_once_in_a_list() -> None:
    text = render_without_digests()[f"{ENGINE}/2026/01/05.md"]
    assert show(text).count("#12") == 1
    assert list_links(text).count("https://github.com/ada/engine/pull/12") == 1


def test_what_matters_is_capped_and_says_how_many_are_left() -> None:
    important = make_analysis(str, importance=Importance.HIGH)
    commits = [
        make_commit(number, "2026-01-05T08:00:00+08:00", analysis=important) for number in range(1, 41)
    ]
    archive = MadeArchive((make_repository(ENGINE),), (make_day(ENGINE, MONDAY, commits),))
    pages = render(archive)
    assert "and 30 more" in show(pages[f"{ENGINE}/index.md"])
    assert "and 28 more" in show(pages["index.md"])
    for src_uri in (f"{ENGINE}/2026/01/05.md", "days/2026/01/05.md"):
        assert show(pages[src_uri]).count("touches one file") == 40


def test_no_repository_day_is_told_with_the_wrong_sentence() -> None:
    failure = Failure(since=date(2026, 1, 7), reason="no route to host")
    covered = (Covered(first=MONDAY, last=TUESDAY), Covered(first=THURSDAY, last=THURSDAY))
    records = (
        make_repository("a/busy", covered=(Covered(first=MONDAY, last=THURSDAY),)),
        make_repository("b/gap", covered=covered),
        make_repository("c/failed", covered=covered[:1], failure=failure),
        make_repository("d/late", covered=covered[1:]),
        make_repository("e/idle", covered=(Covered(first=MONDAY, last=THURSDAY),)),
    )
    wednesday = date(2026, 1, 7)
    commits = [make_commit(1, "2026-01-07T08:00:00+08:00")]
    archive = MadeArchive(records, (make_day("a/busy", wednesday, commits),))
    standings = [shelf.find_standing(wednesday) for shelf in survey_archive(archive, archive.is_archived)]
    assert standings == [
        Standing.COMMITS,
        Standing.NOT_LOOKED_AT,
        Standing.COULD_NOT_LOOK,
        Standing.BEFORE_ARCHIVE,
        Standing.NO_COMMITS,
    ]
    shown = show(render(archive)["days/2026/01/07.md"])
    assert shown.startswith(
        "2026-01-07 Wed c/failed: Could not be looked at since 2026-01-07: no route to host "
        "By repository a/busy 1 commit: "
    )
    assert shown.endswith(
        "Other repositories b/gap: not looked at yet d/late: before the archive begins e/idle: no commits"
    )


def test_a_calendar_tells_no_commits_from_not_looked_at_from_outside_the_archive() -> None:
    text = render(make_archive(), today=date(2026, 1, 12))[f"{TOOLS}/2026/01/index.md"]
    week = next(line for line in text.splitlines() if line.startswith("<tr><td><a href=05.md>5"))
    assert week.split("<td>")[1:] == [
        "<a href=05.md>5</a><br><span class=db-heat-2>1</span>",
        "<a href=06.md>6</a><br><span class=db-heat-4>2</span>",
        *(f"{day}<br><span class=db-unknown>?</span>" for day in range(7, 12)),
    ]
    assert "<tr><td><td><td><td>1<td>2<td>3<td>4\n" in text
    assert "<tr><td>12<td>13<td>" in text
    engine = render_made()[f"{ENGINE}/2026/01/index.md"]
    assert "<td>7<br><span class=db-heat-0>0</span><td><a href=08.md>8</a><br>" in engine
    assert classes.UNKNOWN not in engine
    assert classes.UNKNOWN in render_made()["days/2026/01/index.md"]


def test_recent_days_tell_runs_without_commits_in_one_line() -> None:
    pages = render(make_archive(), today=date(2026, 1, 12))
    assert show(pages[f"{ENGINE}/index.md"]).endswith(
        "Recent days Day Commits 🔴 High 🟡 Medium 🟢 Low Notes "
        "2026-01-09 – 2026-01-11 ? not looked at yet "
        "2026-01-08 Thu 3 3 amended 1 analysis incomplete 2026-01-07 0 no commits 2026-01-06 Tue 3 1 2 "
        "2026-01-05 Mon 3 1 1 1 1 analysis incomplete Years 2026 · 01"
    )
    home = show(pages["index.md"])
    assert "2026-01-08 Thu 3 3 amended 1 analysis incomplete 2 repositories not looked at" in home
    assert "2026-01-07 0 no commits 2 repositories not looked at" in home


def test_days_to_come_are_not_told() -> None:
    assert "2026-01-09" not in render_made()["index.md"]
    assert render(make_archive(), today=date(2026, 1, 8))["index.md"] == render_made()["index.md"]


def test_home_says_first_what_could_not_be_looked_at() -> None:
    shown = show(render_without_digests()["index.md"])
    assert shown.startswith(
        "Our archive far/away: Could not be looked at since 2026-01-07: 403 Forbidden "
        "lab/tools: Could not be looked at since 2026-01-07: 403 Forbidden 2026-01-08 Thu ada/engine 3 commits: "
    )


def test_status_says_what_to_do_and_counts_every_outcome() -> None:
    shown = show(render_made()["status.md"])
    assert "far/away: Could not be looked at since 2026-01-07: 403 Forbidden Check the address" in shown
    assert "ada/engine: 2 analyses incomplete – see the reasons below" in shown
    assert (
        "Repository Branch, Tip Time zone Looked at ada/engine main 0000009 Asia/Shanghai 2026-01-05 – 2026-01-08 "
        "far/away Asia/Shanghai lab/tools main 0000067 Asia/Shanghai"
    ) in shown
    assert "ada/engine 3 9 6 1 1 0 1" in shown
    assert "Amended days ada/engine: 2026-01-08" in shown
    assert "forced push ada/engine: feat: subject 7 0000007 (2026-01-08)" in shown


def test_status_of_a_complete_archive_says_so_and_nothing_else() -> None:
    shown = show(render(make_long_archive(days=2, commits=2))["status.md"])
    assert "All is well" in shown
    assert "Needs attention" not in shown
    assert "Amended" not in shown


def test_an_archive_without_a_day_says_how_to_begin() -> None:
    pages = render(MadeArchive((make_repository(ENGINE, branch=None),), ()))
    assert sorted(pages) == [f"{ENGINE}/index.md", "index.md", "status.md"]
    assert "Run daybook update to begin." in show(pages["index.md"])
    assert "Run daybook update to begin." in show(pages[f"{ENGINE}/index.md"])
    assert sorted(render(MadeArchive((), ()))) == ["index.md", "status.md"]


def test_links_to_commits_stay_here_where_there_is_a_page_and_go_to_the_host_where_there_is_none() -> None:
    pages = render_made()
    assert f"{name_sha(2)}.md" in list_links(pages[commit_uri(4)])
    assert f"https://github.com/ada/engine/commit/{name_sha(77)}" in list_links(pages[commit_uri(4)])
    assert f"{name_sha(6)}.md" in list_links(pages[commit_uri(2)])
    assert f"{name_sha(2)}.md" in list_links(pages[commit_uri(6)])
    local = pages[commit_uri(101, TOOLS)]
    assert not [link for link in list_links(local) if link.startswith("http")]
    assert "Parents: 0000064 " in show(local)


def test_a_commit_that_came_with_a_merge_names_its_landing() -> None:
    shown = show(render_made()[commit_uri(4)])
    assert "Landing: on main through 0000005, 2026-01-06 12:00:00 +08:00, counted on 2026-01-06" in shown
    assert "Ada Lovelace · 2026-01-05 12:59:59 +08:00 · " in shown
    assert "Original date: 2026-01-04 23:59:59 -05:00" in shown


def test_a_merge_lists_the_commits_it_brought_in() -> None:
    text = render_made()[commit_uri(5)]
    assert "Commits it brought in (1) feat: subject 4 Facts" in show(text)
    assert f"{name_sha(4)}.md" in list_links(text)
    assert "brought" not in render_made()[commit_uri(4)]


def test_a_merge_counts_no_lines_of_its_own() -> None:
    shown = show(render_made()[commit_uri(5)])
    assert "−0" not in shown
    assert "src/a_file.py" not in shown


def test_a_date_that_no_calendar_holds_is_shown_in_gits_own_words() -> None:
    shown = show(render_made()[commit_uri(8)])
    assert "(no subject) 🟢 Low Feature · (unnamed) · 99999999999999 -51800 · " in shown


def test_a_page_says_who_wrote_its_analysis_and_what_it_saw() -> None:
    pages = render_made()
    assert "By the rules (rules-1), which read 100 % of the diff. Facts" in show(pages[commit_uri(1)])
    assert (
        "By the model gpt-5-mini (prompt p-3), not checked by a person; it read 99 % of the diff. "
        "1 name or number in it was found in the commit. "
        "2026-01-06 01:02 UTC, 2 calls, 1,200 + 340 tokens, $0.0013 "
        "Not found in the commit: Queue.put"
    ) in show(pages[commit_uri(2)])
    shown = show(pages[commit_uri(9)])
    assert (
        "The analysis by a model failed (no answer, HTTP 504). What follows is from the rules. 🎯 Kind"
        in shown
    )
    assert (
        "which read 100 % of the diff. "
        "Asked without result: gpt-5-mini (prompt p-3), 1 run, 2 calls, 800 + 40 tokens, $0.0004 Facts"
    ) in shown


def test_sections_with_nothing_to_say_share_one_line() -> None:
    shown = show(render_made()[commit_uri(1)])
    assert "🎯 Impact, 🔍 Insight, ⚠️ Risks, 💡 Advice: none. By the rules" in shown
    assert "Risks" not in re.findall(
        "<h2[^>]*>(.*?)</h2>", parse_page(render_made()[commit_uri(1)]).to_html()
    )


def test_files_beyond_the_two_hundredth_are_counted() -> None:
    text = render_made()[commit_uri(102, TOOLS)]
    assert text.count("<li class=db-lines-10>A <bdi>") == 200
    assert show(text).endswith("A 199.c +1 and 3 more files")


def test_a_message_too_long_to_read_is_cut_and_says_so() -> None:
    commits = [make_commit(1, "2026-01-05T08:00:00+08:00", body="line\n" * 20_000)]
    archive = MadeArchive((make_repository(ENGINE),), (make_day(ENGINE, MONDAY, commits),))
    text = render(archive)[commit_uri(1)]
    assert len(text) < 63_000
    assert "Cut after 60,000 characters; the JSON record holds more, and git all of it." in show(text)


def test_a_highlight_says_why_it_matters_in_the_words_of_the_rules_or_what_it_does_in_a_models() -> None:
    pages = render_without_digests()
    assert "Revert scheduler Ada Lovelace · 23:59:59 · 0000006 touches one file 🟢 Low" in show(
        pages[f"{ENGINE}/2026/01/06.md"]
    )
    assert (
        "add a scheduler #12 Ada Lovelace · 10:30:00 · 0000002 Adds a scheduler. It is called Scheduler.run. "
        "⚠️ Risks: It may starve others. 💡 Advice: Watch the queue. 🟡"
    ) in show(pages[f"{ENGINE}/2026/01/05.md"])


def test_a_time_zone_that_this_machine_does_not_know_is_named() -> None:
    record = make_repository(ENGINE).model_copy(update={"timezone": "Mars/Olympus"})
    with pytest.raises(ArchiveError, match=r"ada/engine: timezone 'Mars/Olympus' is not known"):
        render(MadeArchive((record,), ()))


def test_a_day_of_a_clock_change_shows_both_offsets() -> None:
    record = make_repository(ENGINE).model_copy(update={"timezone": "Europe/Berlin"})
    day = date(2026, 3, 29)
    made = make_day(ENGINE, day, [make_commit(1, "2026-03-29T08:00:00+02:00")])
    window = {"start": "2026-03-28T23:00:00+00:00", "end": "2026-03-29T22:00:00+00:00"}
    made = DayRecord.model_validate(made.model_dump() | {"timezone": "Europe/Berlin", "window": window})
    shown = show(render(MadeArchive((record,), (made,)))[f"{ENGINE}/2026/03/29.md"])
    assert "Europe/Berlin 2026-03-29 00:00 +01:00 – 2026-03-30 00:00 +02:00" in shown


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1, 1, 2), date(9999, 12, 30), date(1969, 12, 31)])
def test_any_day_of_the_calendar_has_its_pages(day: date) -> None:
    made = make_day(ENGINE, MONDAY, [make_commit(1, f"{day.isoformat()}T00:00:00+00:00")])
    archive = MadeArchive(
        (make_repository(ENGINE, covered=(Covered(first=day, last=day),)),),
        (made.model_copy(update={"day": day}),),
    )
    pages = render(archive)
    path = day.isoformat().replace("-", "/")
    assert {f"{ENGINE}/{path}.md", f"days/{path}.md", f"days/{path[:4]}/index.md"} <= pages.keys()


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("9999-12-31T23:59:59+00:00", "9999-12-31 23:59:59 +00:00"),
        ("0001-01-01T00:00:00+09:00", "0001-01-01 00:00:00 +09:00"),
        ("0987-06-05T04:03:02+00:00", "0987-06-05 12:08:45 +08:05:43"),
        ("2026-01-05T12:00:00", "2026-01-05T12:00:00"),
        ("2026-01-05T12:00:00Z", "2026-01-05 20:00:00 +08:00"),
        ("x" * 100, "x" * 59 + "…"),
    ],
)
def test_a_date_is_shown_whatever_it_is(written: str, shown: str) -> None:
    signature = Signature(name="Ada", date=written)
    commits = [make_commit(1, NOON, author=signature, committer=signature)]
    archive = MadeArchive((make_repository(ENGINE),), (make_day(ENGINE, MONDAY, commits),))
    assert f" · Ada · {shown} · +3" in show(render(archive)[commit_uri(1)])


def test_a_day_page_leads_to_some_days_before_it_and_to_the_one_after() -> None:
    pages = render(make_long_archive(days=60, commits=1))

    def list_around(page: str) -> list[str]:
        around = read_front_matter(pages[f"{ENGINE}/2026/{page}.md"])["around"]
        assert isinstance(around, list)
        return [stop[1].removeprefix(f"{ENGINE}/2026/").removesuffix(".md") for stop in around]

    assert list_around("01/31") == [*(f"01/{day}" for day in range(22, 32)), "02/01"]
    assert list_around("01/05") == ["01/05", "01/06"]
    assert list_around("03/05")[-1] == "03/05"


class CountingArchive:
    """An archive that makes every record anew, as reading from disk does."""

    def __init__(self, archive: MadeArchive) -> None:
        self._repositories = [record.model_dump() for record in archive.records]
        self._days = {(record.repository, record.day): record.model_dump() for record in archive.day_records}
        self.reads = 0

    def repositories(self) -> tuple[RepositoryRecord, ...]:
        return tuple(RepositoryRecord.model_validate(record) for record in self._repositories)

    def summaries(self, name: str) -> tuple[DaySummary, ...]:
        days = sorted(day for repository, day in self._days if repository == name)
        return tuple(summarise_day(DayRecord.model_validate(self._days[name, day]), "") for day in days)

    def digest_summaries(self, scope: str) -> dict[str, DigestSummary]:
        del scope
        return {}

    def is_archived(self, name: str, sha: str) -> bool:
        return any(
            commit["sha"] == sha
            for place, day in self._days.items()
            if place[0] == name
            for commit in day["commits"]
        )

    def headlines(self, name: str, first: date, last: date) -> tuple[Headline, ...]:
        return self._make().headlines(name, first, last)

    def headlines_touching(
        self, name: str, first: date, last: date, is_touched: Callable[[str], bool]
    ) -> tuple[Headline, ...]:
        return self._make().headlines_touching(name, first, last, is_touched)

    def find_headlines(self, name: str, shas: Sequence[str]) -> dict[str, Headline]:
        return self._make().find_headlines(name, shas)

    def release_summaries(self, name: str) -> tuple[ReleaseSummary, ...]:
        return self._make().release_summaries(name)

    def find_release(self, name: str, file: str) -> ReleaseRecord | None:
        return self._make().find_release(name, file)

    def find_import(self) -> None:
        return None

    def tallies(self, name: str, first: date, last: date) -> Tallies:
        return self._make().tallies(name, first, last)

    def _make(self) -> MadeArchive:
        return MadeArchive((), tuple(map(DayRecord.model_validate, self._days.values())))

    def read_day(self, name: str, day: date) -> DayRecord:
        self.reads += 1
        return DayRecord.model_validate(self._days[name, day])

    def find_digest(self, scope: str, period: str) -> DigestRecord | None:
        del scope, period
        return None


def count_day_records() -> int:
    return sum(isinstance(found, DayRecord) for found in gc.get_objects())


def test_pages_are_rendered_with_no_more_than_two_day_records_in_memory() -> None:
    archive = CountingArchive(make_long_archive(days=40, commits=3))
    settings = PageSettings(site_name="x", language="en")
    # What other tests have left is nobody's any more.
    gc.collect()
    before = count_day_records()
    most = 0
    for page in render_pages(archive, settings):
        if page.src_uri.startswith(f"{ENGINE}/2026"):
            most = max(most, count_day_records() - before)
    assert 1 <= most <= 2
    assert archive.reads == 40


@pytest.mark.parametrize(
    ("source", "target", "link"),
    [
        ("index.md", "status.md", "status.md"),
        ("index.md", "a/b/index.md", "a/b/index.md"),
        ("a/b/commit/1.md", "a/b/commit/2.md", "2.md"),
        ("a/b/commit/1.md", "a/b/2026/01/06.md", "../2026/01/06.md"),
        ("days/2026/01/06.md", "a/b/2026/01/06.md", "../../../a/b/2026/01/06.md"),
        ("days/2026/01/06.md", "index.md", "../../../index.md"),
        ("a/b/index.md", "a/b/2026/index.md", "2026/index.md"),
        ("a/b/c.md", "a/d.md", "../d.md"),
    ],
)
def test_links_are_relative(source: str, target: str, link: str) -> None:
    assert find_link(source, target) == link
    assert posixpath.relpath(target, posixpath.dirname(source) or ".") == link


def test_a_page_is_what_its_front_matter_and_blocks_make_it() -> None:
    page = next(iter(render_pages(make_archive(), PageSettings(site_name="x", language="en"))))
    assert isinstance(page, Page)
    assert html.unescape(str(read_front_matter(page.text)["title"])) == "Initial commit"
