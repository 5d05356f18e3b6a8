import type { EventEmitter } from "node:events";
import { Command } from "commander";
import { addAfterRestore } from "./commands/after-restore.ts";
import { addAudit } from "./commands/audit/audit.ts";
import { addCompletion } from "./commands/completion.ts";
import { addDevice } from "./commands/device/device.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addKeys } from "./commands/keys/keys.ts";
import { addMigrate } from "./commands/migrate.ts";
import { addOperator } from "./commands/operator/operator.ts";
import { addPartner } from "./commands/partner/partner.ts";
import { addRoot } from "./commands/root/root.ts";
import { addServe } from "./commands/serve.ts";
import { addTour } from "./commands/tour.ts";
import { addVault } from "./commands/vault/vault.ts";
import { exitCodeName, exitCodes, exitCodesHelp } from "./exit-codes.ts";
import { Ended, type Failure, failureOf, usageFailure } from "./failure.ts";
import type { Environment, Invocation } from "./invocation.ts";
import { endHiding } from "./terminal/hide-typing.ts";
import { readVersion } from "./version.ts";

/** How a command ended. `atOnce`: the process exits without awaiting what is still under way. */
export interface Outcome {
  readonly exitCode: number;
  readonly atOnce: boolean;
}

/** Runs `linchpin` with these arguments to its end. Its input and output are the invocation's; it never exits the process. */
export async function runCommand(args: readonly string[], invocation: Invocation): Promise<Outcome> {
  try {
    const program = await makeProgram(args, invocation);
    await program.parseAsync(args, { from: "user" });
    return { exitCode: exitCodes.done, atOnce: false };
  } catch (error) {
    if (error instanceof Ended) return { exitCode: error.exitCode, atOnce: error.atOnce };
    const { exitCode, message } = usageFailure(error) ?? report(error, invocation);
    if (exitCode !== exitCodes.done && args.includes("--json"))
      invocation.console.log(JSON.stringify({ error: { code: exitCodeName(exitCode), message } }));
    return { exitCode, atOnce: false };
  } finally {
    endHiding(invocation);
  }
}

/** What takes long to load, the issuer above all, each command loads by itself. */
async function makeProgram(args: readonly string[], invocation: Invocation): Promise<Command> {
  const { environment, stdout, stderr } = invocation;
  const program = new ProgramCommand("linchpin", withUrl(environment))
    .description("Both ends of the road a card PIN travels: an issuer, and a device in the terminal.")
    .version(readVersion())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
    })
    .configureHelp({ showGlobalOptions: false })
    .addHelpText("after", exitCodesHelp());
  await addServe(program, args, invocation);
  addTour(program, invocation);
  addDevice(program, invocation);
  addMigrate(program, invocation);
  addDoctor(program, invocation);
  addOperator(program, invocation);
  addPartner(program, invocation);
  addKeys(program, invocation);
  addRoot(program, invocation);
  addAudit(program, invocation);
  addVault(program, invocation);
  addAfterRestore(program, invocation);
  addCompletion(program, invocation);
  return program;
}

/** The port by which `serve` listens is also where the other commands ask, unless `LINCHPIN_URL` names another. */
function withUrl(environment: Environment): Environment {
  const { LINCHPIN_PORT: port = "", LINCHPIN_URL: url } = environment;
  return url === undefined && /^[1-9]\d*$/.test(port)
    ? { ...environment, LINCHPIN_URL: `http://127.0.0.1:${port}` }
    : environment;
}

/** Takes the options' variables from the invocation's environment; Commander itself takes them from the process's. */
class ProgramCommand extends Command {
  readonly #environment: Environment;

  constructor(name: string | undefined, environment: Environment) {
    super(name);
    this.#environment = environment;
  }

  override createCommand(name?: string): Command {
    return new ProgramCommand(name, this.#environment);
  }

  /** Commander 15 calls it once the arguments are parsed, and emits `optionEnv:…` likewise. */
  protected _parseOptionsEnv(): void {
    for (const option of this.options) {
      const value = option.envVar === undefined ? undefined : this.#environment[option.envVar];
      const source = this.getOptionValueSource(option.attributeName());
      if (value !== undefined && (source === undefined || source === "default"))
        (this as unknown as EventEmitter).emit(`optionEnv:${option.name()}`, value);
    }
  }
}

function report(error: unknown, { environment, console }: Invocation): Failure {
  const failure = failureOf(error);
  console.error(`linchpin: ${failure.message}`);
  if (/^(debug|trace)$/.test(environment["LINCHPIN_LOG_LEVEL"] ?? "")) console.error(error);
  return failure;
}
