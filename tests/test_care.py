"""Care for every reader: names, contrast, order, room for a finger, no shift, no sideways scrolling, light pages.

The rules are those of the Web Content Accessibility Guidelines (2.2, A and AA) that a program can check: axe-core's,
and a few of ours. Every page of a built site is of a sort, by its address, and the largest of each sort is looked at.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, Route

from generator.imports import ImportedFile, ImportRecord, Trouble, make_note
from generator.records import Importance, Kind
from tests.browser import Visit, attend
from tests.page_archive import (
    ENGINE,
    MONDAY,
    MadeArchive,
    make_analysis,
    make_archive,
    make_commit,
    make_day,
    make_repository,
)
from tests.sites import ServedSite, build, serve, write_archive
from tests.soak import IS_LONG

# A page with its style, its scripts and Material's program, as a host sends them.
_MOST_TRANSFERRED = 100_000
# What no file holds: an address that is not there, and what the search finds.
_ASKED = {"missing": "nowhere.html", "found": "search.html?q=scheduler"}
# At least these are among the sorts: a home page, days, and whatever else was there first.
_SORTS = {
    "index.html",
    "status.html",
    "search.html",
    "days/0/0/0.html",
    "days/0/0/index.html",
    "days/0/index.html",
    "repository/index.html",
    "repository/0/0/0.html",
    "repository/0/0/index.html",
    "repository/0/index.html",
    "repository/commit/0.html",
    "days/0/0/high.html",
    "repository/0/0/high.html",
    "repository/0/0/kinds.html",
    "repository/0/trends.html",
    "repository/0/authors.html",
    "repository/watch/index.html",
    "repository/releases/index.html",
    "repository/releases/tag/0.html",
    *_ASKED,
}
_WIDE, _NARROW = 1280, 360
# Each palette at one width in the short form.
_LOOKS = [("light", _WIDE), ("dark", _NARROW)] + [("light", _NARROW), ("dark", _WIDE)] * IS_LONG

# What is wrong on a page as lines of text: a contrast below 4.5 (3 for large letters), a control or link without
# a name, headings out of order, an id twice, a table without headings, a page wider than the screen.
CHECK = r"""() => {
  const found = [];
  const seen = { visibilityProperty: true, opacityProperty: true };
  const isShown = (e) => e.checkVisibility(seen) && e.getClientRects().length;
  const describe = (e) => `${e.localName}.${e.className} "${e.textContent.trim().slice(0, 40)}"`;
  const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const read = (colour) => {
    paint.clearRect(0, 0, 1, 1);
    paint.fillStyle = colour;
    paint.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = paint.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], [x, y, z]) => [r * a + x * (1 - a), g * a + y * (1 - a), b * a + z * (1 - a), 1];
  const behind = (e) => {
    const layers = [];
    for (let box = e; box; box = box.parentElement) layers.unshift(read(getComputedStyle(box).backgroundColor));
    return layers.reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
  };
  const light = (colour) => {
    const shares = colour.slice(0, 3).map((c) => c / 255);
    const [r, g, b] = shares.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); ) {
    const e = node.parentElement;
    const style = getComputedStyle(e);
    if (!node.data.trim() || !isShown(e) || style.clipPath !== "none") continue;
    if (e.closest("script, noscript, option, [hidden]")) continue;
    const below = behind(e);
    const [a, b] = [light(over(read(style.color), below)), light(below)].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (contrast < (isLarge ? 3 : 4.5)) found.push(`contrast ${contrast.toFixed(2)}: ${describe(e)}`);
  }
  for (const e of document.querySelectorAll("a[href], button, input, select, summary")) {
    const label = e.labels?.[0]?.textContent ?? "";
    const own = ["select", "input"].includes(e.localName) ? label : e.textContent;
    const isNamed = (e.getAttribute("aria-label") ?? own).trim();
    if (isShown(e) && !isNamed && !e.closest("[aria-hidden=true]")) found.push(`no name: ${e.outerHTML}`);
  }
  let level = 0;
  for (const heading of document.querySelectorAll("main :is(h1, h2, h3, h4)")) {
    const own = Number(heading.localName[1]);
    if (own > level + 1) found.push(`heading out of order: ${describe(heading)}`);
    level = own;
  }
  if (document.querySelectorAll("h1").length !== 1) found.push("not one h1");
  if (!document.documentElement.lang) found.push("no language");
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  if (new Set(ids).size !== ids.length) found.push("an id twice");
  for (const table of document.querySelectorAll("table")) {
    if (!table.querySelector("th")) found.push("a table without headings");
  }
  if (document.documentElement.scrollWidth > innerWidth) found.push("wider than the screen");
  return found;
}"""
# What moved though nobody touched anything, as lines of text.
SHIFTS = """new PerformanceObserver((list) => {
  const name = ({ node, previousRect: from, currentRect: to }) =>
    `${(node?.outerHTML ?? node?.textContent ?? "").slice(0, 60)} ${from.x},${from.y} to ${to.x},${to.y}`;
  for (const { hadRecentInput, startTime, value, sources } of list.getEntries()) {
    const told = `moved ${value.toFixed(5)}: ${sources.map(name)}`;
    if (!hadRecentInput) (window.moved ??= []).push([startTime, told]);
  }
}).observe({ type: "layout-shift", buffered: true });"""
# A browser may show a table of which only the first rows have come; then its columns are not yet those of all.
MOVED = """() => {
  const [{ domInteractive }] = performance.getEntriesByType("navigation");
  return (window.moved ?? []).filter(([time]) => time > domInteractive).map(([, told]) => told);
}"""
# Transitions would show the look before.
STILL = """() => {
  const still = new CSSStyleSheet();
  still.replaceSync("*, ::before { transition: none !important }");
  document.adoptedStyleSheets = [still];
  return [];
}"""
# What does not look otherwise when the keyboard is there, or is out of sight, as lines of text; after a key was
# pressed.
FOCUS = """() => {
  const look = (e) => {
    const s = getComputedStyle(e);
    const outline = s.outlineStyle === "none" || !parseFloat(s.outlineWidth) ? "" : s.outline;
    return [outline, s.boxShadow, s.backgroundColor, s.borderColor, s.textDecorationLine].join();
  };
  const isThere = ({ width, height, right, bottom }) => width > 1 && height > 1 && right > 0 && bottom > -scrollY;
  const stops = [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")];
  const search = document.getElementById("__search");
  return stops.filter((e) => e.checkVisibility()).flatMap((e) => {
    document.activeElement?.blur();
    // It opens for the keyboard, and covers the page.
    search.checked = false;
    const before = look(e);
    e.focus();
    if (e !== document.activeElement) return [];
    const isSeen = look(e) !== before && isThere(e.getBoundingClientRect());
    return isSeen ? [] : [`focus is not seen: ${e.outerHTML.slice(0, 160)}`];
  });
}"""
# What a print shows of a screen's, or does not have in a paper's colours.
PRINTED = """() => {
  const names = "header, .md-header, .md-sidebar, .md-top, .md-path, .db-filters, .db-visit, footer";
  const shown = [...document.querySelectorAll(names)].filter((e) => e.checkVisibility()).map((e) => e.outerHTML);
  const paper = getComputedStyle(document.body).backgroundColor;
  return ["rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"].includes(paper) ? shown : [...shown, paper];
}"""


@dataclass(frozen=True)
class CaredSite:
    """A served site of everything odd, and the largest page of each sort, by its sort."""

    served: ServedSite
    sorts: dict[str, str]

    def locate(self, sort: str) -> str:
        """Tell the address of a page."""
        return self.served.url + self.sorts[sort]


def find_sorts(site: Path) -> dict[str, str]:
    """Find the sorts of a site's pages, each with its largest page.

    What differs in numbers, in a SHA or in the name of the repository is of one sort.
    """
    names = {path.parent.relative_to(site).as_posix() for path in site.glob("*/*/archive.json")}
    largest: dict[str, Path] = {}
    for path in sorted(site.rglob("*.html")):
        address = path.relative_to(site).as_posix()
        own = next((name for name in names if address.startswith(f"{name}/")), None)
        address = address.replace(f"{own}/", "repository/", 1) if own else address
        sort = re.sub("[0-9a-f]{40}|[0-9]+|(?<=/tag/).*(?=.html)", "0", address)
        if sort not in largest or path.stat().st_size > largest[sort].stat().st_size:
            largest[sort] = path
    del largest["0.html"]
    return {sort: path.relative_to(site).as_posix() for sort, path in largest.items()} | _ASKED


def make_cared() -> MadeArchive:
    """Make an archive of everything odd, and of reports that were imported."""
    notes = (make_note(3, Trouble.NO_ROW, "a line"), make_note(12, Trouble.KEPT))
    report = ImportedFile(
        file="reports/2026-01-05.md",
        sha256="0" * 64,
        day=MONDAY,
        repositories=(ENGINE,),
        rows=2,
        commits=2,
        in_fields=1,
        troubles={note.trouble: 1 for note in notes},
        notes=notes,
    )
    return replace(make_archive(), account=ImportRecord(files=(report,)))


@pytest.fixture(scope="module", params=["zh", "en"])
def cared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CaredSite]:
    """Build a site of everything odd in one language, and serve it."""
    root = tmp_path_factory.mktemp("cared")
    write_archive(root, make_cared(), language=request.param, url=None, watch={ENGINE: ("src/",)})
    build(root)
    with serve(root, None) as served:
        yield CaredSite(served, find_sorts(served.folder))


def test_every_sort_of_page_is_looked_at(cared: CaredSite) -> None:
    assert cared.sorts.keys() >= _SORTS


def ask_axe(page: Page) -> Iterator[str]:
    """Have axe-core look at a page, and tell what it finds, with the place."""
    # Colours are the same in every language, and are what takes longest.
    is_coloured = page.evaluate("document.documentElement.lang") != "en"
    rules = {"target-size": {"enabled": True}, "color-contrast": {"enabled": is_coloured or IS_LONG}}
    options = {"resultTypes": ["violations"], "rules": rules, "preload": False}
    for found in Axe().run(page, options=options).response["violations"]:
        for node in found["nodes"]:
            # Days of a year stand as close as its weeks do: what is essential to a chart is excepted (2.5.8). Where
            # fingers point they are as large as all else, which is looked at below.
            is_day = page.evaluate(
                "place => !!document.querySelector(place).closest('.db-weeks')", node["target"][0]
            )
            if found["id"] != "target-size" or not is_day:
                yield f"{found['id']}: {node['target']} {node['failureSummary']}"


@pytest.fixture(scope="module", params=_LOOKS, ids=str)
def tabs(
    request: pytest.FixtureRequest, cared: CaredSite, browser: Browser
) -> Iterator[list[tuple[str, Visit]]]:
    """Open a page of every sort, each in a tab of its own, and wait until nothing more is loaded."""
    scheme, width = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    context.add_init_script(SHIFTS)
    opened = [(sort, attend(context.new_page())) for sort in cared.sorts]
    for sort, tab in opened:
        tab.page.goto(cared.locate(sort))
    for _, tab in opened:
        tab.page.wait_for_load_state("networkidle")
    yield opened
    context.close()


def evaluate(tabs: list[tuple[str, Visit]], script: str) -> list[str]:
    """Evaluate a script on all pages, and tell what it found with the sort of the page."""
    return [f"{sort}: {fault}" for sort, tab in tabs for fault in tab.page.evaluate(script)]


def test_no_page_has_a_fault_that_a_program_can_find(tabs: list[tuple[str, Visit]]) -> None:
    assert evaluate(tabs, CHECK) == []
    assert [f"{sort}: {fault}" for sort, tab in tabs for fault in ask_axe(tab.page)] == []
    assert [f"{sort}: {fault}" for sort, tab in tabs for fault in tab.complaints] == []


def test_nothing_on_a_page_moves_while_it_is_read(tabs: list[tuple[str, Visit]]) -> None:
    assert evaluate(tabs, MOVED) == []


def test_whoever_uses_the_keyboard_sees_where_they_are(tabs: list[tuple[str, Visit]]) -> None:
    evaluate(tabs, STILL)
    for _, tab in tabs:
        tab.page.keyboard.press("Tab")
    assert evaluate(tabs, FOCUS) == []
    for _, tab in tabs:
        tab.page.emulate_media(forced_colors="active")
    assert evaluate(tabs, FOCUS) == []
    for _, tab in tabs:
        tab.page.emulate_media(forced_colors="none")


def test_more_contrast_and_a_print_can_be_read_too_and_a_print_is_without_what_only_a_screen_needs(
    tabs: list[tuple[str, Visit]],
) -> None:
    evaluate(tabs, STILL)
    size = tabs[0][1].page.viewport_size
    assert size
    for _, tab in tabs:
        tab.page.emulate_media(contrast="more")
    assert evaluate(tabs, CHECK) == []
    for _, tab in tabs:
        tab.page.emulate_media(media="print", contrast="no-preference")
        # A4, of 96 dots an inch.
        tab.page.set_viewport_size({"width": 794, "height": 1123})
    # On white paper, whatever the screen's colours are.
    assert evaluate(tabs, CHECK) == []
    assert evaluate(tabs, PRINTED) == []
    for _, tab in tabs:
        tab.page.emulate_media(media="screen")
        tab.page.set_viewport_size(size)


def test_nothing_moves_on_a_page_whose_files_come_late(cared: CaredSite, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": _NARROW, "height": 900})
    context.add_init_script(SHIFTS)
    page = context.new_page()
    late: list[Route] = []
    # All but what a browser waits for before it shows anything.
    page.route(
        re.compile(r"^(?!.*daybook\.js).*\.(js|svg|json|pf_\w+|wasm)\b"), lambda route: late.append(route)
    )
    for sort in ("index.html", "days/0/0/0.html", "repository/0/0/index.html", *_ASKED):
        page.goto(cared.locate(sort), wait_until="commit")
        page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length")
        idle = 0
        while idle < 3:
            page.wait_for_timeout(100)
            idle = 0 if late else idle + 1
            while late:
                late.pop().continue_()
        assert [sort, *page.evaluate(MOVED)] == [sort]
    context.close()


def test_a_finger_finds_every_day_of_the_year_and_no_page_is_wider_than_a_phone(
    cared: CaredSite, browser: Browser
) -> None:
    context = browser.new_context(viewport={"width": _NARROW, "height": 780}, has_touch=True)
    page = context.new_page()
    page.goto(cared.locate("index.html"))
    assert page.evaluate("matchMedia('(pointer: coarse)').matches")
    sizes = page.locator(".db-weeks a").evaluate_all(
        "links => links.map(e => e.getBoundingClientRect()).map(({ width, height }) => Math.min(width, height))"
    )
    assert len(sizes) > 2
    assert min(sizes) >= 24
    assert page.evaluate("document.documentElement.scrollWidth") == _NARROW
    context.close()


def test_marks_and_icons_are_seen_where_colours_are_forced_and_more_contrast_is_more(
    cared: CaredSite, browser: Browser
) -> None:
    context = browser.new_context(forced_colors="active")
    page = context.new_page()
    page.goto(cared.served.url)
    shade = "e => getComputedStyle(e).backgroundImage"
    assert "rgb(0, 0, 0)" in page.locator(".db-weeks .db-heat-4 a").first.evaluate(shade)
    icon = "e => getComputedStyle(e, '::before').backgroundColor"
    assert page.locator(".db-colours").evaluate(icon) == "rgb(0, 0, 0)"
    context.close()
    muted = "() => getComputedStyle(document.querySelector('.db-quiet')).color"
    colours = []
    for contrast in ("no-preference", "more"):
        context = browser.new_context(contrast=contrast)
        page = context.new_page()
        page.goto(cared.served.url)
        colours.append(page.evaluate(muted))
        context.close()
    assert colours[0] != colours[1]


def make_busy() -> MadeArchive:
    """Make a day of a hundred commits of which a model said as much as models say, no two the same."""
    random = Random(1)
    words = ["".join(random.choices("abcdefghijklmnoprstuvwy", k=random.randint(3, 9))) for _ in range(800)]

    def write(number: int) -> str:
        return f"{' '.join(random.choices(words, k=number)).capitalize()}."

    writer = {"writer": "model", "model": "m", "version": "p-1", "language": "en", "share_read": 1.0}
    commits = []
    for number in range(100):
        analysis = make_analysis(
            str,
            kinds=tuple(random.sample(list(Kind), 2)),
            importance=random.choice(list(Importance)),
            summary=" ".join(write(16) for _ in range(3)),
            risks=(write(15), write(15)),
            advice=(write(12),),
            provenance=writer,
        )
        sha = f"{random.getrandbits(160):040x}"
        made = make_commit(
            number + 2, f"{MONDAY}T10:00:00+08:00", subject=write(8), pull_request=number, analysis=analysis
        )
        commits.append(made.model_copy(update={"sha": sha, "landing_sha": sha}))
    earlier = [
        make_day(
            ENGINE,
            MONDAY - timedelta(days=ago),
            [make_commit(500 + ago, f"{MONDAY - timedelta(days=ago)}T10:00:00+08:00")],
        )
        for ago in range(200, 0, -1)
    ]
    return MadeArchive(
        (make_repository(ENGINE, web="https://github.com/ada/engine"),),
        (*earlier, make_day(ENGINE, MONDAY, commits)),
    )


def test_home_and_a_day_of_a_hundred_commits_are_light(tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("busy")
    write_archive(root, make_busy(), language="en", url=None)
    build(root)
    site = root / "site"
    loaded = [*site.glob("assets/*/daybook.*"), *site.glob("assets/javascripts/*.js")]
    assert len(loaded) == 3
    own = {"index.html": "visits", f"{ENGINE}/2026/01/05.html": "filters", "days/2026/01/05.html": "filters"}
    sizes = {}
    for address, name in own.items():
        paths = [site / address, *loaded, *site.glob(f"assets/*/{name}.js")]
        assert len(paths) == 5
        sizes[address] = sum(len(gzip.compress(path.read_bytes())) for path in paths)
    assert {name: size for name, size in sizes.items() if size >= _MOST_TRANSFERRED} == {}
