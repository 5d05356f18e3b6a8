import { LinchpinError } from "./errors.ts";
import type { Pin } from "./pin.ts";

/** What a card program asks of a PIN. Data: it is stored with the program and can be shown to the cardholder's device. */
export interface PinPolicy {
  readonly minLength: number;
  readonly maxLength: number;
  /** Which sequences are refused: `1234` and `4321`; these and every other order of neighbours (`3142`); or none. */
  readonly sequences: "refuse_up_and_down" | "refuse_any_order" | "allow";
  /** Whether 0 follows 9, so that `8901` and `1098` are sequences too. */
  readonly wrapAround: boolean;
  /** How often one digit may stand in a PIN, anywhere in it. */
  readonly maxSameDigit: number;
  /** PINs that are refused whatever the other rules say. */
  readonly denyList: readonly string[];
  /** How many former PINs, the current one included, may not come back. 0: none are kept. */
  readonly formerPins: number;
}

/** Exactly four digits, no sequence up or down, no digit three times: the rules that Solaris publishes. */
export const solarisPinPolicy: PinPolicy = {
  minLength: 4,
  maxLength: 4,
  sequences: "refuse_up_and_down",
  wrapAround: false,
  maxSameDigit: 2,
  denyList: [],
  formerPins: 0,
};

/**
 * Checks all but `formerPins`, which needs the PINs of the card.
 * @throws LinchpinError `pin_length`, `pin_denied`, `pin_sequence`, `pin_repeats`, in this order
 */
export function checkPinPolicy(pin: Pin, policy: PinPolicy): void {
  if (pin.length < policy.minLength || pin.length > policy.maxLength) throw new LinchpinError("pin_length", onPin);
  if (policy.denyList.some((denied) => matches(pin, denied))) throw new LinchpinError("pin_denied", onPin);
  if (isSequence(pin, policy)) throw new LinchpinError("pin_sequence", onPin);
  if (mostFrequentDigitCount(pin) > policy.maxSameDigit) throw new LinchpinError("pin_repeats", onPin);
}

const onPin = { field: "pin" } as const;

function matches(pin: Pin, denied: string): boolean {
  return denied.length === pin.length && pin.asciiDigits.every((digit, index) => digit === denied.charCodeAt(index));
}

function isSequence(pin: Pin, policy: PinPolicy): boolean {
  if (policy.sequences === "allow") return false;
  const digits = Array.from(pin.asciiDigits, (byte) => byte - 0x30);
  if (policy.sequences === "refuse_any_order" && isRunInAnyOrder(digits, policy.wrapAround)) return true;
  return stepsBy(digits, 1, policy.wrapAround) || stepsBy(digits, -1, policy.wrapAround);
}

function stepsBy(digits: readonly number[], step: number, wrapAround: boolean): boolean {
  return digits.every((digit, index) => {
    const expected = (digits[index - 1] ?? digit - step) + step;
    return digit === (wrapAround ? (expected + 10) % 10 : expected);
  });
}

function isRunInAnyOrder(digits: readonly number[], wrapAround: boolean): boolean {
  const starts = wrapAround ? digits : [Math.min(...digits)];
  return starts.some((start) =>
    digits.every((_, offset) => digits.includes(wrapAround ? (start + offset) % 10 : start + offset)),
  );
}

function mostFrequentDigitCount(pin: Pin): number {
  const counts = new Array<number>(10).fill(0);
  for (const byte of pin.asciiDigits) counts[byte - 0x30] = (counts[byte - 0x30] ?? 0) + 1;
  return Math.max(...counts);
}
