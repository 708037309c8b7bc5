"""Arrange the files of the search index that are no terms: the entries as a result shows them, and the programs.

This module must not know what an entry says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from generator.errors import SiteError
from generator.site.entries import Entry
from generator.site.facets import render_json
from generator.site.term_index import pack

# So many entries to a file, as in docs/assets/search-worker.js: together they are a fifth smaller than alone, and a
# host has a quarter of the files. Eight would save another eighth, and cost who reads ten results twice the bytes.
_TOGETHER = 4
# What a result shows of its commit beside the texts.
_SHOWN = ("kind", "importance", "breaking")
WASM = "wasm.unknown.pagefind"
# In pagefind.js the part that runs the WebAssembly program ends so; what follows loads an index of one piece, and
# takes a file that is not there for a word that is not there.
_END_OF_GLUE = "({__proto__:null});"
_PROGRAM = "pagefind.js"


def pack_entries(entries: Iterable[Entry]) -> Iterator[tuple[str, bytes]]:
    """Write entries: the path of each file in the shard, and its bytes. The first file begins with the first entry."""
    left = iter(entries)
    number = 0
    while some := list(islice(left, _TOGETHER)):
        yield f"entries/{number}.bin", pack(render_json([_list_shown(entry) for entry in some]))
        number += 1


def _list_shown(entry: Entry) -> dict[str, str | tuple[str, ...]]:
    shown = {facet: entry.facets[facet] for facet in _SHOWN if facet in entry.facets}
    return {"url": entry.url, "title": entry.title, "day": entry.day, "text": entry.text, **shown}


def arrange_programs(found: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield of what Pagefind writes for any index the programs that a browser searches with."""
    for name in (WASM, _PROGRAM):
        _expect(name in found, f"{name} is not there")
    program = found[_PROGRAM].decode()
    glue, end, _ = program.partition(_END_OF_GLUE)
    _expect(bool(end) and "let wasm_bindgen=" in glue, f"{_PROGRAM} is put together otherwise than known")
    yield WASM, found[WASM]
    # https://github.com/Pagefind/pagefind is under the MIT licence.
    yield _PROGRAM, f"/* Pagefind, MIT licence */{glue}{end}export default wasm_bindgen;\n".encode()


def _expect(holds: bool, fact: str) -> None:
    if not holds:
        raise SiteError(
            f"search index: Pagefind wrote other programs than it does: {fact}",
            "Install the release of `pagefind[extended]` that requirements.lock names, and build again.",
        )
