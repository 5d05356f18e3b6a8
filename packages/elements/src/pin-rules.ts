import { checkPinPolicy, type Pin, type PinPolicy } from "@linchpin/core";
import type { DigitEntry } from "./digit-entry.ts";
import { fill, type Messages } from "./messages.ts";

/** A rule of the policy in the cardholder's words, and how the digits typed so far stand to it. */
export interface PinRule {
  readonly text: string;
  readonly state: "open" | "met" | "broken";
  /** What is said when a PIN that breaks it is handed in. */
  readonly refusal?: string;
}

/** The rules that a policy sets, in the order in which they are shown. */
export function pinRules(policy: PinPolicy, entry: DigitEntry, messages: Messages): PinRule[] {
  const { minLength, maxLength, sequences, wrapAround, maxSameDigit, denyList, pinHistory } = policy;
  const complete = entry.count >= minLength;
  const rules: PinRule[] = [{ text: lengthText(policy, messages), state: complete ? "met" : "open" }];
  const add = (text: string, rule: Partial<PinPolicy>, refusal: string) =>
    rules.push({ text, refusal, state: complete ? stateOf(entry, { ...noRules, ...rule }) : "open" });

  if (sequences !== "allow") {
    const text = sequences === "refuse_up_and_down" ? messages.ruleSequence : messages.ruleNeighbours;
    add(text, { sequences, wrapAround }, messages.failureSequence);
  }
  if (maxSameDigit < maxLength) {
    const text = maxSameDigit === 1 ? messages.ruleRepeatsOnce : fill(messages.ruleRepeats, { count: maxSameDigit });
    add(text, { maxSameDigit }, messages.failureRepeats);
  }
  if (denyList.length > 0) add(messages.ruleDenied, { denyList }, messages.failureDenied);
  // Only the issuer knows the earlier PINs: the rule is shown, and not checked here.
  if (pinHistory > 0) rules.push({ text: messages.ruleFormer, state: "open" });
  return rules;
}

const noRules: PinPolicy = {
  minLength: 4,
  maxLength: 12,
  sequences: "allow",
  wrapAround: false,
  maxSameDigit: 12,
  denyList: [],
  pinHistory: 0,
};

function lengthText({ minLength: min, maxLength: max }: PinPolicy, messages: Messages): string {
  return min === max ? fill(messages.ruleLength, { max }) : fill(messages.ruleLengthBetween, { min, max });
}

function stateOf(entry: DigitEntry, policy: PinPolicy): PinRule["state"] {
  let pin: Pin | undefined;
  try {
    pin = entry.toPin();
    checkPinPolicy(pin, policy);
    return "met";
  } catch {
    return "broken";
  } finally {
    pin?.wipe();
  }
}
