import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { PinKeyReply } from "@linchpin/protocols/stripe/wire";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { StripeCardholder } from "@linchpin/testing/stripe";
import { CompactEncrypt, importJWK } from "jose";
import Stripe from "stripe";

const python = "/usr/bin/python3";
const run = (program: string, ...programArguments: string[]) =>
  execFileSync(program, programArguments, { encoding: "utf8" }).trim();

/** Other people's JWE, by other people's cryptography. */
const sealers: readonly {
  readonly name: string;
  readonly leftOut: string | false;
  readonly seal: (key: PinKeyReply, digits: string) => string;
}[] = [
  {
    name: "OpenSSL",
    leftOut: needsProgram(["openssl", "version"], "openssl"),
    seal: ({ pkcs8, key_id }, digits) => sealByOpenssl(pkcs8, key_id, digits),
  },
  {
    name: "python3-jwcrypto",
    leftOut: needsProgram([python, "-c", "import jwcrypto"], "python3-jwcrypto"),
    seal: ({ jwk }, digits) => run(python, "-c", sealByJwcrypto, JSON.stringify(jwk), digits),
  },
];

const sealByJwcrypto = `
import json, sys
from jwcrypto import jwe, jwk
key = json.loads(sys.argv[1])
header = {"alg": "RSA-OAEP", "enc": "A128CBC-HS256", "kid": key["kid"]}
sealed = jwe.JWE(sys.argv[2].encode(), protected=json.dumps(header), algs=list(header.values())[:2])
sealed.add_recipient(jwk.JWK(**key))
print(sealed.serialize(compact=True))`;

describe("the vendor's client, stripe of npm", () => {
  let issuer: SandboxIssuer;
  let holder: StripeCardholder;
  let stripe: Stripe;
  before(async () => {
    issuer = await startSandboxIssuer();
    holder = await StripeCardholder.create(issuer.url);
    stripe = clientOf(holder.apiKey);
  });
  after(() => issuer.stop());

  /** The client has no option for a base path: its HTTP client puts it before every path. */
  function clientOf(apiKey: string, sendsTwice = false): Stripe {
    const { hostname, port } = new URL(issuer.url);
    const node = Stripe.createNodeHttpClient();
    const httpClient: typeof node = Object.assign(Object.create(node), {
      makeRequest: async (host: string, to: string, path: string, ...others: unknown[]) => {
        const send = () =>
          (node.makeRequest as (...all: unknown[]) => ReturnType<typeof node.makeRequest>)(
            host,
            to,
            `/stripe${path}`,
            ...others,
          );
        if (sendsTwice) await send();
        return send();
      },
    });
    return new Stripe(apiKey, { host: hostname, port, protocol: "http", httpClient });
  }

  /** As the vendor's page has it, by jose. */
  async function sealed(digits: string): Promise<string> {
    const { key_id: kid, jwk } = await (await fetch(`${holder.baseUrl}/v1/keys`)).json();
    return new CompactEncrypt(new TextEncoder().encode(digits))
      .setProtectedHeader({ alg: "RSA-OAEP", enc: "A128CBC-HS256", kid })
      .encrypt(await importJWK(jwk, "RSA-OAEP"));
  }

  const matches = async (digits: string) => (await holder.verify(digits)).body.result === "match";

  it("sets and changes a PIN", async () => {
    for (const digits of ["0471", "8264"]) {
      const card = await stripe.issuing.cards.update(holder.cardId, {
        pin: { encrypted_number: await sealed(digits) },
      });
      assert.deepEqual([card.id, card.status], [holder.cardId, "active"]);
      assert.ok(await matches(digits));
    }
  });

  it("creates a card with a PIN, activates and cancels it", async () => {
    const pin = { encrypted_number: await sealed("5917") };
    const made = await stripe.issuing.cards.create({ currency: "usd", type: "virtual", pin, metadata: { order: "7" } });
    assert.deepEqual([made.status, made.metadata], ["inactive", { order: "7" }]);
    assert.equal((await stripe.issuing.cards.update(made.id, { status: "active" })).status, "active");
    assert.equal((await stripe.issuing.cards.retrieve(made.id)).status, "active");
    const canceled = await stripe.issuing.cards.update(made.id, { status: "canceled", cancellation_reason: "lost" });
    assert.deepEqual([canceled.status, canceled.cancellation_reason], ["canceled", "lost"]);
  });

  it("repeats a change whose answer was lost, and is answered as the first time", async () => {
    const card = await clientOf(holder.apiKey, true).issuing.cards.update(holder.cardId, {
      pin: { encrypted_number: await sealed("3907") },
    });
    assert.equal(card.id, holder.cardId);
    assert.ok(await matches("3907"));
  });

  it("takes each refusal for an error of its own kind", async () => {
    const again = await sealed("5917");
    await stripe.issuing.cards.update(holder.cardId, { pin: { encrypted_number: again } });
    const update = (encrypted_number: string, client = stripe) =>
      client.issuing.cards.update(holder.cardId, { pin: { encrypted_number } });
    await assert.rejects(update(again), { type: "StripeInvalidRequestError", code: "pin_already_used" });
    await assert.rejects(update(await sealed("1234")), { type: "StripeInvalidRequestError", code: "pin_not_allowed" });
    await assert.rejects(update("0471"), { type: "StripeInvalidRequestError", code: "pin_encryption_invalid" });
    await assert.rejects(update(await sealed("0471"), clientOf("sk_test_wrong")), {
      type: "StripeAuthenticationError",
    });
    await assert.rejects(update(await sealed("0471"), clientOf("pk_test_any")), { type: "StripePermissionError" });
    await assert.rejects(stripe.issuing.cards.retrieve("ic_none"), { code: "resource_missing" });
    assert.ok(await matches("5917"));
  });

  for (const { name, leftOut, seal } of sealers)
    it(`and a PIN that ${name} sealed is taken`, { skip: leftOut }, async () => {
      const key: PinKeyReply = await (await fetch(`${holder.baseUrl}/v1/keys`)).json();
      const answer = await holder.sendPin(seal(key, "2708"));
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      assert.ok(await matches("2708"));
    });
});

/** RFC 7516 §5.1 by the command line of OpenSSL: RSA-OAEP with SHA-1, AES-128-CBC and HMAC-SHA-256. */
function sealByOpenssl(publicPem: string, kid: string, digits: string): string {
  const folder = mkdtempSync(join(tmpdir(), "linchpin-openssl-"));
  const openssl = (args: readonly string[], input: Uint8Array) => execFileSync("openssl", args, { input });
  try {
    writeFileSync(join(folder, "key.pem"), publicPem);
    const contentKey = openssl(["rand", "32"], new Uint8Array());
    const iv = openssl(["rand", "16"], new Uint8Array());
    const oaep = ["rsa_padding_mode:oaep", "rsa_oaep_md:sha1", "rsa_mgf1_md:sha1"].flatMap((option) => [
      "-pkeyopt",
      option,
    ]);
    const encrypt = ["pkeyutl", "-encrypt", "-pubin", "-inkey", join(folder, "key.pem"), ...oaep];
    const wrapped = openssl(encrypt, contentKey);
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
    const cipher = ["enc", "-aes-128-cbc", "-K", hex(contentKey.subarray(16)), "-iv", hex(iv)];
    const ciphertext = openssl(cipher, Buffer.from(digits));
    const header = Buffer.from(JSON.stringify({ alg: "RSA-OAEP", enc: "A128CBC-HS256", kid })).toString("base64url");
    const bits = Buffer.alloc(8);
    bits.writeBigUInt64BE(BigInt(8 * header.length));
    const mac = ["dgst", "-sha256", "-mac", "HMAC", "-macopt", `hexkey:${hex(contentKey.subarray(0, 16))}`, "-binary"];
    const tag = openssl(mac, Buffer.concat([Buffer.from(header), iv, ciphertext, bits])).subarray(0, 16);
    return [header, ...[wrapped, iv, ciphertext, tag].map((part) => part.toString("base64url"))].join(".");
  } finally {
    rmSync(folder, { recursive: true });
  }
}
