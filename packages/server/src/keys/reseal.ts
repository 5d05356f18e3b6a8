import { LinchpinError } from "@linchpin/core";
import type { SealedKind, SealedValue } from "@linchpin/store";
import { cardDataAssociatedData } from "../cards/index.ts";
import type { Context } from "../context/index.ts";
import { messageAssociatedData } from "../outbox/index.ts";
import { cardPinAssociatedData, requestedPinAssociatedData } from "../pin/index.ts";
import { secretAssociatedData } from "./secret.ts";

/** What each kind of sealed thing is sealed for: the purpose of its key, and what binds it to its place. */
const kinds: Readonly<Record<SealedKind, { purpose: string; associatedData: (thing: SealedValue) => Uint8Array }>> = {
  pins: { purpose: "card-pin", associatedData: ({ id, version }) => cardPinAssociatedData(id, present(version)) },
  pinHistory: { purpose: "card-pin", associatedData: ({ id, version }) => cardPinAssociatedData(id, present(version)) },
  requestedPins: { purpose: "card-pin", associatedData: ({ id }) => requestedPinAssociatedData(id) },
  cardData: {
    purpose: "card-data",
    associatedData: ({ id, expiration }) => cardDataAssociatedData(id, present(expiration)),
  },
  challenges: { purpose: "secret", associatedData: ({ id }) => secretAssociatedData(id) },
  requestSecrets: { purpose: "secret", associatedData: ({ id }) => secretAssociatedData(id) },
  messages: { purpose: "secret", associatedData: ({ id }) => messageAssociatedData(id) },
};

/** Purposes whose keys seal what is kept. */
export const resealedPurposes: readonly string[] = [...new Set(Object.values(kinds).map(({ purpose }) => purpose))];

/** Enough that round trips do not count, few enough that nobody waits for them. */
const batchSize = 250;

/**
 * Seals by the current key a batch of what earlier keys of the purpose sealed. What changes meanwhile stays as it
 * changed. Nothing is remembered but what is written: it can end anywhere and be taken up by whoever comes.
 * `found`: how many there were to take, 0 when all is done; `resealed`: how many of them are done.
 * @throws LinchpinError `conflict`: nothing is sealed by keys of this purpose; `unavailable`
 */
export async function resealBatch(context: Context, purpose: string): Promise<{ found: number; resealed: number }> {
  if (!resealedPurposes.includes(purpose))
    throw new LinchpinError("conflict", { reason: "nothing that is kept is sealed by keys of this purpose" });
  const keyIds = await formerKeyIds(context, purpose);
  let found = 0;
  let resealed = 0;
  for (const kind of Object.keys(kinds) as SealedKind[]) {
    if (kinds[kind].purpose !== purpose || keyIds.length === 0 || found >= batchSize) continue;
    const things = await listSomewhere(context, kind, keyIds, batchSize - found);
    const replacements = await Promise.all(things.map((thing) => resealThing(context, kind, thing)));
    found += things.length;
    resealed += await context.store.replaceSealed(
      kind,
      replacements.filter((replacement) => replacement !== null),
    );
  }
  return { found, resealed };
}

async function formerKeyIds({ keyring }: Context, purpose: string): Promise<string[]> {
  const keys = (await keyring.list()).filter((key) => key.purpose === purpose);
  return keys.filter(({ state }) => state === "accepted" || state === "retired").map(({ id }) => id);
}

/** From a place of its own, so that several servers hardly ever take the same. */
async function listSomewhere(
  { store, primitives }: Context,
  kind: SealedKind,
  keyIds: readonly string[],
  limit: number,
): Promise<SealedValue[]> {
  const fromId = Buffer.from(primitives.randomBytes(4)).toString("hex");
  const things = await store.listSealed(kind, keyIds, { fromId, limit });
  return things.length > 0 ? things : store.listSealed(kind, keyIds, { fromId: "", limit });
}

/** Null for what does not open: it stays, and hinders nothing else. */
async function resealThing(context: Context, kind: SealedKind, thing: SealedValue) {
  const { purpose, associatedData } = kinds[kind];
  try {
    return { stored: thing, sealed: await context.keyring.reseal(purpose, thing.sealed, associatedData(thing)) };
  } catch (error) {
    if (!(error instanceof LinchpinError && error.code === "decryption_failed")) throw error;
    context.log.error(
      { err: error, kind, id: thing.id, keyId: thing.sealed.keyId },
      "does not open, and was not resealed",
    );
    return null;
  }
}

function present<Value>(value: Value | null): Value {
  if (value === null) throw new LinchpinError("internal", { reason: "a sealed thing lacks what it is bound to" });
  return value;
}
