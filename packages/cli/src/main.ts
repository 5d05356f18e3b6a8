import { exitCodes } from "./exit-codes.ts";
import type { Invocation } from "./invocation.ts";
import { runCommand } from "./run-command.ts";

// The reader of a pipe has what it wanted, as in `linchpin audit export | head`.
for (const output of [process.stdout, process.stderr])
  output.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(exitCodes.readerGone);
  });

const invocation: Invocation = {
  environment: process.env,
  // Made where it is first read: a server never reads it.
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  console,
  signals: process,
  interrupt: () => process.kill(process.pid, "SIGINT"),
};
const { exitCode, atOnce } = await runCommand(process.argv.slice(2), invocation);
process.exitCode = exitCode;
if (atOnce) process.exit();
