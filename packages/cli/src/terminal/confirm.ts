import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import type { Invocation } from "../invocation.ts";

/** Says on stderr what a command will do, and asks. @throws Failure without a yes, or on no terminal without `--yes` */
export async function confirm(
  consequences: readonly string[],
  question: string,
  { yes }: { yes?: true },
  { console, stdin, stderr }: Invocation,
): Promise<void> {
  if (yes === true) return;
  for (const line of consequences) console.error(line);
  if (!stdin.isTTY) throw new Failure(exitCodes.usage, "this wants a yes: give --yes");
  const prompts = await import("@inquirer/prompts");
  if (!(await prompts.confirm({ message: question, default: false }, { input: stdin, output: stderr })))
    throw new Failure(exitCodes.interrupted, "nothing was changed");
}
