// A partner's backend on a client that was generated from /openapi.json: one change, or reveal, by each protocol. What
// the device makes comes from `@linchpin/testing` and the device halves. `./client` is made by the drill beside this folder.
import assert from "node:assert/strict";
import { Pin, utf8 } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import { fetchRelay } from "@linchpin/device/relay";
import { sealPin } from "@linchpin/device/stripe";
import * as adyen from "@linchpin/protocols/adyen/device";
import * as lithic from "@linchpin/protocols/lithic/device";
import * as native from "@linchpin/protocols/native/device";
import * as spritz from "@linchpin/protocols/spritz/device";
import * as venly from "@linchpin/protocols/venly/device";
import * as worldline from "@linchpin/protocols/worldline/device";
import { NativeCardholder } from "@linchpin/testing/native";
import { PlumeryClient } from "@linchpin/testing/plumery";
import { SolarisCardholder } from "@linchpin/testing/solaris";
import { client } from "./client/client.gen.ts";
import * as api from "./client/index.ts";

const baseUrl = process.env["LINCHPIN_URL"] ?? "";
client.setConfig({ baseUrl });
const person = await SolarisCardholder.create(baseUrl);
const { sandbox } = person;
const form = ({ clientId, clientSecret }: { clientId: string; clientSecret: string }) => ({
  grant_type: "client_credentials" as const,
  client_id: clientId,
  client_secret: clientSecret,
});
const pinOf = (digits: string) => new Pin(utf8(digits));
const verify = async (digits: string) => assert.equal((await person.verify(digits)).body.result, "match");

async function bySolaris(): Promise<void> {
  const { data: token } = await api.solarisMakeToken({ body: form(sandbox.solaris), throwOnError: true });
  const auth = token.access_token;
  const device = await person.bindDevice();
  const { data: issuerKey } = await api.solarisGetPinKey({ auth, throwOnError: true });
  const body = await person.sealAndSign("1928", device);
  assert.equal(body.key_id, issuerKey.kid);
  const path = { card_account_id: sandbox.solaris.cardAccountId };
  const { response } = await api.solarisChangePin({ auth, path, body, throwOnError: true });
  assert.equal(response.status, 204);
  await verify("1928");
  const { error } = await api.solarisChangePin({ auth, path, body });
  assert.equal(error?.errors[0]?.status, 409);
}

async function byAdyen(): Promise<void> {
  const { apiKey: auth, paymentInstrumentId } = sandbox.adyen;
  const { data } = await api.adyenGetPublicKey({ auth, query: { purpose: "pinChange" }, throwOnError: true });
  const issuerKey = adyen.acceptIssuerKey(data);
  const body = await adyen.makePinChangeRequest(primitives, { pin: pinOf("2837"), issuerKey, paymentInstrumentId });
  const { data: answer } = await api.adyenChangePin({ auth, body, throwOnError: true });
  assert.equal(answer.status, "completed");
  await verify("2837");
}

async function byPlumery(): Promise<void> {
  const { bearerToken: auth, cardToken: token } = sandbox.plumery;
  const device = await PlumeryClient.create(sandbox);
  const headers = { "x-client-public-key": device.header };
  const { data } = await api.plumeryGetPin({ auth, path: { token }, headers, throwOnError: true });
  assert.deepEqual(await device.open(data.encryptedPayload), { pin: "2837" });
}

async function byStripe(): Promise<void> {
  const { apiKey, cardId: id, baseUrl: stripe } = sandbox.stripe;
  // Two schemes are offered, and the client would send both.
  const auth = ({ scheme }: { scheme?: string }) => (scheme === "bearer" ? apiKey : undefined);
  const encrypted = await sealPin({ relay: fetchRelay({ baseUrl: new URL(stripe).origin }), pin: pinOf("3746") });
  const body = { pin: { encrypted_number: encrypted } };
  const bodySerializer = () => new URLSearchParams({ "pin[encrypted_number]": encrypted }).toString();
  const { data } = await api.stripeUpdateCard({ auth, path: { id }, body, bodySerializer, throwOnError: true });
  assert.equal(data.object, "issuing.card");
  await verify("3746");
}

async function byLithic(): Promise<void> {
  const { apiKey: auth, cardToken: card_token } = sandbox.lithic;
  const { data: pem } = await api.lithicGetPublicKey({ parseAs: "text", throwOnError: true });
  const pin = await lithic.sealPin(primitives, { pin: pinOf("6204"), issuerKey: lithic.acceptIssuerKey(pem) });
  const change = { auth, path: { card_token }, body: { pin } };
  const { data } = await api.lithicUpdateCard({ ...change, throwOnError: true });
  assert.equal(data.pin_status, "OK");
  await verify("6204");
  const { error } = await api.lithicUpdateCard(change);
  assert.match(error?.message ?? "", /^PIN has already been used/);
}

async function bySpritz(): Promise<void> {
  const { apiKey: auth, cardId, publicKey } = sandbox.spritz;
  const issuerKey = spritz.readIssuerKey(publicKey);
  const body = await spritz.makePinSet(primitives, { pin: pinOf("5917"), issuerKey });
  const path = { cardId };
  const { data } = await api.spritzSetPin({ auth, path, body, throwOnError: true });
  assert.equal(data.success, true);
  await verify("5917");
  const { encryptedKey, sessionKey } = await spritz.makePinGet(primitives, issuerKey);
  const { data: shown } = await api.spritzGetPin({ auth, path, body: { encryptedKey }, throwOnError: true });
  const pin = await spritz.openPinGet(primitives, { ...shown, sessionKey });
  assert.ok(pin.equals(pinOf("5917")));
  const { error } = await api.spritzUpdatePin({ auth, path, body });
  assert.equal(error?.code, "session_key_used");
}

async function byRain(): Promise<void> {
  const { apiKey: auth, cardId, publicKey } = sandbox.spritz.rain;
  const issuerKey = spritz.readIssuerKey(publicKey, { form: "rain" });
  const { encryptedKey, encryptedPin } = await spritz.makePinSet(primitives, { pin: pinOf("6028"), issuerKey });
  const [path, headers] = [{ cardId }, { sessionid: encryptedKey }];
  const { response } = await api.rainSetPin({ auth, path, headers, body: { encryptedPin }, throwOnError: true });
  assert.equal(response.status, 204);
  await verify("6028");
}

async function byWorldline(): Promise<void> {
  const { issuerId, cardReference, pan, keySets } = sandbox.worldline;
  const { data: token } = await api.worldlineMakeToken({ body: form(sandbox.worldline), throwOnError: true });
  const auth = token.access_token;
  const issuerKey = worldline.acceptKeySet({ keyId: "01", publicKey: keySets["01"] });
  const path = { issuerId, cardReference };
  const body = await worldline.makePinSetRequest(primitives, { pin: pinOf("7139"), pan, issuerKey });
  const { data: set } = await api.worldlineSetPin({ auth, path, body, throwOnError: true });
  assert.equal(set.data.pinAttribute.pinBlock, body.pinAttribute.pinBlock);
  await verify("7139");
  const { request, sessionKey } = await worldline.makePinDisplayRequest(primitives, issuerKey);
  const { data: shown } = await api.worldlineDisplayPin({ auth, path, body: request, throwOnError: true });
  const attribute = shown.data.externalPinAttribute;
  assert.ok((await worldline.openDisplayedPin(primitives, { attribute, pan, sessionKey })).equals(pinOf("7139")));
  const { error } = await api.worldlineSetPin({ auth, path, body });
  assert.equal(error?.responseMetadata.statusCode, 400);
}

async function byNative(): Promise<void> {
  const holder = await NativeCardholder.of(sandbox);
  const key = await holder.bind();
  const { data: token } = await api.nativeMakeToken({ body: form(sandbox.native), throwOnError: true });
  const auth = token.access_token;
  const wish = { op: "pin-change", auth: "device", device: await native.thumbprintOf(primitives, key) } as const;
  const request = native.makeSessionRequest(primitives, { ...wish, card: sandbox.native.cardId });
  const { data: opened } = await api.nativeMakeSession({ auth, body: request, throwOnError: true });
  const { roots, issuerKeysUrl, personId: sub } = sandbox.native;
  const pins = { issuer: new URL(issuerKeysUrl).origin, roots };
  const session = await native.acceptSession(
    primitives,
    { manifest: "", ...opened },
    { request, pins, lowestSeq: 0, sub, clockSeconds: 0 },
  );
  const message = await native.makeSealedMessage(primitives, session, { pin: pinOf("4655") }, key);
  const { data } = await api.nativeRunOperation({ auth, body: message.request, throwOnError: true });
  const outcome = await native.acceptAnswer(primitives, data.answer, session, message);
  assert.equal(outcome.result, "changed");
  await verify("4655");
}

/** A signing PIN is a user's secret, which no card has. */
async function byVenly(): Promise<void> {
  const { data: token } = await api.venlyMakeToken({ body: form(sandbox.venly), throwOnError: true });
  const auth = token.access_token;
  const { data: keys } = await api.venlyGetSecurity({ throwOnError: true });
  const issuerKey = venly.acceptIssuerKey(keys);
  const signingMethod = { type: "PIN", value: utf8("482915") } as const;
  const user = await venly.sealUserRequest(primitives, issuerKey, { reference: "A user", signingMethod });
  const { data: made } = await api.venlyMakeUser({ auth, body: user, throwOnError: true });
  const { id: userId, signingMethods } = made.result;
  const [method] = signingMethods;
  assert.equal(method?.type, "PIN");
  const path = { userId, methodId: method.id };

  const update = async (present: string, next: string) => {
    const body = await venly.sealMethodUpdate(primitives, issuerKey, { value: utf8(next) });
    // The header is good for these bytes alone.
    const bytes = JSON.stringify(body);
    const known = { id: method.id, value: utf8(present) };
    const signed = { method: known, body: utf8(bytes) };
    const header = await venly.makeEncryptedSigningMethod(primitives, issuerKey, signed);
    const headers = { "encrypted-signing-method": header };
    return api.venlyUpdateSigningMethod({ auth, path, headers, body, bodySerializer: () => bytes });
  };
  const { data: updated } = await update("482915", "591846");
  assert.deepEqual(updated?.result, method);
  const { response, error } = await update("482915", "736482");
  assert.equal(response?.status, 403);
  assert.equal(error?.success, false);
  assert.equal((await update("591846", "736482")).response?.status, 200);
}

for (const change of [
  bySolaris,
  byAdyen,
  byPlumery,
  byStripe,
  byLithic,
  bySpritz,
  byRain,
  byWorldline,
  byNative,
  byVenly,
]) {
  await change();
  console.log(change.name);
}
