"""Find the words of a language.

This module must not hold a word itself.
"""

from __future__ import annotations

from generator.pages.chinese import CHINESE
from generator.pages.english import ENGLISH
from generator.pages.words import Words
from generator.records import Language

_LANGUAGES: dict[Language, Words] = {"zh": CHINESE, "en": ENGLISH}


def find_words(language: Language) -> Words:
    """Find the words of a language.

    This module must not hold a word itself.
    """
    return _LANGUAGES[language]
