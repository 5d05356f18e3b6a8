import type { Command } from "commander";
import { addKeysDestroy } from "./destroy.ts";
import { addKeysList } from "./list.ts";
import { addKeysMake } from "./make.ts";
import { addKeysMove } from "./move.ts";
import { addKeysReseal } from "./reseal.ts";
import { addKeysRetire } from "./retire.ts";
import { addKeysRotate } from "./rotate.ts";

export function addKeys(program: Command): void {
  const keys = program.command("keys").description("the issuer's keys, by name, never by value");
  addKeysList(keys);
  addKeysMake(keys);
  addKeysRotate(keys);
  addKeysReseal(keys);
  addKeysRetire(keys);
  addKeysDestroy(keys);
  addKeysMove(keys);
}
