import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { after, before, suite, test } from "node:test";
import type { ManifestKey } from "@linchpin/protocols/issuer-keys/wire";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { call } from "@linchpin/testing/call";
import { LithicCardholder } from "@linchpin/testing/lithic";
import { StripeCardholder } from "@linchpin/testing/stripe";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 4096 });
const pem = publicKey.export({ type: "spki", format: "pem" }).toString();

suite("A first start, while Lithic's key of 4096 bits is being made", { timeout: 120_000 }, () => {
  let issuer: SandboxIssuer;
  let endMaking = () => {};
  const made = new Promise<void>((resolve) => {
    endMaking = resolve;
  });

  before(async () => {
    issuer = await startSandboxIssuer({
      keyPairs: async (kind, generate) => {
        if (kind !== "rsa-4096") return generate();
        await made;
        return {
          secret: privateKey.export({ type: "pkcs8", format: "der" }),
          publicKeySpki: publicKey.export({ type: "spki", format: "der" }),
        };
      },
    });
  });
  after(async () => {
    endMaking();
    await issuer?.stop();
  });

  const publishedKids = async (): Promise<string[]> => {
    const { body } = await call("GET", `${issuer.url}/issuer-keys`);
    const { keys } = JSON.parse(Buffer.from(String(body).split(".")[1] ?? "", "base64url").toString());
    return (keys as ManifestKey[]).flatMap(({ purpose, kid }) => (purpose === "lithic-pin" ? [kid] : []));
  };
  const listedKids = async (): Promise<string[]> => {
    const { body } = await call("GET", `${issuer.url}/issuer/v1/keys`, { bearer: "sandbox-operator-key" });
    return body.flatMap(({ purpose, id }: { purpose: string; id: string }) => (purpose === "lithic-pin" ? [id] : []));
  };

  test("is ready, serves the other protocols, and holds back what needs the key until it is there", async () => {
    const answered: string[] = [];
    const waiting = [
      call("GET", issuer.credentials.lithic.publicKeyUrl).then((answer) => {
        answered.push("file");
        assert.deepEqual([answer.status, answer.body], [200, pem]);
      }),
      call("POST", `${issuer.url}/issuer/v1/keys/lithic-pin/make`, { bearer: "sandbox-operator-key" }).then(
        (answer) => {
          answered.push("next key");
          assert.equal(answer.status, 201);
          assert.equal(answer.body.version, 2);
        },
      ),
      listedKids().then((kids) => {
        answered.push("list of keys");
        assert.ok(kids.length > 0);
      }),
    ];
    try {
      assert.equal((await call("GET", `${issuer.url}/health/ready`)).status, 200);
      const cardholder = await LithicCardholder.create(issuer.url);
      assert.equal((await cardholder.update({ memo: "without a PIN" })).status, 200);
      const byStripe = await StripeCardholder.create(issuer.url);
      assert.equal((await byStripe.changePin("4826")).status, 200);
      assert.equal((await byStripe.verify("4826")).body.result, "match");
      assert.deepEqual([await publishedKids(), answered], [[], []]);
    } finally {
      endMaking();
    }
    await Promise.all(waiting);
    assert.deepEqual(answered.toSorted(), ["file", "list of keys", "next key"]);
  });

  test("has then a key by which PINs are set, and which the signed list names", async () => {
    const cardholder = await LithicCardholder.create(issuer.url);
    assert.equal((await cardholder.changePin("4826")).status, 200);
    assert.equal((await cardholder.verify("4826")).body.result, "match");
    assert.equal((await publishedKids()).length, 2, "the current key and the pending one");
  });

  test("puts that key back when the sandbox is reset, though it was not there at the start", async () => {
    await issuer.reset();
    assert.equal((await call("GET", issuer.credentials.lithic.publicKeyUrl)).body, pem);
    assert.equal((await listedKids()).length, 1);
    const cardholder = await LithicCardholder.create(issuer.url);
    assert.equal((await cardholder.changePin("4826")).status, 200);
  });
});
