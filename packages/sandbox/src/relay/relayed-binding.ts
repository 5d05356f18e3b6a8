import type { KeyObject } from "node:crypto";
import type { RelayedMessage } from "./relayed-change.ts";

/** How a partner that lies puts a key of its own into the binding of a device: a row's member. */
export interface RelayedBinding {
  /** The message with the public key `own` in the place of the one to bind. Null: it binds none. */
  readonly bindInstead: (message: RelayedMessage, own: KeyObject) => ReplacedKey | null;
  /**
   * Where the phone proves its key by a signature over a code that reached the person: the same code, found by that
   * signature, signed by the private key `own`. Null: the message is none of that kind. `firstTry`: see `findSignedCode`.
   */
  readonly proveInstead?: (message: RelayedMessage, keys: ProvingKeys) => RelayedMessage | null;
}

export interface ProvingKeys {
  readonly own: KeyObject;
  readonly phones: KeyObject;
  readonly firstTry: string;
}

interface ReplacedKey {
  readonly message: RelayedMessage;
  /** Whom the code goes out to, and the key that the phone proves; null where it proves none by a code. */
  readonly proof: { readonly personId: string; readonly phones: KeyObject } | null;
}
