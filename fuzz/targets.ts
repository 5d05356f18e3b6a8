import type { Target } from "./target.ts";
import { coreTargets } from "./targets/core.ts";
import { deviceTargets } from "./targets/device.ts";
import { nativeTargets } from "./targets/native.ts";
import { protocolsTargets } from "./targets/protocols.ts";
import { serverTargets } from "./targets/server.ts";

export const targets: ReadonlyMap<string, Target> = new Map<string, Target>(
  Object.entries({ ...coreTargets, ...protocolsTargets, ...nativeTargets, ...deviceTargets, ...serverTargets }),
);
