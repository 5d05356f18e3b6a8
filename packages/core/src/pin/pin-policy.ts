import { bytesFromOctets } from "#encoding";
import { equalInConstantTime } from "../bytes.ts";
import type { PinPolicyCode } from "../errors/error-sentences.ts";
import { LinchpinError } from "../errors/errors.ts";
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
  /** PIN history: how many earlier PINs, the current one included, may not come back. 0: none are kept. */
  readonly pinHistory: number;
}

/** Exactly four digits, no sequence up or down, no digit three times: the rules that Solaris publishes. */
export const solarisPinPolicy: PinPolicy = {
  minLength: 4,
  maxLength: 4,
  sequences: "refuse_up_and_down",
  wrapAround: false,
  maxSameDigit: 2,
  denyList: [],
  pinHistory: 0,
};

/** The rules that need nothing but the PIN. A device that was sent them has no deny list. */
type CheckedPolicy = Omit<PinPolicy, "denyList" | "pinHistory"> & Partial<PinPolicy>;

/**
 * Checks every rule but `pinHistory`, which needs the earlier PINs of the card.
 * @throws LinchpinError `pin_length`, `pin_denied`, `pin_sequence`, `pin_repeats`, in this order
 */
export function checkPinPolicy(pin: Pin, policy: CheckedPolicy): void {
  // The digits are judged where they lie: a copy of them would have to be wiped.
  const digits = pin.asciiDigits();
  const code = brokenRule(digits, policy);
  if (code !== undefined) throw new LinchpinError(code, { field: "pin" });
}

function brokenRule(digits: Uint8Array, policy: CheckedPolicy): PinPolicyCode | undefined {
  if (digits.length < policy.minLength || digits.length > policy.maxLength) return "pin_length";
  if (policy.denyList?.some((denied) => equalInConstantTime(digits, bytesFromOctets(denied)))) return "pin_denied";
  if (policy.sequences !== "allow" && isSequence(digits, policy)) return "pin_sequence";
  return digits.some((digit) => countOf(digit, digits) > policy.maxSameDigit) ? "pin_repeats" : undefined;
}

/** Whether they are some run of neighbours: up, down, or in any order. */
function isSequence(digits: Uint8Array, { sequences, wrapAround }: CheckedPolicy): boolean {
  const { length } = digits;
  for (let start = 0; start < (wrapAround ? 10 : 11 - length); start++) {
    const run = Uint8Array.from({ length }, (_, index) => 0x30 + ((start + index) % 10));
    const isRun =
      sequences === "refuse_any_order"
        ? digits.every((digit) => countOf(digit, digits) === countOf(digit, run))
        : equalInConstantTime(digits, run) || equalInConstantTime(digits, run.reverse());
    if (isRun) return true;
  }
  return false;
}

function countOf(digit: number, digits: Uint8Array): number {
  return digits.reduce((count, other) => count + Number(other === digit), 0);
}
