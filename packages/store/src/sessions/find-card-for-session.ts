import { type CardRow, cardColumns, cardOf, cardTables } from "../cards/index.ts";
import { bytes, groupedQuery, text } from "../groups/index.ts";
import { sealedOf } from "../statements/index.ts";
import type { BoundKey, CardForMessage, CardForSession } from "./records.ts";

const boundKeyColumns = `
  bound_keys.thumbprint, bound_keys.person_id as key_person_id, bound_keys.public_point, bound_keys.bound_at,
  bound_keys.unbound_at, bound_keys.by_native_only`;

/** All null: there is no such key. */
interface BoundKeyColumns {
  readonly thumbprint: string | null;
  readonly key_person_id: string;
  readonly public_point: Uint8Array;
  readonly bound_at: Date;
  readonly unbound_at: Date | null;
  readonly by_native_only: boolean;
}

function boundKeyOf(row: BoundKeyColumns): BoundKey | null {
  if (row.thumbprint === null) return null;
  return {
    thumbprint: row.thumbprint,
    personId: row.key_person_id,
    publicPoint: row.public_point,
    boundAt: row.bound_at,
    unboundAt: row.unbound_at,
    byNativeOnly: row.by_native_only,
  };
}

export const findCardForSession = groupedQuery<
  [asked: { name: string; device: string | null; at: Date }],
  SessionRow,
  CardForSession | null
>({
  columns: {
    asked_name: text(({ name }) => name),
    asked_device: text(({ device }) => device),
    day: text(({ at }) => at.toISOString().slice(0, 10)),
  },
  sql: ({ item }) => `
with ${item},
last as materialized (select seq, issued_at from key_manifests order by seq desc limit 1)
select
  item.number, ${cardColumns}, ${boundKeyColumns}, persons.name as holder_name, persons.bound_keys,
  persons.wrong_session_codes,
  case when partners.wrong_session_code_day >= item.day::date then partners.wrong_session_codes else 0 end
    as partners_wrong_codes,
  card_data.expiration_month, card_data.expiration_year, card_data.key_id as data_key_id,
  card_data.sealed as data_sealed, last.seq, last.issued_at
from item
join card_names named on named.protocol = 'native' and named.name = item.asked_name
join (${cardTables}) on cards.id = named.card_id
join partners on partners.id = persons.partner_id
left join bound_keys on bound_keys.thumbprint = item.asked_device
left join card_data on card_data.card_id = cards.id
left join last on true`,
  resultOf: (row) => {
    if (row === undefined) return null;
    const dataSealed = sealedOf(row.data_key_id, row.data_sealed);
    return {
      ...cardOf(row),
      holder: {
        name: row.holder_name,
        boundKeys: row.bound_keys,
        wrongCodes: row.wrong_session_codes,
        partnersWrongCodes: row.partners_wrong_codes,
      },
      boundKey: boundKeyOf(row),
      data: dataSealed && {
        expiration: { month: row.expiration_month, year: row.expiration_year },
        sealed: dataSealed,
      },
      manifest: row.seq === null ? null : { seq: Number(row.seq), issuedAt: row.issued_at },
    };
  },
});

interface SessionRow extends CardRow, BoundKeyColumns {
  readonly holder_name: string | null;
  readonly bound_keys: number;
  readonly wrong_session_codes: number;
  readonly partners_wrong_codes: number;
  readonly expiration_month: number;
  readonly expiration_year: number;
  /** Null: the card has no card data. */
  readonly data_key_id: string | null;
  readonly data_sealed: Uint8Array | null;
  /** Null: there is no manifest. */
  readonly seq: bigint | null;
  readonly issued_at: Date;
}

export const findCardForMessage = groupedQuery<
  [asked: { name: string; device: string | null; sessionHash: Uint8Array }],
  MessageRow,
  CardForMessage | null
>({
  columns: {
    asked_name: text(({ name }) => name),
    asked_device: text(({ device }) => device),
    asked_hash: bytes(({ sessionHash }) => sessionHash),
  },
  sql: ({ item }) => `
with ${item}
select item.number, ${cardColumns}, ${boundKeyColumns}, spent.message_hash, spent.outcome, spent.remaining
from item
join card_names named on named.protocol = 'native' and named.name = item.asked_name
join (${cardTables}) on cards.id = named.card_id
left join bound_keys on bound_keys.thumbprint = item.asked_device
left join spent_sessions spent on spent.session_hash = item.asked_hash`,
  resultOf: (row) => {
    if (row === undefined) return null;
    const { message_hash: messageHash, outcome, remaining } = row;
    const spent = messageHash === null || outcome === null ? null : { messageHash, outcome, remaining };
    return { ...cardOf(row), boundKey: boundKeyOf(row), spent };
  },
});

interface MessageRow extends CardRow, BoundKeyColumns {
  /** Null: the session is not spent. */
  readonly message_hash: Uint8Array | null;
  readonly outcome: string | null;
  readonly remaining: number | null;
}
