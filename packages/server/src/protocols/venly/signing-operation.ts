import { LinchpinError } from "@linchpin/core";
import { type PresentedMethod, parsePlainHeader, type SealedMessage } from "@linchpin/protocols/venly/issuer";
import type { OwnedSigningMethod, ReplayMark, Signing, SigningRefusal, SigningUser } from "@linchpin/store";
import type { KeyRecord } from "@linchpin/vault";
import { type AuditFacts, auditingRefusal } from "../../audit/index.ts";
import type { Context, PartnerCaller } from "../../context/index.ts";
import type { recordSigningAttempt } from "../../signing/index.ts";
import { watched } from "../../steps/index.ts";
import type { SigningFact } from "./audit.ts";

/**
 * The steps of a signing method: a column of the step table. A sealed one takes every step, a plain one begins at `body`.
 */
export interface SigningOperation {
  readonly name: string;
  readonly parse: (context: Context, header: string) => Promise<SealedMessage>;
  readonly key: (context: Context, sealed: SealedMessage) => Promise<KeyRecord>;
  /** An early check that saves work; the unique mark in the transaction that counts the attempt decides. */
  readonly replay: (context: Context, sealed: SealedMessage) => Promise<void>;
  readonly open: (context: Context, sealed: SealedMessage, key: KeyRecord) => Promise<PresentedMethod>;
  /** Checks that the body is the one for which the device sealed the method. */
  readonly body: (context: Context, presented: PresentedMethod, body: Uint8Array) => Promise<void>;
  readonly method: (
    context: Context,
    caller: PartnerCaller,
    presented: PresentedMethod,
    request: SigningRequest,
  ) => Promise<OwnedSigningMethod>;
  /** Compares the value, in one transaction with the change that it authorizes. */
  readonly commit: typeof recordSigningAttempt;
}

/** What is received with a request that presents a signing method. */
export interface ReceivedRequest {
  readonly caller: PartnerCaller;
  /** `Encrypted-Signing-Method` and `Signing-Method`, as received. */
  readonly sealedMethod: string | undefined;
  readonly plainMethod: string | undefined;
  /** As received. */
  readonly body: Uint8Array;
  /** Whether a BIOMETRIC method is accepted in the plain header, which cannot name its device. */
  readonly acceptsPlainBiometric: boolean;
}

/** A request that presents a signing method. */
export interface SigningRequest extends ReceivedRequest {
  /** The user that the path names, as found; null where it names none. */
  readonly user: SigningUser | null;
}

/** A signing method that may be compared now. */
interface Presented extends PresentedMethod {
  readonly method: OwnedSigningMethod;
  /** Null if the method came in the plain header. */
  readonly mark: ReplayMark | null;
  /** False where the method has a device and the plain header could not name it. */
  readonly isDeviceNamed: boolean;
}

/** A request whose signing method is known and has yet to be compared. */
export interface SignedRequest<Fact extends string = never> {
  readonly method: OwnedSigningMethod;
  readonly idempotencyKey: string | null;
  readonly facts: AuditFacts<Fact | SigningFact>;
  /**
   * The last row of the operation: compares the signing method and records the attempt by `record`, in one transaction
   * with the change that it authorizes where `isChange`.
   * @throws LinchpinError as `recordSigningAttempt`
   */
  readonly commit: <Done extends string>(
    isChange: boolean,
    record: (signing: Signing) => Promise<Done | SigningRefusal>,
  ) => Promise<Done>;
}

/**
 * Runs `use` for the signing method that a request presents, then wipes its value. A refusal appends an audit event, of
 * the user as soon as the user is known.
 * @throws LinchpinError `signing_method_required`, `request_invalid`, `decryption_failed`, `key_unknown`,
 * `key_expired`, `replayed`, `body_mismatch`, `signing_method_unknown`, `signing_method_empty`
 */
export async function runSigningOperation<Answer, Fact extends string>(
  context: Context,
  column: SigningOperation,
  request: SigningRequest,
  requestFacts: AuditFacts<Fact | SigningFact>,
  use: (signed: SignedRequest<Fact>) => Promise<Answer>,
): Promise<Answer> {
  const operation = watched(context, column);
  const subject = { id: request.user?.id ?? request.caller.partnerId };
  const presented = await auditingRefusal(context, subject, requestFacts, () =>
    presentedBy(context, operation, request),
  );
  const { method, idempotencyKey } = presented;
  const facts = requestFacts.with({
    userId: method.userId,
    authorizedBy: method.id,
    idempotencyKey,
    deviceNamed: presented.isDeviceNamed ? undefined : false,
  });
  const signed: SignedRequest<Fact> = {
    method,
    idempotencyKey,
    facts,
    commit: (isChange, record) => operation.commit(context, presented, { facts, isChange }, record),
  };
  try {
    return await auditingRefusal(context, { id: method.userId }, facts, () => use(signed));
  } finally {
    presented.value.fill(0);
  }
}

async function presentedBy(context: Context, operation: SigningOperation, request: SigningRequest): Promise<Presented> {
  const { presented, mark } = await readMethod(context, operation, request);
  try {
    await operation.body(context, presented, request.body);
    const method = await operation.method(context, request.caller, presented, request);
    const isDeviceNamed = method.physicalDeviceId === null || presented.physicalDeviceId !== null;
    // A method without a device is compared without one; where the header could not name the device, with the stored one.
    const named = method.physicalDeviceId === null ? null : presented.physicalDeviceId;
    return { ...presented, physicalDeviceId: named ?? method.physicalDeviceId, method, mark, isDeviceNamed };
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
  const key = await operation.key(context, sealed);
  await operation.replay(context, sealed);
  return { presented: await operation.open(context, sealed, key), mark: sealed };
}
