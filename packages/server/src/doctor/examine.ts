import { LinchpinError } from "@linchpin/core";
import type { Logger } from "pino";
import { enabledProtocolsOf, type Protocol } from "../protocol.ts";
import { readSettingsOf, type Settings } from "../settings/index.ts";
import { examineDatabase } from "./examine-database.ts";
import { examineKeys } from "./examine-keys.ts";
import { examineDisk, examineMachine } from "./examine-machine.ts";
import { examineNetwork } from "./examine-network.ts";
import { bad, type Finding, good } from "./finding.ts";

export type { Finding } from "./finding.ts";

/** The deployment that is examined. An examination changes nothing. */
export interface Deployment {
  readonly settings: Settings;
  readonly protocols: readonly Protocol[];
  readonly clock: () => Date;
  readonly log: Logger;
}

/**
 * Examines a deployment against the rules of production and yields its findings. An examination that another finding
 * makes impossible is left out.
 */
export async function* examine(
  environment: Readonly<Record<string, string | undefined>>,
  { protocols, log, clock = () => new Date() }: { protocols: readonly Protocol[]; log: Logger; clock?: () => Date },
): AsyncGenerator<Finding> {
  yield* examineMachine(clock);
  yield* examineDisk(process.cwd());
  const settings = orReason(() => readSettingsOf(protocols, { ...environment, LINCHPIN_MODE: "production" }));
  if (typeof settings === "string") return yield bad("settings", settings, "linchpin serve --help lists every setting");
  yield good("settings", "are complete for production");
  const deployment = { settings, protocols: enabledProtocolsOf(protocols, settings), clock, log };
  yield* examineNetwork(deployment);
  const isUsable = yield* examineDatabase(deployment);
  if (isUsable) yield* examineKeys(deployment);
}

function orReason(read: () => Settings): Settings | string {
  try {
    return read();
  } catch (error) {
    if (error instanceof LinchpinError && error.code === "settings_invalid") return error.reason ?? error.code;
    throw error;
  }
}
