// Reads the words of one of Pagefind's index files, which says for each where it stands; CBOR, RFC 8949.

const TEXT = 3;
const ARRAY = 4;

/** List the words of an index file, in its order. */
export function listWords(bytes) {
  const reader = new Reader(bytes);
  reader.enter();
  return Array.from({ length: reader.enter() }, () => {
    const parts = reader.enter();
    const word = reader.readText();
    reader.skip(parts - 1);
    return word;
  });
}

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.place = 0;
    this.decoder = new TextDecoder();
  }

  /** Go into an array, and say how many items it has. */
  enter() {
    return this.#expect(ARRAY);
  }

  readText() {
    const length = this.#expect(TEXT);
    this.place += length;
    return this.decoder.decode(this.bytes.subarray(this.place - length, this.place));
  }

  /** Go past items, whatever is in them. */
  skip(items) {
    for (let left = items; left > 0; left--) {
      const [type, value] = this.#readHead();
      if (type === ARRAY) left += value;
      else if (type === TEXT) this.place += value;
    }
  }

  #expect(wanted) {
    const [type, value] = this.#readHead();
    if (type !== wanted) throw new Error("an index file is damaged");
    return value;
  }

  #readHead() {
    const head = this.bytes[this.place++];
    const short = head & 31;
    if (short < 24) return [head >> 5, short];
    const size = 1 << (short - 24);
    const value = size === 1 ? this.view.getUint8(this.place) : size === 2 ? this.view.getUint16(this.place) : this.view.getUint32(this.place);
    this.place += size;
    return [head >> 5, value];
  }
}
