import Type from "typebox";

/**
 * The shapes on Adyen's wire, once for both halves. Members beside these are refused.
 * Sources: Adyen's guides and its OpenAPI file (Configuration API v2); see README.md beside this file.
 */
const object = <T extends Type.TProperties>(properties: T) => Type.Object(properties, { additionalProperties: false });
const paymentInstrumentId = Type.String({ minLength: 1, maxLength: 64, pattern: "^[A-Za-z0-9_-]+$" });
/** Hex of one RSA-2048 ciphertext over the session key: 256 bytes. */
const encryptedKey = Type.String({ pattern: "^[0-9a-fA-F]{512}$" });
/** Hex of one AES block. */
const pinBlockHex = Type.String({ pattern: "^[0-9a-fA-F]{32}$" });
/** 16 digits without zeros, in the place of a PAN. */
const token = Type.String({ pattern: "^[1-9]{16}$" });

// --- public keys -----------------------------------------------------------------------------------------------------

/** What a key is for: each operation has one of its own. */
export type KeyUse = Type.Static<typeof KeyUse>;
const KeyUse = Type.Enum(["pinChange", "pinReveal", "panReveal"]);

export type KeyFormat = Type.Static<typeof KeyFormat>;
const KeyFormat = Type.Enum(["pem", "jwk"]);

/** Parameters beside these are ignored: React Native's `fetch` adds `_` to every GET that is not to be cached. */
export type PublicKeyQuery = Type.Static<typeof PublicKeyQuery>;
export const PublicKeyQuery = Type.Object({
  /** `pinReveal` where it is left out. */
  purpose: Type.Optional(KeyUse),
  /** `pem` where it is left out. */
  format: Type.Optional(KeyFormat),
});

export type PublicKeyReply = Type.Static<typeof PublicKeyReply>;
export const PublicKeyReply = object({
  /** `pem`: base64 of an SPKI in DER, without armour. `jwk`: a JWK, as JSON in this string. */
  publicKey: Type.String(),
  /** `2027-12-12`: accepted to the end of this day, UTC. */
  publicKeyExpiryDate: Type.String(),
});

// --- PIN -------------------------------------------------------------------------------------------------------------

export type PinChangeRequest = Type.Static<typeof PinChangeRequest>;
export const PinChangeRequest = object({ paymentInstrumentId, encryptedKey, encryptedPinBlock: pinBlockHex, token });

export type PinChangeReply = Type.Static<typeof PinChangeReply>;
export const PinChangeReply = object({ status: Type.Enum(["completed", "pending", "unavailable"]) });

export type PinRevealRequest = Type.Static<typeof PinRevealRequest>;
export const PinRevealRequest = object({ paymentInstrumentId, encryptedKey });

export type PinRevealReply = Type.Static<typeof PinRevealReply>;
export const PinRevealReply = object({ encryptedPinBlock: pinBlockHex, token });

// --- PAN -------------------------------------------------------------------------------------------------------------

export type PanRevealRequest = Type.Static<typeof PanRevealRequest>;
export const PanRevealRequest = object({ paymentInstrumentId, encryptedKey });

export type PanRevealReply = Type.Static<typeof PanRevealReply>;
export const PanRevealReply = object({ encryptedData: Type.String({ pattern: "^([0-9a-fA-F]{32})+$" }) });

// --- errors ----------------------------------------------------------------------------------------------------------

/** RFC 7807 with Adyen's members. */
export type ErrorReply = Type.Static<typeof ErrorReply>;
export const ErrorReply = object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  errorCode: Type.String(),
  requestId: Type.String(),
  invalidFields: Type.Optional(
    // `value` is there for the shape's sake and always empty: what was received is not sent back.
    Type.Array(object({ name: Type.String(), value: Type.Literal(""), message: Type.String() })),
  ),
});
