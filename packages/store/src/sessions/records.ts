import type { Card, StoredCardData } from "../cards/index.ts";
import type { KeyManifest } from "../manifests/index.ts";
import type { AuditAndOutbox, Sealed } from "../records.ts";

/** A key that a device bound to a person. */
export interface BoundKey {
  /** RFC 7638, base64url: 43 characters. */
  readonly thumbprint: string;
  readonly personId: string;
  /** Uncompressed P-256 point, 65 bytes. */
  readonly publicPoint: Uint8Array;
  readonly boundAt: Date;
  /** Null: the key is live. */
  readonly unboundAt: Date | null;
  /** Whether a card that is for the native protocol alone bound it: only such a key serves such cards. */
  readonly byNativeOnly: boolean;
}

/** What decides whether a session may be made for a person. */
export interface SessionHolder {
  /** Null: no operator has set it. */
  readonly name: string | null;
  /** How many live keys the person has. */
  readonly boundKeys: number;
  /** Wrong codes in a row. */
  readonly wrongCodes: number;
  /** Wrong codes of all persons of the person's partner on the day asked for. */
  readonly partnersWrongCodes: number;
}

/** A card together with what a session for it is made of. */
export interface CardForSession extends Card {
  readonly holder: SessionHolder;
  /** The key that was asked for, whosever it is. Null: nobody bound it. */
  readonly boundKey: BoundKey | null;
  /** Null: the card has no card data. */
  readonly data: StoredCardData | null;
  /** Which manifest is the last one. Null: none was published yet. */
  readonly manifest: Pick<KeyManifest, "seq" | "issuedAt"> | null;
}

/** A card together with what a message to a session of it is checked against. */
export interface CardForMessage extends Card {
  /** As in `CardForSession`. */
  readonly boundKey: BoundKey | null;
  /** Null: the session is not spent. */
  readonly spent: SpentSession | null;
}

export interface CodeLimits {
  /** How many codes a person may be sent on a day (UTC). */
  readonly codesPerDay: number;
  /** After so many wrong codes in a row no code of the person is taken until an operator allows it again. */
  readonly wrongInARow: number;
  /** After so many wrong codes of one partner's persons no code of them is taken for the rest of the day (UTC). */
  readonly wrongPerPartnerAndDay: number;
}

/** A message to a session, as it was understood. The statement decides what comes of it. */
export interface SessionMessage {
  /** SHA-256 of the session's signing input, 32 bytes. */
  readonly sessionHash: Uint8Array;
  /** SHA-256 of the message, 32 bytes. */
  readonly messageHash: Uint8Array;
  /** When no server takes the session any more. */
  readonly expiresAt: Date;
  readonly at: Date;
  readonly cardId: string;
  readonly personId: string;
  readonly partnerId: string;
  /** The key that must be live and the person's; null: no device authorized the session. */
  readonly device: string | null;
  /** Whether the card is for the native protocol alone; see `BoundKey.byNativeOnly`. */
  readonly isNativeOnly: boolean;
  /** The code that came, and by which limits it counts; null: none belongs to the operation. */
  readonly code: { readonly challengeId: string; readonly isRight: boolean; readonly limits: CodeLimits } | null;
  /** True: the message is refused where the person has a live key. */
  readonly demandsNoBoundKey: boolean;
  /** The version that the card's PIN must have; null: any. */
  readonly version: number | null;
  /** The message did not open. It counts as no code. */
  readonly failedToOpen: boolean;
  /** Why the content is refused, if nothing before refuses it; null: it is not. */
  readonly refusal: string | null;
  readonly effect: SessionEffect;
  /**
   * What is written, by outcome. `blocking`: a wrong PIN that used the last try. `refused`: with each refusal that has none
   * of its own; its event has the code `refused`, and is written with that of the refusal.
   */
  readonly auditAndOutbox: Readonly<Record<string, AuditAndOutbox>>;
}

/** What the message does where nothing refuses it. */
export type SessionEffect =
  | {
      readonly type: "bind";
      readonly thumbprint: string;
      readonly publicPoint: Uint8Array;
      readonly maxKeys: number;
      /** Whether the present PIN came too; null: the session did not ask for it. */
      readonly presented: ComparedPin | null;
    }
  | {
      readonly type: "change";
      /** Sealed for the version after the one that is demanded; null only beside a refusal. */
      readonly sealed: Sealed | null;
      /** As in `PinChange`. */
      readonly unblocks: boolean;
      readonly offlinePin: boolean;
      readonly pinHistoryLength: number;
    }
  | ({ readonly type: "verify" } & ComparedPin)
  /** The version that was read, and is revealed. */
  | { readonly type: "revealPin"; readonly version: number }
  | { readonly type: "revealCardData" };

/** A PIN that was compared. A wrong one takes a try, a right one gives all of them back. */
export interface ComparedPin {
  readonly matched: boolean;
  readonly tryLimit: number;
}

/** What became of the first message to a session. */
export interface SpentSession {
  readonly messageHash: Uint8Array;
  /** `bound`, `changed`, `match`, `mismatch`, `blocked`, `revealed`, or the code of a refusal. */
  readonly outcome: string;
  /** Of a mismatch: the tries that are left. */
  readonly remaining: number | null;
}

/**
 * `isFirst`: false where another message was first, which `findSpentSession` finds, and nothing was written.
 */
export interface SessionDecision extends Pick<SpentSession, "outcome" | "remaining"> {
  readonly isFirst: boolean;
}
