import type { KeyPairSource } from "./key-pair.ts";
import type { AnyVault } from "./vault.ts";

/** A kind of vault, which the scheme of a URI selects. Each kind is a folder, and a row of `vault-schemes.ts`. */
export interface VaultScheme {
  /** Without the colon, in lower case. */
  readonly scheme: string;
  /** What a URI of this scheme looks like, for messages to the operator. */
  readonly syntax: string;
  /** Whether the vault's keys are sealed under the master key, so that the operator must set one. */
  readonly usesMasterKey: boolean;
  /**
   * Checks the text of a setting, without opening anything.
   *
   * @throws LinchpinError `settings_invalid`: the reason names the setting `variable` and says what is wrong
   */
  check(uri: string, variable: string): void;
  /** What key records call the vault. It stays the same when only the way to reach the vault changes. */
  nameInRecords(uri: string): string;
  /**
   * Opens the vault.
   *
   * @throws LinchpinError `settings_invalid`: the vault does not fit the URI, or refuses it; `unavailable`: the vault
   *   cannot be reached
   */
  open(uri: string, options: OpenVaultOptions): Promise<OpenVault>;
}

interface OpenVaultOptions {
  /** Reads the master key, 32 bytes. Called by schemes that use one, and by no other. */
  readonly readMasterKey: () => Promise<Uint8Array>;
  /** Where a vault in software has its key pairs from: it makes fresh ones if absent. */
  readonly keyPairs?: KeyPairSource;
  /** Called when a process that the vault runs changes its state. */
  readonly report: (event: VaultEvent) => void;
}

export interface OpenVault {
  readonly vault: AnyVault;
  /** The master key; null for a scheme that uses none. */
  readonly masterKey: Uint8Array | null;
  /** Lets calls under way finish, then frees everything that `open` took. */
  close(): Promise<void>;
}

/**
 * The state of a process that the vault runs. `lost`: it does not reach its token, or misses a key, and is replaced.
 * `ended`: it ended unasked. `refused`: no process can be started.
 */
export interface VaultEvent {
  readonly state: "ready" | "lost" | "ended" | "refused";
  readonly reason: string | null;
}
