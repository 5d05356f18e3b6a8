import { type DeviceJson, deviceJson, deviceOf } from "../devices/index.ts";
import { bytes, groupedQuery, text } from "../groups/index.ts";
import { type CardRow, cardColumns, cardOf, cardTables } from "./find-card.ts";
import type { CardForChange, ChangeAsked } from "./records.ts";

export const findCardForChange = groupedQuery<[asked: ChangeAsked], Row, CardForChange | null>({
  columns: {
    protocol: text(({ protocol }) => protocol),
    name: text(({ name }) => name),
    device_id: text(({ deviceId }) => deviceId),
    mark: bytes(({ mark }) => mark),
  },
  sql: ({ item }) => `
with ${item}
select
  item.number, ${cardColumns},
  exists (select from replay_marks where replay_marks.mark = item.mark) as is_replayed,
  (
    select ${deviceJson} from devices join persons on persons.id = devices.person_id
    where devices.id = item.device_id and devices.state in ('verified', 'unverified')
  ) as device
from item
join card_names named on named.protocol = item.protocol and named.name = item.name
join (${cardTables}) on cards.id = named.card_id`,
  resultOf: (row) =>
    row === undefined ? null : { ...cardOf(row), device: deviceOf(row.device), isReplayed: row.is_replayed },
});

interface Row extends CardRow {
  readonly is_replayed: boolean;
  readonly device: DeviceJson | null;
}
