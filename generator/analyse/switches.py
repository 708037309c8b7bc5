"""Find what a user sets from outside: command-line options, environment variables and default values.

This module must not guess: an option counts when its declaration stands on a changed line, a default when the
same line is there before and after with another plain value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from generator.analyse.lines import find_lines
from generator.analyse.paths import Place, is_tooling, place_path
from generator.analyse.signatures import Default
from generator.patches import Patch


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """An option (`--name`) or environment variable (`NAME`) and the file that declares or reads it."""

    name: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDefault:
    """A setting that has another value than before, in the file that sets it."""

    default: Default
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchChanges:
    """What changed for those who start the program, each group in the order of the patches."""

    added: tuple[Switch, ...] = ()
    removed: tuple[Switch, ...] = ()
    defaults: tuple[NewDefault, ...] = ()


# A run of changed lines; in git's output the removed ones stand first.
_RUN = re.compile(r"^-[^\n]*+(?:\n[-+][^\n]*+)++", re.MULTILINE)
# Of a longer run only so many lines are looked at; it is generated or data.
_MOST_LINES = 5000
_MOST_COLUMNS = 240

_NAME = r"[\"'](--[A-Za-z][\w-]+)[\"']"
_SHORT = r"(?:[\"']-\w[\"'],\s*)?"
_OPTIONS = (
    re.compile(rf"(?:add_argument\(|\boption\(|\bOption\()\s*{_SHORT}{_NAME}"),
    re.compile(r"\bOPT_[A-Z_]{1,30}\((?:0|'.'|NULL), \"([a-z][\w-]+)\""),
    re.compile(
        r"\bflags?(?:\(\))?\.(?:String|Bool|Int|Uint|Float|"
        r"Duration)\w{0,12}\((?:&[\w.]{1,60}, ?)?\"([a-z][\w-]+)\""
    ),
    re.compile(r"\blong ?= ?\"([a-z][\w-]+)\""),
)
_OPTION_OPENED = re.compile(r"(?:\badd_argument|\boption|\bOption)\(\s*$")
_OPTION_LINE = re.compile(rf"\s*{_SHORT}{_NAME}")
_OPTION_HINT = re.compile(r"[\"']--[A-Za-z]|OPT_|lags?(?:\(\))?\.|long ?= ?\"")

_VARIABLE = re.compile(
    r"(?:getenv|environ(?:\.get|\.setdefault|\.pop)?|Getenv|LookupEnv|env::var(?:_os)?|get_bool_env_var|"
    r"get_int_env_var|"
    r"Env(?:Bool|Str|Int|Float))\s?[(\[]\s?[\"']([A-Z][A-Z0-9_]{3,80})[\"']|"
    r"\bprocess\.env\.([A-Z][A-Z0-9_]{3,80})"
)
_VARIABLE_HINT = re.compile(r"[eE]nv|[\"']: ?lambda")
_HINTS = (
    '"--',
    "'--",
    "OPT_",
    "lag.",
    "lags.",
    "lag().",
    "lags().",
    "long =",
    "long=",
    "env",
    "Env",
    ": lambda",
    ":lambda",
)
# vLLM and its kin list their variables in `envs.py` as `"NAME": lambda: …`.
_VARIABLE_ENTRY = re.compile(r"\s*[\"']([A-Z][A-Z0-9_]{3,80})[\"']:\s?lambda")

_VALUE = r"(?P<value>-?\d[\d_.]*(?:e-?\d+)?|True|False|true|false|None|null|\"[^\"\\]{0,80}\"|'[^'\\]{0,80}')"
_FIELD = re.compile(
    rf"(?P<indent>\s{{2,8}})(?P<name>[a-z]\w{{2,60}})\s?(?P<type>:\s?[\w\[\]., |]{{1,60}}?)\s?=\s?{_VALUE},?$"
)
_CONSTANT = re.compile(
    r"(?P<indent>)(?P<type>(?:(?:pub|export|static|const|constexpr|inline|final|public|"
    r"private) ){0,4}(?:[\w:]{1,30} )?)"
    rf"(?P<name>[A-Z][A-Z0-9_]{{3,60}})(?::\s?[&'\w]{{1,20}})?\s?=\s?{_VALUE};?$"
)
_ENTRY = re.compile(
    r"(?P<indent>\s{0,40})(?P<type>)[\"']?(?P<name>[A-Za-z][\w.-]{2,60})[\"']?\s?[:=]\s?"
    r"(?P<value>\"[^\"]{0,80}\"|'[^']{0,80}'|[\w./:-]{1,60}),?$"
)


def find_switches(patches: Iterable[Patch]) -> SwitchChanges:
    """Compare options, environment variables and defaults on removed and added lines.

    Tests, docs and a repository's own tooling are left out: their settings are nobody else's. Where a patch
    is cut, nothing is said to be removed.
    """
    seen = _Seen()
    whole = True
    defaults: list[NewDefault] = []
    for patch in patches:
        place = place_path(patch.path)
        if place not in (Place.SOURCE, Place.CONFIG) or is_tooling(patch.path):
            continue
        whole = whole and patch.complete
        if place is Place.SOURCE:
            _collect_switches(patch, seen)
        patterns = (_FIELD, _CONSTANT) if place is Place.SOURCE else (_ENTRY,)
        defaults += [
            NewDefault(default=default, path=patch.path) for default in _find_defaults(patch.text, patterns)
        ]
    return SwitchChanges(
        added=seen.only_in(seen.added, seen.removed),
        removed=seen.only_in(seen.removed, seen.added) if whole else (),
        defaults=tuple(defaults),
    )


@dataclass(slots=True)
class _Seen:
    added: dict[str, str] = field(default_factory=dict)
    removed: dict[str, str] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)

    def note(self, sign: str, name: str, path: str) -> None:
        if sign == "+":
            self.added.setdefault(name, path)
        elif sign == "-":
            self.removed.setdefault(name, path)
        else:
            self.kept.add(name)

    def only_in(self, side: dict[str, str], other: dict[str, str]) -> tuple[Switch, ...]:
        names = (name for name in side if name not in other and name not in self.kept)
        return tuple(Switch(name=name, path=side[name]) for name in names)


def _collect_switches(patch: Patch, seen: _Seen) -> None:
    for line in find_lines(patch.text, _HINTS):
        for name in _read_switches(line.code, line.before, patch.path):
            seen.note(line.sign, name, patch.path)


def _read_switches(code: str, before: str, path: str) -> Iterator[str]:
    if _OPTION_HINT.search(code):
        found = next((match[1] for pattern in _OPTIONS if (match := pattern.search(code))), None)
        if found is None and _OPTION_OPENED.search(before) and (match := _OPTION_LINE.match(code)):
            found = match[1]
        if found is not None:
            yield found if found.startswith("--") else f"--{found}"
    if _VARIABLE_HINT.search(code):
        yield from (name for groups in _VARIABLE.findall(code) for name in groups if name)
    if "env" in path.rpartition("/")[2] and (entry := _VARIABLE_ENTRY.match(code)):
        yield entry[1]


def _find_defaults(text: str, patterns: tuple[re.Pattern[str], ...]) -> Iterator[Default]:
    """Compare the values that runs of changed lines give to the same names."""
    if "\n-" not in text or "\n+" not in text:
        return
    for run in _RUN.finditer(text):
        lines = run.group().split("\n", _MOST_LINES)[:_MOST_LINES]
        if lines[0][0] == "-" and any(line.startswith("+") for line in lines):
            old, new = (_read_values(lines, sign, patterns) for sign in "-+")
            for key in old:
                if new.get(key, old[key]) != old[key]:
                    yield Default(name=key[1], old=old[key], new=new[key])


def _read_values(
    lines: list[str], sign: str, patterns: tuple[re.Pattern[str], ...]
) -> dict[tuple[str, str, str], str]:
    values: dict[tuple[str, str, str], str] = {}
    for line in lines:
        if line.startswith(sign) and ("=" in line or ":" in line):
            code = line[1:_MOST_COLUMNS].rstrip()
            match = next((match for pattern in patterns if (match := pattern.match(code))), None)
            if match:
                values.setdefault((match["indent"], match["name"], match["type"]), match["value"])
    return values
