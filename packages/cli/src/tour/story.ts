import { hexFromBytes, Pin, type SigningKey, utf8 } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import {
  acceptIssuerKey,
  answerChallenge,
  type IssuerKey,
  makeBindDeviceRequest,
  makePinUpdateRequest,
  makeScaPinUpdateRequest,
} from "@linchpin/protocols/solaris/device";
import type {
  AuthorizeReply,
  BindDeviceReply,
  ChangeRequestReply,
  ConfirmReply,
  PinKey,
  PinUpdateRequest,
} from "@linchpin/protocols/solaris/wire";
import { verifyAuditChain } from "@linchpin/store";
import { auditReaderOf } from "../audit-reader.ts";
import { type HttpCaller, wordsOf } from "../http-caller.ts";
import { connectOperator } from "../issuer-caller.ts";
import { authenticate } from "../partner-caller.ts";
import { codeIn, makeSandboxCard, newestMessage, type SandboxDescription } from "../sandbox.ts";
import { expect, type Say, type Telling } from "./telling.ts";

/** A PIN change from the keypad to the vault and back, hop by hop. @throws Failure at the first step that comes out otherwise */
export async function tellStory(url: string, telling: Telling): Promise<void> {
  const card = await telling.step("A person with a card", (say) => getCard(say, url));
  const partner = await telling.step("The partner identifies itself", (say) => getToken(say, card));
  const issuerKey = await telling.step("The device gets the key to seal to", (say) => getKey(say, partner));
  const device = await telling.step("The device is bound to the person", (say) => bind(say, url, card, partner));
  const change = await telling.step("The device seals and signs a PIN", (say) => seal(say, issuerKey, device));
  const house: House = { url, card, partner, operator: await connectOperator({ url, apiKey: card.issuer.apiKey }) };
  await telling.step("The partner relays what it can not read", (say) => relay(say, house, change));
  await telling.step("The PIN is verified", (say) => verify(say, house, issuerKey));
  await telling.step("The same message is sent again", (say) => replay(say, house, change));
  await telling.step("Another change, confirmed by TAN", (say) => changeByTan(say, house, issuerKey));
  await telling.step("The chain of events is verified", (say) => verifyChain(say, house));
}

interface House {
  readonly url: string;
  readonly card: SandboxDescription;
  readonly partner: HttpCaller;
  readonly operator: HttpCaller;
}

interface BoundDevice {
  readonly deviceId: string;
  readonly key: SigningKey;
}

const pins = { first: "1928", second: "7305", wrong: "4626" } as const;

async function getCard(say: Say, url: string): Promise<SandboxDescription> {
  const card = await makeSandboxCard(url);
  say("person", `${card.solaris.personId}, reached at ${card.solaris.mobileNumber}`);
  say("issuer", `made card ${card.issuer.cardId}, which Solaris' protocol names ${card.solaris.cardAccountId}`);
  return card;
}

async function getToken(say: Say, { solaris }: SandboxDescription): Promise<HttpCaller> {
  say("partner", `POST /oauth2/token, as ${solaris.clientId} with its secret ****`);
  const partner = await authenticate(solaris);
  say("issuer", "compared the secret with the hash it keeps, and gave a token for an hour");
  return partner;
}

async function getKey(say: Say, partner: HttpCaller): Promise<IssuerKey> {
  const jwk = await partner.ask<PinKey>("GET", "/v1/cards/pin_keys/latest");
  say("vault", "made the pair; the private key never leaves it");
  say("partner", `GET /v1/cards/pin_keys/latest → kid ${jwk.kid}, n ${shortened(jwk.n)}`);
  say("device", `took it for RSA-OAEP-256, though the JWK says ${jwk.alg}: so Solaris publishes it`);
  return acceptIssuerKey(jwk);
}

async function bind(
  say: Say,
  url: string,
  { solaris: { personId, mobileNumber } }: SandboxDescription,
  partner: HttpCaller,
): Promise<BoundDevice> {
  const key = await webCryptoPrimitives.makeSigningKey();
  const request = makeBindDeviceRequest({ personId, key, key_purpose: "restricted" });
  say("device", `made a restricted key on P-256: ${shortened(hexFromBytes(key.publicPoint))}`);
  const { id, challenge } = await partner.ask<BindDeviceReply>("POST", "/v1/mfa/devices", request);
  say("partner", `POST /v1/mfa/devices → 202, device ${id}, challenge ${challenge.id}`);
  const sms = await newestMessage(url, mobileNumber);
  say("person", `SMS: ${sms}`);
  const answer = await answerChallenge(key, codeIn(sms));
  say("device", `signed the OTP: ${shortened(answer.signature)}`);
  await partner.ask("PUT", `/v1/mfa/challenges/signatures/${challenge.id}`, answer);
  say("issuer", "verified the signature with the new key: the device is this person's");
  return { deviceId: id, key };
}

async function seal(say: Say, issuerKey: IssuerKey, { deviceId, key }: BoundDevice): Promise<PinUpdateRequest> {
  const pin = pinOf("first");
  say("device", `the person typed ${pin}`);
  const change = { pin, issuerKey, deviceId, restrictedKey: key };
  const request = await makePinUpdateRequest(webCryptoPrimitives, change).finally(() => pin.wipe());
  say("device", `sealed it to ${issuerKey.kid}: RSA-OAEP-256, A256CBC-HS512`);
  say("device", `signed what it sealed, by its restricted key: ${shortened(request.signature)}`);
  return request;
}

async function relay(say: Say, house: House, change: PinUpdateRequest): Promise<void> {
  say("partner", `POST …/pin_update_requests, encrypted_pin ${shortened(change.encrypted_pin)}`);
  const answer = await house.partner.send("POST", changePath(house.card), change);
  expect(answer.status === 204, `204 was due, ${answer.status} ${wordsOf(answer.body).code ?? ""} came`);
  say("issuer", "the device's signature verifies, the card is the partner's, the message is new");
  say("vault", "unwrapped the content key; later sealed the PIN again, under a storage key of its own");
  say("issuer", "the PIN keeps the card program's rules");
  const { pin } = await house.operator.ask<CardReply>("GET", `/cards/${house.card.issuer.cardId}`);
  expect(pin.version === 1 && pin.status === "active", `the card is at PIN version ${pin.version}, ${pin.status}`);
  say("store", `one transaction: PIN version ${pin.version}, the mark against replay, the audit event`);
  say("partner", `${answer.status}, no content`);
}

async function verify(say: Say, house: House, issuerKey: IssuerKey): Promise<void> {
  const right = await askWhether(house, issuerKey, "first");
  say("operator", `POST …/pin/verify, the right PIN, sealed → ${right.result}`);
  expect(right.result === "match", `match was due, ${right.result} came`);
  const wrong = await askWhether(house, issuerKey, "wrong");
  say("operator", `POST …/pin/verify, another PIN, sealed → ${wrong.result}, ${wrong.remainingAttempts} tries left`);
  expect(wrong.result === "mismatch", `mismatch was due, ${wrong.result} came`);
}

async function replay(say: Say, house: House, change: PinUpdateRequest): Promise<void> {
  const answer = await house.partner.send("POST", changePath(house.card), change);
  const { code = "", detail = "" } = wordsOf(answer.body);
  say("partner", `POST …/pin_update_requests, byte for byte as before → ${answer.status} ${code}`);
  expect(answer.status === 409, `409 was due, ${answer.status} came`);
  say("issuer", `${detail}: a sealed PIN is good for one change`);
}

async function changeByTan(say: Say, house: House, issuerKey: IssuerKey): Promise<void> {
  const { partner, card, url } = house;
  const { personId, cardAccountId, mobileNumber } = card.solaris;
  const request = await sealed("second", issuerKey);
  say("device", `the person typed ${pinOf("second")}, which is sealed; nothing is signed`);
  const path = `/v1/cards/${cardAccountId}/sca_pin_update_requests`;
  const { id, status } = await partner.ask<ChangeRequestReply>("POST", path, request);
  say("partner", `POST …/sca_pin_update_requests, encrypted_pin ${shortened(request.encrypted_pin)} → ${status}`);
  say("issuer", "opened and judged the PIN already now; keeps it sealed for five minutes");
  const authorization = { person_id: personId, delivery_method: "mobile_number" };
  const authorized = await partner.ask<AuthorizeReply>("POST", `/v1/change_requests/${id}/authorize`, authorization);
  say("partner", `POST …/authorize → ${authorized.status}`);
  const sms = await newestMessage(url, mobileNumber);
  say("person", `SMS: ${sms}`);
  const confirmation = { person_id: personId, tan: codeIn(sms) };
  const confirmed = await partner.ask<ConfirmReply>("POST", `/v1/change_requests/${id}/confirm`, confirmation);
  say("partner", `POST …/confirm with the TAN → ${confirmed.status}`);
  expect(confirmed.status === "COMPLETED", `COMPLETED was due, ${confirmed.status} came`);
  const { result } = await askWhether(house, issuerKey, "second");
  say("operator", `POST …/pin/verify, the new PIN, sealed → ${result}`);
  expect(result === "match", `match was due, ${result} came`);
}

async function verifyChain(say: Say, { operator, card }: House): Promise<void> {
  const events = await operator.ask<AuditEvent[]>("GET", `/audit-events?cardId=${card.issuer.cardId}&limit=1000`);
  for (const { operation, outcome, code } of events)
    say("store", `${operation}: ${outcome}${code === undefined ? "" : `, ${code}`}`);
  const verification = await verifyAuditChain(auditReaderOf(operator));
  expect(verification.intact, "the chain is broken: `linchpin audit verify` says where");
  say("operator", `computed every hash again: ${verification.events} events, nothing altered, nothing missing`);
}

interface CardReply {
  readonly pin: { readonly status: string; readonly version: number };
}

interface AuditEvent {
  readonly operation: string;
  readonly outcome: string;
  readonly code?: string;
}

async function askWhether(
  { operator, card }: House,
  issuerKey: IssuerKey,
  which: keyof typeof pins,
): Promise<{ result: string; remainingAttempts: number }> {
  return operator.ask("POST", `/cards/${card.issuer.cardId}/pin/verify`, await sealed(which, issuerKey));
}

async function sealed(which: keyof typeof pins, issuerKey: IssuerKey) {
  const pin = pinOf(which);
  return makeScaPinUpdateRequest(webCryptoPrimitives, { pin, issuerKey }).finally(() => pin.wipe());
}

function pinOf(which: keyof typeof pins): Pin {
  return new Pin(utf8(pins[which]));
}

function changePath({ solaris }: SandboxDescription): string {
  return `/v1/cards/${solaris.cardAccountId}/pin_update_requests`;
}

function shortened(text: string): string {
  return `${text.slice(0, 24)}… (${text.length} characters)`;
}
