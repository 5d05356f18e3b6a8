import { LinchpinError } from "@linchpin/core";
import type { SealedKind, SealedValue } from "@linchpin/store";
import { cardDataAssociatedData } from "../cards/index.ts";
import type { Context } from "../context/index.ts";
import { messageAssociatedData } from "../outbox/index.ts";
import { cardPinAssociatedData, requestedPinAssociatedData } from "../pin/index.ts";
import { secretAssociatedData } from "./secret.ts";

/** For each kind of sealed value: the purpose of its key, and the associated data that binds the value to its record. */
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
  webhookSecrets: { purpose: "secret", associatedData: ({ id }) => secretAssociatedData(id) },
};

/** Purposes whose keys seal stored values. */
export const resealedPurposes: readonly string[] = [...new Set(Object.values(kinds).map(({ purpose }) => purpose))];

/** Enough that round trips do not count, few enough that nobody waits for them. */
const batchSize = 250;

/**
 * Re-encrypts one batch of values from earlier key versions to the current one. A value that was changed concurrently is
 * left as it is. The progress is the stored values themselves, so any server can continue at any time.
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

/** Null where the value does not open: it is left as it is, and the others go on. */
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
