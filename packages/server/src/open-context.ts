import { nodeCryptoPrimitives } from "@linchpin/core/node";
import type { Store } from "@linchpin/store";
import type { Keyring } from "@linchpin/vault";
import type { Logger } from "pino";
import { forgetCheckpoints } from "./audit/index.ts";
import { forgetCallers } from "./callers/index.ts";
import type { Context } from "./context/index.ts";
import { makeOtp } from "./identifiers.ts";
import { forgetManifest, publishManifest } from "./issuer-keys/index.ts";
import { makeKeyring, openVault } from "./keys/index.ts";
import { maxOtpsPerHour } from "./outbox/index.ts";
import { cardNameMakersOf, enabledProtocolsOf, type Protocol, webhooksOf } from "./protocol.ts";
import type { SandboxFactory } from "./sandbox-factory.ts";
import type { Settings } from "./settings/index.ts";

export interface OpenContext {
  /** The issuer without HTTP. Its keyring may hold no keys yet: `keyring.ensure()` makes those that are missing. */
  readonly context: Context;
  /** Null where the keys are in a token. */
  readonly masterKey: Uint8Array | null;
  /** Closes the vaults. The store stays open. */
  close(): Promise<void>;
}

export interface OpenContextOptions {
  readonly log: Logger;
  readonly protocols: readonly Protocol[];
  readonly clock: () => Date;
  /** Null in production. */
  readonly sandbox: SandboxFactory | null;
  /** The origin that callers reach the issuer at; by default as the settings have it, empty where they do not. */
  readonly publicUrl?: () => string;
}

/**
 * Opens the vaults that the settings name, and makes a context of them and a store that is open.
 * @throws LinchpinError `settings_invalid`; `unavailable`: a vault cannot be reached
 */
export async function openContext(
  store: Store,
  settings: Settings,
  { log, protocols: all, clock, sandbox, publicUrl = () => settings.publicUrl ?? "" }: OpenContextOptions,
): Promise<OpenContext> {
  const protocols = enabledProtocolsOf(all, settings);
  const active = await openVault(settings.vault, settings, log, sandbox?.keyPairs);
  let former: typeof active | null = null;
  const close = async () => {
    await former?.close();
    await active.close();
  };
  try {
    if (settings.formerVault !== null) former = await openVault(settings.formerVault, settings, log);
    const vaults = { vault: active.vault, formerVault: former?.vault ?? null };
    const publishKeys = async () => {
      await publishManifest(context);
    };
    const emitsEvents = settings.eventsUrl !== null || settings.mode === "sandbox";
    const keyring = makeKeyring({ store, protocols, ...vaults, publishKeys, emitsEvents, clock }, settings);
    sandbox?.onReset(() => forgetStored(store, keyring));
    const context: Context = {
      store,
      keyring,
      primitives: nodeCryptoPrimitives,
      clock,
      makeOtp: sandbox?.makeOtp ?? makeOtp,
      maxOtpsPerHour: sandbox?.maxOtpsPerHour ?? maxOtpsPerHour,
      emitsEvents,
      cardNameMakers: cardNameMakersOf(protocols),
      webhooks: webhooksOf(protocols, settings),
      log,
      ...(sandbox === null ? {} : { onReset: sandbox.onReset }),
      publicUrl,
    };
    return { context, masterKey: active.masterKey, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What the process remembers of the store's content. */
function forgetStored(store: Store, keyring: Keyring): void {
  keyring.forget();
  forgetCallers({ store });
  forgetCheckpoints({ store });
  forgetManifest({ store });
}
