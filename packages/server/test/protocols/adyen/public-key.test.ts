import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { Pin, utf8 } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import { acceptIssuerKey, makePinChangeRequest } from "@linchpin/protocols/adyen/device";
import { PublicKeyReply } from "@linchpin/protocols/adyen/wire";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { handMadePinChange } from "@linchpin/test-fixtures/messages/hand-made-adyen";
import { AdyenCardholder, assertAdyenError } from "@linchpin/testing/adyen";
import { call } from "@linchpin/testing/call";
import { Value } from "typebox/value";

describe("Adyen's public keys", () => {
  let issuer: SandboxIssuer;
  let holder: AdyenCardholder;

  before(async () => {
    issuer = await startSandboxIssuer();
    holder = await AdyenCardholder.create(issuer.url);
  });
  after(() => issuer.stop());

  const get = (query: string) => holder.partner("GET", `/publicKey${query}`);
  const listed = async (purpose: string) =>
    (await holder.operator("GET", "/keys")).body.filter((key: { purpose: string }) => key.purpose === purpose);

  it("are three, by purpose; pinReveal where none is named", async () => {
    const keys = [];
    for (const purpose of ["pinChange", "pinReveal", "panReveal"]) {
      const { status, body } = await get(`?purpose=${purpose}`);
      assert.equal(status, 200);
      assert.ok(Value.Check(PublicKeyReply, body));
      const key = createPublicKey({ key: Buffer.from(body.publicKey, "base64"), format: "der", type: "spki" });
      assert.deepEqual(key.asymmetricKeyDetails, { modulusLength: 2048, publicExponent: 65537n });
      keys.push(body.publicKey);
    }
    assert.equal(new Set(keys).size, 3);
    assert.deepEqual((await get("")).body, (await get("?purpose=pinReveal&format=pem")).body);
  });

  it("are published at the path of an older description too", async () => {
    for (const query of ["", "?purpose=pinChange", "?purpose=panReveal&format=jwk"])
      assert.deepEqual((await holder.partner("GET", `/pins/publicKey${query}`)).body, (await get(query)).body);
    assertAdyenError(await holder.partner("GET", "/pins/publicKey?purpose=other"), 422, "00_422", "purpose");
  });

  it("are for whoever comes by HTTP Basic with the credential's user name and secret", async () => {
    const asBasic = (text: string) => ({ authorization: `Basic ${btoa(text)}` });
    const basic = (headers: Record<string, string>) => call("GET", `${holder.baseUrl}/publicKey`, { headers });
    assert.equal((await basic(asBasic(`sandbox-adyen:${holder.apiKey}`))).status, 200);
    for (const text of [`another:${holder.apiKey}`, "sandbox-adyen:another", holder.apiKey, ":", `:${holder.apiKey}`])
      assertAdyenError(await basic(asBasic(text)), 401, "00_401");
    assertAdyenError(await basic({ authorization: `Bearer ${holder.apiKey}` }), 401, "00_401");
    const both = { ...asBasic("sandbox-adyen:another"), "x-api-key": holder.apiKey };
    assert.equal((await basic(both)).status, 200, "where both come, the API key counts");
  });

  it("are the same in both formats", async () => {
    const pem = (await get("?purpose=pinChange")).body;
    const jwk = (await get("?purpose=pinChange&format=jwk")).body;
    assert.equal(jwk.publicKeyExpiryDate, pem.publicKeyExpiryDate);
    const { kty, use, alg, kid, ...numbers } = JSON.parse(jwk.publicKey);
    assert.deepEqual([kty, use, alg], ["RSA", "enc", "RSA1_5"]);
    assert.equal(kid, (await listed("adyen-pin-change"))[0].id);
    const spki = createPublicKey({ key: { kty, ...numbers }, format: "jwk" }).export({ format: "der", type: "spki" });
    assert.equal(spki.toString("base64"), pem.publicKey);
  });

  it("have the last day on which they are accepted, before a rotation and after it", async () => {
    const { publicKeyExpiryDate } = (await get("?purpose=panReveal")).body;
    const [first] = await listed("adyen-pan-reveal");
    assert.equal(first.acceptedUntil, `${publicKeyExpiryDate}T23:59:59.999Z`);
    assert.equal((await holder.operator("POST", "/keys/adyen-pan-reveal/rotate")).status, 201);
    const [second, former] = await listed("adyen-pan-reveal");
    assert.deepEqual([second.state, former.state], ["current", "accepted"]);
    assert.equal(former.acceptedUntil, first.acceptedUntil, "what was published stays true");
    const { body } = await get("?purpose=panReveal");
    assert.equal(second.acceptedUntil, `${body.publicKeyExpiryDate}T23:59:59.999Z`);
  });

  it("need an API key, of any role", async () => {
    const url = `${holder.baseUrl}/publicKey`;
    assertAdyenError(await call("GET", url), 401, "00_401");
    assertAdyenError(await call("GET", url, { headers: { "x-api-key": "wrong" } }), 401, "00_401");
    const limited = holder.withApiKey(await holder.makeApiKey([]));
    assert.equal((await limited.partner("GET", "/publicKey?purpose=pinChange")).status, 200);
  });

  it("are refused for another purpose, or in another format", async () => {
    for (const purpose of ["pinchange", "adyen-pin-change", "solaris-pin", "", "constructor"])
      assertAdyenError(await get(`?purpose=${purpose}`), 422, "00_422", "purpose");
    assertAdyenError(await get("?format=der"), 422, "00_422", "format");
    assertAdyenError(await get("?purpose=pinChange&purpose=pinReveal"), 422, "00_422", "purpose");
  });

  it("are the same with a parameter that nobody documents", async () => {
    assert.deepEqual((await get("?purpose=pinChange&kid=1")).body, (await get("?purpose=pinChange")).body);
  });

  it("are nothing else: other paths and methods are not found", async () => {
    for (const [method, path] of [
      ["GET", "/publickey"],
      ["POST", "/publicKey"],
      ["GET", "/pins/change"],
      ["PUT", "/pins/reveal"],
    ] as const)
      assertAdyenError(await holder.partner(method, path), 404, "00_404");
  });

  it("card names are Adyen's in form", () => {
    assert.match(holder.paymentInstrumentId, /^PI[0-9A-Z]{23}$/);
  });
});

describe("Adyen with keys wrapped by OAEP", () => {
  let issuer: SandboxIssuer;
  let holder: AdyenCardholder;

  before(async () => {
    issuer = await startSandboxIssuer({ environment: { LINCHPIN_ADYEN_KEY_WRAP: "oaep" } });
    holder = await AdyenCardholder.create(issuer.url, { keyWrap: "oaep" });
  });
  after(() => issuer.stop());

  it("changes and reveals", async () => {
    assert.deepEqual((await holder.changePin("2846")).body, { status: "completed" });
    assert.equal(await holder.revealedPin(), "2846");
    assert.match((await holder.revealedPan()).pan, /^\d{16}$/);
  });

  it("refuses PKCS#1 v1.5, on these keys and on those that are PKCS#1's", async () => {
    const { publicKey } = (await holder.partner("GET", "/publicKey?purpose=pinChange")).body;
    const request = handMadePinChange(publicKey, holder.paymentInstrumentId);
    assertAdyenError(await holder.sendChange(request), 422, "31_021");
  });

  it("says so in its JWK, and a device that is set to PKCS#1 refuses the key", async () => {
    const { body } = await holder.partner("GET", "/publicKey?purpose=pinChange&format=jwk");
    assert.equal(JSON.parse(body.publicKey).alg, "RSA-OAEP-256");
    assert.throws(() => acceptIssuerKey(body), { code: "public_key_unusable" });
    const issuerKey = acceptIssuerKey(body, { keyWrap: "oaep" });
    const { paymentInstrumentId } = holder;
    const pin = new Pin(utf8("6482"));
    const request = await makePinChangeRequest(primitives, { pin, issuerKey, paymentInstrumentId });
    assert.equal((await holder.sendChange(request)).status, 200);
  });

  it("has keys of its own", async () => {
    const { body: keys } = await holder.operator("GET", "/keys");
    const { publicKey } = (await holder.partner("GET", "/publicKey?purpose=pinChange&format=jwk")).body;
    const key = keys.find(({ id }: { id: string }) => id === JSON.parse(publicKey).kid);
    assert.deepEqual([key.purpose, key.algorithm], ["adyen-pin-change-oaep", "RSA-OAEP-256"]);
  });
});
