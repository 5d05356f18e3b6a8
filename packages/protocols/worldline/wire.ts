import Type from "typebox";

/**
 * The shapes of Worldline's PIN operations, once for both halves. Members beside these are refused.
 * Source: the vendor's OpenAPI file "Worldline Card Issuing" 2.41.1; see README.md beside this file.
 */
const object = <T extends Type.TProperties>(properties: T) => Type.Object(properties, { additionalProperties: false });
const KeySet = Type.Enum(["01", "02"]);
const Pan = Type.String({ pattern: "^[0-9]{12,19}$" });
/** Hex of one AES block. */
const PinBlock = Type.String({ pattern: "^[0-9a-fA-F]{32}$" });
/** Any text: the answer says `ISO-4` whatever came. */
const PinBlockFormat = Type.String({ maxLength: 32 });
const Expiry = Type.String({ pattern: "^(0[1-9]|1[0-2])[0-9]{2}$", description: "MMYY" });

/** Why the PIN is set or displayed: stands in the audit event, and has no further effect. */
const Event = Type.Enum(["EXTERNAL", "INTERNAL", "ATM", "IVR"]);

// --- session key and PIN block ---------------------------------------------------------------------------------------

export type EncryptedSessionKey = Type.Static<typeof EncryptedSessionKey>;
export const EncryptedSessionKey = object({
  algoId: Type.Literal("06", { description: "RSA" }),
  /** Hex of one RSA ciphertext over the session key's bytes: of 2048, 3072 or 4096 bits. */
  encryptedData: Type.String({ pattern: "^([0-9a-fA-F]{512}|[0-9a-fA-F]{768}|[0-9a-fA-F]{1024})$" }),
  keyId: KeySet,
});

/** Those of the file. `04`, ISO 9564 format 4, is the one that is here: the others are refused by name. */
const PinAlgorithm = Type.Enum(["04", "05", "06", "07"]);

export type PinAttribute = Type.Static<typeof PinAttribute>;
export const PinAttribute = object({
  pinAlgorithmId: PinAlgorithm,
  pinBlock: PinBlock,
  pinBlockFormat: PinBlockFormat,
  /** Required with `04`. */
  encryptedSessionKey: Type.Optional(EncryptedSessionKey),
  keyId: Type.Optional(KeySet),
  key: Type.Optional(Type.String({ maxLength: 1024, description: "unused" })),
});

/** What a set answers: the request's, without the members that are unused. */
const EchoedPinAttribute = object({
  pinAlgorithmId: Type.Literal("04"),
  pinBlock: PinBlock,
  pinBlockFormat: Type.Literal("ISO-4"),
  encryptedSessionKey: EncryptedSessionKey,
  keyId: Type.Optional(KeySet),
});

// --- set and display -------------------------------------------------------------------------------------------------

const set = { event: Type.Optional(Event), panExpiryDate: Type.Optional(Expiry), pinAttribute: PinAttribute };
const display = { event: Type.Optional(Event), encryptedSessionKey: EncryptedSessionKey };

/** `.../{cardReference}/pin` */
export type PinSetRequest = Type.Static<typeof PinSetRequest>;
export const PinSetRequest = object(set);

/** `.../{cardReference}/display-pin` */
export type PinDisplayRequest = Type.Static<typeof PinDisplayRequest>;
export const PinDisplayRequest = object(display);

/** A PAN under a zone key: of the file, and refused by name, as no such keys are here. */
const EncryptedPan = Type.Unknown({ description: "not here: send pan" });

/** How a request names a card by its PAN. */
const cardOfPan = {
  pan: Type.Optional(Pan),
  encryptedPan: Type.Optional(EncryptedPan),
  panSequenceNumber: Type.Optional(Type.String({ pattern: "^[0-9]{1,3}$" })),
  panExpiryDate: Type.Optional(Expiry),
  /** The PAN that the block is bound to, where it is another. */
  pinBlockPan: Type.Optional(Pan),
  encryptedPinBlockPan: Type.Optional(EncryptedPan),
};

/** `/pin` */
export type PinSetByPanRequest = Type.Static<typeof PinSetByPanRequest>;
export const PinSetByPanRequest = object({ ...set, ...cardOfPan });

/** `/display-pin` */
export type PinDisplayByPanRequest = Type.Static<typeof PinDisplayByPanRequest>;
export const PinDisplayByPanRequest = object({ ...display, ...cardOfPan });

export type ExternalPinAttribute = Type.Static<typeof ExternalPinAttribute>;
export const ExternalPinAttribute = object({
  pinAlgorithmId: Type.Literal("04"),
  pinBlock: PinBlock,
  pinBlockFormat: Type.Literal("ISO-4"),
  keyId: KeySet,
});

// --- answers ---------------------------------------------------------------------------------------------------------

export type ResponseMetadata = Type.Static<typeof ResponseMetadata>;
export const ResponseMetadata = object({
  correlationId: Type.String(),
  responseDateTime: Type.String({ description: "2026-11-29T11:02:45.123Z" }),
  statusCode: Type.Integer(),
  statusMessage: Type.String(),
});

const answer = <T extends Type.TSchema>(data: T) => object({ data, responseMetadata: ResponseMetadata });

export type PinSetReply = Type.Static<typeof PinSetReply>;
export const PinSetReply = answer(object({ pinAttribute: EchoedPinAttribute }));

export type PinDisplayReply = Type.Static<typeof PinDisplayReply>;
export const PinDisplayReply = answer(object({ externalPinAttribute: ExternalPinAttribute }));

export type TryCounterResetReply = Type.Static<typeof TryCounterResetReply>;
export const TryCounterResetReply = answer(object({}));

// --- state -----------------------------------------------------------------------------------------------------------

/** `/pin-state`: one of the three. */
export type PinStateRequest = Type.Static<typeof PinStateRequest>;
export const PinStateRequest = object({
  pan: Type.Optional(Pan),
  alternativePan: Type.Optional(Type.String({ maxLength: 64 })),
  cardReference: Type.Optional(Type.String({ pattern: "^[0-9]{16}$" })),
});

export type PinState = Type.Static<typeof PinState>;
export const PinState = object({
  cardReference: Type.String(),
  pinTryCounter: Type.String({ description: "wrong PINs in a row" }),
  maximumPinTryCounter: Type.String(),
  pinTryCounterResetType: Type.Literal("Never"),
  pinCheckParameterStatus: Type.Enum(["Active", "Blocked"]),
  offlinePinChangeStatus: Type.Optional(Type.Enum(["Pending", "Successful"])),
});

export type PinStateReply = Type.Static<typeof PinStateReply>;
export const PinStateReply = answer(PinState);

// --- token and errors ------------------------------------------------------------------------------------------------

/** Parameters beside these are ignored: RFC 6749 §3.2. */
export type TokenRequest = Type.Static<typeof TokenRequest>;
export const TokenRequest = Type.Object({
  grant_type: Type.Literal("client_credentials"),
  client_id: Type.Optional(Type.String({ maxLength: 128 })),
  client_secret: Type.Optional(Type.String({ maxLength: 256 })),
});

export type TokenReply = Type.Static<typeof TokenReply>;
export const TokenReply = object({
  access_token: Type.String(),
  token_type: Type.Literal("Bearer"),
  expires_in: Type.Integer(),
});

/** RFC 6749 §5.2: what the token endpoint answers instead. */
export type TokenErrorReply = Type.Static<typeof TokenErrorReply>;
export const TokenErrorReply = object({ error: Type.String(), error_description: Type.String() });

export type ErrorReply = Type.Static<typeof ErrorReply>;
export const ErrorReply = object({ responseMetadata: ResponseMetadata });
