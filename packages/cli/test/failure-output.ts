import { type ExitCode, exitCodeName } from "../src/exit-codes.ts";

/** What a failed command prints on standard output: nothing, or with `--json` what standard error says. */
export function failureOutput(command: string, { code, stderr }: { code: number | null; stderr: string }): string {
  if (!command.includes("--json")) return "";
  const message = stderr.replace(/^linchpin: /, "").trimEnd();
  return `${JSON.stringify({ error: { code: exitCodeName(code as ExitCode), message } })}\n`;
}
