import type { ProtectedByKey, SealedKind } from "./records.ts";

/**
 * Where values of a kind are stored: the table, and its columns for the id, the id of the key, and the sealed bytes.
 */
interface SealedPlace {
  readonly table: string;
  readonly id: string;
  readonly keyId: string;
  readonly sealed: string;
  /** Of a PIN. */
  readonly version?: string;
  /** Of card data. */
  readonly expiration?: { readonly month: string; readonly year: string };
}

export const sealedPlaces: Readonly<Record<SealedKind, SealedPlace>> = {
  pins: { table: "cards", id: "id", keyId: "pin_key_id", sealed: "pin_sealed", version: "pin_version" },
  pinHistory: { table: "former_pins", id: "card_id", keyId: "key_id", sealed: "sealed", version: "version" },
  requestedPins: { table: "change_requests", id: "id", keyId: "pin_key_id", sealed: "pin_sealed" },
  cardData: {
    table: "card_data",
    id: "card_id",
    keyId: "key_id",
    sealed: "sealed",
    expiration: { month: "expiration_month", year: "expiration_year" },
  },
  challenges: { table: "challenges", id: "id", keyId: "secret_key_id", sealed: "secret_sealed" },
  requestSecrets: { table: "change_requests", id: "id", keyId: "secret_key_id", sealed: "secret_sealed" },
  messages: { table: "outbox", id: "id", keyId: "text_key_id", sealed: "text_sealed" },
  webhookSecrets: { table: "webhooks", id: "id", keyId: "secret_key_id", sealed: "secret_sealed" },
};

/** By kind: the FROM clause that selects the values which need a key. `keyId` is an SQL expression. */
const protectedThings: Readonly<Record<keyof ProtectedByKey, (keyId: string) => string>> = {
  ...mapValues(sealedPlaces, (place) => (keyId: string) => `from ${place.table} where ${place.keyId} = ${keyId}`),
  signingMethods: (keyId) => `from signing_methods where mac_key_id = ${keyId} and not needs_recovery`,
};

/** The select list of a `ProtectedByKey`. */
export function countsOfProtected(keyId: string): string {
  return Object.entries(protectedThings)
    .map(([kind, from]) => `(select count(*)::int ${from(keyId)}) as "${kind}"`)
    .join(", ");
}

/** An SQL condition: a value of any kind but `besides` needs the key. */
export function protectsAnything(keyId: string, { besides }: { besides?: keyof ProtectedByKey } = {}): string {
  const conditions = Object.entries(protectedThings)
    .filter(([kind]) => kind !== besides)
    .map(([, from]) => `exists (select ${from(keyId)})`);
  return `(${conditions.join(" or ")})`;
}

function mapValues<Key extends string, Value, Result>(
  record: Readonly<Record<Key, Value>>,
  map: (value: Value) => Result,
): Record<Key, Result> {
  return Object.fromEntries(Object.entries<Value>(record).map(([key, value]) => [key, map(value)])) as Record<
    Key,
    Result
  >;
}
