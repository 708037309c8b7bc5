"""Care for every reader: contrast, names, order, no shift, no sideways scrolling, light pages.

The rules are those of the Web Content Accessibility Guidelines that a program can check by itself.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest
from playwright.sync_api import Browser

from generator.records import Importance, Kind
from tests.browser import visit
from tests.page_archive import (
    ENGINE,
    MONDAY,
    MadeArchive,
    make_analysis,
    make_archive,
    make_commit,
    make_day,
    make_repository,
    name_sha,
)
from tests.sites import ServedSite, build, serve, write_archive

PAGES = {
    "home": "index.html",
    "day": f"{ENGINE}/2026/01/05.html",
    "across": "days/2026/01/06.html",
    "commit": f"{ENGINE}/commit/{name_sha(2)}.html",
    "repository": f"{ENGINE}/index.html",
    "month": "days/2026/01/index.html",
    "search": "search.html?q=scheduler",
    "status": "status.html",
    "missing": "nowhere.html",
}
# A page with its style, its scripts and Material's program, as a host sends them.
_MOST_TRANSFERRED = 100_000

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
SHIFTS = """new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (!entry.hadRecentInput) window.shifted = (window.shifted ?? 0) + entry.value;
  }
}).observe({ type: "layout-shift", buffered: true });"""


@pytest.fixture(scope="module", params=["zh", "en"])
def cared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSite]:
    """Build a site of everything odd in one language, and serve it."""
    root = tmp_path_factory.mktemp("cared")
    write_archive(root, make_archive(), language=request.param, url=None)
    build(root)
    with serve(root, None) as served:
        yield served


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_no_page_has_a_fault_that_a_program_can_find(
    cared: ServedSite, browser: Browser, scheme: str, width: int
) -> None:
    faults = []
    for name, address in PAGES.items():
        with visit(browser, cared.url + address, width=width, scheme=scheme) as opened:
            opened.page.wait_for_load_state("networkidle")
            faults += [f"{name}: {found}" for found in opened.page.evaluate(CHECK)]
            faults += [f"{name}: {complaint}" for complaint in opened.complaints]
    assert faults == []


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("name", ["home", "day", "across", "commit", "repository", "month"])
def test_nothing_on_a_page_moves_while_it_is_read(
    cared: ServedSite, browser: Browser, name: str, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    context.add_init_script(SHIFTS)
    page = context.new_page()
    for _ in range(2):
        page.goto(cared.url + PAGES[name])
        page.wait_for_load_state("networkidle")
        # A hundredth of what counts as good is the pixel by which Material's box around a table differs from it.
        assert page.evaluate("window.shifted ?? 0") < 0.005
    context.close()


def test_marks_and_icons_are_seen_where_colours_are_forced_and_more_contrast_is_more(
    cared: ServedSite, browser: Browser
) -> None:
    context = browser.new_context(forced_colors="active")
    page = context.new_page()
    page.goto(cared.url)
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
        page.goto(cared.url)
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
    own = {"index.html": "visits", PAGES["day"]: "filters", "days/2026/01/05.html": "filters"}
    sizes = {}
    for address, name in own.items():
        paths = [site / address, *loaded, *site.glob(f"assets/*/{name}.js")]
        assert len(paths) == 5
        sizes[address] = sum(len(gzip.compress(path.read_bytes())) for path in paths)
    assert {name: size for name, size in sizes.items() if size >= _MOST_TRANSFERRED} == {}
