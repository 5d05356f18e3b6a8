import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, type TestContext, test } from "node:test";
import { Aes128Gcm, Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from "@hpke/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import {
  type AgreementKey,
  bytesFromBase64url,
  bytesFromHex,
  concatBytes,
  type HpkeProfile,
  hexFromBytes,
  hpke0,
  hpke7,
  openHpke,
  type Primitives,
  sealHpke,
  utf8,
} from "../../src/index.ts";
import { placeNodeAgreementKey, placeWebAgreementKey } from "./place-agreement-key.ts";

const readVectors = (name: string) => JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), "utf8"));
const rfc9180: Record<"info" | "skEm" | "pkRm" | "skRm" | "enc" | "pt" | "aad" | "ct", string> =
  readVectors("rfc9180.json");
const { cases: joseCases }: { cases: readonly JoseCase[] } = readVectors("jose-hpke.json");

interface JoseCase {
  readonly alg: string;
  readonly jwk: { readonly d: string };
  readonly compact: string;
  readonly flattened: Readonly<Record<"protected" | "aad" | "encrypted_key" | "ciphertext", string>>;
}

const profiles = [hpke0, hpke7];
const plaintext = utf8("48 bytes, as many as a request of ours takes, 48");
const info = utf8("agreed");
const none = new Uint8Array(0);
const platforms = {
  "node:crypto": { primitives: nodeCryptoPrimitives, place: placeNodeAgreementKey },
  WebCrypto: { primitives: webCryptoPrimitives, place: placeWebAgreementKey },
};

for (const [name, { primitives, place }] of Object.entries(platforms))
  suite(`HPKE on ${name}`, () => {
    test("RFC 9180 A.3.1 is sealed and opened", async (t) => {
      const vector = Object.fromEntries(
        Object.entries(rfc9180).map(([part, hex]) => [part, hex.length % 2 ? "" : hex]),
      );
      const bytes = (part: keyof typeof rfc9180) => bytesFromHex(vector[part] as string);
      const terms = { info: bytes("info"), aad: bytes("aad") };
      const sender = await place(t, rfc9180.skEm);
      const sealing: Primitives = { ...primitives, makeAgreementKey: async () => sender };
      const sealed = await sealHpke(sealing, hpke0, { recipientPoint: bytes("pkRm"), ...terms }, bytes("pt"));
      assert.equal(hexFromBytes(sealed), rfc9180.enc + rfc9180.ct);
      const key = await place(t, rfc9180.skRm);
      assert.equal(hexFromBytes(await openHpke(primitives, hpke0, { key, ...terms }, sealed)), rfc9180.pt);
    });

    for (const example of joseCases)
      test(`the JOSE examples of ${example.alg} open`, async (t) => {
        const profile = profiles.find(({ alg }) => alg === example.alg) as HpkeProfile;
        const key = await placed(place, t, example.jwk.d);
        const [header = "", enc = "", , ciphertext = ""] = example.compact.split(".");
        const { flattened } = example;
        const messages = [
          { aad: header, enc, ciphertext },
          {
            aad: `${flattened.protected}.${flattened.aad}`,
            enc: flattened.encrypted_key,
            ciphertext: flattened.ciphertext,
          },
        ];
        for (const message of messages) {
          const sealed = concatBytes(bytesFromBase64url(message.enc), bytesFromBase64url(message.ciphertext));
          const opened = await openHpke(primitives, profile, { key, info: none, aad: utf8(message.aad) }, sealed);
          assert.match(new TextDecoder().decode(opened), /^You can trust us to stick with you/);
        }
      });

    for (const profile of profiles) {
      test(`${profile.alg}: @hpke/core opens what is sealed`, async () => {
        const theirs = suiteOf(profile);
        const { publicKey, privateKey } = await theirs.kem.generateKeyPair();
        const recipientPoint = new Uint8Array(await theirs.kem.serializePublicKey(publicKey));
        for (const terms of [{ info }, { info: none }, { info, aad: utf8("bound") }]) {
          const sealed = await sealHpke(primitives, profile, { recipientPoint, ...terms }, plaintext);
          assert.equal(sealed.length, 65 + plaintext.length + 16);
          const { aad = none } = terms;
          assert.deepEqual(
            new Uint8Array(
              await theirs.open(
                { recipientKey: privateKey, enc: sealed.slice(0, 65), info: terms.info },
                sealed.slice(65),
                aad,
              ),
            ),
            plaintext,
          );
        }
      });

      test(`${profile.alg}: what @hpke/core seals is opened`, async () => {
        const theirs = suiteOf(profile);
        const key = await primitives.makeAgreementKey();
        const point = await theirs.kem.deserializePublicKey(key.publicPoint as Uint8Array<ArrayBuffer>);
        for (const terms of [{ info }, { info: none }, { info, aad: utf8("bound") }]) {
          const { enc, ct } = await theirs.seal({ recipientPublicKey: point, info: terms.info }, plaintext, terms.aad);
          const sealed = concatBytes(new Uint8Array(enc), new Uint8Array(ct));
          assert.deepEqual(await openHpke(primitives, profile, { key, ...terms }, sealed), plaintext);
        }
      });
    }

    test("refused: each altered byte, what is cut off, other terms, another key, another profile", async () => {
      const [key, other] = [await primitives.makeAgreementKey(), await primitives.makeAgreementKey()];
      const whole = await sealHpke(primitives, hpke7, { recipientPoint: key.publicPoint, info }, plaintext);
      const sealed: Record<"enc" | "ciphertext", Uint8Array> = {
        enc: whole.subarray(0, 65),
        ciphertext: whole.subarray(65),
      };
      const open = (message: Partial<typeof sealed>, terms: object = {}, profile = hpke7) => {
        const { enc, ciphertext } = { ...sealed, ...message };
        return openHpke(primitives, profile, { key, info, ...terms }, concatBytes(enc, ciphertext));
      };
      const failing: (() => Promise<unknown>)[] = [
        ...Array.from(sealed.enc.keys(), (index) => () => open({ enc: altered(sealed.enc, index) })),
        ...Array.from(
          sealed.ciphertext.keys(),
          (index) => () => open({ ciphertext: altered(sealed.ciphertext, index) }),
        ),
        ...[none, sealed.enc.subarray(1), Uint8Array.of(0), new Uint8Array(65)].map((enc) => () => open({ enc })),
        () => open({ enc: Uint8Array.of(2, ...sealed.enc.subarray(1, 33)) }),
        () => open({ enc: other.publicPoint }),
        ...[none, sealed.ciphertext.subarray(1), sealed.ciphertext.subarray(0, 16)].map(
          (ciphertext) => () => open({ ciphertext }),
        ),
        () => open({}, { info: none }),
        () => open({}, { info: utf8("Agreed") }),
        () => open({}, { aad: utf8("bound") }),
        () => open({}, { key: other }),
        () => open({}, { key: { agree: key.agree, publicPoint: other.publicPoint } }),
        () => open({}, {}, hpke0),
      ];
      for (const opening of failing) await assert.rejects(opening, { code: "decryption_failed" });
      assert.deepEqual(await open({}), plaintext);
    });

    test("a recipient that is no point of the curve is refused", async () => {
      for (const recipientPoint of [none, Uint8Array.of(0), new Uint8Array(65).fill(4, 0, 1)])
        await assert.rejects(sealHpke(primitives, hpke7, { recipientPoint, info }, plaintext), {
          code: "public_key_unusable",
        });
    });

    test("what a vault throws of itself is passed on", async () => {
      const key: AgreementKey = {
        publicPoint: (await primitives.makeAgreementKey()).publicPoint,
        agree: () => Promise.reject(new Error("the token is gone")),
      };
      const sealed = await sealHpke(primitives, hpke7, { recipientPoint: key.publicPoint, info }, plaintext);
      await assert.rejects(openHpke(primitives, hpke7, { key, info }, sealed), { message: "the token is gone" });
    });

    test("each message has a key of its own, and no secret stays behind", async () => {
      const { watched, secrets } = watch(primitives);
      const key = await watched.makeAgreementKey();
      const terms = { recipientPoint: key.publicPoint, info };
      const [one, two] = [
        await sealHpke(watched, hpke7, terms, plaintext),
        await sealHpke(watched, hpke7, terms, plaintext),
      ];
      assert.notDeepEqual(one.subarray(0, 65), two.subarray(0, 65));
      await openHpke(watched, hpke7, { key, info }, one);
      await assert.rejects(openHpke(watched, hpke7, { key, info: none }, two));
      // Of each message the DH value, where it lies and as it is extracted from; three keys on the way; the content key.
      assert.equal(secrets.length, 4 * 6);
      for (const secret of secrets) assert.ok(secret.every((byte) => byte === 0));
    });
  });

function placed(place: typeof placeNodeAgreementKey, t: TestContext, d: string): Promise<AgreementKey> {
  return place(t, hexFromBytes(bytesFromBase64url(d)));
}

function suiteOf({ alg }: HpkeProfile): CipherSuite {
  const aead = alg === "HPKE-0" ? new Aes128Gcm() : new Aes256Gcm();
  return new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead });
}

function altered(bytes: Uint8Array, index: number): Uint8Array {
  return bytes.map((byte, at) => (at === index ? byte ^ 1 : byte));
}

/** Keeps hold of every DH value and of what is derived from it, but for hashes and nonces, which are no secret. */
function watch(primitives: Primitives): { watched: Primitives; secrets: Uint8Array[] } {
  const secrets: Uint8Array[] = [];
  const keep = <Secret extends Uint8Array>(secret: Secret) => {
    secrets.push(secret);
    return secret;
  };
  const watched: Primitives = {
    ...primitives,
    hmac: async (hash, macKey, data) => {
      const octets = Buffer.from(data).toString("latin1");
      const derived = await primitives.hmac(hash, macKey, data);
      if (octets.includes("eae_prk")) keep(data);
      return /psk_id_hash|info_hash|base_nonce/.test(octets) ? derived : keep(derived);
    },
    makeAgreementKey: async () => {
      const { publicPoint, agree } = await primitives.makeAgreementKey();
      return { publicPoint, agree: async (point) => keep(await agree(point)) };
    },
  };
  return { watched, secrets };
}
