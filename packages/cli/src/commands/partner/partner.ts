import type { Command } from "commander";
import type { Invocation } from "../../invocation.ts";
import { addPartnerList } from "./list.ts";
import { addPartnerMake } from "./make.ts";
import { addPartnerSet } from "./set.ts";

export function addPartner(program: Command, invocation: Invocation): void {
  const partner = program.command("partner").description("whose backends call the issuer, and what they may do");
  addPartnerList(partner, invocation);
  addPartnerMake(partner, invocation);
  addPartnerSet(partner, invocation);
}
