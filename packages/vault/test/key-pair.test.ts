import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { type KeyPair, SoftwareVault } from "@linchpin/vault";

describe("a software vault that is told where key pairs come from", () => {
  it("makes keys of them, and leaves none of their bytes behind", async () => {
    const given: KeyPair[] = [];
    const vault = new SoftwareVault(randomBytes(32), {
      keyPairs: async (kind, generate) => {
        assert.equal(kind, "rsa");
        const pair = given[0] ?? (await generate());
        if (given.length === 0) given.push(pair);
        const copy = { ...pair, secret: Uint8Array.from(pair.secret) };
        given.push(copy);
        return copy;
      },
    });
    const [one, other] = [await vault.makeKey("one", "RSA-OAEP-256"), await vault.makeKey("other", "RSA-OAEP-256")];
    assert.deepEqual(one.publicKeySpki, other.publicKeySpki);
    assert.notDeepEqual(one.handle, other.handle);
    for (const { secret } of given.slice(1)) assert.ok(secret.every((byte) => byte === 0));
  });

  it("makes fresh ones where it is told nothing", async () => {
    const vault = new SoftwareVault(randomBytes(32));
    const [one, other] = [await vault.makeKey("one", "ES256"), await vault.makeKey("other", "ES256")];
    assert.notDeepEqual(one.publicKeySpki, other.publicKeySpki);
  });
});
