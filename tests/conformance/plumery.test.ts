import assert from "node:assert/strict";
import { createDecipheriv, createECDH, hkdfSync } from "node:crypto";
import { after, before } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { handMadePinChange } from "@linchpin/test-fixtures/messages/hand-made-adyen";
import { type Answer, call } from "@linchpin/testing/call";
import { statement, testDocuments } from "./statements.ts";

let issuer: SandboxIssuer;
// biome-ignore lint/suspicious/noExplicitAny: the shape of GET /sandbox
let sandbox: any;

before(async () => {
  issuer = await startSandboxIssuer();
  sandbox = await cardWithPin("2846");
});
after(() => issuer.stop());

/** A fresh card whose PIN was set by hand, by Adyen's protocol. */
async function cardWithPin(digits: string) {
  const { body } = await call("POST", `${issuer.url}/sandbox/cards`);
  const headers = { "x-api-key": body.adyen.apiKey };
  const key = await call("GET", `${body.adyen.baseUrl}/publicKey?purpose=pinChange`, { headers });
  const change = handMadePinChange(key.body.publicKey, body.adyen.paymentInstrumentId, { digits });
  const changed = await call("POST", `${body.adyen.baseUrl}/pins/change`, { headers, body: change });
  assert.deepEqual(changed.body, { status: "completed" });
  return body;
}

function ephemeralKey() {
  const ecdh = createECDH("prime256v1");
  return { ecdh, publicKey: ecdh.generateKeys().toString("base64") };
}

function get(publicKey: string | undefined, token: string = sandbox.plumery.cardToken): Promise<Answer> {
  const { baseUrl, bearerToken: bearer } = sandbox.plumery;
  const headers = publicKey === undefined ? {} : { "X-Client-Public-Key": publicKey };
  return call("GET", `${baseUrl}/internal/v1/cards/${token}/pin`, { bearer, headers });
}

/** By the catalog's description alone. */
async function reveal() {
  const { ecdh, publicKey } = ephemeralKey();
  const { status, body } = await get(publicKey);
  assert.equal(status, 200, JSON.stringify(body));
  const { iv, ciphertext, ephemeralPublicKey, salt } = body.encryptedPayload;
  const bytes = (text: string) => Buffer.from(text, "base64");
  const secret = ecdh.computeSecret(bytes(ephemeralPublicKey));
  const key = Buffer.from(hkdfSync("sha256", secret, bytes(salt), Buffer.of(), 32));
  const sealed = bytes(ciphertext);
  const decipher = createDecipheriv("aes-256-gcm", key, bytes(iv)).setAuthTag(sealed.subarray(-16));
  const plaintext = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]).toString();
  return { iv: bytes(iv), sealed, ephemeralPublicKey: bytes(ephemeralPublicKey), salt: bytes(salt), plaintext };
}

const urn = "urn:plmr:cards:connector:";
async function assertRefused(answer: Answer, code: string, fieldCode?: string): Promise<void> {
  assert.deepEqual([answer.status, answer.body.code], [400, `${urn}${code}`], JSON.stringify(answer.body));
  assert.deepEqual(
    answer.body.fieldErrors.map((field: { code: string }) => field.code),
    fieldCode === undefined ? [] : [`${urn}${fieldCode}`],
  );
}

async function setState(state: string): Promise<void> {
  const { baseUrl, apiKey: bearer, cardId } = sandbox.issuer;
  assert.equal((await call("PATCH", `${baseUrl}/cards/${cardId}`, { bearer, body: { state } })).status, 200);
}

const catalog = [
  statement(1, "GET /internal/v1/cards/{token}/pin.", async () => {
    assert.equal((await get(ephemeralKey().publicKey)).status, 200);
  }),
  statement(3, "token: required, the internal identifier of the card.", async () => {
    await assertRefused(await get(ephemeralKey().publicKey, "another"), "CARD_NOT_FOUND");
  }),
  statement(4, "X-Client-Public-Key: a required header.", async () => {
    await assertRefused(await get(undefined), "INVALID_CLIENT_PUBLIC_KEY", "NOT_NULL");
    const { body } = await call("GET", `${issuer.url}/openapi.json`);
    const [header] = body.paths["/plumery/internal/v1/cards/{token}/pin"].get.parameters.filter(
      (parameter: { in: string }) => parameter.in === "header",
    );
    assert.deepEqual([header.name, header.required], ["x-client-public-key", true]);
  }),
  statement(4, "It is base64 of an ECDH public key.", async () => {
    const hex = Buffer.from(ephemeralKey().publicKey, "base64").toString("hex");
    await assertRefused(await get(hex), "INVALID_CLIENT_PUBLIC_KEY");
  }),
  statement(5, "The curve is secp256r1.", async () => {
    const other = createECDH("secp256k1").generateKeys().toString("base64");
    await assertRefused(await get(other), "INVALID_CLIENT_PUBLIC_KEY");
  }),
  statement(7, "200 OK.", async () => assert.equal((await get(ephemeralKey().publicKey)).status, 200)),
  statement(8, "The PIN is encrypted in encryptedPayload.", async () => {
    assert.deepEqual(Object.keys((await get(ephemeralKey().publicKey)).body), ["encryptedPayload"]);
  }),
  statement(9, "What is decrypted is JSON of the structure DecryptedCardPin.", async () => {
    assert.deepEqual(JSON.parse((await reveal()).plaintext), { pin: "2846" });
  }),
  statement(10, "400 Bad Request, with a body.", async () => {
    const { status, body } = await get("?");
    assert.deepEqual([status, Object.keys(body)], [400, ["code", "message", "requestId", "fieldErrors"]]);
  }),
  statement(12, "500 Internal Server Error has the same shape.", async () => {
    const { body } = await call("GET", `${issuer.url}/openapi.json`);
    const { responses } = body.paths["/plumery/internal/v1/cards/{token}/pin"].get;
    assert.deepEqual(Object.keys(responses.default.content["application/json"].schema.properties), [
      "code",
      "message",
      "requestId",
      "fieldErrors",
    ]);
  }),
  statement(16, "Symmetric encryption: AES-256-GCM.", async () => assert.match((await reveal()).plaintext, /2846/)),
  statement(16, "Key derivation: HKDF-SHA256 of the ECDH shared secret.", async () => {
    assert.match((await reveal()).plaintext, /2846/);
  }),
  statement(17, "The IV has 12 bytes, and is another each time.", async () => {
    const [one, two] = [await reveal(), await reveal()];
    assert.equal(one.iv.length, 12);
    assert.notDeepEqual(one.iv, two.iv);
  }),
  statement(18, "The tag of 16 bytes is appended to the ciphertext.", async () => {
    const { sealed, plaintext } = await reveal();
    assert.equal(sealed.length, plaintext.length + 16);
  }),
  statement(19, "The server's ephemeral key is base64, and another each time.", async () => {
    const [one, two] = [await reveal(), await reveal()];
    assert.equal(one.ephemeralPublicKey.length, 65);
    assert.notDeepEqual(one.ephemeralPublicKey, two.ephemeralPublicKey);
  }),
  statement(19, "The consumer combines it with its private key: another key opens nothing.", async () => {
    const { body } = await get(ephemeralKey().publicKey);
    const { ecdh } = ephemeralKey();
    const { iv, ciphertext, ephemeralPublicKey, salt } = body.encryptedPayload;
    const secret = ecdh.computeSecret(Buffer.from(ephemeralPublicKey, "base64"));
    const key = Buffer.from(hkdfSync("sha256", secret, Buffer.from(salt, "base64"), Buffer.of(), 32));
    const sealed = Buffer.from(ciphertext, "base64");
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(iv, "base64"));
    decipher.setAuthTag(sealed.subarray(-16)).update(sealed.subarray(0, -16));
    assert.throws(() => decipher.final());
  }),
  statement(20, "The salt is random, base64, for HKDF-SHA256.", async () => {
    const [one, two] = [await reveal(), await reveal()];
    assert.equal(one.salt.length, 32);
    assert.notDeepEqual(one.salt, two.salt);
  }),
  statement(24, "CARD_NOT_FOUND.", async () => {
    await assertRefused(await get(ephemeralKey().publicKey, crypto.randomUUID()), "CARD_NOT_FOUND");
  }),
  statement(24, "INVALID_CLIENT_PUBLIC_KEY.", async () =>
    assertRefused(await get("AAAA"), "INVALID_CLIENT_PUBLIC_KEY"),
  ),
  statement(24, "INVALID_CARD_STATE.", async () => {
    await setState("blocked");
    await assertRefused(await get(ephemeralKey().publicKey), "INVALID_CARD_STATE");
    await setState("active");
  }),
  statement(24, "IN_APP_PROVISION_NOT_ALLOWED and INVALID_CERTIFICATE_CHAIN belong to other operations.", async () => {
    const answers = [await get("AAAA"), await get(undefined), await get(ephemeralKey().publicKey, "another")];
    for (const { body } of answers) assert.doesNotMatch(body.code, /PROVISION|CERTIFICATE/);
  }),
  statement(24, "NOT_BLANK, of a field.", async () => {
    await assertRefused(await get(" "), "INVALID_CLIENT_PUBLIC_KEY", "NOT_BLANK");
  }),
  statement(24, "NOT_NULL, of a field.", async () => {
    await assertRefused(await get(undefined), "INVALID_CLIENT_PUBLIC_KEY", "NOT_NULL");
  }),
  statement(27, "CARD_ALREADY_TERMINATED.", async () => {
    await setState("terminated");
    await assertRefused(await get(ephemeralKey().publicKey), "CARD_ALREADY_TERMINATED");
  }),
];

testDocuments("plumery", [{ name: "Plumery, event catalog, cards connector", statements: catalog }]);
