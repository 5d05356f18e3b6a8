import type { AuditEntry, OutboxEntry, Sealed } from "@linchpin/vault";

// Records that more than one folder of the store uses. A record of one noun alone stands in its folder's `records.ts`.

export type { AuditEntry, OutboxEntry, Sealed };

/** Makes a sealed message usable once. It lives as long as the key of id `keyId`. */
export interface ReplayMark {
  /** 32 bytes, unique over all operations, cards and servers. */
  readonly mark: Uint8Array;
  readonly keyId: string;
}

/** The marks of one message, which belong to one key. */
export type MarksOfMessage = readonly [ReplayMark, ReplayMark?];

/**
 * What is written in the same transaction as a change: its audit event, what must be delivered after the commit, and
 * what a protocol keeps.
 */
export interface AuditAndOutbox extends KeptByProtocol {
  readonly audit: AuditEntry;
  readonly outbox: readonly OutboxEntry[];
}

/** What a protocol keeps of a card and of a request, written with the change that it belongs to. */
export interface KeptByProtocol {
  /** Absent: what is kept of the card stays as it is. */
  readonly cardDetails?: CardDetailsChange;
  /**
   * The answer of the idempotent request that makes the change. Absent: it is none. Where another reserved the request in
   * the meantime, the change is refused with `conflict`, and nothing of it is written.
   */
  readonly answer?: IdempotentAnswer;
}

export interface CardDetailsChange {
  readonly cardId: string;
  readonly protocol: string;
  /** Texts by the names that they have in the protocol. Null deletes one; those that are not named stay. */
  readonly details: Readonly<Record<string, string | null>>;
}

/** Who answers a request that came with an idempotency key. */
export interface IdempotencyReservation {
  readonly clientId: string;
  readonly key: string;
  /** A name that no other reservation has. A later reservation of the same key ends this one. */
  readonly owner: string;
  /** 32 bytes: SHA-256 of all that the request asks for. */
  readonly requestHash: Uint8Array;
  /** When the request began. */
  readonly at: Date;
}

/** What an idempotent request was answered. */
export interface IdempotentAnswer extends IdempotencyReservation {
  readonly status: number;
  readonly body: string;
}

/** A card product: its PIN rules and settings. */
export interface Program {
  readonly id: string;
  readonly name: string;
  /** PIN policy and rules as JSON. The store does not read them. */
  readonly settings: unknown;
  readonly createdAt: Date;
}

export interface MobileNumber {
  readonly id: string;
  readonly number: string;
  readonly verified: boolean;
  /** False: the partner registered it. Letters go only to a number that an operator set. */
  readonly setByOperator: boolean;
}

export interface Person {
  readonly id: string;
  readonly partnerId: string;
  readonly mobileNumber: MobileNumber | null;
  readonly createdAt: Date;
}

/**
 * Solaris's two purposes of a device key. A `restricted` key is the one that signs PIN changes and their confirmation.
 */
export type DeviceKeyPurpose = "restricted" | "unrestricted";

/** A public key of a device. A device has at most one key for each purpose. */
export interface DeviceKey {
  readonly id: string;
  readonly purpose: DeviceKeyPurpose;
  /** Uncompressed P-256 point, 65 bytes. */
  readonly publicPoint: Uint8Array;
  readonly createdAt: Date;
}

export interface Device {
  readonly id: string;
  readonly personId: string;
  readonly partnerId: string;
  readonly name: string | null;
  readonly verified: boolean;
  readonly keys: readonly DeviceKey[];
  readonly createdAt: Date;
  /** Null unless the device was deleted, and where that was before the time was kept. */
  readonly deletedAt: Date | null;
}

/** The expiration date of a card: `month` 1 to 12, `year` of four digits. */
export interface Expiration {
  readonly month: number;
  readonly year: number;
}
