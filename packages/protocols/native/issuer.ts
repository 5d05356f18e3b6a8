import {
  type AgreementKey,
  base64urlFromBytes,
  bytesFromBase64url,
  equalInConstantTime,
  format4PinField,
  hpke7,
  type Jws,
  jwkThumbprint,
  LinchpinError,
  openHpke,
  type P256Jwk,
  type Pin,
  type Primitives,
  parseJws,
  pointFromP256Jwk,
  sealHpke,
  signJws,
  verifyJws,
} from "@linchpin/core";
import { encodeCardData } from "./card-data.ts";
import {
  answerInfo,
  answerTyp,
  deviceSigned,
  isOperation,
  isReveal,
  isSigned,
  pointBytes,
  requestInfo,
  sealedMessageBytes,
  sessionMaxLength,
  sessionTyp,
} from "./layout.ts";
import { decodeParts, encodeCodeAndDigits, type Parts, usedParts } from "./parts.ts";
import type { AnswerClaims, OperationRequest, Outcome, SessionClaims, SessionRequest, SignedOutcome } from "./wire.ts";

export { signedRefusalOf } from "./errors.ts";
export { isReveal, isSigned, type Operation, type RefusalCode, sealingKey, signingKey } from "./layout.ts";
export { type Parts, readPin } from "./parts.ts";

// --- sessions --------------------------------------------------------------------------------------------------------

/** A request for a session, read. */
export interface SessionTerms extends Pick<SessionClaims, "op" | "auth" | "nonce" | "device"> {
  /** As the partner names the card. */
  readonly card: string;
  /** Of a binding: the key to bind, `04 ‖ X ‖ Y`, a point of the curve. */
  readonly keyPoint: Uint8Array | null;
}

/**
 * @param request of the shape `SessionRequest`
 * @throws LinchpinError `request_invalid`: an operation that there is not by this authorization, a member that it lacks or
 *   does not have, a nonce that is not canonical, a key that is no point of P-256
 */
export async function parseSessionRequest(
  primitives: Pick<Primitives, "sha256" | "isP256Point">,
  { op, auth, card, nonce, device, key }: SessionRequest,
): Promise<SessionTerms> {
  if (!isOperation(op, auth)) throw invalid("auth", "not an authorization of this operation");
  if (auth === "device" && device === undefined) throw invalid("device", "missing");
  if (op === "pin-change" && auth === "code" && device !== undefined) throw invalid("device", "no device authorizes");
  readBytes("nonce", nonce, 16);
  if ((op === "bind") !== (key !== undefined)) throw invalid("key", "a binding has one, nothing else");
  if (key === undefined) return { op, auth, card, nonce, device: device ?? null, keyPoint: null };
  const thumbprint = await jwkThumbprint(primitives, key);
  if (device !== undefined && device !== thumbprint) throw invalid("device", "not the thumbprint of the key");
  return { op, auth, card, nonce, device: thumbprint, keyPoint: await readKey(primitives, key) };
}

/** What the issuer puts into a session beside what was asked for. */
export type SessionFacts = Pick<
  SessionClaims,
  "iss" | "seq" | "sub" | "holder" | "to" | "card" | "hpke" | "policy" | "presentPin"
>;

/** How long a session may be used, seconds. */
export const sessionLifetimeSeconds = 300;

/** What a session says. */
export function makeSession(
  primitives: Pick<Primitives, "randomBytes">,
  { op, auth, nonce, device }: Omit<SessionTerms, "card" | "keyPoint">,
  { iss, seq, sub, holder, to, card, hpke, policy, presentPin }: SessionFacts,
  nowSeconds: number,
): SessionClaims {
  return {
    iss,
    sid: base64urlFromBytes(primitives.randomBytes(16)),
    iat: nowSeconds,
    exp: nowSeconds + sessionLifetimeSeconds,
    op,
    auth,
    nonce,
    seq,
    sub,
    holder,
    ...(to === undefined ? {} : { to }),
    card,
    device,
    hpke,
    ...(policy === undefined ? {} : { policy }),
    ...(presentPin ? { presentPin } : {}),
  };
}

/** The issuer's signing key: its thumbprint, and ECDSA P-256 over SHA-256, `r ‖ s`. */
export interface Signer {
  readonly kid: string;
  readonly sign: (data: Uint8Array) => Promise<Uint8Array>;
}

/** @throws LinchpinError `internal`: longer than devices take, as a name or a card's program may make it */
export async function signSession(claims: SessionClaims, { kid, sign }: Signer): Promise<string> {
  const session = await signJws({ typ: sessionTyp, kid, payload: claims }, sign);
  if (session.length > sessionMaxLength) throw new LinchpinError("internal", { reason: "the session is too long" });
  return session;
}

/** A session that this issuer made. */
export interface Session {
  readonly claims: SessionClaims;
  /** SHA-256 of the signing input, 32 bytes: `h`, the session's replay mark. */
  readonly hash: Uint8Array;
}

/** A session that came back, not yet verified: `kid` says by which key. @throws LinchpinError `session_unknown` */
export function parseSession(session: string): Jws {
  return asUnknown(() => parseJws(session, { typ: sessionTyp, maxLength: sessionMaxLength }));
}

/**
 * @param publicPoint of the issuer's signing key that the session names, `04 ‖ X ‖ Y`
 * @throws LinchpinError `session_unknown`: it did not sign this; `session_expired`
 */
export async function verifySession(
  primitives: Pick<Primitives, "verifyEcdsa" | "sha256">,
  jws: Jws,
  publicPoint: Uint8Array,
  nowSeconds: number,
): Promise<Session> {
  const claims = await verifyJws(primitives, jws, publicPoint).catch(() => {
    throw new LinchpinError("session_unknown", { field: "session" });
  });
  const session = claims as unknown as SessionClaims; // the issuer signed it
  if (!(nowSeconds < session.exp)) throw new LinchpinError("session_expired", { field: "session" });
  return { claims: session, hash: await primitives.sha256(jws.signingInput) };
}

function asUnknown<Result>(parse: () => Result): Result {
  try {
    return parse();
  } catch (cause) {
    throw new LinchpinError("session_unknown", { field: "session", cause });
  }
}

// --- messages --------------------------------------------------------------------------------------------------------

/** A message to a session, taken apart; nothing of it is opened or verified. */
export interface Message {
  /** `enc ‖ ciphertext`, 129 bytes; of a reveal the one-time key, a point of the curve. */
  readonly bytes: Uint8Array;
  /** SHA-256 of these: `r`, 32 bytes. */
  readonly hash: Uint8Array;
  /** 64 bytes; null for a change by code. */
  readonly signature: Uint8Array | null;
  /** Of a binding: the key of the session's thumbprint. */
  readonly keyPoint: Uint8Array | null;
}

/**
 * @param request of the shape `OperationRequest`
 * @throws LinchpinError `request_invalid`: a member that the session's operation lacks or does not have, another length,
 *   bytes that are not canonical base64url, no point of P-256; `session_mismatch`: another key than the session's
 */
export async function parseMessage(
  primitives: Pick<Primitives, "sha256" | "isP256Point">,
  { message, signature, key }: Omit<OperationRequest, "session">,
  { claims }: Pick<Session, "claims">,
): Promise<Message> {
  if (isSigned(claims) !== (signature !== undefined)) throw invalid("signature", "a device signs, nobody else");
  if ((claims.op === "bind") !== (key !== undefined)) throw invalid("key", "a binding has one, nothing else");
  const bytes = readBytes("message", message, isReveal(claims.op) ? pointBytes : sealedMessageBytes);
  if (isReveal(claims.op) && !(await primitives.isP256Point(bytes))) throw invalid("message", "no point of P-256");
  if (key !== undefined && (await jwkThumbprint(primitives, key)) !== claims.device)
    throw new LinchpinError("session_mismatch", { field: "key" });
  return {
    bytes,
    hash: await primitives.sha256(bytes),
    signature: signature === undefined ? null : readBytes("signature", signature, 64),
    keyPoint: key === undefined ? null : await readKey(primitives, key),
  };
}

/**
 * Of a message that is signed.
 * @param devicePoint the bound key, or the one to bind, `04 ‖ X ‖ Y`
 * @throws LinchpinError `signature_invalid`
 */
export async function verifyDeviceSignature(
  primitives: Pick<Primitives, "verifyEcdsa">,
  session: Pick<Session, "hash">,
  message: Pick<Message, "hash" | "signature">,
  devicePoint: Uint8Array,
): Promise<void> {
  const signed = deviceSigned(session.hash, message.hash);
  const isValid = message.signature !== null && (await primitives.verifyEcdsa(devicePoint, signed, message.signature));
  if (!isValid) throw new LinchpinError("signature_invalid", { field: "signature" });
}

/**
 * Opens a message that is no reveal's. The caller wipes the parts.
 * @param key the session's `hpke`; it may agree in a vault
 * @throws LinchpinError `decryption_failed`: it does not open for this session, or has a part that the operation has not;
 *   what `key.agree` throws of itself
 */
export async function openMessage(
  primitives: Pick<Primitives, "hmac" | "decryptAesGcm">,
  key: AgreementKey,
  { claims, hash }: Session,
  { bytes }: Pick<Message, "bytes">,
): Promise<Parts> {
  const plaintext = await openHpke(primitives, hpke7, { key, info: requestInfo(hash) }, bytes);
  return decodeParts(plaintext, usedParts(claims));
}

/**
 * Compares code and digits, in constant time and with one verdict.
 * @param code ASCII, at most 16 bytes
 * @param digits the last eight digits of the card's PAN, ASCII
 */
export function hasCodeAndDigits(
  { codeAndDigits }: Pick<Parts, "codeAndDigits">,
  { code, digits }: { code: Uint8Array; digits: Uint8Array },
): boolean {
  const expected = encodeCodeAndDigits(code, digits);
  try {
    return equalInConstantTime(codeAndDigits, expected);
  } finally {
    expected.fill(0);
  }
}

// --- answers ---------------------------------------------------------------------------------------------------------

/** Which session and message an answer is to. */
export interface AnsweredMessage {
  readonly session: Session;
  readonly message: Pick<Message, "hash">;
}

/** `outcome` is what was committed. Signing comes after the commit. */
export function signAnswer(
  { session: { claims, hash }, message }: AnsweredMessage,
  outcome: SignedOutcome,
  nowSeconds: number,
  { kid, sign }: Signer,
): Promise<string> {
  const payload: AnswerClaims = {
    iss: claims.iss,
    sid: claims.sid,
    h: base64urlFromBytes(hash),
    r: base64urlFromBytes(message.hash),
    iat: nowSeconds,
    op: claims.op,
    ...outcome,
  };
  return signJws({ typ: answerTyp, kid, payload }, sign);
}

/** What is answered once the session was spent: by which message, and what became of that one. */
export function spentOutcome(firstMessageHash: Uint8Array, first: Outcome): SignedOutcome {
  return { result: "spent", spent: { r: base64urlFromBytes(firstMessageHash), ...first } };
}

type SealPrimitives = Pick<Primitives, "makeAgreementKey" | "hmac" | "encryptAesGcm">;

/** A PIN to the message's one-time key, 97 bytes. Wiping the PIN stays with the caller. */
export function revealPin(
  primitives: SealPrimitives & Pick<Primitives, "randomBytes">,
  answered: Answered,
  pin: Pin,
): Promise<SignedOutcome> {
  return sealTo(primitives, answered, format4PinField(primitives, pin));
}

/** Card data to the message's one-time key, 113 bytes. Wiping them stays with the caller. */
export function revealCardData(
  primitives: SealPrimitives,
  answered: Answered,
  data: Parameters<typeof encodeCardData>[0],
): Promise<SignedOutcome> {
  return sealTo(primitives, answered, encodeCardData(data));
}

interface Answered {
  readonly session: Pick<Session, "hash">;
  readonly message: Pick<Message, "bytes" | "hash">;
}

/** Wipes `plaintext`. */
async function sealTo(
  primitives: SealPrimitives,
  { session, message }: Answered,
  plaintext: Uint8Array,
): Promise<SignedOutcome> {
  try {
    const terms = { recipientPoint: message.bytes, info: answerInfo(session.hash, message.hash) };
    const sealed = await sealHpke(primitives, hpke7, terms, plaintext);
    return { result: "revealed", sealed: base64urlFromBytes(sealed) };
  } finally {
    plaintext.fill(0);
  }
}

// --- members ---------------------------------------------------------------------------------------------------------

function readBytes(field: string, text: string, length: number): Uint8Array {
  try {
    const bytes = bytesFromBase64url(text);
    if (bytes.length === length) return bytes;
  } catch {
    // as of another length
  }
  throw invalid(field, "not as many bytes as the operation has, in canonical base64url");
}

async function readKey(primitives: Pick<Primitives, "isP256Point">, key: P256Jwk): Promise<Uint8Array> {
  try {
    const point = pointFromP256Jwk(key);
    if (await primitives.isP256Point(point)) return point;
  } catch {
    // as no point
  }
  throw invalid("key", "no point of P-256");
}

function invalid(field: string, reason: string): LinchpinError {
  return new LinchpinError("request_invalid", { field, reason });
}
