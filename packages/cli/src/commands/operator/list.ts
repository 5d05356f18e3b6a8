import type { Command } from "commander";
import type { Invocation } from "../../invocation.ts";
import { connectOperator } from "../../issuer-caller.ts";
import { apiKeyOption, type IssuerOptions, jsonOption, urlOption } from "../../options.ts";

export function addOperatorList(operator: Command, invocation: Invocation): void {
  operator
    .command("list")
    .description("the operators by name, and since when each may use the issuer API")
    .addOption(urlOption())
    .addOption(apiKeyOption())
    .addOption(jsonOption())
    .addHelpText("after", help)
    .action((options) => runOperatorList(options, invocation));
}

const help = `
Example:
  linchpin operator list --url https://issuer.example`;

interface ListedOperator {
  readonly name: string;
  /** RFC 3339. */
  readonly createdAt: string;
}

async function runOperatorList(options: IssuerOptions, { console }: Invocation): Promise<void> {
  const issuer = await connectOperator(options);
  const operators = await issuer.ask<ListedOperator[]>("GET", "/operators");
  if (options.json) return console.log(JSON.stringify(operators));
  for (const { name, createdAt } of operators) console.log(`${createdAt}  ${name}`);
}
