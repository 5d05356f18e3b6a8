import { confirm, input } from "@inquirer/prompts";
import { exitCodes } from "./exit-codes.ts";
import { Failure } from "./failure.ts";
import { codeIn, newestMessage } from "./sandbox.ts";

/**
 * The OTP or TAN that reached the person: typed; or, where a sandbox keeps the messages that would have gone out,
 * read there.
 */
export async function askCode(
  what: "OTP" | "TAN",
  { fromSandbox, sandboxUrl, mobileNumber }: { fromSandbox: boolean; sandboxUrl: string; mobileNumber: string | null },
): Promise<string> {
  if (mobileNumber !== null && (fromSandbox || (await wantsItRead(what, mobileNumber))))
    return codeIn(await newestMessage(sandboxUrl, mobileNumber));
  if (fromSandbox)
    throw new Failure(exitCodes.usage, `only a sandbox's own person has messages to read: type the ${what} instead`);
  return (await input({ message: `${what} that came by SMS:`, required: true }, { output: process.stderr })).trim();
}

async function wantsItRead(what: string, mobileNumber: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const message = `This is a sandbox: read the ${what} from its messages to ${mobileNumber}?`;
  return confirm({ message }, { output: process.stderr });
}
