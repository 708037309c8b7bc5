"""Whole pages, letter for letter: a change of layout is seen in the difference of these files.

`python -m tests.test_pages_golden` writes them anew; read the difference before you commit it.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from generator.pages.render import PageSettings, render_pages
from generator.records import Language
from tests.page_archive import ENGINE, TOOLS, make_archive, name_sha

GOLDEN = Path(__file__).parent / "golden" / "pages"
PAGES: dict[str, tuple[Language, str]] = {
    "home.zh.md": ("zh", "index.md"),
    "status.en.md": ("en", "status.md"),
    "day.zh.md": ("zh", f"{ENGINE}/2026/01/05.md"),
    "day-across.en.md": ("en", "days/2026/01/06.md"),
    "month-across.zh.md": ("zh", "days/2026/01/index.md"),
    "year.en.md": ("en", f"{ENGINE}/2026/index.md"),
    "repository.zh.md": ("zh", f"{TOOLS}/index.md"),
    "trends.en.md": ("en", f"{ENGINE}/2026/trends.md"),
    "authors.zh.md": ("zh", f"{ENGINE}/2026/authors.md"),
    "high-across.en.md": ("en", "days/2026/01/high.md"),
    "kinds.zh.md": ("zh", f"{ENGINE}/2026/01/kinds.md"),
    "commit-by-model.zh.md": ("zh", f"{ENGINE}/commit/{name_sha(2)}.md"),
    "commit-merged.en.md": ("en", f"{ENGINE}/commit/{name_sha(4)}.md"),
    "commit-merge.zh.md": ("zh", f"{ENGINE}/commit/{name_sha(5)}.md"),
    "commit-revert.en.md": ("en", f"{ENGINE}/commit/{name_sha(6)}.md"),
    "commit-failed.zh.md": ("zh", f"{ENGINE}/commit/{name_sha(9)}.md"),
}


def render(language: Language) -> dict[str, str]:
    settings = PageSettings(site_name="Daybook", language=language, today=date(2026, 1, 12))
    return {page.src_uri: page.text for page in render_pages(make_archive(), settings)}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_as_it_was(name: str) -> None:
    language, src_uri = PAGES[name]
    assert render(language)[src_uri] == (GOLDEN / name).read_text(encoding="utf-8")


def write_golden() -> None:
    """Write the pages as they are now."""
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for name, (language, src_uri) in PAGES.items():
        (GOLDEN / name).write_text(render(language)[src_uri], encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_golden()
