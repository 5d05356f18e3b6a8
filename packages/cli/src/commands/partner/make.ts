import type { Command } from "commander";
import type { Invocation } from "../../invocation.ts";
import { connectOperator } from "../../issuer-caller.ts";
import { type ListedPartner, lineOf, registersNumbersOption } from "../../listed-partner.ts";
import { apiKeyOption, type IssuerOptions, jsonOption, urlOption } from "../../options.ts";

export function addPartnerMake(partner: Command, invocation: Invocation): void {
  partner
    .command("make")
    .argument("<name>", "what operators call it")
    .description("make a partner")
    .addOption(registersNumbersOption().default("no"))
    .addOption(urlOption())
    .addOption(apiKeyOption())
    .addOption(jsonOption())
    .addHelpText("after", help)
    .action((name, options) => runPartnerMake(name, options, invocation));
}

const help = `
It has no credentials yet: POST /issuer/v1/partners/{id}/credentials makes one for a protocol.

Example:
  linchpin partner make "Example Bank" --url https://issuer.example`;

async function runPartnerMake(
  name: string,
  options: IssuerOptions & { mayRegisterMobileNumbers: string },
  { console }: Invocation,
): Promise<void> {
  const issuer = await connectOperator(options);
  const mayRegisterMobileNumbers = options.mayRegisterMobileNumbers === "yes";
  const partner = await issuer.ask<ListedPartner>("POST", "/partners", { name, mayRegisterMobileNumbers });
  console.log(options.json ? JSON.stringify(partner) : lineOf(partner));
}
