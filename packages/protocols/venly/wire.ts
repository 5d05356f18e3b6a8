import Type from "typebox";

/**
 * The shapes on Venly's wire, once for both halves. Members beside these are refused.
 * Source: Venly's guide "Encrypted PIN Transfer"; see README.md beside this file.
 */
const object = <T extends Type.TProperties>(properties: T) => Type.Object(properties, { additionalProperties: false });

// --- token -----------------------------------------------------------------------------------------------------------

export const tokenPath = "/auth/realms/Arkane/protocol/openid-connect/token";

export type TokenRequest = Type.Static<typeof TokenRequest>;
/** Parameters beside these are ignored: RFC 6749 §3.2. */
export const TokenRequest = Type.Object({
  grant_type: Type.Literal("client_credentials"),
  client_id: Type.Optional(Type.String({ maxLength: 128 })),
  client_secret: Type.Optional(Type.String({ maxLength: 256 })),
  scope: Type.Optional(Type.String({ maxLength: 256 })),
});

export type TokenReply = Type.Static<typeof TokenReply>;
export const TokenReply = object({
  access_token: Type.String(),
  expires_in: Type.Integer(),
  token_type: Type.Literal("Bearer"),
});

/** RFC 6749 §5.2: what the token endpoint answers instead. */
export type TokenErrorReply = Type.Static<typeof TokenErrorReply>;
export const TokenErrorReply = object({ error: Type.String(), error_description: Type.String() });

// --- keys ------------------------------------------------------------------------------------------------------------

export type SecurityReply = Type.Static<typeof SecurityReply>;
export const SecurityReply = object({
  success: Type.Literal(true),
  result: object({
    /** Newest first: clients take the first. */
    encryptionKeys: Type.Array(
      object({
        id: Type.String(),
        keyspec: Type.String({ description: "RSA_2048" }),
        publicKey: Type.String({ description: "base64 of SPKI in DER" }),
        encryptionAlgorithm: Type.Literal("RSAES_OAEP_SHA_256"),
      }),
    ),
  }),
});

// --- what is sealed --------------------------------------------------------------------------------------------------

/** The body of a request, or in base64 its `Encrypted-Signing-Method`. */
export type Envelope = Type.Static<typeof Envelope>;
export const Envelope = object({
  encryption: object({
    type: Type.Literal("AES/GCM/NoPadding"),
    key: object({
      /** Base64 of the AES key under RSAES-OAEP, SHA-256 for hash and MGF1, empty label. */
      encryptedValue: Type.String({ maxLength: 684 }),
      encryptionKeyId: Type.String({ minLength: 1, maxLength: 128 }),
    }),
    /** Base64 of 12 bytes. */
    iv: Type.String({ minLength: 16, maxLength: 16 }),
  }),
  /** Base64 of the ciphertext, the tag of 16 bytes behind. */
  value: Type.String({ minLength: 24, maxLength: 5464 }),
});

/** The longest `Encrypted-Signing-Method` that is read, in characters. */
export const maxHeaderLength = 8192;

// What an envelope holds. `value` is read and written as bytes, never as a string; these say the rest.

export const signingMethodTypes = ["PIN", "EMERGENCY_CODE", "BIOMETRIC", "PASSWORD"] as const;
const signingMethodType = Type.Enum([...signingMethodTypes]);
export type SigningMethodType = Type.Static<typeof signingMethodType>;

/** PIN: six digits. EMERGENCY_CODE: 25 letters and digits. BIOMETRIC and PASSWORD: 8 to 256 visible ASCII characters. */
const value = Type.String({ maxLength: 256 });
const physicalDeviceId = Type.String({ minLength: 1, maxLength: 128 });

/** A member that may be left out; null is as if it were. */
const optional = <Member extends Type.TSchema>(member: Member) => Type.Optional(Type.Union([member, Type.Null()]));

export const SigningMethodRequest = object({
  type: signingMethodType,
  /** Of an EMERGENCY_CODE it may be left out or empty: one is made, and told once. */
  value: optional(value),
  /** Of BIOMETRIC. Beside another type it is not read. */
  physicalDeviceId: optional(physicalDeviceId),
});
export const SigningMethodUpdate = object({ value: optional(value) });
const reference = Type.String({ minLength: 1, maxLength: 256 });
export const UserRequest = object({
  reference: optional(reference),
  signingMethod: optional(SigningMethodRequest),
});

/** The body of `PUT /api/users/{userId}`, which is never sealed. */
export const UserUpdate = object({ reference: optional(reference) });

/** In `Encrypted-Signing-Method`. */
export const SignedMethod = object({
  id: Type.String({ maxLength: 64 }),
  value,
  physicalDeviceId: optional(physicalDeviceId),
  idempotencyKey: Type.String({ description: "UUID, a new one for every request" }),
  /** SHA-256 of the body as sent, in hex or base64. */
  signature: object({ type: Type.Literal("sha256"), value: Type.String() }),
});

// --- users -----------------------------------------------------------------------------------------------------------

const signingMethod = object({
  id: Type.String(),
  type: signingMethodType,
  incorrectAttempts: Type.Integer(),
  remainingAttempts: Type.Integer(),
  lastUsedSuccess: Type.Boolean({ description: "false while its last attempt was wrong" }),
  hasMasterSecret: Type.Literal(true),
});
export type SigningMethodDescription = Type.Static<typeof signingMethod>;

const user = object({
  id: Type.String(),
  reference: Type.Union([Type.String(), Type.Null()]),
  createdAt: Type.String({ description: "2022-04-21T13:59:52.000Z" }),
  signingMethods: Type.Array(signingMethod),
});
export type UserDescription = Type.Static<typeof user>;

const success = <T extends Type.TSchema>(result: T) => object({ success: Type.Literal(true), result });

export type UserReply = Type.Static<typeof UserReply>;
export const UserReply = success(user);
export type UsersReply = Type.Static<typeof UsersReply>;
export const UsersReply = object({
  success: Type.Literal(true),
  pagination: object({
    pageNumber: Type.Integer({ description: "from 1" }),
    pageSize: Type.Integer(),
    numberOfPages: Type.Integer(),
    numberOfElements: Type.Integer({ description: "on all pages" }),
    hasNextPage: Type.Boolean(),
    hasPreviousPage: Type.Boolean(),
  }),
  result: Type.Array(user),
});
export type DeletedReply = Type.Static<typeof DeletedReply>;
export const DeletedReply = object({ success: Type.Literal(true) });
export type SigningMethodReply = Type.Static<typeof SigningMethodReply>;
export const SigningMethodReply = success(
  object({
    ...signingMethod.properties,
    value: Type.Optional(Type.String({ description: "a code that was made here" })),
  }),
);

// --- assertion -------------------------------------------------------------------------------------------------------

/** Names the header in which the upstream is told what was checked: a compact JWS, ES256. */
export const assertionHeader = "linchpin-assertion";

export type AssertionClaims = Type.Static<typeof AssertionClaims>;
export const AssertionClaims = object({
  /** Base URL of this protocol at the issuer. */
  iss: Type.String(),
  /** Seconds since 1970. */
  iat: Type.Integer(),
  exp: Type.Integer(),
  /** The user's id. */
  sub: Type.String(),
  methodId: Type.String(),
  methodType: signingMethodType,
  /** Hex, of the body that comes with it. */
  bodySha256: Type.String(),
  method: Type.String(),
  /** As the upstream is asked, with its query. */
  path: Type.String(),
  /** Null where the signing method came by the plain header. */
  idempotencyKey: Type.Union([Type.String(), Type.Null()]),
});

/** RFC 7517: the keys that assertions are signed by. */
export type AssertionKeysReply = Type.Static<typeof AssertionKeysReply>;
export const AssertionKeysReply = object({
  keys: Type.Array(
    object({
      kid: Type.String(),
      kty: Type.Literal("EC"),
      use: Type.Literal("sig"),
      alg: Type.Literal("ES256"),
      crv: Type.Literal("P-256"),
      x: Type.String(),
      y: Type.String(),
    }),
  ),
});

// --- errors ----------------------------------------------------------------------------------------------------------

export type ErrorReply = Type.Static<typeof ErrorReply>;
export const ErrorReply = object({
  success: Type.Literal(false),
  errors: Type.Array(object({ code: Type.String(), message: Type.String() })),
});
