import { LinchpinError } from "@linchpin/core";
import type { Store } from "@linchpin/store";
import type { Keyring } from "@linchpin/vault";
import { sandboxPartnerId } from "../context/index.ts";
import { originOf } from "../issuer-keys/index.ts";
import { makeKeyring, openVault } from "../keys/index.ts";
import { openStore } from "../open-store.ts";
import type { Deployment } from "./examine.ts";
import { bad, type Finding, good, warning } from "./finding.ts";

const yearMs = 365 * 24 * 60 * 60 * 1000;
const waitsLongMs = 5 * 60_000;

/** Examines whether the vault opens and fits the stored values, the age of keys, the operators, and the outbox. */
export async function* examineKeys({ settings, protocols, clock, log }: Deployment): AsyncGenerator<Finding> {
  const store = await openStore(settings);
  const opened = [];
  try {
    yield* examineStored(store, clock());
    yield* examineOrigin(store, settings.publicUrl);
    const vault = await openVault(settings.vault, settings, log);
    opened.push(vault);
    const former = settings.formerVault === null ? null : await openVault(settings.formerVault, settings, log);
    if (former !== null) opened.push(former);
    const keyring = makeKeyring(
      { store, protocols, vault: vault.vault, formerVault: former?.vault ?? null, clock },
      settings,
    );
    await keyring.tryOut();
    yield good("vault", "opens, and every current key computes");
    yield await ages(keyring, clock());
  } catch (error) {
    if (!(error instanceof LinchpinError)) throw error;
    yield bad("vault", error.reason ?? error.code, "check LINCHPIN_VAULT, and the master key or the token's PIN");
  } finally {
    for (const vault of opened) await vault.close();
    await store.close();
  }
}

async function* examineStored(store: Store, now: Date): AsyncGenerator<Finding> {
  if ((await store.findPartner(sandboxPartnerId)) !== null)
    yield bad("data", "are a sandbox's, with credentials that everybody knows", "take a database of its own");
  const operators = await store.listOperators();
  yield operators.length > 0
    ? good("operators", `${operators.length} may use the issuer API`)
    : warning("operators", "there are none", "linchpin operator make <name>");
  const { waiting, oldestCreatedAt, dead } = await store.measureOutbox();
  if (dead > 0)
    yield warning("outbox", `${dead} were given up`, "see why in the log: people wait for codes that never came");
  const waitsMs = oldestCreatedAt === null ? 0 : now.getTime() - oldestCreatedAt.getTime();
  if (waitsMs > waitsLongMs)
    yield warning(
      "outbox",
      `${waiting} wait, the oldest for ${Math.round(waitsMs / 60_000)} minutes`,
      "see whether a server runs and reaches LINCHPIN_MESSAGES_URL",
    );
}

/** The list of keys is signed for one origin. Servers of different ones replace each other's, and devices refuse it. */
async function* examineOrigin(store: Store, publicUrl: string | null): AsyncGenerator<Finding> {
  const last = await store.findLastKeyManifest();
  if (last === null) return;
  const origin = originOf(last);
  if (publicUrl === null)
    yield warning(
      "origin",
      `LINCHPIN_PUBLIC_URL is not set: a server signs as the address that it listens on, of late ${origin}`,
      "set it to the origin that callers use, alike on every server",
    );
  else if (origin === publicUrl) yield good("origin", "the list of keys is signed for LINCHPIN_PUBLIC_URL");
  else
    yield warning(
      "origin",
      `the list of keys is signed for ${origin}, which is not LINCHPIN_PUBLIC_URL`,
      "set it alike on every server; one that has just been changed is signed for once a server has started",
    );
}

async function ages(keyring: Keyring, now: Date): Promise<Finding> {
  const keys = await keyring.list();
  const old = keys.filter(
    ({ state, createdAt }) => state === "current" && now.getTime() - createdAt.getTime() > yearMs,
  );
  if (keys.length === 0) return good("keys", "none yet: the first start makes them");
  if (old.length === 0) return good("keys", "none is older than a year");
  const purposes = old.map(({ purpose }) => purpose).join(", ");
  return warning(
    "keys",
    `older than a year: ${purposes}`,
    "linchpin keys rotate, or LINCHPIN_KEY_ROTATION by schedule",
  );
}
