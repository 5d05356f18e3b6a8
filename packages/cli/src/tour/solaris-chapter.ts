import { hexFromBytes, type SigningKey } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import {
  acceptIssuerKey,
  type IssuerKey,
  makeBindDeviceRequest,
  makePinUpdateRequest,
  makeScaPinUpdateRequest,
  signCode,
} from "@linchpin/protocols/solaris/device";
import type {
  AuthorizeReply,
  BindDeviceReply,
  ChangeRequestReply,
  ConfirmReply,
  PinKey,
  PinUpdateRequest,
} from "@linchpin/protocols/solaris/wire";
import { type HttpCaller, wordsOf } from "../http-caller.ts";
import { authenticate } from "../phone/solaris-partner.ts";
import { codeIn, newestMessage, type SandboxDescription } from "../sandbox.ts";
import { expect, type Say, type Telling } from "./telling.ts";
import { expectMatch, pinOf, pinStateOf, shortened, type TourCard, verifyNatively } from "./tour-card.ts";

/** A PIN change from the keypad to the vault and back, hop by hop. */
export async function tellSolaris(telling: Telling, tourCard: TourCard): Promise<void> {
  const partner = await telling.step("The partner identifies itself", (say) => getToken(say, tourCard.card));
  const relayed: Relayed = { ...tourCard, partner };
  const issuerKey = await telling.step("The device gets the key to seal to", (say) => getKey(say, partner));
  const device = await telling.step("The device is bound to the person", (say) => bind(say, relayed));
  const change = await telling.step("The device seals and signs a PIN", (say) => seal(say, issuerKey, device));
  await telling.step("The partner relays what it can not read", (say) => relay(say, relayed, change));
  await telling.step("The PIN is verified", (say) => verify(say, tourCard));
  await telling.step("The same message is sent again", (say) => replay(say, relayed, change));
  await telling.step("Another change, confirmed by TAN", (say) => changeByTan(say, relayed, issuerKey));
}

interface Relayed extends TourCard {
  readonly partner: HttpCaller;
}

interface BoundDevice {
  readonly deviceId: string;
  readonly key: SigningKey;
}

const pins = { first: "1928", second: "7305", wrong: "4626" } as const;

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

async function bind(say: Say, { url, card, partner }: Relayed): Promise<BoundDevice> {
  const { personId, mobileNumber } = card.solaris;
  const key = await webCryptoPrimitives.makeSigningKey();
  const request = makeBindDeviceRequest({ personId, key, key_purpose: "restricted" });
  say("device", `made a restricted key on P-256: ${shortened(hexFromBytes(key.publicPoint))}`);
  const { id, challenge } = await partner.ask<BindDeviceReply>("POST", "/v1/mfa/devices", request);
  say("partner", `POST /v1/mfa/devices → 202, device ${id}, challenge ${challenge.id}`);
  const sms = await newestMessage(url, mobileNumber);
  say("person", `SMS: ${sms}`);
  const answer = await signCode(key, codeIn(sms));
  say("device", `signed the OTP: ${shortened(answer.signature)}`);
  await partner.ask("PUT", `/v1/mfa/challenges/signatures/${challenge.id}`, answer);
  say("issuer", "verified the signature with the new key: the device is this person's");
  return { deviceId: id, key };
}

async function seal(say: Say, issuerKey: IssuerKey, { deviceId, key }: BoundDevice): Promise<PinUpdateRequest> {
  const pin = pinOf(pins.first);
  say("device", `the person typed ${pin}`);
  const change = { pin, issuerKey, deviceId, restrictedKey: key };
  const request = await makePinUpdateRequest(webCryptoPrimitives, change).finally(() => pin.wipe());
  say("device", `sealed it to ${issuerKey.kid}: RSA-OAEP-256, A256CBC-HS512`);
  say("device", `signed what it sealed, by its restricted key: ${shortened(request.signature)}`);
  return request;
}

async function relay(say: Say, tourCard: Relayed, change: PinUpdateRequest): Promise<void> {
  say("partner", `POST …/pin_update_requests, encrypted_pin ${shortened(change.encrypted_pin)}`);
  const answer = await tourCard.partner.send("POST", changePath(tourCard.card), change);
  expect(answer.status === 204, `204 was due, ${answer.status} ${wordsOf(answer.body).code} came`);
  say("issuer", "the device's signature verifies, the card is the partner's, the message is new");
  say("vault", "unwrapped the content key; later sealed the PIN again, under a storage key of its own");
  say("issuer", "the PIN keeps the card program's rules");
  const pin = await pinStateOf(tourCard);
  expect(pin.version === 1 && pin.status === "active", `the card is at PIN version ${pin.version}, ${pin.status}`);
  say("store", `one transaction: PIN version ${pin.version}, the mark against replay, the audit event`);
  say("partner", `${answer.status}, no content`);
}

async function verify(say: Say, tourCard: TourCard): Promise<void> {
  await expectMatch(say, tourCard, pinOf(pins.first), "the right PIN");
  const wrong = await verifyNatively(tourCard, pinOf(pins.wrong));
  say("operator", `POST …/pin/verify, another PIN, sealed → ${wrong.result}, ${wrong.remainingAttempts} tries left`);
  expect(wrong.result === "mismatch", `mismatch was due, ${wrong.result} came`);
}

async function replay(say: Say, tourCard: Relayed, change: PinUpdateRequest): Promise<void> {
  const answer = await tourCard.partner.send("POST", changePath(tourCard.card), change);
  const { code, sentence } = wordsOf(answer.body);
  say("partner", `POST …/pin_update_requests, byte for byte as before → ${answer.status} ${code}`);
  expect(answer.status === 409, `409 was due, ${answer.status} came`);
  say("issuer", `${sentence}: a sealed PIN is good for one change`);
}

async function changeByTan(say: Say, tourCard: Relayed, issuerKey: IssuerKey): Promise<void> {
  const { partner, card, url } = tourCard;
  const { personId, cardAccountId, mobileNumber } = card.solaris;
  const pin = pinOf(pins.second);
  const request = await makeScaPinUpdateRequest(webCryptoPrimitives, { pin, issuerKey });
  say("device", `the person typed ${pin}, which is sealed; nothing is signed`);
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
  await expectMatch(say, tourCard, pin, "the new PIN");
}

function changePath({ solaris }: SandboxDescription): string {
  return `/v1/cards/${solaris.cardAccountId}/pin_update_requests`;
}
