import type { AuditEntry, Sealed } from "@linchpin/vault";
import type { AuditStore } from "./audit/audit.ts";
import type { CallerStore } from "./callers/callers.ts";
import type { CardDataStore } from "./cards/card-data.ts";
import type { CardStore } from "./cards/cards.ts";
import type { ChallengeStore } from "./challenges/challenges.ts";
import type { ChangeRequestStore } from "./change-requests/change-requests.ts";
import type { DeviceStore } from "./devices/devices.ts";
import type { KeyStore } from "./keys/keys.ts";
import type { OutboxStore } from "./outbox/outbox.ts";
import type { SigningMethodStore } from "./signing/signing-methods.ts";

export type { AuditEntry, Sealed };

/**
 * What the issuer remembers. Each method is one statement or one transaction; a promise that is
 * fulfilled was committed before. Ids are made by the caller. Nothing here can read a PIN.
 *
 * Every method rejects with `unavailable` when the database can not be reached or is out of connections.
 */
export interface Store
  extends KeyStore,
    CallerStore,
    CardStore,
    CardDataStore,
    DeviceStore,
    ChallengeStore,
    ChangeRequestStore,
    SigningMethodStore,
    AuditStore,
    OutboxStore {
  /** Resolves when the database answers. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Spends a sealed PIN: `mark` is 32 bytes, unique over all operations, cards and servers; it lives as long as its key. */
export interface ReplayMark {
  readonly mark: Uint8Array;
  readonly keyId: string;
}

/** What goes along with a change, in the same transaction. */
export interface Consequences {
  readonly audit: AuditEntry;
  readonly outbox: readonly OutboxEntry[];
}

/** A message or an event on its way out; entries of one `orderingKey` leave in the order they were added. */
export interface OutboxEntry {
  readonly id: string;
  readonly orderingKey: string;
  readonly topic: "message" | "event";
  /** For messages: whom it goes to, by what channel. Null on events. */
  readonly recipient: string | null;
  readonly channel: string | null;
  /** Events: JSON text. Messages: null, the text stands in `sealedText`. */
  readonly payload: string | null;
  /** What a message says, sealed by the vault, as it may hold an OTP or a PIN. */
  readonly sealedText: Sealed | null;
  readonly createdAt: Date;
}
