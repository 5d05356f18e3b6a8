import { createPrivateKey } from "node:crypto";
import type { TestToken } from "@linchpin/test-fixtures/tokens/pkcs11-tokens";
import pkcs11js from "pkcs11js";
import { isRsa, isSymmetric } from "../../src/algorithms.ts";
import { keyHandle, keyLabel, keyObjectId } from "../../src/pkcs11/key-name.ts";
import { prime256v1 } from "../../src/pkcs11/token-keys.ts";
import type { KeyAlgorithm, VaultKey } from "../../src/vault.ts";

/** Puts keys that a test made into a token, past the vault and its processes. */
export class KeyPlacer {
  readonly #module = new pkcs11js.PKCS11();
  readonly #session: pkcs11js.Handle;

  constructor({ modulePath, libraryParameters, label, pin }: TestToken) {
    this.#module.load(modulePath);
    const flags = pkcs11js.CKF_OS_LOCKING_OK;
    this.#module.C_Initialize(libraryParameters === null ? { flags } : { flags, libraryParameters });
    const slot = this.#module
      .C_GetSlotList(true)
      .find((candidate) => this.#module.C_GetTokenInfo(candidate).label.trim() === label);
    if (slot === undefined) throw new Error("the test's token is not there");
    this.#session = this.#module.C_OpenSession(slot, pkcs11js.CKF_SERIAL_SESSION | pkcs11js.CKF_RW_SESSION);
    this.#module.C_Login(this.#session, pkcs11js.CKU_USER, pin);
  }

  /** `secret` is PKCS#8 DER, or the raw bytes of a symmetric key. */
  place(id: string, algorithm: KeyAlgorithm, secret: Uint8Array, deviation: pkcs11js.Template = []): VaultKey {
    const key = { id, algorithm };
    const template = [
      { type: pkcs11js.CKA_TOKEN, value: true },
      { type: pkcs11js.CKA_PRIVATE, value: true },
      { type: pkcs11js.CKA_SENSITIVE, value: true },
      { type: pkcs11js.CKA_EXTRACTABLE, value: false },
      { type: pkcs11js.CKA_ID, value: keyObjectId(key) },
      { type: pkcs11js.CKA_LABEL, value: keyLabel(key) },
      ...secretTemplate(algorithm, secret),
    ];
    const kept = template.filter(({ type }) => deviation.every((other) => other.type !== type));
    this.#module.C_CreateObject(this.#session, [...kept, ...deviation]);
    return { ...key, handle: keyHandle(key) };
  }

  close(): void {
    this.#module.C_Finalize();
    this.#module.close();
  }
}

function secretTemplate(algorithm: KeyAlgorithm, secret: Uint8Array): pkcs11js.Template {
  if (isSymmetric(algorithm)) return symmetricTemplate(algorithm, secret);
  return isRsa(algorithm) ? rsaTemplate(secret) : agreementTemplate(secret);
}

function agreementTemplate(pkcs8: Uint8Array): pkcs11js.Template {
  const { d = "" } = createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" }).export({
    format: "jwk",
  });
  return [
    { type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_PRIVATE_KEY },
    { type: pkcs11js.CKA_KEY_TYPE, value: pkcs11js.CKK_EC },
    { type: pkcs11js.CKA_DERIVE, value: true },
    { type: pkcs11js.CKA_EC_PARAMS, value: prime256v1 },
    { type: pkcs11js.CKA_VALUE, value: Buffer.from(d, "base64url") },
  ];
}

function symmetricTemplate(algorithm: KeyAlgorithm, secret: Uint8Array): pkcs11js.Template {
  const isGcm = algorithm === "A256GCM";
  const uses = isGcm ? [pkcs11js.CKA_ENCRYPT, pkcs11js.CKA_DECRYPT] : [pkcs11js.CKA_SIGN];
  return [
    { type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_SECRET_KEY },
    { type: pkcs11js.CKA_KEY_TYPE, value: isGcm ? pkcs11js.CKK_AES : pkcs11js.CKK_GENERIC_SECRET },
    { type: pkcs11js.CKA_VALUE, value: Buffer.from(secret) },
    ...uses.map((type) => ({ type, value: true })),
  ];
}

function rsaTemplate(pkcs8: Uint8Array): pkcs11js.Template {
  const jwk = createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" }).export({ format: "jwk" });
  const part = (type: number, value = "") => ({ type, value: Buffer.from(value, "base64url") });
  return [
    { type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_PRIVATE_KEY },
    { type: pkcs11js.CKA_KEY_TYPE, value: pkcs11js.CKK_RSA },
    { type: pkcs11js.CKA_DECRYPT, value: true },
    part(pkcs11js.CKA_MODULUS, jwk.n),
    part(pkcs11js.CKA_PUBLIC_EXPONENT, jwk.e),
    part(pkcs11js.CKA_PRIVATE_EXPONENT, jwk.d),
    part(pkcs11js.CKA_PRIME_1, jwk.p),
    part(pkcs11js.CKA_PRIME_2, jwk.q),
    part(pkcs11js.CKA_EXPONENT_1, jwk.dp),
    part(pkcs11js.CKA_EXPONENT_2, jwk.dq),
    part(pkcs11js.CKA_COEFFICIENT, jwk.qi),
  ];
}
