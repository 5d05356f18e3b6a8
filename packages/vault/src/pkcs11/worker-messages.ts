import type { ErrorCode } from "@linchpin/core";
import type { KeyAlgorithm, VaultKey } from "../vault.ts";
import type { Capabilities } from "./capabilities.ts";
import type { TokenUri } from "./token-uri.ts";

/** What a worker is told: first where to log in, then what to compute. */
export type ToWorker =
  | { readonly start: TokenUri; readonly capabilities: Capabilities | null }
  | { readonly callId: number; readonly operation: Operation };

/** `logging_in` comes before each try of the PIN, so that a try that is never answered is known of, too. */
export type FromWorker =
  | { readonly state: "logging_in" }
  | { readonly state: "ready"; readonly capabilities: Capabilities }
  | { readonly state: "failed"; readonly failure: Failure }
  | { readonly callId: number; readonly answer: Answer }
  | { readonly callId: number; readonly failure: Failure };

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
  | { readonly method: "destroyKey"; readonly key: VaultKey };

/** The bytes that were computed; of `makeKey` the public key as SPKI. */
export type Answer = Uint8Array | null;

/** `lost`: the token does not answer as it should. `missing`: this worker finds no such key in it. */
export interface Failure {
  readonly kind: "lost" | "missing" | "pin_refused" | ErrorCode;
  readonly reason: string | null;
}
