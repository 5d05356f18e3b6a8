import type { Finding } from "@linchpin/server";
import type { Command } from "commander";
import { exitCodes } from "../exit-codes.ts";
import { Ended } from "../failure.ts";
import type { Invocation } from "../invocation.ts";
import { jsonOption } from "../options.ts";

export function addDoctor(program: Command, invocation: Invocation): void {
  program
    .command("doctor")
    .description("look at a deployment as production would have it, and say what to mend; changes nothing")
    .addOption(jsonOption())
    .addHelpText("after", help)
    .action((options) => runDoctor(options, invocation));
}

const help = `
Reads the settings that serve reads, and tries what they name: database, vault, certificate, where messages go.
Ends with 1 where something is bad; a warning is no failure.

Example:
  LINCHPIN_DATABASE_URL=postgres://issuer@db/issuer … linchpin doctor`;

async function runDoctor({ json }: { json?: true }, { console, environment }: Invocation): Promise<void> {
  const { examine, protocolTable } = await import("@linchpin/server");
  const { default: pino } = await import("pino");
  const findings: Finding[] = [];
  for await (const finding of examine(environment, { protocols: protocolTable, log: pino({ level: "silent" }) })) {
    findings.push(finding);
    if (!json) console.log(lineOf(finding));
  }
  if (json) console.log(JSON.stringify(findings));
  else console.log(`\n${summaryOf(findings)}`);
  if (findings.some(({ state }) => state === "bad")) throw new Ended(exitCodes.refused);
}

const signs = { good: "✓", warning: "!", bad: "✗" } as const;

function lineOf({ about, state, says, mend }: Finding): string {
  return `${signs[state]} ${about}: ${says}${mend === "" ? "" : `\n    → ${mend}`}`;
}

function summaryOf(findings: readonly Finding[]): string {
  const count = (wanted: Finding["state"]) => findings.filter(({ state }) => state === wanted).length;
  return `${count("good")} good, ${count("warning")} to look at, ${count("bad")} bad`;
}
