import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { after, before, describe, it } from "node:test";
import type { PinKeyReply } from "@linchpin/protocols/stripe/wire";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { handMadeStripeJwe as jwe } from "@linchpin/test-fixtures/messages/hand-made-stripe";
import { StripeCardholder } from "@linchpin/testing/stripe";

type Key = PinKeyReply["jwk"];
type Send = (holder: StripeCardholder, key: Key) => unknown;

const sealed =
  (make: (key: Key) => string): Send =>
  (holder, key) =>
    holder.sendPin(make(key));

/** What the vendor's sheet calls a mistake, each as an integrator makes it. */
const mistakes: Record<string, readonly [send: Send, says: RegExp]> = {
  "JSON in place of digits": [sealed((key) => jwe(key, '{"pin":"0123"}')), /holds JSON: seal the PIN's digits alone/],
  "a quoted string": [sealed((key) => jwe(key, '"0123"')), /quotation marks/],
  "a number, its leading zero lost": [sealed((key) => jwe(key, "123")), /fewer than 4 digits: .*leading zeros/],
  "white space": [sealed((key) => jwe(key, " 0471")), /white space or a line end/],
  "a line end": [sealed((key) => jwe(key, "0471\n")), /white space or a line end/],
  "RSA-OAEP-256 in the header": [
    sealed((key) => jwe(key, "0471", { alg: "RSA-OAEP-256" })),
    /says alg RSA-OAEP-256: it must be RSA-OAEP with A128CBC-HS256/,
  ],
  "OAEP with SHA-256": [sealed((key) => jwe(key, "0471", { oaepHash: "sha256" })), /OAEP SHA-256: .*RSA-OAEP \(SHA-1/],
  "RSA1_5 in the header": [sealed((key) => jwe(key, "0471", { alg: "RSA1_5" })), /RSA1_5/],
  "PKCS#1 v1.5 under the right header": [
    sealed((key) => jwe(key, "0471", { isPkcs1: true })),
    /PKCS#1 v1.5 \(RSA1_5\)/,
  ],
  "Solaris' profile": [
    sealed((key) => jwe(key, "0471", { alg: "RSA-OAEP-256", enc: "A256CBC-HS512" })),
    /says alg RSA-OAEP-256 and enc A256CBC-HS512/,
  ],
  "A256CBC-HS512": [sealed((key) => jwe(key, "0471", { enc: "A256CBC-HS512" })), /A256CBC-HS512/],
  A128GCM: [sealed((key) => jwe(key, "0471", { enc: "A128GCM" })), /A128GCM/],
  A256GCM: [sealed((key) => jwe(key, "0471", { enc: "A256GCM" })), /A256GCM/],
  "the halves of the content key swapped": [
    sealed((key) => jwe(key, "0471", { isSwapped: true })),
    /halves of the content key are swapped: the first 16 bytes/,
  ],
  "a tag over another AAD": [sealed((key) => jwe(key, "0471", { aad: "" })), /does not cover the header/],
  "no key id": [sealed((key) => jwe(key, "0471", { kid: undefined })), /the header has no kid/],
  "the vendor's real key": [sealed((key) => jwe(key, "0471", { kid: "key_live_1" })), /not from the vendor's/],
  "the id of a key of another purpose": [
    async (holder, key) => {
      const keys = (await holder.operator("GET", "/keys")).body as { purpose: string; id: string }[];
      const kid = keys.find(({ purpose }) => purpose === "solaris-pin")?.id;
      return holder.sendPin(jwe(key, "0471", { kid }));
    },
    /the id of a key for solaris-pin/,
  ],
  "the key of another purpose under the right id": [
    async (holder, key) => {
      const keys = (await holder.operator("GET", "/keys")).body as { purpose: string; publicKey: string }[];
      const spki = keys.find(({ purpose }) => purpose === "solaris-pin")?.publicKey ?? "";
      const other = createPublicKey({ key: Buffer.from(spki, "base64"), format: "der", type: "spki" });
      return holder.sendPin(jwe({ ...key, ...other.export({ format: "jwk" }) } as Key, "0471"));
    },
    /issuer's key for solaris-pin: fetch the one for stripe-pin/,
  ],
  "a retired key": [
    async (holder, key) => {
      const message = jwe(key, "0471");
      await holder.operator("POST", "/keys/stripe-pin/rotate");
      await holder.operator("POST", `/keys/${key.kid}/retire`);
      return holder.sendPin(message);
    },
    /past its overlap: fetch the latest one/,
  ],
  "digits in clear": [sealed(() => "0471"), /digits in clear: a PIN never leaves the device unsealed/],
  "the JWE in JSON serialization": [
    sealed((key) => JSON.stringify({ protected: jwe(key, "0471").split(".")[0] })),
    /JSON serialization: it must be compact/,
  ],
  "the JWE in base64 once more": [sealed((key) => btoa(jwe(key, "0471"))), /encoded in base64 once more/],
  "padded base64url": [sealed((key) => `${jwe(key, "0471")}==`), /padding by "="/],
  "the header padded": [sealed((key) => jwe(key, "0471").replace(".", "=.")), /padding by "="/],
  "a JSON body": [
    (holder, key) =>
      holder.partner(
        "POST",
        `/v1/issuing/cards/${holder.cardId}`,
        { pin: jwe(key, "0471") },
        {
          "content-type": "application/json",
        },
      ),
    /the body must be a form, not JSON/,
  ],
  "encrypted_number at the top level": [
    (holder, key) => holder.update({ encrypted_number: jwe(key, "0471") }),
    /encrypted_number belongs in pin/,
  ],
  "pin without its member": [
    (holder, key) => holder.update({ pin: jwe(key, "0471") }),
    /pin\[encrypted_number\]|object/,
  ],
  "the same JWE for a second card": [
    async (holder, key) => {
      const message = jwe(key, "8264");
      const other = await StripeCardholder.create(new URL(holder.baseUrl).origin);
      await other.sendPin(message);
      return holder.sendPin(message);
    },
    /used before/,
  ],
};

describe("the sandbox says why, by Stripe's protocol", () => {
  let issuer: SandboxIssuer;
  before(async () => {
    issuer = await startSandboxIssuer();
  });
  after(() => issuer.stop());

  for (const [what, [send, says]] of Object.entries(mistakes))
    it(what, async () => {
      const holder = await StripeCardholder.create(issuer.url);
      const { status, body } = (await send(holder, (await holder.pinKey()).jwk)) as Awaited<
        ReturnType<typeof holder.update>
      >;
      assert.equal(status, 400, JSON.stringify(body));
      assert.match(body.error.message, says);
      assert.doesNotMatch(body.error.message, /0471|0123/);
      assert.equal((await holder.card()).pin.status, "not_set");
    });
});
