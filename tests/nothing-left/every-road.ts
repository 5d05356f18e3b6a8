import assert from "node:assert/strict";
import { sealJwe, utf8 } from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { stripePinProfile } from "@linchpin/protocols/stripe/issuer";
import { handMadePinChange } from "@linchpin/test-fixtures/messages/hand-made-adyen";
import { handMadeJwe } from "@linchpin/test-fixtures/messages/hand-made-jwe";
import { handMadeLithicPin, messageOf } from "@linchpin/test-fixtures/messages/hand-made-lithic";
import { handMadePinAttribute } from "@linchpin/test-fixtures/messages/hand-made-worldline";
import { sendRaw } from "@linchpin/test-fixtures/system/raw-http";
import { AdyenCardholder } from "@linchpin/testing/adyen";
import { type Answer, call } from "@linchpin/testing/call";
import { LithicCardholder } from "@linchpin/testing/lithic";
import { NativeCardholder, sealedMessage } from "@linchpin/testing/native";
import { PlumeryClient } from "@linchpin/testing/plumery";
import { type BoundDevice, SolarisCardholder } from "@linchpin/testing/solaris";
import { SpritzCardholder } from "@linchpin/testing/spritz";
import { StripeCardholder } from "@linchpin/testing/stripe";
import { type KnownMethod, transferBody, VenlyPartner, type VenlyUser } from "@linchpin/testing/venly";
import { WorldlineCardholder } from "@linchpin/testing/worldline";
import type { Secrets } from "./secrets.ts";

/** A cardholder whose card takes PINs of twelve digits, and one whose card does not. */
interface Cardholders {
  readonly long: SolarisCardholder;
  readonly short: SolarisCardholder;
  readonly device: BoundDevice;
}

/**
 * A secret of its own over each road that secrets take, and over each way that they may be refused. Resolves to the
 * answers that `fetch` does not see.
 */
export async function takeEveryRoad(origin: string, secrets: Secrets): Promise<string[]> {
  const long = await withLongPins(origin);
  const name = secrets.code("kept", "no secret");
  assertStatus(await long.operator("POST", "/partners", { name }), 201);
  const cardholders = { long, short: await SolarisCardholder.create(origin), device: await long.bindDevice() };
  await solarisRoads(cardholders, secrets);
  await solarisRefusals(cardholders, secrets);
  await adyenRoads(origin, secrets);
  await plumeryRoads(long, secrets);
  await stripeRoads(origin, secrets);
  await lithicRoads(origin, secrets);
  await worldlineRoads(origin, secrets);
  await nativeRoads(origin, secrets);
  await spritzRoads(origin, secrets);
  await cardDataRoads(origin, secrets);
  await venlyRoads(origin, secrets);
  await venlyRefusals(origin, secrets);
  await misplaced(long, secrets);
  return malformed(long, secrets);
}

/** The PIN of a letter, which the operator's receiver of messages gets. */
export async function generatePin(origin: string): Promise<void> {
  const holder = await withLongPins(origin);
  assertStatus(await holder.operator("POST", `/cards/${holder.sandbox.issuer.cardId}/pin/generate`), 200);
}

const longPins = { minLength: 12, maxLength: 12, sequences: "allow", maxSameDigit: 12, formerPins: 3 };

async function withLongPins(origin: string): Promise<SolarisCardholder> {
  const holder = await SolarisCardholder.create(origin);
  const { body: program } = await holder.operator("POST", "/programs", {
    name: "long",
    settings: { policy: longPins },
  });
  const { personId } = holder.sandbox.solaris;
  const { body: card } = await holder.operator("POST", "/cards", { personId, programId: program.id });
  holder.sandbox.issuer.cardId = card.id;
  holder.sandbox.solaris.cardAccountId = card.names.solaris;
  holder.sandbox.adyen.paymentInstrumentId = card.names.adyen;
  holder.sandbox.plumery.cardToken = card.names.plumery;
  holder.sandbox.native.cardId = card.names.native;
  return holder;
}

async function solarisRoads({ long, device }: Cardholders, secrets: Secrets): Promise<void> {
  const signed = await long.sealAndSign(secrets.pin("sealed", "Solaris, signed by the device"), device);
  assertStatus(await long.sendChange(signed), 204);
  assertStatus(await long.sendChange(signed), 409);

  const person_id = long.sandbox.solaris.personId;
  const byTan = secrets.pin("sealed", "Solaris, confirmed by TAN");
  const requested = await long.requestChange(byTan);
  const path = `/v1/change_requests/${requested.body.id}`;
  await long.partner("POST", `${path}/authorize`, { person_id, delivery_method: "mobile_number" });
  assertStatus(await long.partner("POST", `${path}/confirm`, { person_id, tan: await long.newestOtp() }), 200);

  assert.equal((await long.verify(byTan)).body.result, "match");
  assert.equal((await long.verify(secrets.pin("sealed", "the issuer, verified wrong"))).body.result, "mismatch");
  assertStatus(await long.requestChange(secrets.pin("sealed", "Solaris, never confirmed")), 200);
}

async function solarisRefusals({ long, short, device }: Cardholders, secrets: Secrets): Promise<void> {
  const seal = (name: string) => long.sealAndSign(secrets.pin("sealed", name), device);
  const tampered = await seal("Solaris, altered");
  const foreign = await seal("Solaris, signed by nobody");
  const { body: pinKey } = await long.partner("GET", "/v1/cards/pin_keys/latest");
  for (const [name, plaintext] of [
    ["a number", (pin: string) => `{"pin":${pin}}`],
    ["of another name", (pin: string) => `{"code":"${pin}"}`],
    ["with members beside", (pin: string) => `{"pin":"${pin}","again":"${pin}"}`],
    ["too long", (pin: string) => `{"pin":"${pin}0"}`],
    ["no JSON", (pin: string) => pin],
  ] as const) {
    const jwe = handMadeJwe(pinKey, plaintext(secrets.pin("sealed", `Solaris, sealed as ${name}`)));
    const path = `/v1/cards/${long.sandbox.solaris.cardAccountId}/sca_pin_update_requests`;
    assertRefused(await long.partner("POST", path, { encrypted_pin: jwe, key_id: pinKey.kid }));
  }
  const altered = `${tampered.encrypted_pin.slice(0, -4)}AAAA`;
  assertRefused(await long.sendChange({ ...tampered, encrypted_pin: altered }));
  assertRefused(await long.sendChange({ ...foreign, signature: "30060201010201" }));
  assertRefused(await long.sendChange({ ...foreign, key_id: "another" }));
  assertRefused(await short.requestChange(secrets.pin("sealed", "Solaris, against the policy")));

  const orders = `/v1/persons/${long.sandbox.solaris.personId}/accounts/an-account/cards`;
  const ordered = await long.seal(secrets.pin("sealed", "Solaris, in the order of a card of another program"));
  assertRefused(await long.partner("POST", orders, ordered));

  const plain = secrets.pin("text", "Solaris, in a request that is not sealed");
  assertRefused(await long.partner("POST", orders, { pin: plain, encrypted_pin: plain, key_id: plain }));
  for (const body of [
    { ...foreign, encrypted_pin: plain },
    { ...foreign, [plain]: plain },
    { ...foreign, device_id: Number(plain) },
    { ...foreign, key_id: plain, signature: plain },
    `{"encrypted_pin":"${plain}`,
    `{"encrypted_pin":${plain}x}`,
    `{"encrypted_pin":"${plain}","__proto__":"${plain}"}`,
    `"${plain}"`,
    plain,
  ])
    assertRefused(await long.sendChange(body));
}

async function adyenRoads(origin: string, secrets: Secrets): Promise<void> {
  const holder = await (await AdyenCardholder.create(origin)).inProgram({ policy: longPins });
  const change = await holder.seal(secrets.pin("sealed", "Adyen, changed and revealed"));
  assertStatus(await holder.sendChange(change), 200);
  await holder.revealedPin();
  assertRefused(await holder.sendChange(change));

  const refused = await holder.seal(secrets.pin("sealed", "Adyen, another token"));
  assertRefused(await holder.sendChange({ ...refused, token: "8374188662676926" }));
  const { publicKey } = (await holder.partner("GET", "/publicKey?purpose=pinChange")).body;
  const digits = secrets.pin("sealed", "Adyen, in a block of another format");
  const pinField = `0c${digits}ff0000000000000000`;
  assertRefused(await holder.sendChange(handMadePinChange(publicKey, holder.paymentInstrumentId, { pinField })));
  const sessionKey = Buffer.from(secrets.key("sealed", "Adyen, a session key"));
  const ownKey = handMadePinChange(publicKey, holder.paymentInstrumentId, { sessionKey, digits: "28461937502846" });
  assertRefused(await holder.sendChange(ownKey));
  const short = await AdyenCardholder.create(origin);
  assertRefused(await short.changePin(secrets.pin("sealed", "Adyen, against the policy")));

  const plain = secrets.pin("text", "Adyen, in a request that is not sealed");
  for (const body of [
    { ...refused, encryptedPinBlock: plain },
    { ...refused, encryptedPinBlock: `4c${plain}aa0000000000000000` },
    { ...refused, token: plain, encryptedKey: plain },
    { ...refused, [plain]: plain },
    `{"token":${plain}`,
  ])
    assertRefused(await holder.sendChange(body));
}

async function stripeRoads(origin: string, secrets: Secrets): Promise<void> {
  const short = await StripeCardholder.create(origin);
  const holder = await short.inProgram({ policy: longPins });
  const idempotent = () => ({ "idempotency-key": crypto.randomUUID() });
  const change = await holder.seal(secrets.pin("sealed", "Stripe, changed"));
  const headers = idempotent();
  assertStatus(await holder.sendPin(change, headers), 200);
  assertStatus(await holder.sendPin(change, headers), 200);
  assertRefused(await holder.sendPin(change, idempotent()));
  const policy = await short.seal(secrets.pin("sealed", "Stripe, against the policy"));
  assertRefused(await short.sendPin(policy, idempotent()));

  const cards = "/v1/issuing/cards";
  const created = await holder.seal(secrets.pin("sealed", "Stripe, of a card that is not created"));
  const create = { currency: "usd", type: "virtual" };
  assertRefused(await holder.partner("POST", cards, { ...create, "pin[encrypted_number]": created }, idempotent()));
  const altered = await holder.seal(secrets.pin("sealed", "Stripe, altered"));
  assertRefused(await holder.sendPin(`${altered.slice(0, -4)}AAAA`, idempotent()));
  const { jwk } = await holder.pinKey();
  for (const [name, plaintext] of [
    ["JSON", (pin: string) => `{"pin":"${pin}"}`],
    ["a quoted string", (pin: string) => `"${pin}"`],
    ["with a line end", (pin: string) => `${pin}\n`],
    ["too long", (pin: string) => `${pin}0`],
  ] as const) {
    const jwe = await sealAsStripe(jwk, plaintext(secrets.pin("sealed", `Stripe, sealed as ${name}`)));
    assertRefused(await holder.sendPin(jwe, idempotent()));
  }

  const plain = secrets.pin("text", "Stripe, in a request that is not sealed");
  for (const parameters of [
    { "pin[encrypted_number]": plain },
    { pin: plain },
    { [`pin[${plain}]`]: plain },
    { [plain]: plain },
    { [`metadata[${plain}]`]: plain.repeat(50) },
    { [`spending_controls[${plain.repeat(6)}]`]: plain },
    { [`metadata[${plain}`]: plain },
    { status: plain },
  ])
    assertRefused(await holder.update(parameters, idempotent()));
  assertRefused(await holder.update({ status: plain }, { authorization: `Bearer ${plain}` }));
  assertRefused(await holder.update({ status: "active" }, { "idempotency-key": plain.repeat(30) }));
}

async function lithicRoads(origin: string, secrets: Secrets): Promise<void> {
  const short = await LithicCardholder.create(origin);
  const holder = await short.inProgram({ policy: longPins });
  const change = await holder.seal(secrets.pin("sealed", "Lithic, changed"));
  assertStatus(await holder.sendPin(change), 200);
  assertRefused(await holder.sendPin(change));
  assertRefused(await short.sendPin(await short.seal(secrets.pin("sealed", "Lithic, against the policy"))));

  const idempotent = () => ({ "idempotency-key": crypto.randomUUID() });
  const create = (pin: string, members: object, headers: Record<string, string> = idempotent()) =>
    holder.partner("POST", "/v1/cards", { type: "VIRTUAL", ...members, pin }, headers);
  const created = await holder.seal(secrets.pin("sealed", "Lithic, of a card that is not created"));
  assertRefused(await create(created, {}));
  assertRefused(
    await create(await holder.seal(secrets.pin("sealed", "Lithic, of no account")), { account_token: "no" }),
  );
  const altered = await holder.seal(secrets.pin("sealed", "Lithic, altered"));
  assertRefused(await holder.sendPin(`AAAA${altered.slice(4)}`));
  const pem = await holder.publicKeyPem();
  for (const [name, plaintext] of [
    ["bare digits", (pin: string) => pin],
    ["without a nonce", (pin: string) => `{"pin":"${pin}"}`],
    ["a number", (pin: string) => messageOf(pin).replace(`"${pin}"`, pin)],
    ["with a member more", (pin: string) => messageOf(pin).replace("}", ',"also":1}')],
    ["too long", (pin: string) => messageOf(`${pin}0`)],
  ] as const) {
    const message = plaintext(secrets.pin("sealed", `Lithic, sealed as ${name}`));
    assertRefused(await holder.sendPin(handMadeLithicPin(pem, message)));
  }

  const plain = secrets.pin("text", "Lithic, in a request that is not sealed");
  for (const members of [
    { pin: plain },
    { pin: { [plain]: plain } },
    { pin: plain.repeat(57) },
    { [plain]: plain },
    { memo: [plain] },
    { pin_status: plain },
    { state: plain },
    { spend_limit: `${plain}x` },
  ])
    assertRefused(await holder.update(members));
  assertRefused(await create(plain, {}));
  assertRefused(await create(plain, {}, { "idempotency-key": plain }));
  assertRefused(await holder.update({ state: "OPEN" }, { authorization: `Bearer ${plain}` }));
  assertRefused(await holder.partner("GET", `/v1/cards/${holder.cardToken}?pin=${plain}`));
  assertRefused(await holder.partner("GET", `/v1/cards/${plain}`));
}

async function spritzRoads(origin: string, secrets: Secrets): Promise<void> {
  const short = await SpritzCardholder.create(origin);
  const holder = await short.inProgram({ policy: longPins });
  const idempotent = () => ({ "idempotency-key": crypto.randomUUID() });
  const set = await holder.seal(secrets.pin("sealed", "Spritz, set"));
  assertStatus(await holder.sendSet(set), 200);
  assertRefused(await holder.sendSet(set));
  assertRefused(await short.sendSet(await short.seal(secrets.pin("sealed", "Spritz, against the policy"))));
  const shown = secrets.pin("sealed", "Rain, set and shown");
  const headers = idempotent();
  const ofRain = await holder.seal(shown, holder.issuerKey("rain"));
  assertStatus(await holder.sendRainSet(ofRain, headers), 204);
  assertStatus(await holder.sendRainSet(ofRain, headers), 204);
  for (const form of ["spritz", "rain"] as const) assert.equal(await holder.revealedPin(form), shown);

  const { encryptedKey, encryptedPin } = await holder.seal(secrets.pin("sealed", "Spritz, altered"));
  const data = `AAAA${encryptedPin.data.slice(4)}`;
  assertRefused(await holder.sendSet({ encryptedKey, encryptedPin: { ...encryptedPin, data } }));

  const plain = secrets.pin("text", "Spritz, in a request that is not sealed");
  for (const body of [
    { encryptedKey, encryptedPin: { ...encryptedPin, data: plain } },
    { encryptedKey, encryptedPin: plain },
    { encryptedKey: plain, encryptedPin },
    { encryptedKey, encryptedPin, [plain]: plain },
    { encryptedKey, encryptedPin: { ...encryptedPin, iv: plain } },
  ])
    assertRefused(await holder.sendSet(body));
  const ofPlain = { encryptedKey: plain, encryptedPin: { iv: plain.repeat(2), data: plain.repeat(5) } };
  assertRefused(await holder.sendRainSet(ofPlain, idempotent()));
  assertRefused(await holder.sendRainGet(plain));
}

async function worldlineRoads(origin: string, secrets: Secrets): Promise<void> {
  const short = await WorldlineCardholder.create(origin);
  const holder = await short.inProgram({ policy: longPins });
  const change = await holder.seal(secrets.pin("sealed", "Worldline, set and displayed"));
  assertStatus(await holder.card("pin", change), 200);
  await holder.displayedPin();
  assertRefused(await holder.card("pin", change));
  const policy = await short.seal(secrets.pin("sealed", "Worldline, against the policy"));
  assertRefused(await short.card("pin", policy));

  const publicKey = await holder.keySet();
  const { pan } = holder.access;
  const digits = secrets.pin("sealed", "Worldline, in a block of another format");
  const pinField = `0c${digits}ff0000000000000000`;
  assertRefused(await holder.card("pin", { pinAttribute: handMadePinAttribute(publicKey, { pan, pinField }) }));
  const sessionKey = Buffer.from(secrets.key("sealed", "Worldline, a session key"));
  const ownKey = handMadePinAttribute(publicKey, { pan, sessionKey, digits: "28461937502846" });
  assertRefused(await holder.card("pin", { pinAttribute: ownKey }));

  const plain = secrets.pin("text", "Worldline, in a request that is not sealed");
  const { pinAttribute } = policy;
  for (const body of [
    { pinAttribute: { ...pinAttribute, pinBlock: plain } },
    { pinAttribute: { ...pinAttribute, pinBlockFormat: plain.repeat(3) } },
    { pinAttribute: { ...pinAttribute, [plain]: plain } },
    { pinAttribute: plain },
    `{"pinAttribute":"${plain}`,
  ])
    assertRefused(await holder.card("pin", body));
}

async function sealAsStripe(jwk: { n: string; e: string; kid: string }, plaintext: string): Promise<string> {
  return sealJwe(
    nodeCryptoPrimitives,
    stripePinProfile,
    { key: { n: jwk.n, e: jwk.e }, kid: jwk.kid },
    utf8(plaintext),
  );
}

async function nativeRoads(origin: string, secrets: Secrets): Promise<void> {
  const short = await NativeCardholder.create(origin);
  const { sandbox } = await withLongPins(origin);
  const pan = secrets.pan("text", "a PAN that the native protocol reveals");
  const holder = await NativeCardholder.of(sandbox);
  const data = { pan, cvv2: "047", expiration: { month: 3, year: 2031 } };
  assertStatus(await holder.operator("PUT", `/cards/${sandbox.issuer.cardId}/data`, data), 204);
  const [key, shortKey] = [await holder.bind(), await short.bind()];
  const pin = secrets.pin("sealed", "native, changed, sent twice and revealed");
  const session = await holder.session(await holder.wishOf("pin-change", key));
  const message = await sealedMessage(session, { pin }, key);
  assertStatus(await holder.send(session, message), 200);
  assertStatus(await holder.send(session, message), 409);
  assert.equal((await holder.verifyPin(pin, key)).outcome?.result, "match");
  const guess = secrets.pin("sealed", "native, verified wrong");
  assert.equal((await holder.verifyPin(guess, key)).outcome?.result, "mismatch");
  assert.equal(await holder.revealedPin(key), pin);
  assert.equal(((await holder.revealedCard(key)) as { pan: string }).pan, pan);

  const policy = secrets.pin("sealed", "native, against the policy");
  assertStatus(await short.changePin(policy, shortKey), 422);
  const changing = await holder.wishOf("pin-change", key);
  for (const [name, alter] of [
    ["altered", (text: string) => `${text.slice(0, -4)}AAAA`],
    ["cut off", (text: string) => text.slice(0, 100)],
  ] as const) {
    const asked = await holder.session(changing);
    const sealed = await sealedMessage(asked, { pin: secrets.pin("sealed", `native, ${name}`) }, key);
    const request = { ...sealed.request, message: alter(sealed.request.message) };
    assertRefused(await holder.partner("/operations", request));
  }
  const stale = await holder.session(changing);
  const late = await sealedMessage(stale, { pin: secrets.pin("sealed", "native, overtaken") }, key);
  assertStatus(await holder.changePin(secrets.pin("sealed", "native, the newer one"), key), 200);
  assertStatus(await holder.send(stale, late), 422);

  const plain = secrets.pin("text", "native, in a request that is not sealed");
  for (const body of [
    { ...message.request, message: plain },
    { ...message.request, session: plain },
    { ...message.request, signature: plain },
    { ...message.request, [plain]: plain },
    `{"message":"${plain}`,
    `"${plain}"`,
  ])
    assertRefused(await holder.partner("/operations", body));
  for (const body of [
    { op: "pin-change", auth: "device", card: plain, nonce: plain },
    { op: plain, auth: plain },
  ])
    assertRefused(await holder.partner("/sessions", body));
}

async function plumeryRoads(holder: SolarisCardholder, secrets: Secrets): Promise<void> {
  const device = await holder.bindDevice();
  const pin = secrets.pin("sealed", "Plumery, revealed");
  assertStatus(await holder.changePin(pin, device), 204);
  const client = await PlumeryClient.create(holder.sandbox);
  assert.deepEqual(await client.revealedPin(), { pin });
  const plain = secrets.pin("text", "Plumery, as a client's key");
  assertRefused(await client.pin({ "X-Client-Public-Key": plain }));
  assertRefused(await client.pin({ "X-Client-Public-Key": client.header }, plain));
}

async function cardDataRoads(origin: string, secrets: Secrets): Promise<void> {
  const holder = await AdyenCardholder.create(origin);
  const pan = secrets.pan("text", "a PAN");
  const data = { pan, cvv2: "047", expiration: { month: 3, year: 2031 } };
  assertStatus(await holder.operator("PUT", `/cards/${holder.cardId}/data`, data), 204);
  assert.equal((await holder.revealedPan()).pan, pan);
  for (const wrong of [
    { ...data, cvv2: pan },
    { ...data, pan: `${pan}0` },
    { ...data, [pan]: pan },
  ])
    assertRefused(await holder.operator("PUT", `/cards/${holder.cardId}/data`, wrong));
}

async function venlyRoads(origin: string, secrets: Secrets): Promise<void> {
  const partner = await VenlyPartner.create(origin);
  const user = await partner.makeUser(secrets.venlyPin("sealed", "Venly, a user's PIN sealed"));
  const code = secrets.code("sealed", "Venly, an emergency code made and used sealed");
  const made = await user.addMethod({ type: "EMERGENCY_CODE", value: utf8(code) });
  const method: KnownMethod = { id: made.body.result.id, value: code };
  const header = await user.sign(transferBody, method);
  assertStatus(await user.sendTransfer(transferBody, header), 200);
  assertRefused(await user.sendTransfer(transferBody, header));
  assertStatus(await user.updateMethod(method.id, secrets.code("sealed", "Venly, updated sealed"), method), 200);
  const physicalDeviceId = "a phone";
  const biometric = utf8(secrets.code("sealed", "Venly, biometric"));
  assertStatus(await user.addMethod({ type: "BIOMETRIC", value: biometric, physicalDeviceId }), 200);

  const value = secrets.venlyPin("plain body", "Venly, a user's PIN plain");
  assertStatus(
    await partner.send("POST", "/api/users", { reference: "r", signingMethod: { type: "PIN", value } }),
    200,
  );
  const another = await partner.makeUser();
  const plain = secrets.code("text", "Venly, made and used plain");
  const plainBody = JSON.stringify({ type: "EMERGENCY_CODE", value: plain });
  const added = await sendMethod(another, plainBody, await another.sign(plainBody));
  assertStatus(added, 200);
  const plainHeader = { "signing-method": `${added.body.result.id}:${plain}` };
  assertStatus(await partner.send("POST", "/api/transactions/execute", transferBody, plainHeader), 200);
  const update = JSON.stringify({ value: secrets.code("plain body", "Venly, updated plain") });
  const path = `/api/users/${another.id}/signing-methods/${added.body.result.id}`;
  assertStatus(await partner.send("PUT", path, update, plainHeader), 200);

  const third = await partner.makeUser();
  secrets.add("told", "Venly, an emergency code made by the issuer", (await third.addEmergencyCode()).value);
}

async function venlyRefusals(origin: string, secrets: Secrets): Promise<void> {
  const partner = await VenlyPartner.create(origin);
  const user = await partner.makeUser();
  const guess = { ...user.pin, value: secrets.code("sealed", "Venly, a wrong value sealed") };
  assertRefused(await user.transfer(transferBody, guess));
  const header = await user.sign(transferBody, { ...guess, id: "nobody's" });
  assertRefused(await user.sendTransfer(transferBody, header));
  assertRefused(await user.sendTransfer(`${transferBody} `, await user.sign(transferBody, guess)));
  assertRefused(await user.sendTransfer(transferBody, `${header.slice(0, -8)}AAAAAAA=`));
  const malformed = utf8(`${secrets.code("sealed", "Venly, malformed sealed")}!`);
  assertRefused(await user.addMethod({ type: "EMERGENCY_CODE", value: malformed }));

  const refused = { type: "EMERGENCY_CODE", value: secrets.code("plain body", "Venly, a user's first refused plain") };
  assertRefused(await partner.send("POST", "/api/users", { reference: "r", signingMethod: refused }));

  const plain = secrets.code("text", "Venly, refused plain");
  const method = { type: "EMERGENCY_CODE", value: plain };
  for (const body of [
    { reference: "r", signingMethod: method },
    { reference: "r", signingMethod: { ...method, type: plain } },
    { reference: "r", signingMethod: { type: "PIN", value: plain } },
    { reference: "r", signingMethod: method, [plain]: plain },
    { encryption: { type: plain, key: plain }, value: plain },
    `{"reference":"r","signingMethod":{"value":"${plain}`,
    `"${plain}"`,
  ])
    assertRefused(await partner.send("POST", "/api/users", body));
  for (const headers of [
    { "signing-method": plain },
    { "signing-method": `${user.pin.id}:${plain}` },
    { "signing-method": `${plain}:${plain}` },
    { "encrypted-signing-method": plain },
    { "encrypted-signing-method": header, "signing-method": `${user.pin.id}:${plain}` },
  ])
    assertRefused(await partner.send("POST", "/api/transactions/execute", transferBody, headers));
}

/** Where no protocol has a secret: whoever sends it there should still find it nowhere. */
async function misplaced(holder: SolarisCardholder, secrets: Secrets): Promise<void> {
  const secret = secrets.code("text", "misplaced");
  const { solaris, issuer, adyen, venly, stripe, lithic, native } = holder.sandbox;
  const anywhere = { "x-pin": secret, "signing-method": `a:${secret}`, "content-type": `text/${secret}` };
  for (const { baseUrl } of [
    solaris,
    adyen,
    venly,
    stripe,
    lithic,
    native,
    issuer,
    { baseUrl: new URL(issuer.baseUrl).origin },
  ])
    for (const [path, options] of [
      [`/${secret}`, { headers: anywhere }],
      [`/nowhere?pin=${secret}`, { headers: anywhere }],
      [`/%ff${secret}`, {}],
      ["/nowhere", { bearer: secret, headers: { "x-api-key": secret } }],
    ] as const)
      assertRefused(await call("GET", `${baseUrl}${path}`, options));

  const changes = `/v1/cards/${solaris.cardAccountId}/pin_update_requests`;
  for (const headers of [{ "content-type": "text/plain" }, { "content-encoding": secret }, { "content-type": secret }])
    assertRefused(await call("POST", `${solaris.baseUrl}${changes}`, { bearer: holder.token, headers, body: secret }));
  assertRefused(await holder.partner("POST", changes, `{"encrypted_pin":"${secret}${" ".repeat(70_000)}"}`));
  assertRefused(await holder.operator("GET", `/cards/${secret}`));
  assertRefused(await holder.operator("GET", `/audit-events?cardId=${holder.sandbox.issuer.cardId}&${secret}=1`));
  assertRefused(await holder.operator("POST", `/keys/${secret}/rotate`));
  assertRefused(
    await call("POST", `${solaris.baseUrl}/oauth2/token`, {
      headers: { authorization: `Basic ${btoa(`${secret}:${secret}`)}` },
      body: `grant_type=${secret}`,
    }),
  );
}

/** Before there is a request. */
async function malformed({ sandbox: { issuer, solaris } }: SolarisCardholder, secrets: Secrets): Promise<string[]> {
  const secret = secrets.code("text", "in malformed HTTP");
  const port = Number(new URL(issuer.baseUrl).port);
  const answers: string[] = [];
  for (const request of [
    `GET /${secret} HTTP/9.9\r\n\r\n`,
    `${secret} / HTTP/1.1\r\nhost: a\r\n\r\n`,
    `GET / HTTP/1.1\r\nhost: a\r\n${secret} ${secret}\r\n\r\n`,
    `GET / HTTP/1.1\r\nhost: a\r\nx: ${secret}${"x".repeat(20_000)}\r\n\r\n`,
    `POST ${new URL(solaris.baseUrl).pathname}/ HTTP/1.1\r\nhost: a\r\ncontent-length: ${secret}\r\n\r\n`,
  ]) {
    const { status, text } = await sendRaw(port, [request]);
    assert.ok(status >= 400);
    answers.push(text);
  }
  return answers;
}

async function sendMethod(user: VenlyUser, body: string, header: string): Promise<Answer> {
  return user.partner.send("POST", `/api/users/${user.id}/signing-methods`, body, {
    "encrypted-signing-method": header,
  });
}

function assertStatus(answer: Answer, status: number): void {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
}

function assertRefused(answer: Answer): void {
  assert.ok(answer.status >= 400, `${answer.status} ${JSON.stringify(answer.body)}`);
}
