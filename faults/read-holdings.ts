import { Client } from "pg";
import type { HeldCard, HeldEvent, Holdings } from "./history.ts";
import type { Load } from "./load.ts";
import { untilAnswering } from "./postgres.ts";

/** What the database holds of a load's cards, what is revealed of them, and what Venly's upstream received. */
export async function readHoldings(
  { cards, userIds }: Pick<Load, "cards" | "userIds">,
  at: { databaseUrl: string; origin: string; received: ReadonlyMap<string, readonly string[]> },
): Promise<Holdings> {
  await untilAnswering(at.databaseUrl);
  const database = new Client(at.databaseUrl);
  await database.connect();
  try {
    const held = new Map<string, HeldCard>();
    for (const card of cards) {
      const row = await readRow(database, card.id);
      const events = await readEvents(database, card.id);
      held.set(card.id, { ...row, events, digits: await card.revealedDigits(at.origin, row.isBlocked) });
    }
    return { cards: held, transfers: new Map(userIds.map((id) => [id, at.received.get(id) ?? []])) };
  } finally {
    await database.end();
  }
}

async function readRow(database: Client, id: string): Promise<Omit<HeldCard, "events" | "digits">> {
  const { rows } = await database.query("select pin_version, pin_status, pin_failures from cards where id = $1", [id]);
  const [{ pin_version, pin_status, pin_failures }] = rows;
  return { version: pin_version, isBlocked: pin_status === "blocked", failedTries: pin_failures };
}

async function readEvents(database: Client, id: string): Promise<HeldEvent[]> {
  const { rows } = await database.query("select content from audit_events where card_id = $1 order by sequence", [id]);
  return rows.flatMap(({ content }) => {
    const { outcome, operation, result, pinVersion } = JSON.parse(content);
    const did = outcome === "done" ? eventOf(operation, result) : null;
    return did === null ? [] : [{ did, version: pinVersion }];
  });
}

/** Of the protocols that the load speaks. */
const changes: ReadonlySet<string> = new Set([
  "solaris.pin_update_requests",
  "adyen.pins.change",
  "stripe.cards.pin",
  "lithic.cards.pin",
  "spritz.pin.set",
  "worldline.pin.set",
]);
const reveals: ReadonlySet<string> = new Set(["adyen.pins.reveal", "spritz.pin.get", "worldline.pin.display"]);

function eventOf(operation: string, result: "match" | "mismatch" | "blocked"): HeldEvent["did"] | null {
  if (changes.has(operation)) return "change";
  if (reveals.has(operation)) return "reveal";
  return operation === "issuer.pin.verify" ? result : null;
}
