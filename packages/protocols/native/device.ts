import {
  type AgreementKey,
  base64urlFromBytes,
  bytesFromBase64url,
  format4PinField,
  hpke7,
  jwkThumbprint,
  LinchpinError,
  openHpke,
  type P256Jwk,
  type Pin,
  type Primitives,
  p256JwkFromPoint,
  parseJws,
  pointOfP256Jwk,
  readFormat4PinField,
  type SigningKey,
  sealHpke,
  verifyJws,
} from "@linchpin/core";
import { acceptManifest, findKey, findListedKey, hasMembers, type RootPins } from "../issuer-keys/device.ts";
import type { Manifest } from "../issuer-keys/wire.ts";
import { decodeCardData, type RevealedCardData } from "./card-data.ts";
import {
  answerInfo,
  answerMaxLength,
  answerTyp,
  deviceSigned,
  type Operation,
  requestInfo,
  resultsOf,
  sealingKey,
  sessionMaxLength,
  sessionTyp,
  signingKey,
} from "./layout.ts";
import { encodeParts, usedParts } from "./parts.ts";
import type { NativePrimitives } from "./primitives.ts";
import type { AnswerClaims, OperationRequest, Outcome, SessionClaims, SessionRequest, SignedOutcome } from "./wire.ts";

export type { RevealedCardData, RootPins, SessionClaims };

// --- sessions --------------------------------------------------------------------------------------------------------

/** RFC 7638, base64url: by which the issuer names the device. */
export function thumbprintOf(primitives: Pick<Primitives, "sha256">, key: Pick<SigningKey, "publicPoint">) {
  return jwkThumbprint(primitives, p256JwkFromPoint(key.publicPoint));
}

/** What a session is asked for: `key` to bind it, made for this; `device`, the bound key's thumbprint, where it signs. */
export type SessionWish = { readonly card: string } & (
  | { readonly op: "bind"; readonly auth: "code"; readonly key: Pick<SigningKey, "publicPoint"> }
  | { readonly op: "pin-change"; readonly auth: "code" }
  | { readonly op: Exclude<Operation, "bind">; readonly auth: "device"; readonly device: string }
);

/** For each session anew. */
export function makeSessionRequest(primitives: Pick<Primitives, "randomBytes">, wish: SessionWish): SessionRequest {
  const nonce = base64urlFromBytes(primitives.randomBytes(16));
  const { key } = wish as { key?: Pick<SigningKey, "publicPoint"> };
  return { ...wish, nonce, ...(key && { key: p256JwkFromPoint(key.publicPoint) }) } as SessionRequest;
}

/** A session that this device asked for, made by the issuer. */
export interface AcceptedSession {
  /** To be shown before a secret is sealed: `holder`, `card.last4`, `card.program`, `to`. */
  readonly claims: SessionClaims;
  /** As it came. */
  readonly compact: string;
  /** SHA-256 of the signing input: `h`. */
  readonly hash: Uint8Array;
  /** The issuer's key to seal to. */
  readonly recipientPoint: Uint8Array;
  readonly manifest: Manifest;
  /** The later of the device's clock and the issuer's time, which the session proves. */
  readonly nowSeconds: number;
}

/** What a device knows beforehand. None of it may come by the relay. */
export interface SessionTerms {
  /** What was sent. */
  readonly request: SessionRequest;
  readonly pins: RootPins;
  /** The highest `seq` of a manifest that the device has seen. */
  readonly lowestSeq: number;
  /** The person of whom a key is kept. */
  readonly sub?: string | undefined;
  /** The device's clock, seconds since 1970. It may be wrong. */
  readonly clockSeconds: number;
}

/**
 * Accepts a session, whoever handed it on with a manifest.
 * @throws LinchpinError `manifest_refused`: no pinned root signed the manifest, or it is older than one that the device or
 *   the session knows; `manifest_expired`; `issuer_key_unvouched`; `signature_invalid`: the session is no JWS of its type,
 *   or the key that it names did not sign it; `session_refused`: it is not for what was asked
 */
export async function acceptSession(
  primitives: Pick<Primitives, "sha256" | "verifyEcdsa">,
  { session, manifest: compact }: { session: unknown; manifest: unknown },
  { request, pins, lowestSeq, sub, clockSeconds }: SessionTerms,
): Promise<AcceptedSession> {
  const manifest = await acceptManifest(primitives, compact, { ...pins, lowestSeq });
  const jws = parseJws(session, { typ: sessionTyp, maxLength: sessionMaxLength });
  const named = { kid: jws.kid, ...signingKey };
  const signer = pointOfP256Jwk(findKey(manifest, named) as P256Jwk);
  const claims = (await verifyJws(primitives, jws, signer)) as unknown as SessionClaims;
  // Only now is the issuer's time known: a device's clock that is behind finds the keys of today all the same.
  const nowSeconds = Math.max(clockSeconds, claims.iat);
  findListedKey(manifest, named, nowSeconds);
  if (!(manifest.seq >= claims.seq)) throw new LinchpinError("manifest_refused");
  const { op, auth, nonce, card, key, device = null } = request;
  const isAsked =
    hasMembers(claims, { iss: pins.issuer, op, auth, nonce, sub: sub ?? claims.sub }) &&
    claims.device === (key ? await jwkThumbprint(primitives, key) : device) &&
    claims.card?.ref === card &&
    /^\d{4}$/.test(claims.card.last4) &&
    (auth === "device" || claims.holder?.trim());
  if (!isAsked) throw new LinchpinError("session_refused");
  return {
    claims,
    compact: session as string,
    hash: await primitives.sha256(jws.signingInput),
    recipientPoint: listedPoint(manifest, { kid: claims.hpke, ...sealingKey }, nowSeconds),
    manifest,
    nowSeconds,
  };
}

/** @throws LinchpinError as `findListedKey` */
function listedPoint(...sought: Parameters<typeof findListedKey>): Uint8Array {
  return pointOfP256Jwk(findListedKey(...sought) as P256Jwk);
}

// --- operations ------------------------------------------------------------------------------------------------------

/** A message to the issuer. The same one may be sent again: the issuer takes one for each session. */
export interface OperationMessage {
  readonly request: OperationRequest;
  /** SHA-256 of the message's bytes: `r`. */
  readonly hash: Uint8Array;
}

/** What is sealed. `code` and `digits` for what a code authorizes; `pin` for a change, a check and where a session asks. */
export interface Secrets {
  /** New, of a change; the present one else. Wiping it stays with the caller. */
  readonly pin?: Pin | undefined;
  /** As it reached the person. */
  readonly code?: string;
  /** The last eight digits of the card's number, as the person typed them. */
  readonly digits?: string;
}

/**
 * Seals what the session's operation has, and signs. Not for reveals.
 * @param key the device's, or the one to bind; undefined for a change by code
 * @throws LinchpinError `code_incorrect`: no code of 1 to 16 ASCII characters, or not eight digits; `pin_malformed`: no PIN,
 *   where one is due; `public_key_unusable`
 */
export async function makeSealedMessage(
  primitives: NativePrimitives,
  session: AcceptedSession,
  { pin, code = "", digits = "" }: Secrets,
  key?: SigningKey,
): Promise<OperationMessage> {
  const used = usedParts(session.claims);
  if (used.codeAndDigits && !/^[!-~]{1,16} \d{8}$/.test(`${code} ${digits}`)) throw new LinchpinError("code_incorrect");
  if (used.pin && !pin) throw new LinchpinError("pin_malformed");
  const pinField = used.pin && pin ? format4PinField(primitives, pin) : nothing;
  const plaintext = used.codeAndDigits ? encodeParts(pinField, code, digits) : encodeParts(pinField, "", "");
  try {
    const terms = { recipientPoint: session.recipientPoint, info: requestInfo(session.hash) };
    return await makeMessage(primitives, session, await sealHpke(primitives, hpke7, terms, plaintext), key);
  } finally {
    plaintext.fill(0);
    pinField.fill(0);
  }
}

/** A reveal: the message is a key that is made for it, and dropped with it. */
export async function makeRevealMessage(
  primitives: NativePrimitives,
  session: AcceptedSession,
  key: SigningKey,
): Promise<OperationMessage & { revealKey: AgreementKey }> {
  const revealKey = await primitives.makeAgreementKey();
  return { ...(await makeMessage(primitives, session, revealKey.publicPoint, key)), revealKey };
}

async function makeMessage(
  primitives: NativePrimitives,
  { claims, hash, compact }: AcceptedSession,
  message: Uint8Array,
  key: SigningKey | undefined,
): Promise<OperationMessage> {
  const messageHash = await primitives.sha256(message);
  const request = {
    session: compact,
    message: base64urlFromBytes(message),
    ...(key && { signature: base64urlFromBytes(await key.sign(deviceSigned(hash, messageHash))) }),
    ...(key && claims.op === "bind" && { key: p256JwkFromPoint(key.publicPoint) }),
  };
  return { request, hash: messageHash };
}

/** `spent` here is only that of another message: one's own, sent twice, has the outcome of the first. */
export type AcceptedOutcome = Exclude<SignedOutcome, { result: "revealed" }> | { result: "revealed"; sealed?: string };

/**
 * Accepts the answer to a message, whoever handed it on.
 * @returns what became of the message. `revealed` without `sealed`: it was revealed before, and that answer is lost
 * @throws LinchpinError `signature_invalid`: it is no JWS of its type, or the key that it names did not sign it;
 *   `issuer_key_unvouched`; `answer_refused`: it is to another session, message or operation, or nothing that the operation
 *   can end with
 */
export async function acceptAnswer(
  primitives: Pick<Primitives, "verifyEcdsa">,
  answer: unknown,
  { claims, hash, manifest, nowSeconds }: AcceptedSession,
  message: Pick<OperationMessage, "hash">,
): Promise<AcceptedOutcome> {
  const jws = parseJws(answer, { typ: answerTyp, maxLength: answerMaxLength });
  const verified = await verifyJws(primitives, jws, listedPoint(manifest, { kid: jws.kid, ...signingKey }, nowSeconds));
  const { iss, sid, h, r, op, iat: _, ...outcome } = verified as unknown as AnswerClaims;
  const isOurs =
    hasMembers(claims, { iss, sid, op }) && h === base64urlFromBytes(hash) && r === base64urlFromBytes(message.hash);
  const { r: spentBy, ...said } = outcome.result === "spent" ? { ...outcome.spent } : { r, ...outcome };
  const isWhole = outcome.result !== "revealed" || typeof outcome.sealed === "string";
  if (!isOurs || !isWhole || !isPossible(said, claims)) throw new LinchpinError("answer_refused");
  return spentBy === r ? said : outcome;
}

/** Whether the session's operation can end so. */
function isPossible(outcome: Outcome, { op, device, sub, card }: SessionClaims): boolean {
  const { result } = outcome;
  if (result === "refused") return typeof outcome.code === "string";
  if (result === "bound" && !hasMembers(outcome, { device, sub })) return false;
  if (result === "changed" && outcome.version !== card.version + 1) return false;
  if (result === "mismatch" && !Number.isInteger(outcome.remaining)) return false;
  return (resultsOf[op] as readonly string[]).includes(result);
}

/** What opens what was revealed: the session, the message's key, and `sealed` of the outcome. */
interface Revealed {
  readonly session: Pick<AcceptedSession, "hash">;
  readonly message: Pick<OperationMessage, "hash"> & { readonly revealKey: AgreementKey };
  readonly sealed: string;
}

type OpenPrimitives = Pick<Primitives, "hmac" | "decryptAesGcm">;

/** The caller wipes the PIN. @throws LinchpinError `decryption_failed` */
export async function openRevealedPin(primitives: OpenPrimitives, revealed: Revealed): Promise<Pin> {
  return readFormat4PinField(await openRevealed(primitives, revealed, 97));
}

/** @throws LinchpinError `decryption_failed` */
export async function openRevealedCardData(primitives: OpenPrimitives, revealed: Revealed): Promise<RevealedCardData> {
  const plaintext = await openRevealed(primitives, revealed, 113);
  try {
    return decodeCardData(plaintext);
  } finally {
    plaintext.fill(0);
  }
}

async function openRevealed(
  primitives: OpenPrimitives,
  { session, message: { hash, revealKey }, sealed }: Revealed,
  sealedBytes: number,
): Promise<Uint8Array> {
  const bytes = bytesFromBase64url(sealed);
  if (bytes.length !== sealedBytes) throw new LinchpinError("decryption_failed");
  const terms = { key: revealKey, info: answerInfo(session.hash, hash) };
  return openHpke(primitives, hpke7, terms, bytes);
}

const nothing = new Uint8Array(0);
