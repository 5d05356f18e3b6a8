import { exitCodes } from "./exit-codes.ts";
import { Failure } from "./failure.ts";
import { codeIn, newestMessage } from "./sandbox.ts";

type Code = "OTP" | "TAN" | "activation code";

/** The code that reached the person: typed; or, where a sandbox keeps the messages that would have gone out, read there. */
export async function askCode(
  what: Code,
  { fromSandbox, sandboxUrl, mobileNumber }: { fromSandbox: boolean; sandboxUrl: string; mobileNumber: string | null },
): Promise<string> {
  if (mobileNumber !== null && (fromSandbox || (await wantsItRead(what, mobileNumber))))
    return codeIn(await newestMessage(sandboxUrl, mobileNumber, channelOf(what)));
  if (fromSandbox)
    throw new Failure(exitCodes.usage, `only a sandbox's own person has messages to read: type the ${what} instead`);
  const { input } = await import("@inquirer/prompts");
  const message = `${what} that came by ${channelOf(what) === "sms" ? "SMS" : "letter"}:`;
  return (await input({ message, required: true }, { output: process.stderr })).trim();
}

function channelOf(what: Code): "sms" | "letter" {
  return what === "activation code" ? "letter" : "sms";
}

async function wantsItRead(what: Code, mobileNumber: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const { confirm } = await import("@inquirer/prompts");
  const message = `This is a sandbox: read the ${what} from its messages to ${mobileNumber}?`;
  return confirm({ message }, { output: process.stderr });
}
