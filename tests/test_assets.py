"""What pages load: an address that changes with any byte of it, and nothing else in the site."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import material  # type: ignore[import-untyped]
import pytest

from generator.errors import SiteError
from generator.site.assets import Assets, gather_assets
from tests.sites import ROOT, ServedSite

THEME = Path(material.__file__).parent / "templates"
LOGO = "assets/icon.svg"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """Copy this checkout's assets."""
    shutil.copytree(ROOT / "docs/assets", tmp_path / "docs/assets")
    return tmp_path / "docs"


def gather(docs: Path) -> Assets:
    return gather_assets(docs, [ROOT / "overrides", THEME], LOGO)


def test_the_same_bytes_have_the_same_address_and_changed_ones_another(docs: Path) -> None:
    before = gather(docs).folder
    assert re.fullmatch("assets/[0-9a-f]{10}", before)
    assert gather(docs).folder == before
    for path in sorted((docs / "assets").iterdir()):
        content = path.read_bytes()
        # As long as before.
        path.write_bytes(content[:-1] + b" ")
        assert gather(docs).folder != before, path.name
        path.write_bytes(content)
    assert gather(docs).folder == before
    (docs / "assets/icon.svg").rename(docs / "assets/other.svg")
    assert gather(docs).folder != before


def test_a_new_style_of_the_theme_is_a_new_address(docs: Path, tmp_path: Path) -> None:
    theme = tmp_path / "theme"
    shutil.copytree(THEME / "assets/stylesheets", theme / "assets/stylesheets")
    before = gather_assets(docs, [theme], LOGO)
    assert before.folder == gather(docs).folder
    style = next((theme / "assets/stylesheets").glob("palette.*.css"))
    style.write_text(style.read_text(encoding="utf-8").replace("}", ";}", 1), encoding="utf-8")
    assert gather_assets(docs, [theme], LOGO).folder != before.folder


def test_files_that_no_page_loads_keep_their_address(docs: Path) -> None:
    before = gather(docs)
    (docs / "assets/search").mkdir()
    for name in ("picture.png", "search/2026.pf_index", ".daybook.css.tmp", ".half.css"):
        (docs / "assets" / name).write_text("x")
        assert before.find(f"assets/{name}") is None
    assert gather(docs) == before
    assert before.find("assets/daybook.js") == f"{before.folder}/daybook.js"
    assert before.find("daybook.js") is None


def test_the_theme_comes_before_what_is_our_own(docs: Path) -> None:
    style = gather(docs).files["daybook.css"].decode()
    own = (docs / "assets/daybook.css").read_text(encoding="utf-8")
    # But for comments and indentation.
    assert style.endswith(re.sub(r"\s*\n\s*", "\n", re.sub(r"/\*.*?\*/", "", own, flags=re.DOTALL)).lstrip())
    assert (
        0
        < style.index(".md-header{")
        < style.index("[data-md-color-scheme=slate]")
        < style.index("--db-logo:")
    )


@pytest.mark.parametrize(
    ("logo", "address"),
    [(LOGO, "icon.svg"), ("assets/logo.png", "../../assets/logo.png"), ("icon.svg", "../../icon.svg")],
)
def test_the_logo_is_found_from_the_style(docs: Path, logo: str, address: str) -> None:
    style = gather_assets(docs, [THEME], logo).files["daybook.css"].decode()
    assert re.findall(r":root\{--db-logo:url\((.*)\)\}", style) == [f'"{address}"']


@pytest.mark.parametrize("name", ["daybook.css", "daybook.js"])
def test_without_its_own_style_or_script_nothing_is_built(docs: Path, name: str) -> None:
    (docs / "assets" / name).unlink()
    with pytest.raises(SiteError) as caught:
        gather(docs)
    assert caught.value.fact == f"docs/assets/{name}: not there"


def test_a_theme_of_another_make_is_refused(docs: Path) -> None:
    with pytest.raises(SiteError) as caught:
        gather_assets(docs, [ROOT / "overrides"], LOGO)
    assert caught.value.fact == "the theme has no style 'main'"


def test_all_that_a_built_page_asks_for_is_there(site: ServedSite) -> None:
    asked = set()
    for path in site.folder.rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        base = f"/daybook/{path.relative_to(site.folder).as_posix()}"
        for url in re.findall(r'<(?:a|link|script|img)\b[^>]* (?:href|src)="([^"]*)"', page):
            target = unquote(urlsplit(urljoin(base, url.removeprefix("https://example.org"))).path)
            if target.startswith("/daybook/"):
                asked.add(target.removeprefix("/daybook/") or "index.html")
    missing = {name for name in asked if not (site.folder / name).is_file() and not name.endswith("/")}
    assert missing == set()
    assert len([name for name in asked if name.startswith("assets/")]) == 4


def test_the_site_holds_no_file_of_the_theme_that_no_page_loads(site: ServedSite) -> None:
    files = {
        path.relative_to(site.folder).as_posix()
        for path in (site.folder / "assets").rglob("*")
        if path.is_file()
    }
    (folder,) = {name.split("/")[1] for name in files if name.endswith("/daybook.js")}
    made = (f"assets/{folder}/", "assets/search/", "assets/schema/")
    others = {name for name in files if not name.startswith(made)}
    assert [re.sub("[0-9a-f]{8}", "X", name) for name in others] == ["assets/javascripts/bundle.X.min.js"]
    # The service worker stands at the top.
    own = {path.name for path in (site.root / "docs/assets").iterdir()} - {"offline.js"}
    assert {name.split("/")[2] for name in files if name.startswith(f"assets/{folder}/")} == own
