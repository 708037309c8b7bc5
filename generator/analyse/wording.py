"""Put the rules' sentences into one of the languages they are written in.

This module must not decide what is said; it is handed a key and the values that the commit gave.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from generator.analyse import chinese, english
from generator.analyse.plain import clip, fold
from generator.records import Language

SENTENCES: Mapping[Language, Mapping[str, str]] = {"zh": chinese.SENTENCES, "en": english.SENTENCES}

_NAME_ROOM = 100
_PATH_HEAD = 30


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentences of one language."""

    language: Language

    def say(self, key: str, /, **values: str | int) -> str:
        """Fill the sentence `key` with values, which stand in it as they are."""
        sentence = SENTENCES[self.language][key]
        for name, value in values.items():
            # Chinese sets Latin text off by a space, but not Chinese text.
            text = str(value)
            if _is_chinese(text[:1]):
                sentence = sentence.replace(f" {{{name}}}", f"{{{name}}}")
            if _is_chinese(text[-1:]):
                sentence = sentence.replace(f"{{{name}}} ", f"{{{name}}}")
        return sentence.format(**values)

    def count(self, noun: str, number: int) -> str:
        """Write a number with its noun: "3 files", "3 个文件"."""
        return self.say(f"{noun}_one" if number == 1 else f"{noun}_many", number=f"{number:,}")

    def code(self, name: str) -> str:
        """Write a name from the repository, such as a path, as one quoted piece."""
        plain = fold(name)
        if len(plain) > _NAME_ROOM and "/" in plain:
            # A path says more by its end than by its middle.
            plain = f"{plain[:_PATH_HEAD]}…{plain[len(plain) - (_NAME_ROOM - _PATH_HEAD - 1) :]}"
        return f"`{clip(plain, _NAME_ROOM)}`"

    def list_names(self, names: Iterable[str], most: int = 4) -> str:
        """List names from the repository, at most `most` of them, and say how many more there are."""
        return self.list_texts([self.code(name) for name in dict.fromkeys(names)], most)

    def list_texts(self, texts: Iterable[str], most: int = 4) -> str:
        """List texts, at most `most` of them, and say how many more there are."""
        every = list(texts)
        if len(every) <= most:
            return self._join(every)
        return self.say(
            "and_more",
            listed=self.say("comma").join(every[:most]),
            number=len(every) - most,
            total=len(every),
        )

    def _join(self, texts: list[str]) -> str:
        if len(texts) < 2:
            return "".join(texts)
        return self.say("comma").join(texts[:-1]) + self.say("last_comma") + texts[-1]

    def lines(self, insertions: int, deletions: int) -> str:
        """Write a count of lines: "+12 −3"."""
        return f"+{insertions:,} −{deletions:,}"

    def join(self, sentences: Iterable[str]) -> str:
        """Join sentences into one text."""
        return self.say("gap").join(sentence for sentence in sentences if sentence)


def _is_chinese(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"
