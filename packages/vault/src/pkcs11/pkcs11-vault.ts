import { LinchpinError } from "@linchpin/core";
import { isRsa, modulusBitsOf } from "../algorithms.ts";
import { importPeerPoint } from "../peer-point.ts";
import type {
  AgreementVault,
  DecliningVault,
  DestroyingVault,
  KeyAlgorithm,
  MacVault,
  SigningVault,
  Vault,
  VaultKey,
} from "../vault.ts";
import { checkKeyHandle, keyHandle } from "./key-name.ts";
import type { TokenUri } from "./token-uri.ts";
import type { Operation } from "./worker-messages.ts";
import { type PoolSettings, WorkerPool } from "./worker-pool.ts";

/**
 * A vault in a PKCS#11 token: keys are made and compute inside the token, and never leave it. A handle is the key's name
 * in the token.
 *
 * Every method rejects with `unavailable` while the token does not answer, and for calls that were under way when the
 * module crashed; with `settings_invalid` when the token does not hold the key, declines its algorithm, or has refused
 * the PIN.
 */
export class Pkcs11Vault implements Vault, MacVault, SigningVault, AgreementVault, DestroyingVault, DecliningVault {
  readonly #pool: WorkerPool;
  readonly #rsaModulusBits: number;

  /**
   * Logs in to the token. The PIN is tried once.
   *
   * @throws LinchpinError `settings_invalid`: there is no such module, several tokens match, or the PIN was refused;
   *   `unavailable`: there is no such token now, or it does not answer
   */
  static async open(
    uri: TokenUri,
    options: Partial<PoolSettings> & { readonly rsaModulusBits?: 2048 | 3072 | 4096 } = {},
  ): Promise<Pkcs11Vault> {
    const { size = 2, callTimeoutMs = 10_000, report = () => {}, rsaModulusBits = 2048 } = options;
    return new Pkcs11Vault(await WorkerPool.open(uri, { size, callTimeoutMs, report }), rsaModulusBits);
  }

  private constructor(pool: WorkerPool, rsaModulusBits: number) {
    this.#pool = pool;
    this.#rsaModulusBits = rsaModulusBits;
  }

  declines(algorithm: KeyAlgorithm): string | null {
    return this.#pool.declined[algorithm];
  }

  async makeKey(id: string, algorithm: KeyAlgorithm) {
    this.#refuseDeclined(algorithm);
    const rsaModulusBits = (isRsa(algorithm) ? modulusBitsOf(algorithm) : null) ?? this.#rsaModulusBits;
    const operation = { method: "makeKey", id, algorithm, rsaModulusBits } as const;
    const publicKeySpki = await this.#pool.call(operation);
    return { handle: keyHandle({ id, algorithm }), publicKeySpki };
  }

  async unwrap(key: VaultKey, wrapped: Uint8Array, lengthBytes: number, fallback?: Uint8Array): Promise<Uint8Array> {
    const algorithm = isRsa(key.algorithm) ? key.algorithm : "RSA-OAEP-256";
    return this.#compute({
      method: "unwrap",
      key: this.#checked(key, algorithm),
      wrapped,
      lengthBytes,
      fallback: fallback ?? null,
    });
  }

  async seal(key: VaultKey, plaintext: Uint8Array, associatedData: Uint8Array): Promise<Uint8Array> {
    return this.#compute({ method: "seal", key: this.#checked(key, "A256GCM"), plaintext, associatedData });
  }

  async open(key: VaultKey, sealed: Uint8Array, associatedData: Uint8Array): Promise<Uint8Array> {
    return this.#compute({ method: "open", key: this.#checked(key, "A256GCM"), sealed, associatedData });
  }

  async mac(key: VaultKey, data: Uint8Array): Promise<Uint8Array> {
    return this.#compute({ method: "mac", key: this.#checked(key, "HS256"), data });
  }

  async sign(key: VaultKey, data: Uint8Array): Promise<Uint8Array> {
    return this.#compute({ method: "sign", key: this.#checked(key, "ES256"), data });
  }

  async agree(key: VaultKey, publicPoint: Uint8Array): Promise<Uint8Array> {
    const checked = this.#checked(key, "HPKE-7");
    importPeerPoint(publicPoint);
    return this.#compute({ method: "agree", key: checked, publicPoint });
  }

  async destroyKey(key: VaultKey): Promise<void> {
    await this.#pool.call({ method: "destroyKey", key: withFittingHandle(key) });
  }

  /** Resolves when the calls under way have ended, and the worker processes with them. */
  close(): Promise<void> {
    return this.#pool.close();
  }

  async #compute(operation: Operation): Promise<Uint8Array> {
    const answer = await this.#pool.call(operation);
    if (answer === null) throw new LinchpinError("internal", { reason: "a vault worker gave no bytes" });
    return answer;
  }

  /** The key as a worker needs it. A key of another algorithm than the method's is a mistake of the caller. */
  #checked(key: VaultKey, algorithm: KeyAlgorithm): VaultKey {
    if (key.algorithm !== algorithm)
      throw new LinchpinError("internal", { reason: `this takes a key of ${algorithm}, not of ${key.algorithm}` });
    this.#refuseDeclined(algorithm);
    return withFittingHandle(key);
  }

  #refuseDeclined(algorithm: KeyAlgorithm): void {
    const reason = this.declines(algorithm);
    if (reason !== null) throw new LinchpinError("settings_invalid", { reason });
  }
}

function withFittingHandle(key: VaultKey): VaultKey {
  checkKeyHandle(key);
  return { id: key.id, algorithm: key.algorithm, handle: key.handle };
}
