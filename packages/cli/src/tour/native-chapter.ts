import { LinchpinError, type SigningKey } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import {
  type AcceptedSession,
  acceptAnswer,
  makeRevealMessage,
  makeSealedMessage,
  type OperationMessage,
  openRevealedPin,
  thumbprintOf,
} from "@linchpin/protocols/native/device";
import { wordsOf } from "../http-caller.ts";
import { adyenCardOf, revealCard } from "../phone/adyen.ts";
import { authenticateByForm } from "../phone/client-credentials.ts";
import { type NativeCard, openSession, settle } from "../phone/native-exchange.ts";
import { pinsOfSandbox } from "../root-pins.ts";
import { codeIn, newestMessage } from "../sandbox.ts";
import { expect, type Say, type Telling } from "./telling.ts";
import { expectMatch, pinOf, type TourCard } from "./tour-card.ts";

/** Linchpin's own protocol: sessions and answers are signed, and a pinned root stands behind every key. */
export async function tellNative(telling: Telling, tourCard: TourCard): Promise<void> {
  const native: NativeCard = {
    partner: await authenticateByForm(tourCard.card.native),
    pins: pinsOfSandbox(tourCard.card),
    cardId: tourCard.card.native.cardId,
  };
  const key = await webCryptoPrimitives.makeSigningKey();
  const device = { ...native, key, thumbprint: await thumbprintOf(webCryptoPrimitives, key) };
  await telling.step("A device is bound natively", (say) => bind(say, device, tourCard));
  const sent = await telling.step("The native protocol changes the PIN", (say) => changePin(say, device));
  await telling.step("The PIN that the native protocol set is verified", (say) =>
    expectMatch(say, tourCard, pinOf(typed), "the PIN that the native protocol set"),
  );
  await telling.step("The native message is sent again", (say) => replay(say, device, sent));
  await telling.step("The native protocol reveals the PIN", (say) => reveal(say, device, tourCard));
  await telling.step("The partner hands on keys of its own", (say) => swapRoots(say, device));
  await telling.step("A card for the native protocol alone", (say) => closeToVendors(say, device, tourCard));
}

const typed = "5917";

interface NativeDevice extends NativeCard {
  readonly key: SigningKey;
  readonly thumbprint: string;
}

interface Sent {
  readonly session: AcceptedSession;
  readonly message: OperationMessage;
}

async function bind(say: Say, device: NativeDevice, { url, card }: TourCard): Promise<void> {
  const { cardId, key, thumbprint } = device;
  say("device", `made a key on P-256, ${thumbprint}`);
  const session = await openSession(device, { op: "bind", auth: "code", card: cardId, key }, null);
  tellSession(say, session);
  const code = codeIn(await newestMessage(url, card.solaris.mobileNumber));
  say("person", "SMS: a code of six digits, ******");
  const digits = (await revealCard(adyenCardOf(card.adyen))).pan.slice(-8);
  say("person", "typed it, with the last eight digits of the card's number");
  const message = await makeSealedMessage(webCryptoPrimitives, session, { code, digits }, key);
  tellMessage(say, message);
  const { result } = await settle(device, session, message);
  say("issuer", `compared code and digits as one, and signed: ${result}`);
  expect(result === "bound", `bound was due, ${result} came`);
}

const openBoundSession = (device: NativeDevice, op: "pin-change" | "pin-reveal") =>
  openSession(device, { op, auth: "device", card: device.cardId, device: device.thumbprint }, null);

async function changePin(say: Say, device: NativeDevice): Promise<Sent> {
  const session = await openBoundSession(device, "pin-change");
  tellSession(say, session);
  const pin = pinOf(typed);
  say("device", `the person typed ${pin}`);
  const message = await makeSealedMessage(webCryptoPrimitives, session, { pin }, device.key).finally(() => pin.wipe());
  tellMessage(say, message);
  const { result } = await settle(device, session, message);
  say("issuer", `opened it for this session alone, and signed: ${result}`);
  expect(result === "changed", `changed was due, ${result} came`);
  return { session, message };
}

async function replay(say: Say, { partner }: NativeDevice, { session, message }: Sent): Promise<void> {
  const { status, body } = await partner.send("POST", "/operations", message.request);
  const { answer } = body as { answer?: unknown };
  const { result } = await acceptAnswer(webCryptoPrimitives, answer, session, message);
  say("partner", `POST …/operations, byte for byte as before → ${status}`);
  say("issuer", `did nothing, and signed what the message did before: ${result}`);
  expect(result === "changed", `changed was due, ${result} came`);
}

async function reveal(say: Say, device: NativeDevice, tourCard: TourCard): Promise<void> {
  const session = await openBoundSession(device, "pin-reveal");
  tellSession(say, session);
  const message = await makeRevealMessage(webCryptoPrimitives, session, device.key);
  say("device", "made a key for this one reveal, and signed it");
  const outcome = await settle(device, session, message);
  const sealed = "sealed" in outcome ? outcome.sealed : undefined;
  expect(sealed !== undefined, `revealed was due, ${outcome.result} came`);
  const pin = await openRevealedPin(webCryptoPrimitives, { session, message, sealed });
  say("device", `opened it and showed ${pin} for a moment`);
  await expectMatch(say, tourCard, pin, "what was revealed");
}

/** A root of the partner's own, as an app would have it that took its roots by the relay. */
async function swapRoots(say: Say, device: NativeDevice): Promise<void> {
  const { kty, crv, x, y } = await crypto.subtle
    .generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"])
    .then(({ publicKey }) => crypto.subtle.exportKey("jwk", publicKey));
  const roots = [{ kty, crv, x, y } as (typeof device.pins.roots)[number]];
  say("device", "pinned another root than the one that signed the list of the issuer's keys");
  const refused = await openBoundSession({ ...device, pins: { ...device.pins, roots } }, "pin-change").catch(
    (error: unknown) => error,
  );
  const code = refused instanceof LinchpinError ? refused.code : "none";
  expect(code === "manifest_refused", `manifest_refused was due, ${code} came`);
  say("device", `sealed nothing: ${code}`);
}

/** No scheme's: ISO/IEC 7812-1 leaves 9 to national use. */
const testPan = "9999990012345670";

interface MadeCard {
  readonly id: string;
  readonly names: Readonly<Record<string, string>>;
}

async function closeToVendors(say: Say, device: NativeCard, { operator, card }: TourCard): Promise<void> {
  const settings = { nativeOnly: true };
  const program = await operator.ask<{ id: string }>("POST", "/programs", { name: "Native alone", settings });
  const { personId } = card.native;
  const made = await operator.ask<MadeCard>("POST", "/cards", { personId, programId: program.id });
  const data = { pan: testPan, cvv2: "123", expiration: { month: 7, year: 2031 } };
  await operator.ask("PUT", `/cards/${made.id}/data`, data);
  say("operator", "POST …/programs with nativeOnly, and a card of it");
  const { adyen = "", native = "" } = made.names;
  const { partner } = adyenCardOf(card.adyen);
  const request = { paymentInstrumentId: adyen, encryptedKey: "00".repeat(256) };
  const refused = await partner.send("POST", "/pins/reveal", request);
  say("partner", `Adyen's POST /pins/reveal for it → ${refused.status} ${wordsOf(refused.body).code}`);
  expect(refused.status >= 400, `a refusal was due, ${refused.status} came`);
  const key = await webCryptoPrimitives.makeSigningKey();
  const session = await openSession(device, { op: "bind", auth: "code", card: native, key }, null);
  say("issuer", `opened a session to bind a device for it natively, program "${session.claims.card.program}"`);
}

function tellSession(say: Say, { claims, manifest }: AcceptedSession): void {
  say("partner", `POST …/sessions → a session for ${claims.op}, signed, for five minutes`);
  say("device", `the pinned root signed list ${manifest.seq} of the issuer's keys, and one of those the session`);
  say("device", `showed the person: ${claims.holder}, card …${claims.card.last4}, ${claims.card.program}`);
}

function tellMessage(say: Say, { request }: OperationMessage): void {
  say("device", "sealed it to the issuer's HPKE key, for this session alone");
  say("partner", `POST …/operations, message ${request.message.slice(0, 24)}… (${request.message.length} characters)`);
}
