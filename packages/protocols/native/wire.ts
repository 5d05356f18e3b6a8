import type { PinPolicy } from "@linchpin/core";
import Type from "typebox";
import { type Authorization, type Operation, operations, type RefusalCode, sessionMaxLength } from "./layout.ts";

/**
 * The shapes on the wire of the native protocol, once for both halves. Members beside these are refused in requests, and
 * ignored in what is signed. base64url is RFC 7515's: canonical, without padding.
 * README.md beside this file has the protocol; layout.ts the labels and lengths.
 */
const object = <T extends Type.TProperties>(properties: T) => Type.Object(properties, { additionalProperties: false });
/** Of as many bytes as the length tells. */
const base64url = (length: number, maxLength = length) =>
  Type.String({ pattern: `^[A-Za-z0-9_-]{${length},${maxLength}}$` });
const thumbprint = base64url(43);
const signature = base64url(86);

/** A public key on P-256: these members and no others. */
const PublicKey = object({
  kty: Type.Literal("EC"),
  crv: Type.Literal("P-256"),
  x: base64url(43),
  y: base64url(43),
});

// --- POST /native/v1/sessions ----------------------------------------------------------------------------------------

export type SessionRequest = Type.Static<typeof SessionRequest>;
export const SessionRequest = object({
  op: Type.Enum([...operations]),
  auth: Type.Enum(["code", "device"]),
  /** As the partner names the card. */
  card: Type.String({ pattern: "^[A-Za-z0-9_-]{1,64}$" }),
  /** 16 random bytes of the device. */
  nonce: base64url(22),
  /** The bound key's thumbprint, where a device authorizes; may stand beside `key`. */
  device: Type.Optional(thumbprint),
  /** The key to bind, made for this session. */
  key: Type.Optional(PublicKey),
});

export type SessionReply = Type.Static<typeof SessionReply>;
export const SessionReply = object({
  /** A compact JWS of `SessionClaims`. */
  session: Type.String(),
  /** The key manifest, of the native keys alone or of all. Where it is left out, or too old, the device fetches it. */
  manifest: Type.Optional(Type.String()),
});

/** What a session says. Times are integers, seconds since 1970. */
export interface SessionClaims {
  readonly iss: string;
  /** 16 random bytes. */
  readonly sid: string;
  readonly iat: number;
  /** `iat` + 300. */
  readonly exp: number;
  readonly op: Operation;
  readonly auth: Authorization;
  /** The request's. */
  readonly nonce: string;
  /** The manifest that was current. */
  readonly seq: number;
  /** The person, as the issuer names them. */
  readonly sub: string;
  /** The person's name, to be shown. */
  readonly holder: string;
  /** Where the code went, masked, to be shown. */
  readonly to?: string;
  readonly card: SessionCard;
  /** Thumbprint of the device's key, or of the key to bind; null for a change by code. */
  readonly device: string | null;
  /** Thumbprint of the key to seal to. */
  readonly hpke: string;
  /** Of a change: what the new PIN must be. Deny list and history stay with the issuer. */
  readonly policy?: Omit<PinPolicy, "denyList" | "pinHistory">;
  /** Of a binding: whether the present PIN is sealed too. */
  readonly presentPin?: boolean;
}

export interface SessionCard {
  /** The request's `card`. */
  readonly ref: string;
  readonly last4: string;
  readonly program: string;
  /** How often the PIN was set: 0 before the first one. */
  readonly version: number;
}

// --- POST /native/v1/operations --------------------------------------------------------------------------------------

export type OperationRequest = Type.Static<typeof OperationRequest>;
export const OperationRequest = object({
  session: Type.String({ maxLength: sessionMaxLength }),
  /** The sealed parts, `enc ‖ ciphertext`; of a reveal the one-time key. */
  message: base64url(87, 172),
  /** The device's, `r ‖ s`; of all but a change by code. */
  signature: Type.Optional(signature),
  /** Of a binding: the key of the session's thumbprint. */
  key: Type.Optional(PublicKey),
});

export type OperationReply = Type.Static<typeof OperationReply>;
/** With 200, and with a 4xx where the answer refuses. */
export const OperationReply = object({
  /** A compact JWS of `AnswerClaims`. */
  answer: Type.String(),
});

/** What became of a message. */
export type Outcome =
  | { readonly result: "bound"; readonly device: string; readonly sub: string }
  | { readonly result: "changed"; readonly version: number }
  | { readonly result: "match" | "blocked" }
  | { readonly result: "mismatch"; readonly remaining: number }
  | { readonly result: "revealed" }
  | { readonly result: "refused"; readonly code: RefusalCode };

export type AnswerClaims = {
  readonly iss: string;
  readonly sid: string;
  /** base64url of the session's and the message's hash. */
  readonly h: string;
  readonly r: string;
  readonly iat: number;
  readonly op: Operation;
} & SignedOutcome;

export type SignedOutcome =
  | Exclude<Outcome, { result: "revealed" }>
  /** To the one-time key: `enc ‖ ciphertext`, base64url. */
  | { readonly result: "revealed"; readonly sealed: string }
  /** The session was used before: by which message, and what became of that one. */
  | { readonly result: "spent"; readonly spent: SpentOutcome };

export type SpentOutcome = { readonly r: string } & Outcome;

// --- refusals without a signature ------------------------------------------------------------------------------------

/** Problem details (RFC 9457). Nothing was spent, if the relay is to be believed. */
export type ErrorReply = Type.Static<typeof ErrorReply>;
export const ErrorReply = Type.Object({
  type: Type.Literal("about:blank"),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.String({ description: "stable: what a program decides by" }),
  detail: Type.Optional(Type.String({ description: "why it was refused; in the sandbox alone" })),
  field: Type.Optional(Type.String({ description: "the member of the request that is at fault" })),
});
