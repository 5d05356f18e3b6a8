import type { Command } from "commander";
import type { Invocation } from "../../invocation.ts";
import { addOperatorList } from "./list.ts";
import { addOperatorMake } from "./make.ts";

export function addOperator(program: Command, invocation: Invocation): void {
  const operator = program.command("operator").description("who may use the issuer API");
  addOperatorList(operator, invocation);
  addOperatorMake(operator, invocation);
}
