import { nodeCryptoPrimitives as primitives } from "@linchpin/core/node";
import type { Store } from "@linchpin/store";
import pino from "pino";
import type { Context } from "../src/context/context.ts";
import { makeKeyring } from "../src/keys/make-keyring.ts";
import { openVault } from "../src/keys/open-vault.ts";
import { cardNameMakersOf } from "../src/protocol.ts";
import { protocolTable } from "../src/protocol-table.ts";
import type { Settings } from "../src/settings/index.ts";

/** A house without HTTP, on a store that is open already. */
export async function contextOn(
  store: Store,
  settings: Settings,
  clock = () => new Date(),
): Promise<{ context: Context; close(): Promise<void> }> {
  const log = pino({ level: "silent" });
  const vaults = await Promise.all(
    [settings.vault, settings.formerVault].map((named) => (named === null ? null : openVault(named, settings, log))),
  );
  const [opened, former = null] = vaults;
  if (opened == null) throw new Error("there is always a vault");
  const close = async () => {
    for (const vault of vaults) await vault?.close();
  };
  try {
    const keyring = makeKeyring(
      { store, protocols: protocolTable, vault: opened.vault, formerVault: former?.vault ?? null, clock },
      settings,
    );
    const publicUrl = () => "";
    return {
      context: {
        store,
        keyring,
        primitives,
        clock,
        makeOtp: () => "000000",
        maxOtpsPerHour: 3,
        emitsEvents: true,
        cardNameMakers: cardNameMakersOf(protocolTable),
        log,
        publicUrl,
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
