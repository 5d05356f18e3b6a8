import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { LinchpinError } from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import type { Store } from "@linchpin/store";
import { makeMasterKeyFile, parseMasterKey, readMasterKeyFile, SoftwareVault } from "@linchpin/vault";
import type { Logger } from "pino";
import { type House, sandboxPartnerId } from "./house.ts";
import { startHousekeeping } from "./housekeeping.ts";
import { createApp } from "./http/app.ts";
import { makeOtp } from "./identifiers.ts";
import { makeKeyring } from "./make-keyring.ts";
import { openStore } from "./open-store.ts";
import { maxOtpsPerHour } from "./otp-message.ts";
import { startOutboxDelivery } from "./outbox/start-outbox-delivery.ts";
import type { Settings } from "./settings.ts";

export interface Server {
  /** Where it listens. */
  readonly url: string;
  /** Finishes what it began, then lets go of everything. */
  close(): Promise<void>;
}

/**
 * Starts the issuer: store, vault, HTTP. Ready when it resolves.
 * @throws LinchpinError `settings_invalid`, `storage_in_use`, `unavailable`
 */
export async function serve(
  settings: Settings,
  { log, clock = () => new Date() }: { log: Logger; clock?: () => Date },
): Promise<Server> {
  const store = await openStore(settings);
  try {
    if (settings.mode === "production") await refuseSandboxData(store);
    const masterKey = await readMasterKey(settings);
    const keyring = makeKeyring({ store, vault: new SoftwareVault(masterKey), clock }, settings);
    await keyring.ensure();
    return await listen({ store, keyring, primitives: nodeCryptoPrimitives, clock, log }, settings, masterKey);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function listen(
  parts: Omit<House, "makeOtp" | "maxOtpsPerHour" | "publicUrl">,
  settings: Settings,
  masterKey: Uint8Array,
): Promise<Server> {
  const sandboxParts = settings.mode === "sandbox" ? await import("./sandbox/open-sandbox.ts") : null;
  let listeningUrl = "";
  const house: House = {
    ...parts,
    makeOtp: sandboxParts?.makeSandboxOtp ?? makeOtp,
    maxOtpsPerHour: sandboxParts?.sandboxMaxOtpsPerHour ?? maxOtpsPerHour,
    publicUrl: () => settings.publicUrl ?? listeningUrl,
  };
  const sandbox = (await sandboxParts?.openSandbox(house, masterKey)) ?? null;
  const app = await createApp(house, settings, sandbox);
  listeningUrl = await app.listen({ host: settings.host, port: settings.port });
  const inBackground = [startOutboxDelivery(house, settings), startHousekeeping(house, settings.mode)];
  return {
    url: listeningUrl,
    close: async () => {
      await app.close();
      await Promise.all(inBackground.map((work) => work.stop()));
      await house.store.close();
    },
  };
}

/**
 * Production is given its master key. The sandbox makes itself one: a file in its data folder; or, so that several
 * sandbox servers on one PostgreSQL share it, one derived from the URL of that database.
 */
async function readMasterKey(settings: Settings): Promise<Uint8Array> {
  if (settings.masterKey !== null) return parseMasterKey(settings.masterKey);
  if (settings.masterKeyFile !== null) return readMasterKeyFile(settings.masterKeyFile);
  if (settings.databaseUrl !== null)
    return createHash("sha256").update(`linchpin sandbox\0${settings.databaseUrl}`).digest();
  const path = join(settings.dataFolder, "master.key");
  if (!existsSync(path)) await makeMasterKeyFile(path);
  return readMasterKeyFile(path);
}

/** What the sandbox seeds is known to everyone. */
async function refuseSandboxData(store: Store): Promise<void> {
  if ((await store.findPartner(sandboxPartnerId)) !== null)
    throw new LinchpinError("settings_invalid", {
      reason:
        "this database was a sandbox's and holds its well-known credentials: production needs a database of its own",
    });
}
