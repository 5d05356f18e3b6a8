import assert from "node:assert/strict";
import {
  constants,
  createCipheriv,
  createHash,
  createPublicKey,
  generateKeyPairSync,
  publicEncrypt,
  randomBytes,
} from "node:crypto";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { handMadePinChange, pinFieldOf } from "@linchpin/test-fixtures/messages/hand-made-adyen";
import { handMadeJwe } from "@linchpin/test-fixtures/messages/hand-made-jwe";
import { signByHand } from "@linchpin/test-fixtures/messages/sign-by-hand";
import { withoutIdentifiers } from "@linchpin/test-fixtures/messages/without-identifiers";
import { AdyenCardholder } from "@linchpin/testing/adyen";
import { type Answer, call } from "@linchpin/testing/call";
import { SolarisCardholder } from "@linchpin/testing/solaris";
import { VenlyPartner } from "@linchpin/testing/venly";
import { CompactEncrypt, importJWK } from "jose";

// What the sandbox tells an integrator whose message was refused, protocol by protocol. Messages are made with node:crypto
// and jose. The rows themselves, one by one, are in mistakes.test.ts.

describe("the sandbox says why", () => {
  let issuer: SandboxIssuer;
  before(async () => {
    issuer = await startSandboxIssuer();
  });
  after(() => issuer.stop());

  const strangersKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey;

  describe("by Adyen's protocol", () => {
    let holder: AdyenCardholder;
    let keys: Record<"pinChange" | "pinReveal", string>;
    before(async () => {
      holder = await AdyenCardholder.create(issuer.url);
      const keyFor = async (use: string) => (await holder.partner("GET", `/publicKey?purpose=${use}`)).body.publicKey;
      keys = { pinChange: await keyFor("pinChange"), pinReveal: await keyFor("pinReveal") };
    });

    type Wrong = Parameters<typeof handMadePinChange>[2];
    const change = (wrong: Wrong, key = keys.pinChange) => handMadePinChange(key, holder.paymentInstrumentId, wrong);
    const send = (message: object) => holder.partner("POST", "/pins/change", message);
    const strangers = () => strangersKey.export({ format: "der", type: "spki" }).toString("base64");

    const mistakes: Record<string, [make: () => object, says: RegExp]> = {
      OAEP: [() => change({ padding: constants.RSA_PKCS1_OAEP_PADDING }), /OAEP SHA-256: .*RSAES-PKCS1-v1_5/],
      "the key of another purpose": [() => change({}, keys.pinReveal), /adyen-pin-reveal: .*adyen-pin-change/],
      "a stranger's key": [() => change({}, strangers()), /no key of this issuer opens it/],
      "a session key of 16 bytes": [() => change({ sessionKey: randomBytes(16) }), /has 16 bytes: it must have 32/],
      "fill F": [
        () => change({ pinField: "442846".padEnd(16, "F") + randomBytes(8).toString("hex") }),
        /filled with F/,
      ],
      "control field 0": [() => change({ pinField: `0${pinFieldOf("2846").slice(1)}` }), /control field .* is 0/],
      "one pass": [
        () => {
          const sessionKey = randomBytes(32);
          const cipher = createCipheriv("aes-256-ecb", sessionKey, null).setAutoPadding(false);
          const block = cipher.update(Buffer.from(pinFieldOf("2846"), "hex"));
          return { ...change({ sessionKey }), encryptedPinBlock: block.toString("hex") };
        },
        /enciphered once/,
      ],
      "another token": [() => ({ ...change({}), token: "1111111111111111" }), /another token/],
      "AES-CBC with padding": [
        () => {
          const sessionKey = randomBytes(32);
          const cipher = createCipheriv("aes-256-cbc", sessionKey, Buffer.alloc(16));
          const block = Buffer.concat([cipher.update(Buffer.from(pinFieldOf("2846"), "hex")), cipher.final()]);
          return { ...change({ sessionKey }), encryptedPinBlock: block.toString("hex") };
        },
        /32 bytes: AES-CBC or ECB/,
      ],
      "a ciphertext that is one byte short": [
        () => ({ ...change({}), encryptedKey: change({}).encryptedKey.slice(2) }),
        /hex of 255 bytes .* leading zero/,
      ],
      base64: [
        () => ({ ...change({}), encryptedKey: Buffer.from(change({}).encryptedKey, "hex").toString("base64") }),
        /encryptedKey is base64: it must be hex/,
      ],
      "a member that is null": [() => ({ ...change({}), token: null }), /token: null/],
      "a token as a number": [() => ({ ...change({}), token: 8374188662676926 }), /token: a number/],
      "a member too many": [() => ({ ...change({}), cvc: "123" }), /cvc: not documented; .*encryptedPinBlock/],
    };
    for (const [mistake, [make, says]] of Object.entries(mistakes))
      it(mistake, async () => {
        const { status, body } = await send(make());
        assert.equal(status, 422);
        assert.match(body.detail, says);
      });

    it("a reveal by a wrong key is answered, with noise and a hint", async () => {
      assert.equal((await send(change({}))).status, 200);
      const reveal = async (publicKey: string) => {
        const { encryptedKey } = handMadePinChange(publicKey, "");
        const { paymentInstrumentId } = holder;
        return holder.partner("POST", "/pins/reveal", { paymentInstrumentId, encryptedKey });
      };
      const right = await reveal(keys.pinReveal);
      assert.deepEqual([right.status, right.headers.get("linchpin-hint")], [200, null]);
      const wrong = await reveal(strangers());
      assert.equal(wrong.status, 200);
      assert.match(wrong.headers.get("linchpin-hint") ?? "", /no key of this issuer opens it/);
      assert.match(
        (await reveal(keys.pinChange)).headers.get("linchpin-hint") ?? "",
        /fetch the one for adyen-pin-reveal/,
      );
    });
  });

  describe("by Venly's protocol", () => {
    let partner: VenlyPartner;
    let security: { id: string; publicKey: string };
    before(async () => {
      partner = await VenlyPartner.create(issuer.url);
      [security] = (await partner.send("GET", "/api/security")).body.result.encryptionKeys;
    });

    interface Wrong {
      readonly key?: Buffer;
      readonly oaepHash?: string;
      readonly iv?: Buffer;
      readonly content?: string;
      readonly tagFirst?: true;
      readonly text?: (envelope: Record<"encryptedValue" | "iv" | "value", string>) => typeof envelope;
    }
    function envelope({ key = randomBytes(32), oaepHash = "sha256", iv = randomBytes(12), ...wrong }: Wrong) {
      const publicKey = createPublicKey({
        key: Buffer.from(security.publicKey, "base64"),
        format: "der",
        type: "spki",
      });
      const padding = constants.RSA_PKCS1_OAEP_PADDING;
      const cipher = createCipheriv(`aes-${8 * key.length}-gcm` as "aes-256-gcm", key, iv);
      const content = wrong.content ?? '{"reference":"user","signingMethod":{"type":"PIN","value":"192837"}}';
      const ciphertext = Buffer.concat([cipher.update(content), cipher.final()]);
      const parts = wrong.tagFirst ? [cipher.getAuthTag(), ciphertext] : [ciphertext, cipher.getAuthTag()];
      const texts = {
        encryptedValue: publicEncrypt({ key: publicKey, padding, oaepHash }, key).toString("base64"),
        iv: iv.toString("base64"),
        value: Buffer.concat(parts).toString("base64"),
      };
      const { encryptedValue, ...others } = wrong.text?.(texts) ?? texts;
      const encryption = {
        type: "AES/GCM/NoPadding",
        key: { encryptedValue, encryptionKeyId: security.id },
        iv: others.iv,
      };
      return { encryption, value: others.value };
    }

    const mistakes: Record<string, [Wrong, RegExp]> = {
      "OAEP with SHA-1": [{ oaepHash: "sha1" }, /OAEP SHA-1/],
      "the tag first": [{ tagFirst: true }, /tag of 16 bytes stands before/],
      "AES-128": [{ key: randomBytes(16) }, /has 16 bytes: it must have 32/],
      "an IV of 16 bytes": [{ iv: randomBytes(16) }, /IV has 16 bytes/],
      "a PIN as a number": [{ content: '{"signingMethod":{"type":"PIN","value":192837}}' }, /value: a number/],
      base64url: [
        {
          iv: Buffer.from("fbffbf".repeat(4), "hex"),
          text: (all) => ({ ...all, iv: all.iv.replaceAll("+", "-").replaceAll("/", "_") }),
        },
        /encryption.iv is base64url/,
      ],
      "base64 in lines": [
        { text: (all) => ({ ...all, encryptedValue: all.encryptedValue.replaceAll(/.{76}/g, "$&\r\n") }) },
        /encryptedValue has line breaks/,
      ],
    };
    for (const [mistake, [wrong, says]] of Object.entries(mistakes))
      it(mistake, async () => {
        const { status, body } = await partner.send("POST", "/api/users", envelope(wrong));
        assert.ok(status >= 400, String(status));
        assert.match(body.errors[0].message, says);
      });

    it("the hash of another body: which is expected, and over how many bytes", async () => {
      const user = await partner.send(
        "POST",
        "/api/users",
        envelope({ content: '{"signingMethod":{"type":"PIN","value":"192837"}}' }),
      );
      const [{ id }] = user.body.result.signingMethods;
      const body = '{ "to": "someone", "value": 1 }';
      const hash = (text: string) => createHash("sha256").update(text).digest("hex");
      const header = (hashed: string) => {
        const signature = { type: "sha256", value: hash(hashed) };
        const content = JSON.stringify({ id, value: "192837", idempotencyKey: crypto.randomUUID(), signature });
        return Buffer.from(JSON.stringify(envelope({ content }))).toString("base64");
      };
      const send = (hashed: string): Promise<Answer> =>
        partner.send("POST", "/api/transactions/execute", body, { "encrypted-signing-method": header(hashed) });
      for (const [hashed, says] of [
        ["{}", /expected is/],
        [JSON.stringify(JSON.parse(body)), /without white space/],
      ] as const) {
        const { body: answer } = await send(hashed);
        assert.equal(answer.errors[0].code, "signature.mismatch");
        assert.match(answer.errors[0].message, says);
        assert.ok(answer.errors[0].message.includes(`${hash(body)}, the SHA-256 of the ${body.length} bytes`));
      }
    });
  });

  describe("by Plumery's protocol", () => {
    let holder: SolarisCardholder;
    before(async () => {
      holder = await SolarisCardholder.create(issuer.url);
      await holder.changePin("2846", await holder.bindDevice());
    });

    const ec = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve }).publicKey;
    const der = (key: ReturnType<typeof ec>) => key.export({ format: "der", type: "spki" });
    const mistakes: Record<string, [string, RegExp]> = {
      "P-384": [der(ec("P-384")).toString("base64"), /of the curve secp384r1/],
      PEM: [Buffer.from(ec("P-256").export({ format: "pem", type: "spki" })).toString("base64"), /PEM/],
      hex: [der(ec("P-256")).toString("hex"), /is hex/],
      "a compressed point": [`${Buffer.from([2]).toString("hex")}`.padEnd(66, "1"), /hex/],
      "a compressed point in base64": [Buffer.from(`02${"11".repeat(32)}`, "hex").toString("base64"), /compressed/],
    };
    for (const [mistake, [header, says]] of Object.entries(mistakes))
      it(mistake, async () => {
        const { plumery } = holder.sandbox;
        const { status, body } = await call("GET", `${plumery.baseUrl}/internal/v1/cards/${plumery.cardToken}/pin`, {
          bearer: plumery.bearerToken,
          headers: { "x-client-public-key": header },
        });
        assert.ok(status >= 400 && status < 500);
        assert.match(JSON.stringify(body), says);
      });
  });

  describe("by Solaris' protocol", () => {
    let holder: SolarisCardholder;
    let device: Awaited<ReturnType<SolarisCardholder["bindDevice"]>>;
    before(async () => {
      holder = await SolarisCardholder.create(issuer.url);
      device = await holder.bindDevice();
    });

    async function explain(encryptedPin: string): Promise<string> {
      const { signature } = await signByHand(device.key, encryptedPin);
      const { kid } = await pinKey();
      const request = { encrypted_pin: encryptedPin, key_id: kid, device_id: device.deviceId, signature };
      return JSON.stringify((await holder.sendChange(request)).body);
    }
    const pinKey = async () => (await holder.partner("GET", "/v1/cards/pin_keys/latest")).body;

    it("base64 in lines, of a documented member alone: no name that a caller made up is repeated", async () => {
      const wrapped = "QUJDREVG\nQUJDREVG";
      const path = `/v1/cards/${holder.sandbox.solaris.cardAccountId}/sca_pin_update_requests`;
      const request = { encrypted_pin: wrapped, key_id: (await pinKey()).kid };
      const named = await holder.partner("POST", path, request);
      assert.match(JSON.stringify(named.body), /encrypted_pin has line breaks/);
      const { status, body } = await holder.sendChange({ pin1928: wrapped });
      assert.ok(status >= 400);
      assert.doesNotMatch(withoutIdentifiers(body), /1928|line breaks/);
    });

    it("a JWE of jose that is sealed to a stranger's key", async () => {
      const { kid } = await pinKey();
      const key = await importJWK(strangersKey.export({ format: "jwk" }), "RSA-OAEP-256");
      const jwe = new CompactEncrypt(Buffer.from('{"pin":"2846"}'));
      jwe.setProtectedHeader({ alg: "RSA-OAEP-256", enc: "A256CBC-HS512", kid });
      assert.match(await explain(await jwe.encrypt(key)), /no key of this issuer opens it/);
    });

    it("OAEP with SHA-1, PKCS#1, and a PIN as a number", async () => {
      const key = await pinKey();
      assert.match(await explain(handMadeJwe(key, '{"pin":"2846"}', { oaepHash: "sha1" })), /OAEP SHA-1/);
      const padding = constants.RSA_PKCS1_PADDING;
      assert.match(await explain(handMadeJwe(key, '{"pin":"2846"}', { padding })), /PKCS#1 v1.5/);
      assert.match(await explain(handMadeJwe(key, '{"pin":2846}')), /pin: a number/);
    });

    it("a value that is not allowed, a member too many, and a compressed device key, by their names", async () => {
      const bind = async (wrong: object) => {
        const right = {
          person_id: holder.sandbox.solaris.personId,
          key_type: "ecdsa-p256",
          challenge_type: "sms",
          key: `02${"11".repeat(32)}`,
          key_purpose: "restricted",
          name: "phone",
        };
        return JSON.stringify((await holder.partner("POST", "/v1/mfa/devices", { ...right, ...wrong })).body);
      };
      assert.match(await bind({ challenge_type: "email" }), /must be one of sms, activation_code/);
      assert.match(await bind({ nickname: "mine" }), /nickname: not documented; what is: .*challenge_type/);
      assert.match(await bind({}), /compressed point: it must be the hex of the uncompressed point/);
    });
  });
});
