import { LinchpinError } from "@linchpin/core";
import { makeSandboxFactory, type SandboxControl } from "@linchpin/sandbox";
import { readSettings, serve } from "@linchpin/server";
import pino from "pino";
import type { Issuer, IssuerOptions } from "./issuer.ts";
import { reuseKeyPairs } from "./reuse-key-pairs.ts";

/**
 * Starts a sandbox issuer in this process, for tests. It is ready when the promise resolves. Any number may run at once.
 * @throws LinchpinError `settings_invalid`: there is no such option, or a setting in `environment` is refused;
 *   `storage_in_use`: another issuer runs on `dataFolder`; `unavailable`: the database or the vault cannot be reached
 */
export async function startIssuer(options: IssuerOptions = {}): Promise<Issuer> {
  requireKnownOptions(options);
  const settings = settingsOf(options);
  const isInMemory = settings.dataFolder === null && settings.databaseUrl === null;
  const keyPairs = options.keyPairs ?? (isInMemory ? reuseKeyPairs() : undefined);
  const sandbox = makeSandboxFactory({
    clock: clockOf(options),
    seed: options.seed ?? null,
    ...(keyPairs === undefined ? {} : { keyPairs }),
  });
  const log = options.log ?? pino({ level: "silent" });
  const server = await serve(settings, { sandbox, log });
  const stop = () => server.close();
  const { dataFolder } = settings;
  return { url: server.url, dataFolder, ...issuerOf(sandbox.control()), stop, [Symbol.asyncDispose]: stop };
}

const optionNames: Readonly<Record<keyof IssuerOptions, true>> = {
  port: true,
  clock: true,
  seed: true,
  store: true,
  dataFolder: true,
  environment: true,
  keyPairs: true,
  log: true,
};

/** Without types, a misspelt option would be left out in silence. */
function requireKnownOptions(options: IssuerOptions): void {
  const known = Object.keys(optionNames);
  const unknown = Object.keys(options).filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new LinchpinError("settings_invalid", {
      reason: `${unknown.join(", ")}: no option; what is: ${known.join(", ")}`,
    });
  if (options.store !== undefined && options.store !== "memory")
    throw new LinchpinError("settings_invalid", { reason: "store: must be memory, or left out" });
}

function clockOf({ clock = () => new Date() }: IssuerOptions): () => Date {
  return clock instanceof Date ? () => clock : clock;
}

function settingsOf({ port = 0, store, dataFolder = "memory:", environment }: IssuerOptions) {
  if (store === "memory" && dataFolder !== "memory:")
    throw new LinchpinError("settings_invalid", { reason: "a store in memory has no data folder" });
  return readSettings({
    LINCHPIN_MODE: "sandbox",
    LINCHPIN_PORT: `${port}`,
    LINCHPIN_DATA: dataFolder,
    ...environment,
  });
}

function issuerOf(control: SandboxControl) {
  return {
    credentials: control.describe(),
    clock: { now: control.clock.now, advance: (duration: string) => control.advance(duration) },
    faults: {
      next: (fault) => control.addFault(fault),
      clear: () => control.faults.clear(),
    },
    makeCard: (state) => control.makeCard(state),
    requests: (filter) => control.requests(filter),
    messages: (to) => control.messages(to ?? null),
    events: () => control.events(),
    reset: () => control.reset(),
  } satisfies Partial<Issuer>;
}
