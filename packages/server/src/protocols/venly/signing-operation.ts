import { LinchpinError } from "@linchpin/core";
import { type PresentedMethod, parsePlainHeader, type SealedMessage } from "@linchpin/protocols/venly/issuer";
import type { OwnedSigningMethod, ReplayMark } from "@linchpin/store";
import type { AuditFacts } from "../../audit/audit-entry.ts";
import type { Context, PartnerCaller } from "../../context/context.ts";
import { auditingRefusal } from "../../pin/pin-operation.ts";
import type { recordSigningAttempt } from "../../signing/record-signing-attempt.ts";
import { watched } from "../../steps/watch-steps.ts";

/**
 * What a signing method goes through: a column of the table in `step-table.ts`. A sealed one
 * takes every row from top to bottom, a plain one begins at `body`.
 */
export interface SigningOperation {
  readonly name: string;
  readonly parse: (context: Context, header: string) => Promise<SealedMessage>;
  readonly key: (context: Context, sealed: SealedMessage) => Promise<void>;
  /** A look that saves work; what decides is the unique mark in the transaction that counts the attempt. */
  readonly replay: (context: Context, sealed: SealedMessage) => Promise<void>;
  readonly open: (context: Context, sealed: SealedMessage) => Promise<PresentedMethod>;
  /** The body is the one that the device sealed the method for. */
  readonly body: (context: Context, presented: PresentedMethod, body: Uint8Array) => Promise<void>;
  readonly method: (
    context: Context,
    caller: PartnerCaller,
    presented: PresentedMethod,
    userId: string | null,
  ) => Promise<OwnedSigningMethod>;
  /** Compares it, in one transaction with what it authorizes. */
  readonly settle: typeof recordSigningAttempt;
}

/** A request that a signing method comes with. */
export interface SigningRequest {
  readonly caller: PartnerCaller;
  /** `Encrypted-Signing-Method` and `Signing-Method`, as received. */
  readonly sealedMethod: string | undefined;
  readonly plainMethod: string | undefined;
  /** As received. */
  readonly body: Uint8Array;
  /** Whom the path names; null where it names nobody. */
  readonly userId: string | null;
}

/** A signing method that may be compared now. */
export interface Presented extends PresentedMethod {
  readonly method: OwnedSigningMethod;
  /** Null where it came plain. */
  readonly mark: ReplayMark | null;
}

/**
 * Runs `use` with the signing method that a request presents, then wipes it. What is refused leaves an audit event, of
 * the user as soon as it is known who that is.
 * @throws LinchpinError `signing_method_required`, `request_invalid`, `decryption_failed`, `key_unknown`,
 * `key_expired`, `replayed`, `body_mismatch`, `signing_method_unknown`, `signing_method_empty`
 */
export async function withPresentedMethod<Answer>(
  context: Context,
  column: SigningOperation,
  request: SigningRequest,
  facts: AuditFacts,
  use: (presented: Presented, facts: AuditFacts) => Promise<Answer>,
): Promise<Answer> {
  const operation = watched(context, column);
  const subject = { id: request.userId ?? request.caller.partnerId };
  const presented = await auditingRefusal(context, subject, facts, () => presentedBy(context, operation, request));
  const { method, idempotencyKey } = presented;
  const presentedFacts = { ...facts, userId: method.userId, authorizedBy: method.id, idempotencyKey };
  try {
    return await auditingRefusal(context, { id: method.userId }, presentedFacts, () => use(presented, presentedFacts));
  } finally {
    presented.value.fill(0);
  }
}

async function presentedBy(context: Context, operation: SigningOperation, request: SigningRequest): Promise<Presented> {
  const { presented, mark } = await readMethod(context, operation, request);
  try {
    await operation.body(context, presented, request.body);
    const method = await operation.method(context, request.caller, presented, request.userId);
    return { ...presented, method, mark };
  } catch (error) {
    presented.value.fill(0);
    throw error;
  }
}

async function readMethod(
  context: Context,
  operation: SigningOperation,
  { sealedMethod, plainMethod }: SigningRequest,
): Promise<{ presented: PresentedMethod; mark: ReplayMark | null }> {
  if (sealedMethod !== undefined && plainMethod !== undefined)
    throw new LinchpinError("request_invalid", { reason: "the signing method is there both sealed and plain" });
  if (plainMethod !== undefined) return { presented: parsePlainHeader(plainMethod), mark: null };
  if (sealedMethod === undefined) throw new LinchpinError("signing_method_required");
  const sealed = await operation.parse(context, sealedMethod);
  await operation.key(context, sealed);
  await operation.replay(context, sealed);
  return { presented: await operation.open(context, sealed), mark: sealed };
}
