import { createECDH, createPrivateKey, ECDH, webcrypto } from "node:crypto";
import type { TestContext } from "node:test";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { type AgreementKey, bytesFromHex } from "../../src/index.ts";

/** An agreement key with a private key of the test's choice, which no implementation takes by its interface. */
export type PlaceAgreementKey = (t: TestContext, privateKeyHex: string) => Promise<AgreementKey>;

export const placeNodeAgreementKey: PlaceAgreementKey = async (t, privateKeyHex) => {
  const generating = t.mock.method(ECDH.prototype, "generateKeys", function (this: ECDH) {
    this.setPrivateKey(scalar(privateKeyHex));
    return this.getPublicKey();
  });
  const key = await nodeCryptoPrimitives.makeAgreementKey();
  generating.mock.restore();
  return key;
};

export const placeWebAgreementKey: PlaceAgreementKey = async (t, privateKeyHex) => {
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(scalar(privateKeyHex));
  const [d, point] = [ecdh.getPrivateKey(), ecdh.getPublicKey()];
  const coordinates = { x: point.toString("base64url", 1, 33), y: point.toString("base64url", 33) };
  const jwk = { kty: "EC", crv: "P-256", ...coordinates };
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const whole = createPrivateKey({
    key: { ...jwk, d: scalar(d.toString("hex")).toString("base64url") },
    format: "jwk",
  });
  const privateKey = await webcrypto.subtle.importKey(
    "pkcs8",
    whole.export({ format: "der", type: "pkcs8" }),
    curve,
    false,
    ["deriveBits"],
  );
  const publicKey = await webcrypto.subtle.importKey("jwk", jwk, curve, true, []);
  const generating = t.mock.method(webcrypto.subtle, "generateKey", async () => ({ privateKey, publicKey }));
  const key = await webCryptoPrimitives.makeAgreementKey();
  generating.mock.restore();
  return key;
};

/** 32 bytes, whatever zeros stand before it or are left out. */
function scalar(privateKeyHex: string): Buffer {
  return Buffer.from(bytesFromHex(privateKeyHex.replace(/^0+/, "").padStart(64, "0")));
}
