import type { AuditEvent, CardState } from "@linchpin/store";
import type { Context } from "../context/index.ts";

/** What was ended after the backup and is there again in the restored database. */
export interface Revived {
  readonly credentials: readonly { readonly partnerId: string; readonly clientId: string }[];
  readonly operators: readonly string[];
  readonly cardStates: readonly { readonly cardId: string; readonly state: CardState }[];
  /** Partners that may register mobile numbers again, or again may not. */
  readonly partners: readonly { readonly id: string; readonly mayRegisterMobileNumbers: boolean }[];
  readonly devices: readonly { readonly deviceId: string; readonly personId: string }[];
  /** Keys of the native protocol's devices. */
  readonly boundKeys: readonly { readonly thumbprint: string; readonly personId: string }[];
  /** Persons whose wrong codes in a row, by the native protocol, are more than the restored database has. */
  readonly wrongCodes: readonly { readonly personId: string; readonly count: number }[];
  /** Keys whose acceptance had ended, or that were destroyed. */
  readonly keyIds: readonly string[];
}

/** What was lost and cannot be brought back from the audit: somebody has to do it again, or has to be informed. */
export interface LostChanges {
  /** Cards whose PIN in the restored database is an earlier one, or that have none. */
  readonly cardsWithEarlierPin: readonly string[];
  /** Cards of which a PIN was compared and was wrong: the attempts that were taken are given back. */
  readonly cardsWithAttemptsBack: readonly string[];
  /** Persons whose mobile number or devices were changed. */
  readonly persons: readonly string[];
  /** Users whose signing methods were added, changed or deleted, and users who were deleted. */
  readonly signingUsers: readonly string[];
  /** How often each other operation was done, among them everything that was made. */
  readonly otherOperations: Readonly<Record<string, number>>;
}

interface Content {
  readonly operation: string;
  readonly outcome: string;
  readonly [fact: string]: unknown;
}

type Lost = Content & { readonly event: AuditEvent };

/** What the lost events say, compared with what is in the database. Changes nothing. */
export async function planRestore(
  context: Pick<Context, "store" | "keyring" | "clock">,
  events: readonly AuditEvent[],
): Promise<{ revived: Revived; lost: LostChanges }> {
  const all: Lost[] = events.map((event) => ({ ...(JSON.parse(event.content) as Content), event }));
  const done = all.filter(({ outcome }) => outcome === "done");
  const of = (what: keyof typeof endsOf) => done.filter(({ operation }) => endsOf[what].includes(operation));
  return {
    revived: {
      credentials: await revivedCredentials(context, of("credentials")),
      operators: await revivedOperators(context, of("operators")),
      cardStates: await revivedCardStates(context, of("cardStates")),
      partners: await revivedPartners(context, of("partners")),
      devices: await revivedDevices(context, of("devices")),
      boundKeys: await revivedBoundKeys(context, of("boundKeys")),
      wrongCodes: await forgottenWrongCodes(context, all),
      keyIds: await revivedKeys(context, of("keyIds")),
    },
    lost: describeLost(done),
  };
}

async function revivedCredentials({ store }: Pick<Context, "store">, revocations: readonly Lost[]) {
  const found: { partnerId: string; clientId: string }[] = [];
  for (const { partnerId, clientId } of revocations) {
    const credential = { partnerId: String(partnerId), clientId: String(clientId) };
    const present = await store.listCredentials(credential.partnerId);
    if (present.some((known) => known.clientId === credential.clientId)) found.push(credential);
  }
  return found;
}

/** Also one that was made anew under the same name: the API key in the database is the one that was deleted. */
async function revivedOperators({ store }: Pick<Context, "store">, deletions: readonly Lost[]): Promise<string[]> {
  const deletedAt = new Map(deletions.map(({ operatorName, event }) => [String(operatorName), event.occurredAt]));
  const present = await store.listOperators();
  return present
    .filter(({ name, createdAt }) => createdAt < (deletedAt.get(name) ?? new Date(0)))
    .map(({ name }) => name);
}

/** The last state of each card. */
async function revivedCardStates({ store }: Pick<Context, "store">, changes: readonly Lost[]) {
  const last = new Map(changes.map(({ event, state }) => [event.cardId ?? "", state as CardState]));
  const found: { cardId: string; state: CardState }[] = [];
  for (const [cardId, state] of last) {
    const card = await store.findCard(cardId);
    if (card !== null && card.state !== state && card.state !== "terminated") found.push({ cardId, state });
  }
  return found;
}

/** The last setting of each partner. */
async function revivedPartners({ store }: Pick<Context, "store">, changes: readonly Lost[]) {
  const last = new Map(
    changes.map((change) => [String(change["partnerId"]), change["mayRegisterMobileNumbers"] === true]),
  );
  return (await store.listPartners()).flatMap(({ id, mayRegisterMobileNumbers }) => {
    const lastSetting = last.get(id) ?? mayRegisterMobileNumbers;
    return lastSetting === mayRegisterMobileNumbers ? [] : [{ id, mayRegisterMobileNumbers: lastSetting }];
  });
}

async function revivedDevices({ store }: Pick<Context, "store">, deletions: readonly Lost[]) {
  const found: { deviceId: string; personId: string }[] = [];
  for (const deletion of deletions) {
    const device = await store.findDevice(String(deletion["deviceId"]), { includeUnverified: true });
    if (device !== null) found.push({ deviceId: device.id, personId: device.personId });
  }
  return found;
}

async function revivedBoundKeys({ store }: Pick<Context, "store">, unbindings: readonly Lost[]) {
  const found: { thumbprint: string; personId: string }[] = [];
  for (const { device } of unbindings) {
    const key = await store.findBoundKey(String(device));
    if (key !== null && key.unboundAt === null) found.push(key);
  }
  return found;
}

/**
 * Codes count in a row, so that what came after the backup goes on from the restored count, or from a right code or an
 * operator's word. A code that was right beside a refusal for another reason is not known: the count is then too high.
 */
async function forgottenWrongCodes({ store, clock }: Pick<Context, "store" | "clock">, events: readonly Lost[]) {
  const counts = new Map<string, number>();
  for (const { operation, outcome, code, personId } of events) {
    if (!/^native\.(bind|pin_change_by_code)$|^issuer\.person\.allow_codes$/.test(operation)) continue;
    const id = String(personId);
    if (outcome === "done") counts.set(id, 0);
    else if (code === "code_incorrect")
      counts.set(id, 1 + (counts.get(id) ?? (await store.findSessionHolder(id, clock()))?.wrongCodes ?? 0));
  }
  return [...counts].flatMap(([personId, count]) => (count > 0 ? [{ personId, count }] : []));
}

/** `current` ones too: they are rotated before they are retired. */
async function revivedKeys({ keyring }: Pick<Context, "keyring">, ends: readonly Lost[]): Promise<string[]> {
  const ended = new Set(ends.map(({ keyId }) => String(keyId)));
  return (await keyring.list())
    .filter(({ id, state }) => ended.has(id) && state !== "retired" && state !== "destroyed")
    .map(({ id }) => id);
}

/** The operations that ended what a restore revives: they are done again. */
const endsOf: Readonly<Record<Exclude<keyof Revived, "wrongCodes">, readonly string[]>> = {
  credentials: ["issuer.credential.revoke"],
  operators: ["issuer.operator.delete"],
  cardStates: ["issuer.card.set_state"],
  partners: ["issuer.partner.update"],
  devices: ["solaris.mfa.devices.delete"],
  boundKeys: ["issuer.person.unbind_key"],
  keyIds: ["issuer.key.retire", "issuer.key.destroy"],
};
const redone = new Set(Object.values(endsOf).flat());
/** Operations with a PIN version that leave the PIN of a card as it is, or make a card, which is lost as a whole. */
const pinStays =
  /\.reveal$|^solaris\.cards\.order$|^plumery\.|^issuer\.pin\.(verify|unblock|chip_synced)$|^native\.pin_(verify|reveal)$/;

function describeLost(done: readonly Lost[]): LostChanges {
  const otherOperations: Record<string, number> = {};
  const groups = {
    pins: new Set<string>(),
    attempts: new Set<string>(),
    persons: new Set<string>(),
    users: new Set<string>(),
  };
  for (const { operation, event, pinVersion, result, personId, userId } of done) {
    if (redone.has(operation)) continue;
    if (/^(issuer\.pin\.|native\.pin_)verify$/.test(operation) && result !== "match")
      groups.attempts.add(event.cardId ?? "");
    else if (event.cardId !== null && pinVersion !== undefined && !pinStays.test(operation))
      groups.pins.add(event.cardId);
    else if (/^solaris\.(mfa|mobile_number)\.|mobile_number$|^native\.bind$/.test(operation))
      groups.persons.add(String(personId));
    else if (/^venly\.(signing_methods\.|users\.delete$)/.test(operation)) groups.users.add(String(userId));
    else otherOperations[operation] = (otherOperations[operation] ?? 0) + 1;
  }
  return {
    cardsWithEarlierPin: [...groups.pins],
    cardsWithAttemptsBack: [...groups.attempts],
    persons: [...groups.persons],
    signingUsers: [...groups.users],
    otherOperations,
  };
}
