import Type from "typebox";

/**
 * The shapes on the wire of Spritz, and of Rain, once for both halves; see README.md beside this file.
 * Base64 is RFC 4648 §4, padded, in both directions.
 */
const object = <T extends Type.TProperties>(properties: T) => Type.Object(properties, { additionalProperties: false });
const base64 = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, description: `base64 of ${description}` });

/** Rain's header for what Spritz sends as `encryptedKey`. */
export const sessionIdHeader = "SessionId";

/** Characters of `encryptedKey` and of `SessionId`. */
export const maxWrappedKeyLength = 1024;

/** A PIN block of ISO 9564 format 2 as text, under AES-GCM. */
export type EncryptedPin = Type.Static<typeof EncryptedPin>;
export const EncryptedPin = object({
  iv: base64(64, "an IV of 12 or 16 bytes"),
  data: base64(1024, "the block's 16 characters under AES-GCM, the tag of 16 bytes behind"),
});

const encryptedKey = base64(maxWrappedKeyLength, "the session key under RSAES-OAEP");

/** `PUT /v1/cards/{cardId}/pin` and `POST /v1/cards/{cardId}/update_pin` */
export type PinSet = Type.Static<typeof PinSet>;
export const PinSet = object({ encryptedKey, encryptedPin: EncryptedPin });

export type PinSetReply = Type.Static<typeof PinSetReply>;
export const PinSetReply = object({ success: Type.Literal(true) });

/** `POST /v1/cards/{cardId}/pin` */
export type PinGet = Type.Static<typeof PinGet>;
export const PinGet = object({ encryptedKey });

/** Rain: `PUT /v1/issuing/cards/{cardId}/pin`, with the header `SessionId`. The answer has no body. */
export type RainPinSet = Type.Static<typeof RainPinSet>;
export const RainPinSet = object({ encryptedPin: EncryptedPin });

/** The answer to both protocols' get. */
export type PinGetReply = Type.Static<typeof PinGetReply>;
export const PinGetReply = object({ encryptedPin: EncryptedPin });

/** `GET /v1/cards/{cardId}` */
export type CardReply = Type.Static<typeof CardReply>;
export const CardReply = object({
  id: Type.String(),
  status: Type.Enum(["active", "frozen", "not_activated", "cancelled"]),
  type: Type.Enum(["physical", "virtual"]),
  country: Type.String(),
  currency: Type.String(),
  last4: Type.String({ description: "of the card's number; empty where there is none here" }),
  limit: Type.Null(),
  payable: Type.Boolean(),
  renderSecret: Type.String(),
  createdAt: Type.String(),
});

/** Problem details, RFC 9457. */
export type ErrorReply = Type.Static<typeof ErrorReply>;
export const ErrorReply = object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.Optional(Type.String()),
  code: Type.Optional(Type.String()),
  field: Type.Optional(Type.String()),
  retryable: Type.Optional(Type.Boolean()),
  retryAfter: Type.Optional(Type.Integer({ description: "seconds" })),
  resourceType: Type.Optional(Type.String()),
  resourceId: Type.Optional(Type.String()),
});

export type RainErrorReply = Type.Static<typeof RainErrorReply>;
export const RainErrorReply = object({
  statusCode: Type.Integer(),
  error: Type.String(),
  message: Type.String(),
  errorMessageCodes: Type.Optional(Type.Array(Type.String())),
});

/** The answer to a request whose idempotency key another one has that is under way. */
export type RainConcurrentReply = Type.Static<typeof RainConcurrentReply>;
export const RainConcurrentReply = object({ msg: Type.String() });
