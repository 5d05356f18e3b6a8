import { checkPinPolicy, Pin, type PinPolicy, solarisPinPolicy } from "@linchpin/core";
import { exitCodes } from "./exit-codes.ts";
import { Failure } from "./failure.ts";

const maxDigits = 12;

/**
 * A new PIN: typed twice and hidden, or the first line of stdin. Digits stay bytes; the caller wipes the PIN.
 * @param check whether the rules are told and kept before anything is sent
 * @throws LinchpinError `pin_malformed`, and as the policy says; Failure when the two differ
 */
export async function askNewPin({ fromStdin, check }: { fromStdin: boolean; check: boolean }): Promise<Pin> {
  if (!fromStdin && !process.stdin.isTTY)
    throw new Failure(
      exitCodes.usage,
      "a PIN is asked for on a terminal: a script gives it on stdin, with --pin-stdin",
    );
  if (check && !fromStdin) console.error(rulesOf(solarisPinPolicy));
  const pin = fromStdin ? await readPin() : await askTwice();
  try {
    if (check) checkPinPolicy(pin, solarisPinPolicy);
  } catch (error) {
    pin.wipe();
    throw error;
  }
  return pin;
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

async function askTwice(): Promise<Pin> {
  const pin = await askHidden("New PIN:");
  try {
    const again = await askHidden("Once more:");
    const isSame = pin.equals(again);
    again.wipe();
    if (!isSame) throw new Failure(exitCodes.usage, "the two PINs differ: nothing was sent");
    return pin;
  } catch (error) {
    pin.wipe();
    throw error;
  }
}

/** On stderr, a star a digit. */
async function askHidden(question: string): Promise<Pin> {
  const { stdin, stderr } = process;
  const digits = new Uint8Array(maxDigits);
  stderr.write(`${question} `);
  stdin.setRawMode(true);
  try {
    return new Pin(digits.subarray(0, await collectKeys(digits, (echo) => stderr.write(echo))));
  } finally {
    digits.fill(0);
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write("\n");
  }
}

const keys = { interrupt: 0x03, endOfInput: 0x04, backspace: 0x08, clear: 0x15, escape: 0x1b, delete: 0x7f } as const;

/** Fills `digits` until Enter and resolves with how many there are. Whatever else is typed rings the bell. */
function collectKeys(digits: Uint8Array, echo: (text: string) => void): Promise<number> {
  const { stdin } = process;
  return new Promise((resolve, reject) => {
    let count = 0;
    const take = (key: number) => {
      if (key >= 0x30 && key <= 0x39 && count < maxDigits) {
        digits[count++] = key;
        echo("*");
      } else if (key === keys.backspace || key === keys.delete) {
        if (count > 0) echo("\b \b");
        count = Math.max(0, count - 1);
      } else if (key === keys.clear) {
        echo("\b \b".repeat(count));
        count = 0;
      } else echo("\u0007");
    };
    const onData = (typed: Buffer) => {
      // An arrow or a function key is a sequence that may hold digits.
      const isSequence = typed[0] === keys.escape;
      const end = typed.findIndex((key) => key === 0x0d || key === 0x0a);
      const isInterrupted = typed.includes(keys.interrupt) || typed.includes(keys.endOfInput);
      if (!isSequence) for (const key of typed.subarray(0, end === -1 ? typed.length : end)) take(key);
      if (end === -1 && !isInterrupted) return void typed.fill(0);
      stdin.off("data", onData).pause();
      // What was typed ahead answers the next question.
      if (end !== -1 && end + 1 < typed.length) stdin.unshift(Buffer.from(typed.subarray(end + 1)));
      typed.fill(0);
      if (isInterrupted) reject(new Failure(exitCodes.interrupted, "interrupted, nothing was sent"));
      else resolve(count);
    };
    stdin.on("data", onData).resume();
  });
}

/** The first line of stdin, without its end. */
async function readPin(): Promise<Pin> {
  const line = new Uint8Array(maxDigits + 2);
  let length = 0;
  try {
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
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
