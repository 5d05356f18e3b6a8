/** A number of 32 bits. */
export type Draw = () => number;

/** xorshift32: the same seed, the same run. */
export function drawFrom(seed: number): Draw {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    return state;
  };
}

const longest = 4096;
const quote = 0x22;
/** Where lengths, signs, digits, quotes and encodings turn. */
const sharpBytes = Uint8Array.of(
  0x00,
  0x01,
  0x02,
  0x20,
  0x22,
  0x2f,
  0x30,
  0x3a,
  0x5c,
  0x7f,
  0x80,
  0x81,
  0xc0,
  0xed,
  0xff,
);

/** One to four changes, each of the kinds below. `words` are what the format's own grammar is made of. */
export function mutate(
  input: Uint8Array,
  { draw, others, words }: { draw: Draw; others: readonly Uint8Array[]; words: readonly Uint8Array[] },
): Uint8Array {
  let bytes = input;
  for (let rounds = 1 + (draw() % 4); rounds > 0; rounds--) bytes = change(bytes);
  return bytes.subarray(0, longest);

  function change(bytes: Uint8Array): Uint8Array {
    const at = draw() % (bytes.length + 1);
    const until = at + (draw() % (bytes.length - at + 1));
    const short = Math.min(until, at + 1 + (draw() % 4));
    switch (draw() % 9) {
      case 0: // one bit
        return put(bytes, at, at + 1, Uint8Array.of((bytes[at] ?? 0) ^ (1 << (draw() % 8))));
      case 1:
        return put(bytes, at, at + 1, Uint8Array.of(pick(sharpBytes)));
      case 2:
        return put(bytes, at, at, Uint8Array.of(draw()));
      case 3: // something is left out
        return put(bytes, at, draw() % 2 ? until : short, new Uint8Array(0));
      case 4: // something comes twice, or very often
        return put(bytes, at, at, repeat(bytes.subarray(at, until), draw() % 64 ? 1 : 1 + (draw() % 64)));
      case 5: // a word of the format
        return words.length === 0 ? bytes : put(bytes, at, draw() % 2 ? short : at, pickOf(words));
      case 6: {
        // a part of another input
        const other = pickOf(others);
        const from = draw() % (other.length + 1);
        return put(bytes, at, draw() % 2 ? bytes.length : at, other.subarray(from, from + (draw() % 64)));
      }
      case 7: {
        // a quoted word becomes another
        const opening = bytes.indexOf(quote, at);
        const closing = bytes.indexOf(quote, opening + 1);
        return words.length === 0 || closing === -1 ? bytes : put(bytes, opening, closing + 1, pickOf(words));
      }
      default: // a part moves
        return put(put(bytes, at, until, new Uint8Array(0)), draw() % (at + 1), 0, bytes.subarray(at, until));
    }
  }

  function pick(bytes: Uint8Array): number {
    return bytes[draw() % bytes.length] as number;
  }

  function pickOf(list: readonly Uint8Array[]): Uint8Array {
    return list[draw() % list.length] ?? new Uint8Array(0);
  }
}

/** `bytes` with `replacement` from `at` to `until`. */
function put(bytes: Uint8Array, at: number, until: number, replacement: Uint8Array): Uint8Array {
  return Uint8Array.from(Buffer.concat([bytes.subarray(0, at), replacement, bytes.subarray(Math.max(at, until))]));
}

function repeat(bytes: Uint8Array, times: number): Uint8Array {
  const fitting = Math.max(1, Math.min(times, Math.floor(longest / (bytes.length || 1))));
  return Buffer.concat(Array.from({ length: fitting }, () => bytes));
}
