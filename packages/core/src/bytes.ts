/**
 * Zeros, for what is to be wiped. V8 keeps arrays of up to 64 bytes in its heap, if their buffer is not there before
 * them: each move of the collector, and each call that hands one to native code, leaves a copy that nobody can wipe.
 */
export function secretBytes(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(length));
}

export function copySecret(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes(bytes);
}

/** To be wiped where a part is. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = secretBytes(parts.reduce((length, part) => length + part.length, 0));
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
  return left.reduce((difference, byte, index) => difference | (byte ^ (right[index] as number)), 0) === 0;
}
