import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import type { Invocation } from "../invocation.ts";
import { codeIn, newestMessage } from "../sandbox.ts";

type Code = "OTP" | "TAN" | "activation code";

/** The code that reached the person: typed; or, where a sandbox keeps the messages that would have gone out, read there. */
export async function askCode(
  what: Code,
  { fromSandbox, sandboxUrl, mobileNumber }: { fromSandbox: boolean; sandboxUrl: string; mobileNumber: string | null },
  invocation: Invocation,
): Promise<string> {
  if (mobileNumber !== null && (fromSandbox || (await wantsItRead(what, mobileNumber, invocation))))
    return codeIn(await newestMessage(sandboxUrl, mobileNumber, channelOf(what)));
  if (fromSandbox) throw new Failure(exitCodes.usage, `only a sandbox has messages to read: type the ${what} instead`);
  const { input } = await import("@inquirer/prompts");
  const message = `${what} that came by ${channelOf(what) === "sms" ? "SMS" : "letter"}:`;
  return (await input({ message, required: true }, promptContext(invocation))).trim();
}

function channelOf(what: Code): "sms" | "letter" {
  return what === "activation code" ? "letter" : "sms";
}

async function wantsItRead(what: Code, mobileNumber: string, invocation: Invocation): Promise<boolean> {
  if (!invocation.stdin.isTTY) return false;
  const { confirm } = await import("@inquirer/prompts");
  const message = `This is a sandbox: read the ${what} from its messages to ${mobileNumber}?`;
  return confirm({ message }, promptContext(invocation));
}

/** A prompt waits for ever on input that has ended, which is an interruption too. */
function promptContext({ stdin, stderr }: Invocation) {
  const ended = new AbortController();
  stdin.once("end", () => setImmediate(() => ended.abort()));
  return { input: stdin, output: stderr, signal: ended.signal };
}
