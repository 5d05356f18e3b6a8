import type { Command } from "commander";
import type { Invocation } from "../../invocation.ts";
import { addKeysDestroy } from "./destroy.ts";
import { addKeysList } from "./list.ts";
import { addKeysMake } from "./make.ts";
import { addKeysMove } from "./move.ts";
import { addKeysReseal } from "./reseal.ts";
import { addKeysRetire } from "./retire.ts";
import { addKeysRotate } from "./rotate.ts";

export function addKeys(program: Command, invocation: Invocation): void {
  const keys = program.command("keys").description("the issuer's keys, by name, never by value");
  addKeysList(keys, invocation);
  addKeysMake(keys, invocation);
  addKeysRotate(keys, invocation);
  addKeysReseal(keys, invocation);
  addKeysRetire(keys, invocation);
  addKeysDestroy(keys, invocation);
  addKeysMove(keys, invocation);
}
