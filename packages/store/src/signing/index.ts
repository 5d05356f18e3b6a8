import { bindQueries } from "../bind-queries.ts";
import type { Database } from "../database/index.ts";
import type { AuditAndOutbox, ReplayMark } from "../records.ts";
import { addSigningMethod } from "./add-signing-method.ts";
import { addSigningUser } from "./add-signing-user.ts";
import { deleteSigningMethod } from "./delete-signing-method.ts";
import { deleteSigningUser } from "./delete-signing-user.ts";
import { findSigningMethod } from "./find-signing-method.ts";
import { findSigningUser } from "./find-signing-user.ts";
import { listSigningUsers } from "./list-signing-users.ts";
import { recordSigning } from "./record-signing.ts";
import type {
  NewSigningUser,
  OwnedSigningMethod,
  Signing,
  SigningMethodAddition,
  SigningMethodDeletion,
  SigningMethodUpdate,
  SigningOutcome,
  SigningRefusal,
  SigningUser,
  SigningUserDeletion,
  SigningUserFilter,
} from "./records.ts";
import { setSigningUserReference } from "./set-signing-user-reference.ts";
import { updateSigningMethod } from "./update-signing-method.ts";

export type {
  NewSigningMethod,
  OwnedSigningMethod,
  Signing,
  SigningMethod,
  SigningMethodChange,
  SigningMethodType,
  SigningOutcome,
  SigningRefusal,
  SigningUser,
} from "./records.ts";

/** Users, their signing methods (secrets that are only compared), and the idempotency keys that they used. */
export interface SigningStore {
  /** Adds a user, with a first method if there is one. `mark`: that of the message in which its value was sealed. */
  addSigningUser(
    user: NewSigningUser,
    mark: ReplayMark | null,
    auditAndOutbox: AuditAndOutbox,
  ): Promise<"added" | "replayed" | "partner_unknown">;
  /** A deleted user is never found, nor listed, nor is a method of theirs. */
  findSigningUser(id: string): Promise<SigningUser | null>;
  /** A page of a partner's users, oldest first, and how many there are on all pages. */
  listSigningUsers(partnerId: string, filter: SigningUserFilter): Promise<{ users: SigningUser[]; total: number }>;
  /** `reference` null: the user has none from then on. */
  setSigningUserReference(
    userId: string,
    reference: string | null,
    auditAndOutbox: AuditAndOutbox,
  ): Promise<"set" | "unknown">;
  findSigningMethod(id: string): Promise<OwnedSigningMethod | null>;

  /**
   * Counts one attempt. However many arrive at once, no more than `attemptsAllowed` wrong ones in a row are compared.
   * The same transaction spends the mark for every outcome but `conflict`, and uses the idempotency key on a match.
   */
  recordSigning(signing: Signing): Promise<SigningOutcome>;

  /**
   * Does what `recordSigning` does for `authorization`, and adds the method in the same transaction if it matches.
   * `exists`: the user has a method of this type, and may have only one. `unknown`: there is no such user.
   */
  addSigningMethod(addition: SigningMethodAddition): Promise<"added" | "exists" | "unknown" | SigningRefusal>;
  /** The same for a new value of a method, which also resets its attempts. `unknown`: the user has no such method. */
  updateSigningMethod(update: SigningMethodUpdate): Promise<"updated" | "unknown" | SigningRefusal>;
  /** The same for the deletion of a method. `unknown`: the user has no such method, or it is a PIN. */
  deleteSigningMethod(deletion: SigningMethodDeletion): Promise<"deleted" | "unknown" | SigningRefusal>;
  /**
   * The same for the deletion of a user with all methods. The idempotency keys that the user spent stay spent.
   * `authorization_missing`: the user has a method, and none authorized the deletion.
   */
  deleteSigningUser(
    deletion: SigningUserDeletion,
  ): Promise<"deleted" | "unknown" | "authorization_missing" | SigningRefusal>;
}

export function signingStore(database: Database): SigningStore {
  return bindQueries(database, {
    addSigningUser,
    findSigningUser,
    listSigningUsers,
    setSigningUserReference,
    findSigningMethod,
    recordSigning,
    addSigningMethod,
    updateSigningMethod,
    deleteSigningMethod,
    deleteSigningUser,
  });
}
