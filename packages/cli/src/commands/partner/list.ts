import type { Command } from "commander";
import type { Invocation } from "../../invocation.ts";
import { connectOperator } from "../../issuer-caller.ts";
import { type ListedPartner, lineOf } from "../../listed-partner.ts";
import { apiKeyOption, type IssuerOptions, jsonOption, urlOption } from "../../options.ts";

export function addPartnerList(partner: Command, invocation: Invocation): void {
  partner
    .command("list")
    .description("every partner, and whether it may register mobile numbers")
    .addOption(urlOption())
    .addOption(apiKeyOption())
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  linchpin partner list --url https://issuer.example")
    .action((options) => runPartnerList(options, invocation));
}

async function runPartnerList(options: IssuerOptions, { console }: Invocation): Promise<void> {
  const issuer = await connectOperator(options);
  const partners = await issuer.ask<ListedPartner[]>("GET", "/partners");
  if (options.json) return console.log(JSON.stringify(partners));
  if (partners.length === 0) console.error("There are no partners: `linchpin partner make <name>` makes one.");
  for (const partner of partners) console.log(lineOf(partner));
}
