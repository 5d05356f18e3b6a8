import { createHash, randomUUID } from "node:crypto";
import type {
  AuditAndOutbox,
  Card,
  Challenge,
  ChangeRequest,
  OutboxEntry,
  PinChange,
  ReplayMark,
  Sealed,
  Store,
  Verification,
} from "@linchpin/store";

// Records that tests of the store write. Each call makes fresh ids, so that tests can share one store.

export const now = new Date("2026-11-22T10:00:00.123Z");
export const later = new Date("2026-11-22T10:05:00.000Z");
export const earlier = new Date("2026-11-22T09:55:00.000Z");

export const freshId = (prefix: string) => `${prefix}-${randomUUID()}`;
export const hashOf = (text: string) => new Uint8Array(createHash("sha256").update(text).digest());
export const sealedText = (text: string): Sealed => ({ keyId: "key-1", bytes: new TextEncoder().encode(text) });
export const freshMark = (): ReplayMark => ({ mark: hashOf(randomUUID()), keyId: "key-1" });

/** An audit event with the content `{"what": …}`, of a card or of the system. */
export function written(what: string, cardId: string | null = null, outbox: OutboxEntry[] = []): AuditAndOutbox {
  const content = JSON.stringify({ what });
  return { audit: { subject: cardId ?? "house", cardId, occurredAt: now, content }, outbox };
}

export function event(orderingKey: string, payload = "{}"): OutboxEntry {
  return {
    id: freshId("event"),
    orderingKey,
    topic: "event",
    recipient: null,
    channel: null,
    payload,
    sealedText: null,
    createdAt: now,
  };
}

export function notification(webhookId: string, payload = "{}"): OutboxEntry {
  const entry = event(`${webhookId}:card`, payload);
  return { ...entry, topic: "webhook", recipient: webhookId, channel: "solaris" };
}

export function message(recipient: string, text: string): OutboxEntry {
  return {
    id: freshId("message"),
    orderingKey: recipient,
    topic: "message",
    recipient,
    channel: "sms",
    payload: null,
    sealedText: sealedText(text),
    createdAt: now,
  };
}

export async function addPartner(store: Store): Promise<string> {
  const id = freshId("partner");
  const partner = { id, name: "A partner", mayRegisterMobileNumbers: true, createdAt: now };
  await store.addPartner(partner, written("partner"));
  return id;
}

export async function addPerson(store: Store): Promise<string> {
  const person = { id: freshId("person"), partnerId: await addPartner(store), mobileNumber: null, createdAt: now };
  await store.addPerson(person, written("person"));
  return person.id;
}

export async function addCard(store: Store, settings: unknown = { tries: 3 }): Promise<Card> {
  const program = { id: freshId("program"), name: "A program", settings, createdAt: now };
  await store.addProgram(program, written("program"));
  const id = freshId("card");
  const names = { solaris: freshId("solaris"), adyen: freshId("adyen") };
  const card = { id, personId: await addPerson(store), programId: program.id, names, createdAt: now };
  await store.addCard(card, written("card", id));
  return readCard(store, id);
}

export async function addCardWithPin(store: Store, settings?: unknown): Promise<Card> {
  const { id } = await addCard(store, settings);
  await store.changePin(changeOf(id, 0));
  return readCard(store, id);
}

export async function readCard(store: Store, id: string): Promise<Card> {
  const card = await store.findCard(id);
  if (card === null) throw new Error("the card must be there");
  return card;
}

/** A request to change the card's PIN through Adyen's protocol, by its partner, with a message that is new. */
export function changeAskedOf(card: Card, at = now) {
  const { mark } = freshMark();
  return { protocol: "adyen", name: card.names["adyen"] ?? "", partnerId: card.partnerId, deviceId: null, mark, at };
}

/** The `what` of a card's events, oldest first. */
export async function eventsOf(store: Store, cardId: string): Promise<string[]> {
  const events = await store.listCardAuditEvents(cardId, { skip: 0, limit: 1000 });
  return events.map(({ content }) => JSON.parse(content).what);
}

export function changeOf(cardId: string, fromVersion: number, change: Partial<PinChange> = {}): PinChange {
  return {
    cardId,
    fromVersion,
    sealed: sealedText(`PIN ${fromVersion + 1}`),
    mark: freshMark(),
    unblocks: true,
    offlinePin: true,
    pinHistoryLength: 0,
    at: now,
    changeRequestId: null,
    auditAndOutbox: written("changed", cardId, [event(cardId, '{"type":"pin.changed"}')]),
    ...change,
  };
}

export function verificationOf(
  cardId: string,
  version: number,
  matched: boolean,
  verification: Partial<Verification> = {},
): Verification {
  return {
    cardId,
    version,
    matched,
    tryLimit: 3,
    mark: freshMark(),
    auditAndOutbox: {
      match: written("match", cardId),
      mismatch: written("mismatch", cardId),
      blocking: written("blocking", cardId, [event(cardId, '{"type":"pin.blocked"}')]),
      blocked: written("blocked", cardId),
    },
    ...verification,
  };
}

export async function blockPin(store: Store, card: Card): Promise<void> {
  await store.recordVerification(verificationOf(card.id, card.pin.version, false, { tryLimit: 1 }));
}

export function changeRequestOf(card: Card, request: Partial<ChangeRequest> = {}): ChangeRequest {
  return {
    id: freshId("request"),
    cardId: card.id,
    personId: card.person.id,
    partnerId: card.partnerId,
    status: "AUTHORIZATION_REQUIRED",
    sealedPin: sealedText("new PIN"),
    deliveryMethod: null,
    deviceId: null,
    sealedSecret: null,
    tries: 0,
    createdAt: now,
    updatedAt: now,
    expiresAt: later,
    ...request,
  };
}

/** Adds a change request that waits for its TAN. Returns its id. */
export async function addAuthorizedRequest(store: Store, card: Card): Promise<string> {
  const request = changeRequestOf(card);
  await store.addChangeRequest(request, freshMark(), written("requested", card.id));
  await authorize(store, request.id);
  return request.id;
}

export function authorize(
  store: Store,
  requestId: string,
  at = now,
  maxOtpsPerHour: number | null = null,
  sealedSecret = sealedText("TAN"),
): Promise<"authorized" | "ended" | "rate_limited"> {
  const authorization = {
    deliveryMethod: "mobile_number",
    deviceId: null,
    sealedSecret,
    maxOtpsPerHour,
    at,
  } as const;
  return store.authorizeChangeRequest(requestId, authorization, written("authorized"));
}

export async function addDevice(store: Store, personId: string, createdAt = now): Promise<string> {
  const key = {
    id: freshId("key"),
    purpose: "unrestricted",
    publicPoint: new Uint8Array(65).fill(4),
    createdAt: now,
  } as const;
  const device = { id: freshId("device"), personId, name: "A phone", key, createdAt };
  await store.addDevice(device);
  return device.id;
}

export async function addChallenge(store: Store, challenge: Partial<Challenge> = {}): Promise<Challenge> {
  const personId = challenge.personId ?? (await addPerson(store));
  const partnerId = (await store.findPerson(personId))?.partnerId ?? "";
  const added = challengeOf({ personId, partnerId, ...challenge });
  await store.addChallenge(added, written("challenge"));
  return added;
}

export function challengeOf(challenge: Partial<Challenge> & Pick<Challenge, "personId">): Challenge {
  return {
    id: freshId("challenge"),
    kind: "device_binding",
    partnerId: "",
    deviceId: null,
    keyPurpose: null,
    sealedSecret: sealedText("OTP"),
    state: "open",
    tries: 0,
    createdAt: now,
    expiresAt: later,
    ...challenge,
  };
}

/** Adds a challenge that sends an OTP to a person. */
export function sendOtp(
  store: Store,
  personId: string,
  sending: { maxOtpsPerHour: number; replaces?: boolean },
  challenge: Partial<Challenge> = {},
): Promise<"added" | "rate_limited"> {
  const auditAndOutbox = written("sent", personId, [message(personId, "OTP")]);
  return store.addChallenge(challengeOf({ personId, ...challenge }), auditAndOutbox, { replaces: false, ...sending });
}
