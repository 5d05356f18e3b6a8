import assert from "node:assert/strict";
import { createECDH, createPrivateKey, createPublicKey, ECDH, generateKeyPairSync, randomUUID } from "node:crypto";
import { before, describe, it } from "node:test";
import { bytesFromHex, hexFromBytes, LinchpinError } from "@linchpin/core";
import { readWycheproof, type WycheproofCase, withoutWycheproof } from "@linchpin/test-fixtures/vectors/wycheproof";
import type { AgreementVault, AnyVault, VaultKey } from "../src/vault.ts";
import type { VaultUnderTest } from "./vault-contract.ts";

/** `agree`, against node:crypto's ECDH and the Wycheproof vectors. A vault need not have it. */
export function agrees(subject: () => VaultUnderTest): void {
  describe("agree", () => {
    let key: VaultKey;
    let publicPoint: Buffer;
    before(async () => {
      const id = randomUUID();
      const { handle, publicKeySpki } = await subject().vault.makeKey(id, "HPKE-7");
      key = { id, algorithm: "HPKE-7", handle };
      const spki = { key: Buffer.from(publicKeySpki ?? []), format: "der", type: "spki" } as const;
      assert.equal(createPublicKey(spki).asymmetricKeyDetails?.namedCurve, "prime256v1");
      publicPoint = spki.key.subarray(-65);
    });
    const vaultWithAgree = (): (AnyVault & AgreementVault) | null => {
      const { vault } = subject();
      return vault.agree === undefined ? null : (vault as AnyVault & AgreementVault);
    };
    const freshPeer = () => {
      const peer = createECDH("prime256v1");
      return { peer, point: peer.generateKeys() };
    };

    it("gives the secret that the other side computes with node:crypto, and another one for another point", async (t) => {
      const vault = vaultWithAgree();
      if (vault === null) return t.skip("this vault does not agree");
      const secrets = new Set<string>();
      for (let round = 0; round < 20; round++) {
        const { peer, point } = freshPeer();
        const secret: Buffer = Buffer.from(await vault.agree(key, point));
        assert.deepEqual(secret, peer.computeSecret(publicPoint));
        secrets.add(secret.toString("hex"));
      }
      assert.equal(secrets.size, 20);
    });

    it("gives the same secret again, also for calls at once", async (t) => {
      const vault = vaultWithAgree();
      if (vault === null) return t.skip("this vault does not agree");
      const { peer, point } = freshPeer();
      const secrets = await Promise.all(Array.from({ length: 20 }, () => vault.agree(key, point)));
      for (const secret of secrets) assert.deepEqual(Buffer.from(secret), peer.computeSecret(publicPoint));
    });

    it("gives a secret that begins with a zero its 32 bytes", async (t) => {
      const vault = vaultWithAgree();
      if (vault === null) return t.skip("this vault does not agree");
      let { peer, point } = freshPeer();
      for (let tries = 0; peer.computeSecret(publicPoint)[0] !== 0; tries++) {
        assert.ok(tries < 10_000, "no secret begins with a zero");
        ({ peer, point } = freshPeer());
      }
      assert.deepEqual(Buffer.from(await vault.agree(key, point)), peer.computeSecret(publicPoint));
    });

    const point = freshPeer().point;
    const otherCurve = generateKeyPairSync("ec", { namedCurve: "secp256k1" }).publicKey;
    const refused: Record<string, Uint8Array> = {
      nothing: new Uint8Array(),
      "infinity (00)": Uint8Array.of(0),
      "infinity in 65 bytes": new Uint8Array(65),
      "zeros as coordinates": Uint8Array.of(4, ...new Uint8Array(64)),
      "coordinates above the prime": Uint8Array.of(4, ...new Uint8Array(64).fill(255)),
      "a point off the curve": Uint8Array.of(...point.subarray(0, -1), (point.at(-1) ?? 0) ^ 1),
      "a point of secp256k1": otherCurve.export({ format: "der", type: "spki" }).subarray(-65),
      "a compressed point": ECDH.convertKey(point, "prime256v1", undefined, undefined, "compressed") as Buffer,
      "a hybrid point": ECDH.convertKey(point, "prime256v1", undefined, undefined, "hybrid") as Buffer,
      "the coordinates alone": point.subarray(1),
      "a byte too many": Uint8Array.of(...point, 0),
      "a point in an OCTET STRING": Uint8Array.of(4, 65, ...point),
    };
    for (const [what, bytes] of Object.entries(refused))
      it(`refuses ${what}, and agrees as before`, async (t) => {
        const vault = vaultWithAgree();
        if (vault === null) return t.skip("this vault does not agree");
        await assert.rejects(vault.agree(key, bytes), { code: "public_key_unusable" });
        const { peer, point: good } = freshPeer();
        assert.deepEqual(Buffer.from(await vault.agree(key, good)), peer.computeSecret(publicPoint));
      });

    it("refuses a key of another algorithm, also of the same curve", async (t) => {
      const vault = vaultWithAgree();
      if (vault === null) return t.skip("this vault does not agree");
      const others = (["ES256", "A256GCM", "RSA-OAEP-256"] as const).filter((one) => !vault.declines?.(one));
      for (const algorithm of others) {
        const id = randomUUID();
        const { handle } = await vault.makeKey(id, algorithm);
        await assert.rejects(vault.agree({ id, algorithm, handle }, point), { code: "internal" });
      }
    });

    it("is no signing key", async (t) => {
      const { vault } = subject();
      if (vault.sign === undefined) return t.skip("this vault does not sign");
      await assert.rejects(vault.sign(key, point), { code: "internal" });
    });

    it("Wycheproof ecdh_secp256r1_ecpoint_test.json", { skip: withoutWycheproof }, async (t) => {
      const { placeKey } = subject();
      const vault = vaultWithAgree();
      if (vault === null) return t.skip("this vault does not agree");
      if (placeKey === undefined) return t.skip("this vault takes no keys from outside");
      const cases = readWycheproof<{ tests: readonly EcdhCase[] }>("ecdh_secp256r1_ecpoint_test.json");
      const held = { valid: 0, invalid: 0, acceptable: 0 };
      const placed = new Map<string, VaultKey>();
      for (const { tcId, comment, public: publicHex, private: privateHex, shared, result } of cases.flatMap(
        ({ tests }) => tests,
      )) {
        const known: VaultKey = placed.get(privateHex) ?? (await placeKey(randomUUID(), "HPKE-7", pkcs8Of(privateHex)));
        placed.set(privateHex, known);
        const answer: string = await vault.agree(known, bytesFromHex(publicHex)).then(hexFromBytes, codeOf);
        assert.equal(answer, result === "valid" ? shared : "public_key_unusable", `${tcId}: ${comment}`);
        held[result] += 1;
      }
      assert.deepEqual(held, { valid: 330, invalid: 24, acceptable: 1 });
    });
  });
}

type EcdhCase = WycheproofCase & Readonly<Record<"public" | "private" | "shared", string>>;

function codeOf(error: unknown): string {
  assert.ok(error instanceof LinchpinError);
  return error.code;
}

/** `privateHex` is a big-endian integer, with a sign byte or short. */
function pkcs8Of(privateHex: string): Buffer {
  const scalar = Buffer.from(privateHex.padStart(64, "0").slice(-64), "hex");
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(scalar);
  const point = ecdh.getPublicKey();
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString("base64url"));
  const jwk = { kty: "EC", crv: "P-256", d: scalar.toString("base64url"), x: x ?? "", y: y ?? "" };
  return createPrivateKey({ key: jwk, format: "jwk" }).export({ format: "der", type: "pkcs8" });
}
