import type { Command } from "commander";
import type { Invocation } from "../../invocation.ts";
import { connectOperator } from "../../issuer-caller.ts";
import { type ListedPartner, lineOf, registersNumbersOption } from "../../listed-partner.ts";
import { apiKeyOption, type IssuerOptions, jsonOption, urlOption } from "../../options.ts";

export function addPartnerSet(partner: Command, invocation: Invocation): void {
  partner
    .command("set")
    .argument("<id>", "as `partner list` names it")
    .description("say what a partner may do")
    .addOption(registersNumbersOption().makeOptionMandatory())
    .addOption(urlOption())
    .addOption(apiKeyOption())
    .addOption(jsonOption())
    .addHelpText("after", help)
    .action((id, options) => runPartnerSet(id, options, invocation));
}

const help = `
A partner that may register the first mobile number of a person receives the codes that go there, if the number is its
own: it can then bind a device and change the person's PIN. Numbers that were confirmed before stay, until an operator
replaces them (PATCH /issuer/v1/persons/{id}). Letters never go to a number that a partner registered.

Example:
  linchpin partner set 0b2f… --may-register-mobile-numbers no --url https://issuer.example`;

async function runPartnerSet(
  id: string,
  options: IssuerOptions & { mayRegisterMobileNumbers: string },
  { console }: Invocation,
): Promise<void> {
  const issuer = await connectOperator(options);
  const mayRegisterMobileNumbers = options.mayRegisterMobileNumbers === "yes";
  const path = `/partners/${encodeURIComponent(id)}`;
  const partner = await issuer.ask<ListedPartner>("PATCH", path, { mayRegisterMobileNumbers });
  console.log(options.json ? JSON.stringify(partner) : lineOf(partner));
}
