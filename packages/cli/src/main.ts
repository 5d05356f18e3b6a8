import { Command } from "commander";
import { addAudit } from "./commands/audit/audit.ts";
import { addDevice } from "./commands/device/device.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addKeys } from "./commands/keys/keys.ts";
import { addMigrate } from "./commands/migrate.ts";
import { addOperatorMake } from "./commands/operator-make.ts";
import { addServe } from "./commands/serve.ts";
import { addTour } from "./commands/tour.ts";
import { addVault } from "./commands/vault/vault.ts";
import { exitCodesHelp } from "./exit-codes.ts";
import { failureOf, usageExitCode } from "./failure.ts";

// What takes long to load, the issuer above all, each command loads by itself.
const program = new Command("linchpin")
  .description("Both ends of the road a card PIN travels: an issuer, and a device in the terminal.")
  .exitOverride()
  .configureHelp({ showGlobalOptions: false })
  .addHelpText("after", exitCodesHelp());

addServe(program);
addTour(program);
addDevice(program);
addMigrate(program);
addDoctor(program);
addOperatorMake(program.command("operator").description("who may use the issuer API"));
addKeys(program);
addAudit(program);
addVault(program);

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
