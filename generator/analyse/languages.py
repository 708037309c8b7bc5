"""Recognise, language by language, the lines on which public names are defined.

This module must not interpret a patch: it reads single lines of code. Every pattern is anchored and bounded,
so that reading stays linear in the length of the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

# "block" opens a scope that owns methods and is itself a name; "scope" only opens one; "end" closes it.
# "method" and "value" belong to the scope around them; a "value" (a field, an RPC) is told by its whole line.
Role = Literal["block", "scope", "end", "type", "function", "method", "value"]


@dataclass(frozen=True, slots=True)
class Language:
    """How to find definitions: `candidate` picks a patch's lines, the first of `rules` that fits reads it."""

    candidate: re.Pattern[str]
    rules: tuple[tuple[Role, re.Pattern[str]], ...]


def find_language(path: str) -> Language | None:
    """Find the language of a file whose public names can be read; None for all others."""
    return _LANGUAGES.get(path.rpartition(".")[2].casefold())


def _language(candidate: str, *rules: tuple[Role, str]) -> Language:
    # Hunk headings are always candidates: what they name is the scope that the hunk begins in.
    pattern = re.compile(rf"^(?:@@|[-+ ](?:{candidate}))[^\n]*", re.MULTILINE)
    return Language(pattern, tuple((role, re.compile(rule)) for role, rule in rules))


_PYTHON = _language(
    r"[A-Za-z@]|(?: {4}|\t)(?:async )?def ",
    ("block", r"class (?P<name>[A-Za-z]\w*)"),
    ("function", r"(?:async )?def (?P<name>[A-Za-z]\w*)"),
    ("method", r"(?: {4}|\t)(?:async )?def (?P<name>[A-Za-z]\w*)"),
    ("end", r"[A-Za-z@]"),
)

_PUB_FN = r"pub (?:(?:async|unsafe|const|extern \"[^\"]{0,20}\") ){0,4}fn (?P<name>[A-Za-z_]\w*)"
_RUST = _language(
    r"impl\b|\}|[ \t]{0,40}pub ",
    ("scope", r"impl\b(?:<.{0,200}?>)? (?:.{1,200}? for )?(?P<name>[A-Z]\w*)"),
    ("block", r"pub (?:unsafe )?trait (?P<name>\w+)"),
    ("function", _PUB_FN),
    ("type", r"pub (?:struct|enum|type|const|static|mod|union) (?P<name>[A-Za-z_]\w*)"),
    ("method", r"[ \t]+" + _PUB_FN),
    ("end", r"\}"),
)

_GO = _language(
    r"func |type |var |const ",
    ("function", r"func (?P<name>[A-Z]\w*)"),
    ("method", r"func \((?:\w+ )?\*?(?P<owner>[A-Z]\w*)(?:\[[^\]]{0,100}\])?\) (?P<name>[A-Z]\w*)"),
    ("type", r"(?:type|var|const) (?P<name>[A-Z]\w*)"),
)

_EXPORT = r"export (?:declare )?(?:default )?"
_SCRIPT = _language(
    r"export ",
    ("function", _EXPORT + r"(?:async )?function ?\*? ?(?P<name>[A-Za-z_$][\w$]*)"),
    (
        "type",
        _EXPORT
        + r"(?:abstract )?(?:class|const|let|var|interface|type|enum|namespace) (?P<name>[A-Za-z_$][\w$]*)",
    ),
)

_MODIFIERS = (
    r"\s{0,40}(?:public|protected) (?:(?:static|final|abstract|synchronized|default|sealed|native) ){0,6}"
)
_JAVA = _language(
    r"\s{0,40}(?:public|protected) ",
    ("block", _MODIFIERS + r"(?:class|interface|enum|record|@interface) (?P<name>\w+)"),
    ("method", _MODIFIERS + r"[\w.<>\[\],?& ]{0,120}?(?P<name>\w+)(?=\()"),
)

_NO_TYPE = r"(?!(?:return|else|if|for|while|switch|case|typedef|using|namespace|template|goto)\b)"
_C = _language(
    r"[A-Za-z_#]",
    ("type", r"(?:typedef )?(?:struct|class|union|enum(?: class)?) (?P<name>[A-Za-z_]\w*)\s*(?:\{|:[^:]|$)"),
    ("type", r"#\s?define (?P<name>[A-Za-z_]\w*)(?=\(|\s+\S)"),
    ("function", _NO_TYPE + r"[A-Za-z_][\w:<>,*& \t]{0,160}?[ \t*&](?P<name>[A-Za-z_]\w*)(?=\()"),
)

_PROTO = _language(
    r"\s{0,40}[A-Za-z]",
    ("block", r"\s*(?:message|service|enum) (?P<name>[A-Za-z_]\w*)"),
    ("value", r"\s+rpc (?P<name>\w+)(?P<value>.{0,300})"),
    (
        "value",
        r"\s+(?P<value>(?:(?:repeated|optional|required) )?[\w.]+(?:<[^>]{0,100}>)? (?P<name>\w+) = \d+)",
    ),
)

_LANGUAGES = {
    **dict.fromkeys(("py", "pyi"), _PYTHON),
    **dict.fromkeys(("js", "mjs", "cjs", "jsx", "ts", "tsx", "mts", "vue"), _SCRIPT),
    **dict.fromkeys(("h", "hh", "hpp", "hxx", "cuh"), _C),
    "rs": _RUST,
    "go": _GO,
    "java": _JAVA,
    "proto": _PROTO,
}
