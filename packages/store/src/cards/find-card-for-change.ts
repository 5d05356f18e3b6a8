import { type DeviceJson, deviceJson, deviceOf } from "../devices/index.ts";
import { bytes, groupedQuery, type ItemRow, lockNames, text } from "../groups/index.ts";
import { changesPerDay, hasPinHistory, reserveChangeAttempts } from "../statements/index.ts";
import { type CardRow, cardColumns, cardOf, cardTables } from "./find-card.ts";
import type { CardForChange, ChangeAsked } from "./records.ts";

// Another partner's request, and one that is refused as replayed, reserves nothing. In a group, a call that could not
// reserve runs again alone: its card may have been locked, or reserved by another call of the group.
export const findCardForChange = groupedQuery<[asked: ChangeAsked], Row, CardForChange | null>({
  columns: {
    protocol: text(({ protocol }) => protocol),
    name: text(({ name }) => name),
    partner_id: text(({ partnerId }) => partnerId),
    device_id: text(({ deviceId }) => deviceId),
    mark: bytes(({ mark }) => mark),
    day: text(({ at }) => at.toISOString().slice(0, 10)),
  },
  locks: ({ protocol, name }) => [lockNames.cardName(protocol, name)],
  sql: (parts) => `
with ${parts.item},
history as materialized (
  select item.number, cards.id as card_id, item.day::date as day, ${changesPerDay} as per_day
  from item
  join card_names named on named.protocol = item.protocol and named.name = item.name
  join cards on cards.id = named.card_id
  join programs on programs.id = cards.program_id
  join persons on persons.id = cards.person_id
  where persons.partner_id = item.partner_id and ${hasPinHistory}
    and not exists (select from replay_marks where replay_marks.mark = item.mark)
),
${reserveChangeAttempts(parts)}
select
  item.number, ${cardColumns},
  (
    select jsonb_build_object('refusal', case when refused_card_id = cards.id then refusal end)
    from replay_marks where replay_marks.mark = item.mark
  ) as spent,
  case
    when reserved.number is not null then 'reserved'
    when history.number is not null then 'exhausted'
    else 'none'
  end as change_attempt,
  ${parts.isGroup} and history.number is not null and reserved.number is null as skipped,
  (
    select ${deviceJson} from devices join persons on persons.id = devices.person_id
    where devices.id = item.device_id and devices.state in ('verified', 'unverified')
  ) as device
from item
join card_names named on named.protocol = item.protocol and named.name = item.name
join (${cardTables}) on cards.id = named.card_id
left join history on history.number = item.number
left join reserved on reserved.number = item.number`,
  resultOf: (row) => {
    if (row === undefined) return null;
    const { spent, change_attempt: changeAttempt } = row;
    const replay = { isReplayed: spent !== null, refusal: spent?.refusal ?? null };
    return { ...cardOf(row), device: deviceOf(row.device), ...replay, changeAttempt };
  },
});

interface Row extends CardRow, ItemRow {
  readonly spent: { readonly refusal: string | null } | null;
  readonly change_attempt: CardForChange["changeAttempt"];
  readonly device: DeviceJson | null;
}
