"""Tell whether texts are in the language that was asked for, by their script.

This module must not know more than two languages, and not blame a short text: a title or a name is in neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from generator.records import Language

# What each is called where a model is told to write it.
ENGLISH_NAMES: Final[Mapping[Language, str]] = {"zh": "Chinese", "en": "English"}

_CODE = re.compile(r"`[^`]*`")
_WORD = re.compile(r"[!-~]+")
# Paths, addresses, versions and names in mixed case stand in every language.
_NEUTRAL = re.compile(r"[/_\\@#0-9]|.\..|[a-z][A-Z]|[A-Z].*[A-Z]")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
# Japanese is written with Han letters too.
_KANA = re.compile(r"[\u3040-\u30ff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_LETTER = re.compile(r"[^\W\d_]")
# One Han letter says about as much as three of an alphabet.
_WEIGHT = 3
_SHORT = 60
# Chinese text about code may name so many English things; English text may quote so much Chinese.
_LEAST_CHINESE = 0.3
_MOST_HAN = 0.3
_MOST_KANA = 0.15
_LEAST_LATIN = 0.6


def is_in(language: Language, texts: Iterable[str]) -> bool:
    """Say whether texts are in a language; code aside, all of them together are looked at."""
    prose = _WORD.sub(_blank_neutral, _CODE.sub(" ", "\n".join(texts)))
    letters = len(_LETTER.findall(prose))
    han = len(_HAN.findall(prose))
    kana = len(_KANA.findall(prose))
    weight = letters - han + han * _WEIGHT
    if weight < _SHORT:
        return True
    share = han * _WEIGHT / weight
    if language == "zh":
        return share >= _LEAST_CHINESE and kana <= _MOST_KANA * (han + kana)
    return share <= _MOST_HAN and len(_LATIN.findall(prose)) >= _LEAST_LATIN * (letters - han)


def _blank_neutral(word: re.Match[str]) -> str:
    return " " if _NEUTRAL.search(word[0]) else word[0]
