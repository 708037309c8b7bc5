"""The page of a commit in a browser: its files and folders, its diff, for eyes, keys and screen readers."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from generator.record_additions import FileDiff
from generator.records import FileChange
from tests.browser import visit
from tests.page_archive import (
    ENGINE,
    MONDAY,
    WEB,
    MadeArchive,
    make_commit,
    make_day,
    make_repository,
    name_sha,
)
from tests.sites import ServedSite, build, serve, write_archive
from tests.test_care import CHECK

NUMBERS = (1, 8, 40, 300)
SECRET_WORD = "zyxwvutwords"
DIFF = (
    FileDiff(
        path="src/part1/a_rather_long_name_of_a_module_1.py",
        text=f"@@ -1,3 +1,3 @@ def run():\n one = 1\n-two = 2\n+two = '{SECRET_WORD}'\n+{'x' * 300}…\n three",
        cut=1,
    ),
    FileDiff(path="b.py", text="@@ -0,0 +1 @@\n+\tif a < b: pass  # \u202e"),
)


def make_files(number: int) -> tuple[FileChange, ...]:
    return tuple(
        FileChange(
            status="M",
            path=f"src/part{place % 7}/a_rather_long_name_of_a_module_{place}.py",
            insertions=place * place % 501,
            deletions=place % 13,
        )
        for place in range(number)
    )


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSite]:
    commits = [
        make_commit(
            number,
            f"{MONDAY}T12:00:00+08:00",
            files=make_files(number),
            diff=DIFF if number in (1, 40) else None,
        )
        for number in NUMBERS
    ]
    record = make_repository(ENGINE, web=WEB, covered=({"first": MONDAY, "last": MONDAY},))
    root = write_archive(
        tmp_path_factory.mktemp("commits"),
        MadeArchive((record,), (make_day(ENGINE, MONDAY, commits),)),
        language="en",
    )
    build(root)
    with serve(root, "https://example.org/daybook/") as opened:
        yield opened


def locate(served: ServedSite, number: int) -> str:
    return f"{served.url}{ENGINE}/commit/{name_sha(number)}.html"


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 360), ("dark", 360)]
)
@pytest.mark.parametrize("number", NUMBERS)
def test_everything_unfolded_is_readable_and_fits(
    served: ServedSite, browser: Browser, number: int, scheme: str, width: int
) -> None:
    with visit(browser, locate(served, number), width=width, scheme=scheme) as opened:
        opened.page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
        assert opened.page.evaluate(CHECK) == []
        # No line of a file or of the diff sticks out of its box, and none lies over another.
        found = opened.page.evaluate("""() => {
            const found = [];
            const box = document.querySelector("article").getBoundingClientRect();
            const lines = document.querySelectorAll(".db-files li:not(:has(> details)), .db-files summary");
            let below = 0;
            for (const line of lines) {
                const { left, right, top, bottom } = line.getBoundingClientRect();
                if (left < box.left || right > box.right + 1 || top < below - 1) found.push(line.textContent);
                below = bottom;
            }
            for (const line of document.querySelectorAll(".db-diff :is(ins, del, i, b)")) {
                const { left, right } = line.getBoundingClientRect();
                if (left < box.left || right > box.right + 1) found.push(line.textContent);
            }
            return [found, lines.length];
        }""")
        assert found[0] == []
        assert found[1] >= min(number, 200)
        assert opened.complaints == []


def read_bars(page: Page) -> list[tuple[str, str, str]]:
    """Read how wide the two parts of each file's bar are drawn, and which numbers stand before it."""
    rows = page.evaluate("""() => [...document.querySelectorAll(".db-files [class^=db-lines-]")].map((line) => {
        const { backgroundSize } = getComputedStyle(line, "::after");
        const sizes = backgroundSize.split(",").map((size) => size.trim().split(" ")[0]);
        return [line.className, sizes[0], sizes[1]];
    })""")
    return [tuple(row) for row in rows]


def test_bars_are_as_long_as_their_classes_say(served: ServedSite, browser: Browser) -> None:
    with visit(browser, locate(served, 40)) as opened:
        bars = read_bars(opened.page)
        assert len({name for name, *_ in bars}) > 3
        for name, added, both in bars:
            plus, minus = map(int, name[-2:])
            assert (added, both) == (f"calc({20 * plus}%)", f"calc({20 * (plus + minus)}%)") or (
                added,
                both,
            ) == (f"{20 * plus}%", f"{20 * (plus + minus)}%")


def test_folders_of_many_files_are_opened_and_closed_by_keys(served: ServedSite, browser: Browser) -> None:
    with visit(browser, locate(served, 300)) as opened:
        page = opened.page
        first = page.locator(".db-files summary").first
        inner = page.locator(".db-files details details summary").first
        assert not inner.is_visible()
        first.focus()
        page.keyboard.press("Enter")
        assert inner.is_visible()
        page.keyboard.press("Tab")
        assert inner.evaluate("summary => summary === document.activeElement")
        page.keyboard.press("Space")
        assert page.locator(".db-files details details li").first.is_visible()
        first.focus()
        page.keyboard.press("Enter")
        assert not inner.is_visible()


def test_forty_files_stand_open_in_their_folders(served: ServedSite, browser: Browser) -> None:
    with visit(browser, locate(served, 40)) as opened:
        files = opened.page.locator(".db-files li:not(:has(details))")
        assert files.count() == 40
        assert all(files.nth(number).is_visible() for number in range(40))


def test_a_screen_reader_has_lists_folders_letters_and_numbers(served: ServedSite, browser: Browser) -> None:
    with visit(browser, locate(served, 40)) as opened:
        told = opened.page.locator(".db-files").aria_snapshot()
        assert told.startswith("- list:\n  - listitem:\n    - group:\n      - text: src/ (40 files)\n")
        assert "- insertion: +" in told
        assert "- deletion: \u2212" in told
        legend = opened.page.locator("h2:text('Files') + p")
        assert legend.inner_text() == "M modified"
        flat = opened.page.goto(locate(served, 8))
        assert flat is not None
        told = opened.page.locator(".db-files").aria_snapshot()
        assert told.count("- listitem:") == 8
        assert "M src/part3/a_rather_long_name_of_a_module_3.py" in told
        # What draws a bar or a fold says nothing.
        assert "▸" not in told


def test_the_diff_is_folded_and_its_lines_are_marked_without_colour_too(
    served: ServedSite, browser: Browser
) -> None:
    with visit(browser, locate(served, 1)) as opened:
        page = opened.page
        block = page.locator(".db-diff pre")
        assert not block.is_visible()
        summary = page.locator(".db-diff summary")
        assert summary.inner_text() == "Diff (4 changed lines)"
        summary.focus()
        page.keyboard.press("Enter")
        assert block.is_visible()
        told = block.evaluate("pre => pre.textContent.split('\\n')")
        assert told == [
            "src/part1/a_rather_long_name_of_a_module_1.py",
            *DIFF[0].text.split("\n"),
            "b.py",
            "@@ -0,0 +1 @@",
            "+\tif a < b: pass  # [U+202E]",
            "",
        ]
        marks = {
            name: {line[:1] for line in page.locator(f".db-diff {name}").all_inner_texts()}
            for name in ("ins", "del", "i")
        }
        assert marks == {"ins": {"+"}, "del": {"-"}, "i": {"@"}}
        # As many lines high as there are: no empty line stands between runs of different sorts.
        lines = block.evaluate("""pre => {
            const own = [...pre.querySelectorAll("ins, del, i, b")].map((e) => e.getBoundingClientRect().height);
            return own.reduce((sum, height) => sum + height, 0) / parseFloat(getComputedStyle(pre).lineHeight);
        }""")
        plain = sum(line[:1] == " " for diff in DIFF for line in diff.text.split("\n"))
        height = block.evaluate("pre => pre.scrollHeight / parseFloat(getComputedStyle(pre).lineHeight)")
        assert 0 < height - lines - plain < 2
        note = page.locator(".db-diff p")
        assert note.inner_text() == "1 long line is cut; the whole diff"
        assert (note.locator("a").get_attribute("href") or "").startswith(f"{WEB}/commit/")


def test_nothing_of_a_diff_is_searched(served: ServedSite) -> None:
    page = Path(served.folder / ENGINE / "commit" / f"{name_sha(1)}.html").read_text(encoding="utf-8")
    assert SECRET_WORD in page
    entries = [path for path in (served.folder / "assets/search").rglob("*") if path.parent.name == "entries"]
    texts = [gzip.decompress(path.read_bytes()) for path in entries]
    assert any(b"a_rather_long_name" in text for text in texts)
    assert not any(SECRET_WORD.encode() in text for text in texts)
