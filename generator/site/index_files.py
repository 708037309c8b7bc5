"""Turn what Pagefind wrote into the files of a shard: checked, and each named by its place.

This module must not know what an entry says. Pagefind names a file by its content's hash, which its list of entries
then holds for each entry; in a folder that never changes a number does, and costs who searches a third of the bytes.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator

import cbor2

from generator.errors import SiteError

# How each file of Pagefind's begins once it is unpacked.
MARK = b"pagefind_dcd"
WASM = "wasm.unknown.pagefind"
META = "pagefind.pf_meta"
# In pagefind.js the part that runs the WebAssembly program ends so; what follows loads an index of one piece, and
# takes a file that is not there for a word that is not there.
_END_OF_GLUE = "({__proto__:null});"
_PROGRAM = "pagefind.js"


def arrange_index(
    files: Iterable[tuple[str, bytes]], addresses: Iterable[str]
) -> Iterator[tuple[str, bytes]]:
    """Check an index that Pagefind wrote, and yield its files as a shard has them: path in the shard, and bytes.

    `addresses` are those of the entries in the order they were added: the file of the first entry is
    `fragment/0.pf_fragment`. Raises SiteError when anything is missing, doubled or damaged.
    """
    meta: list[bytes] = []
    written: dict[str, bytes] = {}
    for path, content in files:
        if path.endswith(".pf_meta"):
            meta.append(content)
        elif path.endswith((".pf_index", ".pf_fragment")):
            written[path] = content
    _expect(len(meta) == 1, "its list of entries is not there")
    version, pages, chunks, _, _, fields = cbor2.loads(_unpack(meta[0]))
    wanted = list(addresses)
    _expect(len(pages) == len(wanted), f"{len(pages)} entries of {len(wanted)}")
    for number, (page, address) in enumerate(zip(pages, wanted, strict=True)):
        content = _take(written, f"fragment/{page[0]}.pf_fragment")
        _expect(
            json.loads(_unpack(content))["url"] == address, f"another entry stands in the place of {address}"
        )
        page[0] = str(number)
        yield f"fragment/{number}.pf_fragment", content
    for number, chunk in enumerate(chunks):
        content = _take(written, f"index/{chunk[2]}.pf_index")
        _unpack(content)
        chunk[2] = str(number)
        yield f"index/{number}.pf_index", content
    _expect(not written, "a file of no entry and no word")
    yield META, _pack(cbor2.dumps([version, pages, chunks, [], [], fields]))


def arrange_programs(files: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """Yield of what Pagefind wrote the programs that a browser searches with."""
    found = dict(files)
    for name in (WASM, _PROGRAM):
        _expect(name in found, f"{name} is not there")
    _unpack(found[WASM])
    program = found[_PROGRAM].decode()
    glue, end, _ = program.partition(_END_OF_GLUE)
    _expect(bool(end) and "let wasm_bindgen=" in glue, f"{_PROGRAM} is put together otherwise than known")
    yield WASM, found[WASM]
    # https://github.com/Pagefind/pagefind is under the MIT licence.
    yield _PROGRAM, f"/* Pagefind, MIT licence */{glue}{end}export default wasm_bindgen;\n".encode()


def _take(written: dict[str, bytes], path: str) -> bytes:
    _expect(path in written, f"{path} is not there")
    return written.pop(path)


def _unpack(content: bytes) -> bytes:
    try:
        unpacked = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise SiteError(f"search index: Pagefind wrote a damaged file: {error}", "Build again.") from None
    _expect(unpacked.startswith(MARK), "a file without its mark")
    return unpacked[len(MARK) :]


def _pack(content: bytes) -> bytes:
    # No time in it: the same content gives the same bytes.
    return gzip.compress(MARK + content, mtime=0)


def _expect(holds: bool, fact: str) -> None:
    if not holds:
        raise SiteError(
            f"search index: Pagefind wrote another index than it was given: {fact}", "Build again."
        )
