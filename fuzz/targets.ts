import type { Target } from "./target.ts";
import * as core from "./targets/core.ts";
import * as device from "./targets/device.ts";
import * as protocols from "./targets/protocols.ts";
import * as server from "./targets/server.ts";

/** By the name of the folder that its corpus is in. */
export const targets: ReadonlyMap<string, Target> = new Map(
  Object.entries({ ...core, ...protocols, ...device, ...server }).map(([name, target]) => [kebab(name), target]),
);

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
