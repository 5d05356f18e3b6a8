export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Takes the same time wherever the first difference stands. Lengths are not secret. */
export function equalInConstantTime(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  let difference = 0;
  for (let index = 0; index < left.length; index++) difference |= (left[index] as number) ^ (right[index] as number);
  return difference === 0;
}

/** A lone surrogate becomes U+FFFD. Not every platform has a TextEncoder. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(3 * text.length);
  let length = 0;
  for (const character of text) {
    const codePoint = character.codePointAt(0) as number;
    const scalar = codePoint >> 11 === 0x1b ? 0xfffd : codePoint;
    const following = scalar < 0x80 ? 0 : scalar < 0x800 ? 1 : scalar < 0x10000 ? 2 : 3;
    bytes[length++] = following === 0 ? scalar : (0x780 >> following) | (scalar >> (6 * following));
    for (let left = following - 1; left >= 0; left--) bytes[length++] = 0x80 | ((scalar >> (6 * left)) & 63);
  }
  return bytes.slice(0, length);
}
