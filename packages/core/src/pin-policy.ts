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
  return denied.length === pin.length && pin.asciiDigits().every((digit, index) => digit === denied.charCodeAt(index));
}

// The digits are judged where they lie: a copy of them would have to be wiped.

function isSequence(pin: Pin, { sequences, wrapAround }: PinPolicy): boolean {
  if (sequences === "allow") return false;
  const digits = pin.asciiDigits();
  if (stepsBy(1, digits, wrapAround) || stepsBy(-1, digits, wrapAround)) return true;
  return sequences === "refuse_any_order" && isRunInAnyOrder(digits, wrapAround);
}

function stepsBy(step: 1 | -1, digits: Uint8Array, wrapAround: boolean): boolean {
  return digits.every((digit, index) => {
    const difference = digit - (digits[index - 1] ?? digit - step);
    return difference === step || (wrapAround && difference === -9 * step);
  });
}

/** Whether some digit starts a run that has each digit exactly as often as the PIN has it. */
function isRunInAnyOrder(digits: Uint8Array, wrapAround: boolean): boolean {
  return digits.some((start) =>
    digits.every((digit) => {
      const offset = wrapAround ? (digit - start + 10) % 10 : digit - start;
      const countInRun = wrapAround ? Math.ceil((digits.length - offset) / 10) : 1;
      return offset >= 0 && offset < digits.length && countOf(digit, digits) === countInRun;
    }),
  );
}

function mostFrequentDigitCount(pin: Pin): number {
  return pin.asciiDigits().reduce((most, digit, _, digits) => Math.max(most, countOf(digit, digits)), 0);
}

function countOf(digit: number, digits: Uint8Array): number {
  return digits.reduce((count, other) => count + (other === digit ? 1 : 0), 0);
}
