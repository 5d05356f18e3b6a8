import { checkPinPolicy, Pin, type PinPolicy } from "@linchpin/core";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import type { Input, Invocation } from "../invocation.ts";
import { DigitEntry, key } from "./digit-entry.ts";
import { takeTypedAhead } from "./hide-typing.ts";

// ISO 9564-1:2017 §6.1
const minDigits = 4;
const maxDigits = 12;

/**
 * A new PIN: typed twice and hidden, or the first line of stdin. Digits stay bytes; the caller wipes the PIN.
 * @param policy is shown to the cardholder and checked before anything is sent; null leaves both to the issuer
 * @throws LinchpinError `pin_malformed`, and as the policy says; Failure when the two differ
 */
export async function askNewPin(
  { fromStdin, policy }: { fromStdin: boolean; policy: PinPolicy | null },
  invocation: Invocation,
): Promise<Pin> {
  checkTerminal(fromStdin, invocation);
  if (policy !== null && !fromStdin) invocation.console.error(rulesOf(policy));
  const pin = fromStdin ? await readPin(invocation) : await hidden(invocation, () => askTwice(invocation));
  try {
    if (policy !== null) checkPinPolicy(pin, policy);
  } catch (error) {
    pin.wipe();
    throw error;
  }
  return pin;
}

/** A PIN that exists: typed once and hidden, or the first line of stdin. @throws LinchpinError `pin_malformed` */
export async function askPin({ fromStdin }: { fromStdin: boolean }, invocation: Invocation): Promise<Pin> {
  checkTerminal(fromStdin, invocation);
  return fromStdin ? readPin(invocation) : hidden(invocation, () => askHidden("PIN:", invocation));
}

function checkTerminal(fromStdin: boolean, { stdin }: Invocation): void {
  if (!fromStdin && !stdin.isTTY)
    throw new Failure(
      exitCodes.usage,
      "a PIN is asked for on a terminal: a script gives it on stdin, with --pin-stdin",
    );
}

function rulesOf(policy: PinPolicy): string {
  return [
    policy.minLength === policy.maxLength
      ? `A PIN has ${policy.minLength} digits`
      : `A PIN has ${policy.minLength} to ${policy.maxLength} digits`,
    ...(policy.sequences === "allow" ? [] : ["is no sequence such as 1234 or 4321"]),
    `has no digit more than ${policy.maxSameDigit} times`,
  ]
    .join(", ")
    .concat(".");
}

async function askTwice(invocation: Invocation): Promise<Pin> {
  const pin = await askHidden("New PIN:", invocation);
  try {
    const again = await askHidden("Once more:", invocation);
    const isSame = pin.equals(again);
    again.wipe();
    if (!isSame) throw new Failure(exitCodes.usage, "the two PINs differ: nothing was sent");
    return pin;
  } catch (error) {
    pin.wipe();
    throw error;
  }
}

/** Nothing is echoed before, between and after the questions of `ask`. */
async function hidden(invocation: Invocation, ask: () => Promise<Pin>): Promise<Pin> {
  invocation.stdin.setRawMode?.(true);
  takeTypedAhead(invocation);
  try {
    return await ask();
  } finally {
    invocation.stdin.setRawMode?.(false);
  }
}

/** On stderr, a star a digit. Fewer digits than any PIN has are asked for again: nothing is known to be wrong with more. */
async function askHidden(question: string, { stdin, stderr }: Invocation): Promise<Pin> {
  const entry = new DigitEntry(maxDigits, (echo) => stderr.write(echo));
  try {
    for (;;) {
      stderr.write(`${question} `);
      await untilEntered(entry, stdin).finally(() => stderr.write("\n"));
      if (entry.digits().length >= minDigits) return new Pin(entry.digits());
      entry.wipe();
      stderr.write(`A PIN has ${minDigits} to ${maxDigits} digits.\n`);
    }
  } finally {
    entry.wipe();
  }
}

function untilEntered(entry: DigitEntry, stdin: Input): Promise<void> {
  return new Promise((resolve, reject) => {
    const onData = (typed: Buffer) => {
      const end = typed.findIndex((key) => entry.press(key) !== "typing");
      const wasInterrupted = typed[end] === key.interrupt || typed[end] === key.endOfInput;
      // What was typed ahead answers the next question.
      const ahead = Buffer.from(typed.subarray(end + 1));
      typed.fill(0);
      if (end === -1) return;
      stdin.off("data", onData).pause();
      if (ahead.length > 0) stdin.unshift(ahead);
      if (wasInterrupted) reject(new Failure(exitCodes.interrupted, "interrupted, nothing was sent"));
      else resolve();
    };
    stdin.on("data", onData).resume();
  });
}

/** The first line of stdin, without its end. */
async function readPin({ stdin }: Invocation): Promise<Pin> {
  const line = new Uint8Array(maxDigits + 2);
  let length = 0;
  try {
    for await (const chunk of stdin as AsyncIterable<Buffer>) {
      const rest = line.length - length;
      line.set(chunk.subarray(0, rest), length);
      length += Math.min(chunk.length, rest);
      chunk.fill(0);
      if (length === line.length) break;
    }
    const end = line.subarray(0, length).findIndex((byte) => byte === 0x0a || byte === 0x0d);
    return new Pin(line.subarray(0, end === -1 ? length : end));
  } finally {
    line.fill(0);
  }
}
