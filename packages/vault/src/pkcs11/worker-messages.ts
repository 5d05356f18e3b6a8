import type { ErrorCode } from "@linchpin/core";
import type { KeyAlgorithm, VaultKey } from "../vault.ts";
import type { Capabilities } from "./capabilities.ts";
import type { TokenUri } from "./token-uri.ts";

/** To a worker: first the token to log in to, then calls. `capabilities` is null where no worker has probed them yet. */
export type ToWorker =
  | { readonly start: TokenUri; readonly capabilities: Capabilities | null }
  | { readonly callId: number; readonly operation: Operation };

/** `logging_in` precedes every try of the PIN, so that the pool also knows of a try that is never answered. */
export type FromWorker =
  | { readonly state: "logging_in" }
  | { readonly state: "ready"; readonly capabilities: Capabilities }
  | { readonly state: "failed"; readonly failure: WorkerFailure }
  | { readonly callId: number; readonly answer: Answer }
  | { readonly callId: number; readonly failure: WorkerFailure };

/** A method of the vault with its arguments. */
export type Operation =
  | {
      readonly method: "makeKey";
      readonly id: string;
      readonly algorithm: KeyAlgorithm;
      readonly rsaModulusBits: number;
    }
  | {
      readonly method: "unwrap";
      readonly key: VaultKey;
      readonly wrapped: Uint8Array;
      readonly lengthBytes: number;
      readonly fallback: Uint8Array | null;
    }
  | {
      readonly method: "seal";
      readonly key: VaultKey;
      readonly plaintext: Uint8Array;
      readonly associatedData: Uint8Array;
    }
  | {
      readonly method: "open";
      readonly key: VaultKey;
      readonly sealed: Uint8Array;
      readonly associatedData: Uint8Array;
    }
  | { readonly method: "mac"; readonly key: VaultKey; readonly data: Uint8Array }
  | { readonly method: "sign"; readonly key: VaultKey; readonly data: Uint8Array }
  | { readonly method: "agree"; readonly key: VaultKey; readonly publicPoint: Uint8Array }
  | { readonly method: "destroyKey"; readonly key: VaultKey };

/** The computed bytes; for `makeKey` the public key as SPKI, or null; for `destroyKey` null. */
export type Answer = Uint8Array | null;

/** `lost`: the token does not answer as it should. `missing`: this worker does not find the key in the token. */
export interface WorkerFailure {
  readonly kind: "lost" | "missing" | "pin_refused" | ErrorCode;
  readonly reason: string | null;
}
