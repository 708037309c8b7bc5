"""Hostile text in every field of an archive leaves no element, no attribute and no id on any page."""

from __future__ import annotations

import html
import re
from functools import cache
from typing import Any

import markdown  # type: ignore[import-untyped]
import pytest
from justhtml import JustHTML
from mkdocs.utils.meta import get_data

from generator.pages.markup import escape, escape_path, escape_prose
from generator.pages.render import PageSettings, render_pages
from tests.page_archive import ENGINE, Spell, make_archive, name_sha
from tests.test_markup import PAYLOADS
from tests.test_pages import show

# Text that a model or the rules write may hold code in backticks, and then an element is what it should leave.
HOSTILE = [payload for payload in PAYLOADS if escape_prose(payload) == escape(payload)]
ALL_AT_ONCE = " ".join(HOSTILE)
SETTINGS = PageSettings(site_name="Our archive", language="zh")

# What an attribute that a page writes may hold: no mark of a text that is not ours.
KNOWN_ATTRIBUTES = "|".join(
    [
        r"(?<=<time) datetime=[0-9T:+-]+",
        r"(?<=<a) href=[\w./:%#]+",
        r'(?<=<a) href="[./]*search\.md\?[a-z]+=[\w.~/%-]+(?:&amp;[a-z]+=[\w.~/%-]+)*"',
        r"(?<=<th) scope=[a-z]+(?: colspan=[0-9]+)?"
        "|(?<=<details) open=open",
        r"(?<=<h2) id=[a-z]+",
        r' viewbox="-.5 -100 5[34] 100" preserveaspectratio=none role=img aria-label="[^"&<>]+"',
        r" aria-hidden=true",
        r" height=100% width=[0-9]+%",
        r' d="[Mhv0-9 .-]*"',
    ]
)

Elements = list[tuple[str, tuple[tuple[str, str | None], ...]]]


def render(spell: Spell) -> dict[str, str]:
    return {page.src_uri: page.text for page in render_pages(make_archive(spell), SETTINGS)}


def list_elements(text: str, src_uri: str = "") -> Elements:
    """List every element of a page with all its attributes, as MkDocs and a browser make them.

    What a link asks the search is left out, and what is to be asked is told. How many folders there are hangs on the
    slashes of their names, so of trends each sort of element is listed once.
    """
    body, meta = get_data(text)
    assert set(meta) <= {"title", "description", "template", "trail", "previous", "next", "around", "record"}
    rendered = markdown.markdown(body, extensions=["tables", "toc"])
    page = f"<!doctype html><html><head><title>{meta['title']}</title></head><body>{rendered}"
    tree = JustHTML(page, sanitize=False)
    found = [
        (
            node.name,
            tuple(sorted((key, _forget_question(value)) for key, value in (node.attrs or {}).items())),
        )
        for node in tree.query("*")
        if not _is_fold(node)
    ]
    if "/releases/" in src_uri:
        # A short tag is not set apart, because it may not break over two lines.
        return [element for element in found if element != ("bdi", ())]
    if not src_uri.endswith("/trends.md"):
        return found
    # A path may break after its slashes, too.
    return sorted(
        {(name, tuple((key, None) for key, _ in attributes)) for name, attributes in found if name != "wbr"}
    )


def _forget_question(value: str | None) -> str | None:
    return re.sub(r"(?<==)[\w.~/%-]*", "", value) if value and "search.md?" in value else value


def _is_fold(node: Any) -> bool:
    """Say whether an element shows or folds away a sentence of a list: where one ends, every text says for itself."""
    return not node.attrs and (
        node.name in ("details", "summary") or (node.parent.name == "li" and node.name == "p")
    )


@cache
def list_harmless_elements(length: int = 0) -> dict[str, Elements]:
    """List what a harmless archive holds whose texts are longer by `length`, and are cut where pages cut."""
    pages = render(lambda text: text + " text" * (length // 5))
    return {src_uri: list_elements(text, src_uri) for src_uri, text in pages.items()}


@pytest.mark.parametrize("payload", HOSTILE)
def test_a_payload_in_every_field_leaves_the_pages_as_they_are(payload: str) -> None:
    for spell in (lambda text: payload + text, lambda text: text + payload):
        pages = render(spell)
        found = {src_uri: list_elements(text, src_uri) for src_uri, text in pages.items()}
        assert found == list_harmless_elements()


def test_all_payloads_at_once_leave_the_pages_as_they_are() -> None:
    harmless = list_harmless_elements(len(ALL_AT_ONCE))
    for spell in (lambda text: ALL_AT_ONCE + text, lambda text: text + ALL_AT_ONCE):
        pages = render(spell)
        assert {src_uri: list_elements(text, src_uri) for src_uri, text in pages.items()} == harmless


def test_the_comparison_has_teeth() -> None:
    harmless = list_harmless_elements()
    for payload in ("<script>alert(1)</script>", "<b>x</b>", "</p><p>x", "<li>x"):
        pages = render(lambda text, payload=payload: text + payload)  # type: ignore[misc]
        broken = {src_uri: resolve_references(text) for src_uri, text in pages.items()}
        changed = [
            src_uri for src_uri, text in broken.items() if list_elements(text, src_uri) != harmless[src_uri]
        ]
        assert len(changed) > 5, payload


def resolve_references(text: str) -> str:
    """Undo the escaper in the body of a page."""
    head, front_matter, body = text.split("---\n", 2)
    return f"{head}---\n{front_matter}---\n{html.unescape(body)}"


def test_a_page_shows_every_hostile_text_in_full() -> None:
    text = render(lambda text: f"{text}<b>*x*</b>")[f"{ENGINE}/commit/{name_sha(2)}.md"]
    shown = JustHTML(f"<body>{markdown.markdown(get_data(text)[0], extensions=['tables', 'toc'])}").to_text()
    for field in (
        *("add a scheduler", "Ada Lovelace", "Grace Hopper", "touches one file", "Adds a scheduler."),
        *("src/scheduler.py", "new module", "core", "starts it", "One more thread.", "It may starve others."),
        *("Watch the queue.", "the old entry point is gone", "gpt-5-mini", "Queue.put", "Why it is needed."),
        *("Reviewed-by: Bob", "docs/old.md", "docs/new name.md", "vendor/lib", "main"),
    ):
        assert f"{field}<b>*x*</b>" in shown, field


def test_a_digest_shows_every_hostile_text_in_full() -> None:
    pages = render(lambda text: f"{text}<b>*x*</b>")
    shown = (
        show(pages[f"{ENGINE}/2026/01/05.md"]) + show(pages["days/2026/01/06.md"]) + show(pages["status.md"])
    )
    for field in ("A scheduler.", "The rest.", "The scheduler is gone again.", "gpt-5-mini"):
        assert f"{field}<b>*x*</b>" in shown, field


def test_every_field_of_a_record_is_escaped_or_none() -> None:
    marked = render(lambda text: f"{text}<{text}")
    for src_uri, text in marked.items():
        tags = set(re.findall(r"<[^>]*>", text))
        for tag in tags:
            known = re.sub(KNOWN_ATTRIBUTES, "", tag, flags=re.ASCII)
            assert re.fullmatch("</?[a-z0-9]+(?: class=db-[a-z0-9-]+)?/?>", known), (src_uri, tag)


@pytest.mark.parametrize("payload", [*PAYLOADS, "a/b/ c", "/", "//", " /x"])
def test_a_path_that_may_break_after_slashes_shows_all_of_a_text_and_adds_nothing_else(payload: str) -> None:
    rendered = escape_path(payload)
    assert rendered.count("<wbr>") == payload.count("/")
    for line in (rendered, rendered.replace("<wbr>", "")):
        shown = show(f"---\n---\n- x{line}x\n")
        assert shown == show(f"---\n---\n- x{escape(payload)}x\n")


def test_harmless_text_leaves_the_pages_as_they_are() -> None:
    pages = render(lambda text: f"文字 {text} 123")
    found = {src_uri: list_elements(text, src_uri) for src_uri, text in pages.items()}
    assert found == list_harmless_elements()
