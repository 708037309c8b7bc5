"""Hold a value against a JSON Schema, as far as the schemas of the records go: no keyword is passed over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

_TOLD = {"$schema", "$id", "$defs", "title", "description", "default"}
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}
_FORMATS = {"date": date.fromisoformat, "date-time": datetime.fromisoformat}


def check_schema(schema: dict[str, Any], value: Any) -> list[str]:
    """Find where a value is not as the schema has it; ValueError for a keyword that is not known here."""
    return list(_check(schema, schema, value, "record"))


def _check(root: dict[str, Any], schema: dict[str, Any], value: Any, place: str) -> Iterator[str]:
    for keyword, wanted in schema.items():
        if keyword not in _TOLD:
            yield from _check_keyword(root, schema, keyword, wanted, value, place)


def _check_keyword(
    root: dict[str, Any], schema: dict[str, Any], keyword: str, wanted: Any, value: Any, place: str
) -> Iterator[str]:
    if keyword == "$ref":
        yield from _check(root, root["$defs"][wanted.removeprefix("#/$defs/")], value, place)
    elif keyword == "anyOf":
        if all(list(_check(root, one, value, place)) for one in wanted):
            yield f"{place}: is none of what it may be"
    elif keyword == "properties":
        for key in wanted.keys() & value.keys():
            yield from _check(root, wanted[key], value[key], f"{place}.{key}")
    elif keyword == "items":
        for number, member in enumerate(value):
            yield from _check(root, wanted, member, f"{place}.{number}")
    elif not _holds(schema, keyword, wanted, value):
        yield f"{place}: {keyword}"


def _holds(schema: dict[str, Any], keyword: str, wanted: Any, value: Any) -> bool:
    match keyword:
        case "type":
            return isinstance(value, _TYPES[wanted]) and (wanted == "boolean" or not isinstance(value, bool))
        case "additionalProperties":
            assert wanted is False
            return bool(value.keys() <= schema["properties"].keys())
        case "required":
            return bool(value.keys() >= {*wanted})
        case "enum":
            return bool(value in wanted)
        case "const":
            return bool(value == wanted)
        case "pattern":
            return re.search(wanted, value) is not None
        case "format":
            return _reads(_FORMATS[wanted], value)
        case "minItems":
            return bool(len(value) >= wanted)
        case "minimum":
            return bool(value >= wanted)
        case "maximum":
            return bool(value <= wanted)
    raise ValueError(f"{keyword} is not known here")


def _reads(read: Any, value: str) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True
