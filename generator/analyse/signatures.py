"""Read and compare the signatures of functions.

This module must not read patches: it is handed the text behind a function's name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

# "same": nothing a caller sees; "extended": old calls still work; "default": only values of parameters left
# out.
Difference = Literal["same", "extended", "default", "other"]

# A signature is read over at most so many lines and characters.
_MOST_LINES = 60
_MOST_CHARACTERS = 4000

_REMARK = re.compile(r"(?:^|\s)(?:#\s|//).*$")
_OPENING = "([{"
_CLOSING = ")]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a Python function: `name` with its stars, `default` as written or None."""

    name: str
    default: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Default:
    """A value that a caller or user gets without asking, before and after."""

    name: str
    old: str
    new: str


def read_signature(text: str, start: int, side: str) -> str | None:
    """Read a patch from behind a function's name to the end of its parameters and result.

    `side` is "-" for the text before the change and "+" for the text after it. None if the end is not in
    sight.
    """
    other = "+" if side == "-" else "-"
    collected: list[str] = []
    depth = 0
    opened = False
    for count in range(_MOST_LINES):
        end = text.find("\n", start)
        line = text[start:] if end < 0 else text[start:end]
        if count == 0 or line[:1] not in (other, "@", "\\"):
            part = _REMARK.sub("", line if count == 0 else line[1:])[:_MOST_CHARACTERS]
            collected.append(part)
            depth += part.count("(") - part.count(")")
            opened = opened or "(" in part
            if opened and depth <= 0:
                return _trim(" ".join(" ".join(collected).split()))
        if end < 0 or line[:1] == "@":
            return None
        start = end + 1
    return None


def compare_signatures(old: str, new: str, path: str) -> Difference:
    """Say how a signature differs for a caller; only Python's is understood in detail."""
    if _squeeze(old) == _squeeze(new):
        return "same"
    if not path.endswith((".py", ".pyi")):
        return "other"
    before, after = read_parameters(old), read_parameters(new)
    if before is None or after is None:
        return "other"
    return _compare_parameters(before, after)


def find_default_changes(old: str, new: str) -> tuple[Default, ...]:
    """Find the Python parameters whose default value is another one than before."""
    after = {parameter.name: parameter.default for parameter in read_parameters(new) or ()}
    changes = []
    for parameter in read_parameters(old) or ():
        value = after.get(parameter.name)
        if parameter.default is not None and value is not None and parameter.default != value:
            changes.append(Default(name=parameter.name, old=parameter.default, new=value))
    return tuple(changes)


def read_parameters(signature: str) -> tuple[Parameter, ...] | None:
    """Take the parameter list of a Python signature apart; None if it has none."""
    start = signature.find("(")
    if start < 0:
        return None
    return tuple(_read_parameter(part) for part in _split(signature[start + 1 :]) if part)


def _compare_parameters(before: tuple[Parameter, ...], after: tuple[Parameter, ...]) -> Difference:
    if before == after:
        return "same"
    names = [parameter.name for parameter in before]
    kept = [parameter for parameter in after if parameter.name in names]
    if [parameter.name for parameter in kept] != names:
        return "other"
    needed = {parameter.name for parameter in before if parameter.default is None}
    if any(p.default is None and (p.name not in needed) and not p.name.startswith(("*", "/")) for p in after):
        return "other"
    if len(kept) == len(after):
        return "default"
    # A parameter put before an old positional one shifts every positional call.
    star = next((place for place, p in enumerate(after) if p.name.startswith("*")), len(after))
    positional = [p.name for p in after[:star]]
    shared = [name for name in names if name in positional]
    return "extended" if positional[: len(shared)] == shared else "other"


def _read_parameter(text: str) -> Parameter:
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign in _OPENING) - (sign in _CLOSING)
        if sign == "=" and depth == 0:
            name = text[:place].partition(":")[0].strip()
            return Parameter(name=name, default=text[place + 1 :].strip())
    return Parameter(name=text.partition(":")[0].strip(), default=None)


def _split(text: str) -> list[str]:
    parts, depth, begin = [], 0, 0
    for place, sign in enumerate(text[:_MOST_CHARACTERS]):
        if depth == 0 and sign in ",)":
            parts.append(text[begin:place].strip())
            begin = place + 1
            if sign == ")":
                return parts
        depth += (sign in _OPENING) - (sign in _CLOSING)
    return parts


def _trim(text: str) -> str:
    depth = 0
    for place, sign in enumerate(text[:_MOST_CHARACTERS]):
        depth += (sign in "([") - (sign in ")]")
        if depth <= 0 and sign in "{;":
            text = text[:place]
            break
    text = re.sub(r",? (?=\))|(?<=\() ", "", text[:_MOST_CHARACTERS])
    return text.rstrip(": ").removesuffix("= 0").rstrip()


def _squeeze(signature: str) -> str:
    return re.sub(r",(?=\))|\s+", "", signature)
