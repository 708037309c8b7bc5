"""Read YAML so that every value still knows the line it stands on.

This module must not know which keys an archive has or what they mean.
Nothing is constructed from the file but text, numbers, yes and no, tuples and dicts.
"""

from __future__ import annotations

from dataclasses import dataclass

import yaml

from generator.errors import ConfigError

Location = tuple[str | int, ...]

_TAG = "tag:yaml.org,2002:"
_KINDS = {"bool": "yes or no", "float": "a number", "int": "a number", "timestamp": "a date"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a value stands, and how it is written there.

    `text` is the scalar as written, None for a list or a mapping. `kind` says what YAML takes an unquoted
    scalar for when that is not text: "a number", "a date"; "" for one that is empty.
    """

    line: int
    text: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The values of a YAML file, and the place of each by its path of keys and positions."""

    values: dict[str, object]
    places: dict[Location, Place]

    def find_line(self, location: Location) -> int:
        """Find the line of a value, or of what would hold it where it is missing."""
        while location not in self.places:
            location = location[:-1]
        return self.places[location].line


def parse_yaml(content: bytes, name: str) -> Document:
    """Read a file that must be one YAML mapping.

    Raises ConfigError naming `name` and the line: not UTF-8, not YAML, empty, not a mapping, a key twice.
    """
    node = _compose(_decode(content, name), name)
    if node is None:
        raise ConfigError(
            f"{name}: the file is empty", "Write `repositories:` and under it `- url: https://…`."
        )
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError(
            f"{name}:{_find_line(node)}: the file is not a list of keys with values",
            "Begin with `repositories:` and under it `- url: https://…`.",
        )
    reader = _Reader(name)
    values = reader.read_mapping(node, ())
    reader.places[()] = Place(line=1)
    return Document(values=values, places=reader.places)


def _decode(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{name}:{line}: the text is not UTF-8", "Save the file as UTF-8.") from None


def _compose(text: str, name: str) -> yaml.Node | None:
    try:
        node: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}" if mark else name
        raise ConfigError(
            f"{where}: this is not YAML: {error.problem or error.context}", _find_step(error)
        ) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ConfigError(
            f"{name}:{line}: YAML allows no control character U+{ord(text[error.position]):04X}",
            "Remove the character; an editor may not show it.",
        ) from None
    except RecursionError:
        raise ConfigError(
            f"{name}: lists or mappings stand inside each other too deeply",
            "Remove the brackets; five levels are enough.",
        ) from None
    return node


def _find_step(error: yaml.MarkedYAMLError) -> str:
    # A glob such as *.py, which YAML takes for the name of something written before.
    if "alias" in f"{error.context} {error.problem}":
        return "Put a value that begins with * in quotes."
    return "Check the colons, dashes, quotes and indentation there and in the line before."


class _Reader:
    """Turns nodes into values and remembers their places."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.places: dict[Location, Place] = {}

    def read_mapping(self, node: yaml.MappingNode, location: Location) -> dict[str, object]:
        values: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = self._read_key(key_node)
            if key in values:
                first = self.places[(*location, key)].line
                raise ConfigError(
                    f"{self.name}:{_find_line(key_node)}: key {key!r} stands twice, first in line {first}",
                    "Remove one of the two.",
                )
            values[key] = self._read(value_node, (*location, key), _find_line(key_node))
        return values

    def _read_key(self, node: yaml.Node) -> str:
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        raise ConfigError(
            f"{self.name}:{_find_line(node)}: a list or mapping stands where a key should",
            "Write a key, a colon and a value.",
        )

    def _read(self, node: yaml.Node, location: Location, line: int) -> object:
        if isinstance(node, yaml.ScalarNode):
            place = Place(line=line, text=str(node.value), kind=_find_kind(node))
            self.places[location] = place
            value = _read_scalar(node)
            return place if value is None else value
        self.places[location] = Place(line=line)
        # No key of an archive lies deeper; a limit ends what an alias to its own parent would make endless.
        if len(location) > _DEEPEST:
            return None
        if isinstance(node, yaml.MappingNode):
            return self.read_mapping(node, location)
        return tuple(
            self._read(item, (*location, position), _find_line(item))
            for position, item in enumerate(node.value)
        )


_DEEPEST = 4


def _find_line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _find_kind(node: yaml.ScalarNode) -> str | None:
    kind = str(node.tag).removeprefix(_TAG)
    if kind == "null":
        return "" if node.value == "" else "nothing"
    return None if kind == "str" else _KINDS.get(kind, f"a value of type {kind}")


def _read_scalar(node: yaml.ScalarNode) -> str | float | bool | None:
    """Construct text, a number, yes or no; None for any other kind of value."""
    try:
        match str(node.tag).removeprefix(_TAG):
            case "str":
                return str(node.value)
            case "int":
                number = yaml.SafeLoader("").construct_object(node)
                return number if isinstance(number, int) else None
            case "float":
                # Python's own reading: YAML would take 1:30.0 for ninety.
                return float(node.value)
            case "bool":
                return yaml.SafeLoader.bool_values.get(node.value.lower())
    except ValueError:  # more digits than Python reads, or `!!int` before what is none
        return None
    return None
