import { copySecret, equalInConstantTime } from "../bytes.ts";
import { LinchpinError } from "../errors/errors.ts";

const minDigits = 4;
const maxDigits = 12; // ISO 9564-1:2017 §6.1

/**
 * A PIN: ASCII digits as bytes, never a string. Whatever prints it prints `Pin(****)`.
 * Whoever makes one wipes it, in `finally`.
 * An interface, because `@linchpin/device` and `@linchpin/elements` each bring this class, and a PIN of one must be one
 * to the other.
 */
export interface Pin {
  readonly length: number;
  /** The ASCII digits themselves, not a copy: gone once the PIN is wiped. No getter: inspectors call getters. */
  asciiDigits(): Uint8Array;
  /** Compares in constant time; only the lengths show. */
  equals(other: Pin): boolean;
  wipe(): void;
}

/**
 * Takes a copy of 4 to 12 ASCII digits (0x30–0x39); wiping the original stays with the caller.
 * @throws LinchpinError `pin_malformed`
 */
export const Pin: new (asciiDigits: Uint8Array) => Pin = class {
  readonly #digits: Uint8Array;

  constructor(asciiDigits: Uint8Array) {
    const isOfLength = asciiDigits.length >= minDigits && asciiDigits.length <= maxDigits;
    if (!isOfLength || asciiDigits.some((byte) => byte < 0x30 || byte > 0x39)) throw new LinchpinError("pin_malformed");
    this.#digits = copySecret(asciiDigits);
  }

  get length(): number {
    return this.#digits.length;
  }

  asciiDigits(): Uint8Array {
    return this.#digits;
  }

  equals(other: { asciiDigits(): Uint8Array }): boolean {
    return equalInConstantTime(this.#digits, other.asciiDigits());
  }

  wipe(): void {
    this.#digits.fill(0);
  }

  toString(): string {
    return "Pin(****)";
  }

  toJSON(): string {
    return "Pin(****)";
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "Pin(****)";
  }
};
