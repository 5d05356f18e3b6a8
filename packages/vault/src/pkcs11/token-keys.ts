import type { Handle, Template } from "pkcs11js";
import { isRsa, isSymmetric } from "../algorithms.ts";
import type { KeyAlgorithm, VaultKey } from "../vault.ts";
import { keyLabel, keyObjectId } from "./key-name.ts";
import { Pkcs11Failure } from "./pkcs11-failure.ts";
import { readEcPublicKey, readRsaPublicKey } from "./public-key.ts";
import type { Token } from "./token.ts";

export interface TokenKey {
  readonly object: Handle;
  /** The modulus of an RSA key, whose length is that of a ciphertext; null for other keys. */
  readonly modulus: Buffer | null;
}

/**
 * The keys in a token. Every key is private, sensitive and never extractable; the public key is stored beside each
 * private key.
 */
export class TokenKeys {
  readonly #token: Token;
  /** Keys that were found, oldest first. */
  readonly #cachedKeys = new Map<string, TokenKey>();

  constructor(token: Token) {
    this.#token = token;
  }

  /**
   * Finds the objects of a key.
   *
   * @throws Pkcs11Failure `missing`: the token does not hold the key; `settings_invalid`: the key could leave the token,
   *   or there are two of its name
   */
  async find(key: VaultKey): Promise<TokenKey> {
    const label = keyLabel(key);
    const cached = this.#cachedKeys.get(label);
    if (cached !== undefined) return cached;
    const [object, another] = await this.#token.findObjects(
      this.#searchTemplate(key, this.#secretClass(key.algorithm)),
    );
    if (object === undefined) throw new Pkcs11Failure("missing", "the token does not hold this key");
    if (another !== undefined) throw new Pkcs11Failure("settings_invalid", "the token holds two keys of one name");
    await this.#refuseExtractable(object);
    const found = { object, modulus: await this.#readModulus(key.algorithm, object) };
    this.#cache(label, found);
    return found;
  }

  /** Makes a key inside the token. Resolves to its public key as SPKI, DER; null for a symmetric key. */
  async make(id: string, algorithm: KeyAlgorithm, rsaModulusBits: number): Promise<Uint8Array | null> {
    if (isSymmetric(algorithm)) {
      await this.#destroyIfExtractable([await this.#generateSymmetric(id, algorithm)]);
      return null;
    }
    const pair = await this.#generatePair(id, algorithm, rsaModulusBits);
    await this.#destroyIfExtractable([pair.privateKey, pair.publicKey]);
    const read = isRsa(algorithm) ? readRsaPublicKey : readEcPublicKey;
    return (await read(this.#token, pair.publicKey)).export({ format: "der", type: "spki" });
  }

  /** Destroys a key and its public key. @throws Pkcs11Failure `missing`: the token does not hold the key */
  async destroy(key: VaultKey): Promise<void> {
    const { binding } = this.#token;
    this.#cachedKeys.delete(keyLabel(key));
    const secrets = await this.#token.findObjects(this.#searchTemplate(key, this.#secretClass(key.algorithm)));
    const publics = await this.#token.findObjects(this.#searchTemplate(key, binding.CKO_PUBLIC_KEY));
    for (const object of [...secrets, ...publics]) await this.#token.destroyObject(object);
    if (secrets.length === 0) throw new Pkcs11Failure("missing");
  }

  #generateSymmetric(id: string, algorithm: KeyAlgorithm): Promise<Handle> {
    const { binding } = this.#token;
    const isGcm = algorithm === "A256GCM";
    const uses = isGcm ? [binding.CKA_ENCRYPT, binding.CKA_DECRYPT] : [binding.CKA_SIGN];
    return this.#token.generateKey(
      { mechanism: isGcm ? binding.CKM_AES_KEY_GEN : binding.CKM_GENERIC_SECRET_KEY_GEN },
      [...this.#secretTemplate(id, algorithm, uses), { type: binding.CKA_VALUE_LEN, value: 32 }],
    );
  }

  #generatePair(id: string, algorithm: KeyAlgorithm, rsaModulusBits: number) {
    const { binding } = this.#token;
    const isRsaKey = isRsa(algorithm);
    const kind: Template = isRsaKey
      ? [
          { type: binding.CKA_ENCRYPT, value: true },
          { type: binding.CKA_MODULUS_BITS, value: rsaModulusBits },
          { type: binding.CKA_PUBLIC_EXPONENT, value: Buffer.of(1, 0, 1) },
        ]
      : [
          { type: algorithm === "HPKE-7" ? binding.CKA_DERIVE : binding.CKA_VERIFY, value: true },
          { type: binding.CKA_EC_PARAMS, value: prime256v1 },
        ];
    return this.#token.generateKeyPair(
      { mechanism: isRsaKey ? binding.CKM_RSA_PKCS_KEY_PAIR_GEN : binding.CKM_EC_KEY_PAIR_GEN },
      [...this.#nameTemplate({ id, algorithm }), { type: binding.CKA_PRIVATE, value: false }, ...kind],
      this.#secretTemplate(id, algorithm, [this.#privateKeyUse(algorithm)]),
    );
  }

  #privateKeyUse(algorithm: KeyAlgorithm): number {
    const { binding } = this.#token;
    if (isRsa(algorithm)) return binding.CKA_DECRYPT;
    return algorithm === "HPKE-7" ? binding.CKA_DERIVE : binding.CKA_SIGN;
  }

  /** The template names every use, as allowed or not: some modules allow a use that is left out. */
  #secretTemplate(id: string, algorithm: KeyAlgorithm, uses: readonly number[]): Template {
    const { binding } = this.#token;
    const { CKA_DECRYPT, CKA_SIGN, CKA_UNWRAP, CKA_DERIVE } = binding;
    const ofSecretKeys = [binding.CKA_ENCRYPT, binding.CKA_VERIFY, binding.CKA_WRAP];
    const ofPrivateKeys = [binding.CKA_SIGN_RECOVER];
    const others = isSymmetric(algorithm) ? ofSecretKeys : ofPrivateKeys;
    const allUses = [CKA_DECRYPT, CKA_SIGN, CKA_UNWRAP, CKA_DERIVE, ...others];
    return [
      ...this.#nameTemplate({ id, algorithm }),
      { type: binding.CKA_PRIVATE, value: true },
      { type: binding.CKA_SENSITIVE, value: true },
      { type: binding.CKA_EXTRACTABLE, value: false },
      ...allUses.map((type) => ({ type, value: uses.includes(type) })),
    ];
  }

  #nameTemplate(key: Omit<VaultKey, "handle">): Template {
    const { binding } = this.#token;
    return [
      { type: binding.CKA_TOKEN, value: true },
      { type: binding.CKA_ID, value: keyObjectId(key) },
      { type: binding.CKA_LABEL, value: keyLabel(key) },
    ];
  }

  #searchTemplate(key: VaultKey, objectClass: number): Template {
    return [...this.#nameTemplate(key), { type: this.#token.binding.CKA_CLASS, value: objectClass }];
  }

  #secretClass(algorithm: KeyAlgorithm): number {
    const { binding } = this.#token;
    return isSymmetric(algorithm) ? binding.CKO_SECRET_KEY : binding.CKO_PRIVATE_KEY;
  }

  /** Destroys new objects if they are not as the template demands: some modules ignore attributes, and the key could be copied. */
  async #destroyIfExtractable(objects: readonly [Handle, ...Handle[]]): Promise<void> {
    const { binding } = this.#token;
    try {
      await this.#refuseExtractable(objects[0], [binding.CKA_ALWAYS_SENSITIVE, binding.CKA_NEVER_EXTRACTABLE]);
    } catch (error) {
      for (const object of objects) await this.#token.destroyObject(object);
      throw error;
    }
  }

  async #refuseExtractable(object: Handle, alsoTrue: readonly number[] = []): Promise<void> {
    const { binding } = this.#token;
    const types = [binding.CKA_EXTRACTABLE, binding.CKA_SENSITIVE, ...alsoTrue];
    const [extractable, ...others] = await this.#token.readAttributes(object, types);
    if (extractable?.[0] === 0 && others.every((value) => value[0] === 1)) return;
    throw new Pkcs11Failure("settings_invalid", "a key in the token is not sensitive, or could be taken out of it");
  }

  async #readModulus(algorithm: KeyAlgorithm, object: Handle): Promise<Buffer | null> {
    if (!isRsa(algorithm)) return null;
    const [modulus] = await this.#token.readAttributes(object, [this.#token.binding.CKA_MODULUS]);
    return modulus ?? null;
  }

  #cache(label: string, key: TokenKey): void {
    const [oldest] = this.#cachedKeys.keys();
    if (this.#cachedKeys.size >= maxCachedKeys && oldest !== undefined) this.#cachedKeys.delete(oldest);
    this.#cachedKeys.set(label, key);
  }
}

/** OID 1.2.840.10045.3.1.7, DER. */
export const prime256v1 = Buffer.from("06082a8648ce3d030107", "hex");
const maxCachedKeys = 64;
