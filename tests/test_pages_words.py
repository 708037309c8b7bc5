"""Every word a page says of its own accord is in both languages, and is no markup."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import fields

import pytest

from generator.pages.languages import find_words
from generator.pages.render import PageSettings, render_pages
from generator.pages.survey import Standing
from generator.pages.words import Words, count
from generator.records import Importance, Kind, Language, Outcome, Reason
from tests.page_archive import make_archive
from tests.test_pages import show

LANGUAGES: tuple[Language, ...] = ("zh", "en")


def list_texts(words: Words) -> Iterator[tuple[str, str]]:
    """List every text of a language by the field, and the place in it, where it stands."""
    for field in fields(words):
        value = getattr(words, field.name)
        if isinstance(value, str):
            yield field.name, value
        elif isinstance(value, Mapping):
            yield from ((f"{field.name}.{key}", text) for key, text in value.items())
        else:
            yield from ((f"{field.name}.{place}", text) for place, text in enumerate(value))


def find_gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_say_the_same_things_with_the_same_gaps() -> None:
    chinese, english = (dict(list_texts(find_words(language))) for language in LANGUAGES)
    assert {key: find_gaps(text) for key, text in chinese.items()} == {
        key: find_gaps(text) for key, text in english.items()
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_value_of_every_vocabulary_has_a_word(language: Language) -> None:
    words = find_words(language)
    assert set(words.kinds) == set(Kind)
    assert set(words.importance) == set(Importance)
    assert set(words.standings) == set(Standing)
    assert (
        set(words.outcome_marks) == set(words.outcome_notes) == set(Outcome) - {Outcome.OK, Outcome.SKIPPED}
    )
    assert set(words.digest_notes) == set(words.outcome_notes)
    assert set(words.reasons) == set(words.advice) == set(Reason)
    assert set(words.breaking_answers) == {"yes", "no", "unclear"}
    assert set(words.statuses) == set("ACDMRT")


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_hold_code_and_no_other_mark_that_markdown_or_a_browser_reads(language: Language) -> None:
    for key, text in list_texts(find_words(language)):
        assert not re.search(r"[*_<>\[\]|#\\&~^=$`]", re.sub("<code>[a-z .-]+</code>", "", text)), key
        assert not re.match(r"[-+>]|[0-9]+[.)]|\s", text.lstrip()), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_standings_are_told_in_different_words(language: Language) -> None:
    words = find_words(language)
    assert len({*words.standings.values(), words.could_not_look}) == len(Standing) + 1


def render_wordless(language: Language) -> str:
    """Render all pages of an archive whose own texts are all one mark that is no word."""
    settings = PageSettings(site_name="§", language=language)
    return "\n".join(show(page.text) for page in render_pages(make_archive(lambda _: "§"), settings))


def test_an_english_page_says_nothing_in_chinese() -> None:
    assert re.findall("[\u3000-\u9fff\uff00-\uffef]", render_wordless("en")) == []


def test_a_chinese_page_says_nothing_in_english() -> None:
    names = set(
        "ada engine far away lab tools Asia Shanghai Reviewed by It is called Scheduler run digest".split()
    )
    # What is the same in both languages; SHAs and git's letters for statuses are no words.
    shared = {"JSON", "SHA", "UTC", "CI", "Bug", "token", "daybook", "update", "rules", "HTTP"}
    shared |= {"retry", "archive", "yml", "analysis", "budget"}
    found = set(re.findall("[A-Za-z]{2,}", re.sub(r"\b[0-9a-f]{7,40}\b", "", render_wordless("zh"))))
    assert found - names <= shared


def test_one_thing_and_many_are_counted_in_their_own_form() -> None:
    forms = ("{n} commit", "{n} commits")
    assert [count(number, forms) for number in (0, 1, 2, 12_345)] == [
        "0 commits",
        "1 commit",
        "2 commits",
        "12,345 commits",
    ]
