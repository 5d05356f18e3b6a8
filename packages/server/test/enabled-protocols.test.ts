import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { Pin, utf8 } from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { makeSealedPinRequest, sealedPinKey } from "@linchpin/protocols/sealed-pin/device";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { call } from "@linchpin/testing/call";
import { ownSettings } from "../src/protocol.ts";
import { protocolTable } from "../src/protocol-table.ts";
import { readSettings } from "../src/read-settings.ts";

/** One of each protocol that is off below. */
const routesWhichAreOff = [
  { method: "GET", path: "/solaris/v1/cards/pin_keys/latest" },
  { method: "GET", path: "/venly/api/security" },
  { method: "GET", path: "/plumery/internal/v1/cards/x/pin" },
  { method: "GET", path: "/lithic/assets/api/api.lithic.com.pub.pem" },
  { method: "POST", path: "/worldline/token" },
  { method: "POST", path: "/worldline/card-issuing/api/v2/issuers/sandbox/cards/2000000000096013/pin" },
  { method: "PUT", path: "/spritz/v1/cards/x/pin" },
  { method: "GET", path: "/spritz/v1/issuing/cards/x/pin" },
  { method: "POST", path: "/native/v1/sessions" },
];

describe("LINCHPIN_PROTOCOLS", () => {
  let issuer: SandboxIssuer;
  before(async () => {
    issuer = await startSandboxIssuer({ environment: { LINCHPIN_PROTOCOLS: "adyen, stripe" } });
  });
  after(() => issuer.stop());

  const sandbox = async () => (await call("POST", `${issuer.url}/sandbox/cards`)).body;
  const operator = async (method: string, path: string, body?: unknown) => {
    const { baseUrl, apiKey } = (await call("GET", `${issuer.url}/sandbox`)).body.issuer;
    return call(method, `${baseUrl}${path}`, { bearer: apiKey, body });
  };

  it("names protocols that there are", () => {
    assert.throws(() => readSettings({ LINCHPIN_MODE: "sandbox", LINCHPIN_PROTOCOLS: "adyen, strype" }), {
      code: "settings_invalid",
    });
    assert.equal(readSettings({ LINCHPIN_MODE: "sandbox" }).enabledProtocols, null);
  });

  it("lets what is off have no route, and no row in /openapi.json", async () => {
    const { paths, tags } = (await call("GET", `${issuer.url}/openapi.json`)).body;
    for (const { name, prefix } of protocolTable) {
      const isOn = name === "adyen" || name === "stripe";
      const isDescribed = Object.keys(paths).some((path) => path.startsWith(`${prefix}/`));
      assert.equal(isDescribed, isOn, name);
      assert.equal(
        tags.some((tag: { name: string }) => tag.name === name),
        isOn,
        name,
      );
    }
    for (const { method, path } of routesWhichAreOff)
      assert.equal((await call(method, `${issuer.url}${path}`)).status, 404, path);
    assert.equal((await call("GET", `${issuer.url}/stripe/v1/keys`)).status, 200);
  });

  it("lets what is off have no key, and no name of a card", async () => {
    const purposes = new Set((await operator("GET", "/keys")).body.map(({ purpose }: { purpose: string }) => purpose));
    for (const purpose of ["stripe-pin", "adyen-pin-change", "solaris-pin"]) assert.ok(purposes.has(purpose), purpose);
    const settings = readSettings({ LINCHPIN_MODE: "sandbox" });
    for (const protocol of protocolTable)
      if (!["adyen", "stripe"].includes(protocol.name))
        for (const purpose of Object.keys(protocol.keyPurposes(ownSettings(protocol, settings))))
          if (purpose !== sealedPinKey.purpose) assert.ok(!purposes.has(purpose), purpose);
    const { body: person } = await operator("POST", "/persons", { partnerId: "sandbox" });
    const { body: card } = await operator("POST", "/cards", { personId: person.id, programId: "sandbox" });
    assert.deepEqual(Object.keys(card.names).toSorted(), ["adyen", "stripe"]);
    assert.deepEqual(Object.keys(await sandbox()).toSorted(), ["adyen", "issuer", "stripe"]);
  });

  it("has a purpose of its own for each key of a protocol", () => {
    const settings = readSettings({ LINCHPIN_MODE: "sandbox" });
    const all = protocolTable.flatMap((protocol) => Object.keys(protocol.keyPurposes(ownSettings(protocol, settings))));
    assert.ok(all.includes("rain-pin-legacy") && all.includes("worldline-pin"));
    assert.deepEqual(all, [...new Set(all)]);
  });

  it("keeps the issuer's own verification, by the key solaris-pin", async () => {
    const { stripe, issuer: own } = await sandbox();
    const { acceptIssuerKey, sealPin } = await import("@linchpin/protocols/stripe/device");
    const issuerKey = acceptIssuerKey((await call("GET", stripe.keysUrl)).body);
    const encrypted = await sealPin(nodeCryptoPrimitives, { pin: new Pin(utf8("0471")), issuerKey });
    const set = await call("POST", `${stripe.baseUrl}/v1/issuing/cards/${stripe.cardId}`, {
      bearer: stripe.apiKey,
      body: new URLSearchParams({ "pin[encrypted_number]": encrypted }).toString(),
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    assert.equal(set.status, 200);
    const keys = (await operator("GET", "/keys")).body;
    const { id: kid, publicKey } = keys.find(({ purpose }: { purpose: string }) => purpose === sealedPinKey.purpose);
    const { n = "", e = "" } = createPublicKey({
      key: Buffer.from(publicKey, "base64"),
      format: "der",
      type: "spki",
    }).export({ format: "jwk" });
    const pin = new Pin(utf8("0471"));
    const request = await makeSealedPinRequest(nodeCryptoPrimitives, { pin, issuerKey: { kid, key: { n, e } } });
    assert.equal((await operator("POST", `/cards/${own.cardId}/pin/verify`, request)).body.result, "match");
  });
});

describe("LINCHPIN_SPRITZ_RAIN=off, where Spritz and Worldline alone are on", () => {
  let issuer: SandboxIssuer;
  before(async () => {
    const environment = { LINCHPIN_PROTOCOLS: "spritz, worldline", LINCHPIN_SPRITZ_RAIN: "off" };
    issuer = await startSandboxIssuer({ environment });
  });
  after(() => issuer.stop());

  it("leaves Rain's form without routes, rows in /openapi.json and keys", async () => {
    const { body: sandbox } = await call("GET", `${issuer.url}/sandbox`);
    const { spritz, issuer: own } = sandbox;
    assert.deepEqual(Object.keys(sandbox).toSorted(), ["issuer", "spritz", "worldline"]);
    assert.deepEqual(Object.keys(spritz.rain).toSorted(), ["apiKey", "baseUrl", "cardId"]);
    const { paths } = (await call("GET", `${issuer.url}/openapi.json`)).body;
    const known = Object.keys(paths).filter((path) => path.startsWith("/spritz/"));
    assert.deepEqual(known.toSorted(), [
      "/spritz/v1/cards/{cardId}",
      "/spritz/v1/cards/{cardId}/pin",
      "/spritz/v1/cards/{cardId}/update_pin",
    ]);
    for (const method of ["GET", "PUT", "PATCH"]) {
      const url = `${spritz.baseUrl}/v1/issuing/cards/${spritz.cardId}/pin`;
      assert.equal((await call(method, url, { bearer: spritz.apiKey })).status, 404, method);
    }
    const { body: keys } = await call("GET", `${own.baseUrl}/keys`, { bearer: own.apiKey });
    const purposes = new Set(keys.map(({ purpose }: { purpose: string }) => purpose));
    assert.ok(purposes.has("spritz-pin") && purposes.has("worldline-pin"));
    for (const purpose of purposes) assert.doesNotMatch(String(purpose), /^rain-|-sha512$|-pkcs1$/);
  });
});
