import Type from "typebox";

/**
 * The shapes on the wire of Plumery's cards connector, once for both halves.
 * Source: Plumery's event catalog; see README.md beside this file.
 */
const object = <T extends Type.TProperties>(properties: T) => Type.Object(properties, { additionalProperties: false });
const base64 = Type.String({ description: "RFC 4648 §4, padded" });

/** Header of every request: base64 of the client's key on secp256r1, SPKI in DER or the uncompressed point. */
export const clientPublicKeyHeader = "X-Client-Public-Key";

/** Under the key that HKDF-SHA-256 makes of the ECDH secret and `salt`. */
export type EncryptedPayload = Type.Static<typeof EncryptedPayload>;
export const EncryptedPayload = object({
  /** 12 bytes. */
  iv: base64,
  /** AES-256-GCM, the tag of 16 bytes behind. */
  ciphertext: base64,
  /** The server's, for this answer; in the encoding of the client's. */
  ephemeralPublicKey: base64,
  /** 32 bytes. */
  salt: base64,
});

/** `GET /internal/v1/cards/{token}/pin`. Inside: `{"pin":"1234"}`. */
export type CardPinReply = Type.Static<typeof CardPinReply>;
export const CardPinReply = object({ encryptedPayload: EncryptedPayload });

/** `GET /internal/v1/cards/{token}`. Inside: `{"pan":"9999990123456784","cvv2":"123"}`. */
export type CardReply = Type.Static<typeof CardReply>;
export const CardReply = object({
  token: Type.String(),
  expirationDate: Type.String({ description: "MM/YY" }),
  encryptedPayload: EncryptedPayload,
});

export type ErrorReply = Type.Static<typeof ErrorReply>;
export const ErrorReply = object({
  /** `urn:plmr:cards:connector:…` */
  code: Type.String(),
  message: Type.String(),
  requestId: Type.String(),
  fieldErrors: Type.Array(object({ field: Type.String(), code: Type.String(), message: Type.String() })),
});
