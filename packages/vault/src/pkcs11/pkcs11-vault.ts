import { LinchpinError } from "@linchpin/core";
import type { DestroyingVault, KeyAlgorithm, MacVault, SigningVault, Vault, VaultKey } from "../vault.ts";
import { checkKeyHandle, keyHandle } from "./key-name.ts";
import type { TokenUri } from "./token-uri.ts";
import type { Operation } from "./worker-messages.ts";
import { type PoolSettings, WorkerPool } from "./worker-pool.ts";

/**
 * Keys are made and compute inside a PKCS#11 token, and never leave it. A handle is the key's name there.
 *
 * Every method rejects with `unavailable` while the token does not answer, and for calls that were under way when the
 * module crashed; with `settings_invalid` when the token does not hold the key or refused the PIN.
 */
export class Pkcs11Vault implements Vault, MacVault, SigningVault, DestroyingVault {
  readonly #pool: WorkerPool;
  readonly #rsaModulusBits: number;

  /**
   * Logs in, by one try of the PIN.
   *
   * @throws LinchpinError `settings_invalid`: no such module, several tokens, a refused PIN, a mechanism that lacks;
   * `unavailable`: no such token now, or it does not answer.
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

  async makeKey(id: string, algorithm: KeyAlgorithm) {
    const operation = { method: "makeKey", id, algorithm, rsaModulusBits: this.#rsaModulusBits } as const;
    const publicKeySpki = await this.#pool.ask(operation);
    return { handle: keyHandle({ id, algorithm }), publicKeySpki };
  }

  async unwrap(key: VaultKey, wrapped: Uint8Array, lengthBytes: number, fallback?: Uint8Array): Promise<Uint8Array> {
    const algorithm = key.algorithm === "RSA-PKCS1" ? "RSA-PKCS1" : "RSA-OAEP-256";
    return this.#bytes({
      method: "unwrap",
      key: checked(key, algorithm),
      wrapped,
      lengthBytes,
      fallback: fallback ?? null,
    });
  }

  async seal(key: VaultKey, plaintext: Uint8Array, associatedData: Uint8Array): Promise<Uint8Array> {
    return this.#bytes({ method: "seal", key: checked(key, "A256GCM"), plaintext, associatedData });
  }

  async open(key: VaultKey, sealed: Uint8Array, associatedData: Uint8Array): Promise<Uint8Array> {
    return this.#bytes({ method: "open", key: checked(key, "A256GCM"), sealed, associatedData });
  }

  async mac(key: VaultKey, data: Uint8Array): Promise<Uint8Array> {
    return this.#bytes({ method: "mac", key: checked(key, "HS256"), data });
  }

  async sign(key: VaultKey, data: Uint8Array): Promise<Uint8Array> {
    return this.#bytes({ method: "sign", key: checked(key, "ES256"), data });
  }

  async destroyKey(key: VaultKey): Promise<void> {
    await this.#pool.ask({ method: "destroyKey", key: checked(key, key.algorithm) });
  }

  /** Ends when what is under way is done. */
  close(): Promise<void> {
    return this.#pool.close();
  }

  async #bytes(operation: Operation): Promise<Uint8Array> {
    const answer = await this.#pool.ask(operation);
    if (answer === null) throw new LinchpinError("internal", { reason: "a vault worker gave no bytes" });
    return answer;
  }
}

/** What a worker needs of the key. Another algorithm is the caller's mistake. */
function checked(key: VaultKey, algorithm: KeyAlgorithm): VaultKey {
  if (key.algorithm !== algorithm)
    throw new LinchpinError("internal", { reason: `this takes a key of ${algorithm}, not of ${key.algorithm}` });
  checkKeyHandle(key);
  return { id: key.id, algorithm, handle: key.handle };
}
