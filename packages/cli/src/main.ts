import { Command } from "commander";
import { addMigrate } from "./commands/migrate.ts";
import { addServe } from "./commands/serve.ts";
import { exitCodesHelp } from "./exit-codes.ts";
import { failureOf, usageExitCode } from "./failure.ts";

const program = new Command("linchpin")
  .description("Both ends of the road a card PIN travels: an issuer, and a device in the terminal.")
  .exitOverride()
  .configureHelp({ showGlobalOptions: false })
  .addHelpText("after", exitCodesHelp());

addServe(program);
addMigrate(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = usageExitCode(error) ?? tell(error);
}

function tell(error: unknown): number {
  const { message, exitCode } = failureOf(error);
  console.error(`linchpin: ${message}`);
  if (/^(debug|trace)$/.test(process.env["LINCHPIN_LOG_LEVEL"] ?? "")) console.error(error);
  return exitCode;
}
