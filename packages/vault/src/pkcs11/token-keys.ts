import type { Handle, Template } from "pkcs11js";
import type { KeyAlgorithm, VaultKey } from "../vault.ts";
import { isSymmetric, keyLabel, keyObjectId } from "./key-name.ts";
import { Pkcs11Failure } from "./pkcs11-failure.ts";
import { readEcPublicKey, readRsaPublicKey } from "./public-key.ts";
import type { Token } from "./token.ts";

export interface TokenKey {
  readonly object: Handle;
  /** Of RSA keys, as long as it is; else null. */
  readonly modulus: Buffer | null;
}

/** The keys in a token: private to it, sensitive, never extractable; a public half beside each private key. */
export class TokenKeys {
  readonly #token: Token;
  readonly #found = new Map<string, TokenKey>();

  constructor(token: Token) {
    this.#token = token;
  }

  /** @throws Pkcs11Failure `missing`; `settings_invalid` when it could leave the token */
  async find(key: VaultKey): Promise<TokenKey> {
    const label = keyLabel(key);
    const known = this.#found.get(label);
    if (known !== undefined) return known;
    const [object, another] = await this.#token.findObjects(this.#named(key, this.#secretClass(key.algorithm)));
    if (object === undefined) throw new Pkcs11Failure("missing", "the token does not hold this key");
    if (another !== undefined) throw new Pkcs11Failure("settings_invalid", "the token holds two keys of one name");
    await this.#refuseExtractable(object);
    const found = { object, modulus: await this.#readModulus(key.algorithm, object) };
    this.#remember(label, found);
    return found;
  }

  /** Makes a key inside the token. Resolves to its public key as SPKI, or null. */
  async make(id: string, algorithm: KeyAlgorithm, rsaModulusBits: number): Promise<Uint8Array | null> {
    if (isSymmetric(algorithm)) {
      await this.#refuseOrDestroy([await this.#generateSymmetric(id, algorithm)]);
      return null;
    }
    const pair = await this.#generatePair(id, algorithm, rsaModulusBits);
    await this.#refuseOrDestroy([pair.privateKey, pair.publicKey]);
    const read = algorithm === "ES256" ? readEcPublicKey : readRsaPublicKey;
    return (await read(this.#token, pair.publicKey)).export({ format: "der", type: "spki" });
  }

  /** @throws Pkcs11Failure `missing` */
  async destroy(key: VaultKey): Promise<void> {
    const { binding } = this.#token;
    this.#found.delete(keyLabel(key));
    const secrets = await this.#token.findObjects(this.#named(key, this.#secretClass(key.algorithm)));
    const publics = await this.#token.findObjects(this.#named(key, binding.CKO_PUBLIC_KEY));
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
    const isRsa = algorithm !== "ES256";
    const kind: Template = isRsa
      ? [
          { type: binding.CKA_ENCRYPT, value: true },
          { type: binding.CKA_MODULUS_BITS, value: rsaModulusBits },
          { type: binding.CKA_PUBLIC_EXPONENT, value: Buffer.of(1, 0, 1) },
        ]
      : [
          { type: binding.CKA_VERIFY, value: true },
          { type: binding.CKA_EC_PARAMS, value: prime256v1 },
        ];
    return this.#token.generateKeyPair(
      { mechanism: isRsa ? binding.CKM_RSA_PKCS_KEY_PAIR_GEN : binding.CKM_EC_KEY_PAIR_GEN },
      [...this.#name({ id, algorithm }), { type: binding.CKA_PRIVATE, value: false }, ...kind],
      this.#secretTemplate(id, algorithm, [isRsa ? binding.CKA_DECRYPT : binding.CKA_SIGN]),
    );
  }

  /** Every use is named: what a template leaves out, some modules allow. */
  #secretTemplate(id: string, algorithm: KeyAlgorithm, uses: readonly number[]): Template {
    const { binding } = this.#token;
    const { CKA_DECRYPT, CKA_SIGN, CKA_UNWRAP, CKA_DERIVE } = binding;
    const ofSecretKeys = [binding.CKA_ENCRYPT, binding.CKA_VERIFY, binding.CKA_WRAP];
    const ofPrivateKeys = [binding.CKA_SIGN_RECOVER];
    const others = isSymmetric(algorithm) ? ofSecretKeys : ofPrivateKeys;
    const allUses = [CKA_DECRYPT, CKA_SIGN, CKA_UNWRAP, CKA_DERIVE, ...others];
    return [
      ...this.#name({ id, algorithm }),
      { type: binding.CKA_PRIVATE, value: true },
      { type: binding.CKA_SENSITIVE, value: true },
      { type: binding.CKA_EXTRACTABLE, value: false },
      ...allUses.map((type) => ({ type, value: uses.includes(type) })),
    ];
  }

  #name(key: Omit<VaultKey, "handle">): Template {
    const { binding } = this.#token;
    return [
      { type: binding.CKA_TOKEN, value: true },
      { type: binding.CKA_ID, value: keyObjectId(key) },
      { type: binding.CKA_LABEL, value: keyLabel(key) },
    ];
  }

  #named(key: VaultKey, objectClass: number): Template {
    return [...this.#name(key), { type: this.#token.binding.CKA_CLASS, value: objectClass }];
  }

  #secretClass(algorithm: KeyAlgorithm): number {
    const { binding } = this.#token;
    return isSymmetric(algorithm) ? binding.CKO_SECRET_KEY : binding.CKO_PRIVATE_KEY;
  }

  /** What a template asks for and a module ignores would be a key that can be copied. */
  async #refuseOrDestroy(objects: readonly [Handle, ...Handle[]]): Promise<void> {
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
    if (isSymmetric(algorithm) || algorithm === "ES256") return null;
    const [modulus] = await this.#token.readAttributes(object, [this.#token.binding.CKA_MODULUS]);
    return modulus ?? null;
  }

  #remember(label: string, key: TokenKey): void {
    const [oldest] = this.#found.keys();
    if (this.#found.size >= rememberedKeys && oldest !== undefined) this.#found.delete(oldest);
    this.#found.set(label, key);
  }
}

/** OID 1.2.840.10045.3.1.7, DER. */
const prime256v1 = Buffer.from("06082a8648ce3d030107", "hex");
const rememberedKeys = 64;
