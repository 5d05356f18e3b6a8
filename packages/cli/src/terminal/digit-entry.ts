/** Bytes that a terminal in raw mode sends. */
export const key = {
  interrupt: 0x03,
  endOfInput: 0x04,
  backspace: 0x08,
  newline: 0x0a,
  enter: 0x0d,
  clear: 0x15,
  escape: 0x1b,
  delete: 0x7f,
} as const;

/** Digits as they are typed, key by key: kept as bytes, echoed as stars. The caller wipes them. */
export class DigitEntry {
  readonly #digits: Uint8Array;
  readonly #echo: (text: string) => void;
  #count = 0;
  /** Arrows and function keys are sequences, which may hold digits: ECMA-48 §5.4. */
  #sequence: "none" | "begun" | "inside" = "none";

  constructor(maxDigits: number, echo: (text: string) => void) {
    this.#digits = new Uint8Array(maxDigits);
    this.#echo = echo;
  }

  /** The digits themselves, not a copy. */
  digits(): Uint8Array {
    return this.#digits.subarray(0, this.#count);
  }

  wipe(): void {
    this.#digits.fill(0);
    this.#count = 0;
  }

  press(byte: number): "typing" | "entered" | "interrupted" {
    if (byte === key.interrupt || byte === key.endOfInput) return "interrupted";
    if (byte === key.enter || byte === key.newline) return "entered";
    if (!this.#continuesSequence(byte)) this.#edit(byte);
    return "typing";
  }

  #continuesSequence(byte: number): boolean {
    const was = this.#sequence;
    if (byte === key.escape) this.#sequence = "begun";
    else if (was === "begun") this.#sequence = byte === 0x5b || byte === 0x4f ? "inside" : "none";
    else if (was === "inside" && byte >= 0x40 && byte <= 0x7e) this.#sequence = "none";
    return was !== "none" || byte === key.escape;
  }

  #edit(byte: number): void {
    if (byte === key.backspace || byte === key.delete) this.#rubOut(1);
    else if (byte === key.clear) this.#rubOut(this.#count);
    else if (byte >= 0x30 && byte <= 0x39 && this.#count < this.#digits.length) {
      this.#digits[this.#count++] = byte;
      this.#echo("*");
    } else this.#echo("\u0007");
  }

  #rubOut(count: number): void {
    const rubbed = Math.min(count, this.#count);
    this.#count -= rubbed;
    this.#digits.fill(0, this.#count);
    this.#echo("\b \b".repeat(rubbed));
  }
}
