import { Pin } from "@linchpin/core";

/** Digits as they are typed: bytes in one buffer that is wiped, never a string. */
export class DigitEntry {
  readonly #asciiDigits = new Uint8Array(12); // ISO 9564-1:2017 §6.1
  #count = 0;

  get count(): number {
    return this.#count;
  }

  push(digit: number): void {
    this.#asciiDigits[this.#count] = 0x30 + digit;
    this.#count += 1;
  }

  pop(): void {
    if (this.#count === 0) return;
    this.#count -= 1;
    this.#asciiDigits[this.#count] = 0;
  }

  equals(other: DigitEntry): boolean {
    return this.#asciiDigits.every((digit, index) => digit === other.#asciiDigits[index]);
  }

  /**
   * A copy, for the caller to wipe.
   * @throws LinchpinError `pin_malformed` below four digits
   */
  toPin(): Pin {
    return new Pin(this.#asciiDigits.subarray(0, this.#count));
  }

  wipe(): void {
    this.#asciiDigits.fill(0);
    this.#count = 0;
  }
}
