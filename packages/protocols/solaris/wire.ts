import Type from "typebox";
import { SealedPinRequest } from "../sealed-pin/wire.ts";

/**
 * The shapes on Solaris' wire, once for both halves. Members beside these are refused.
 * Sources: the PIN change guide and the API reference of Solaris; see README.md beside this file.
 */
const object = <T extends Type.TProperties>(properties: T) => Type.Object(properties, { additionalProperties: false });
const identifier = Type.String({ minLength: 1, maxLength: 64, pattern: "^[A-Za-z0-9_-]+$" });
/** Hex of ASN.1 DER, 8 to 72 bytes. The upper bound leaves the encoding to be judged where it is parsed. */
const signatureHex = Type.String({ minLength: 1, maxLength: 512, pattern: "^[0-9a-fA-F]*$" });
/** Hex of `04 ‖ X ‖ Y`. */
const publicPointHex = Type.String({ minLength: 1, maxLength: 512, pattern: "^[0-9a-fA-F]*$" });
const deviceData = Type.String({ maxLength: 16_384 });
const keyPurpose = Type.Enum(["unrestricted", "restricted"]);
const keyType = Type.Literal("ecdsa-p256");
const timestamp = Type.String({ description: "2022-04-21T13:59:52+00:00" });

/** A member of a request that may be left out. Null is as if it were: serializers of other languages send it. */
function optional<Member extends Type.TSchema>(member: Member) {
  const { type, enum: values } = member as { type?: string; enum?: readonly unknown[] };
  const allowingNull = {
    ...(type === undefined ? {} : { type: [type, "null"] }),
    ...(values === undefined ? {} : { enum: [...values, null] }),
  };
  return Type.Optional(Type.Unsafe<Type.Static<Member>>({ ...member, ...allowingNull }));
}

// --- token -----------------------------------------------------------------------------------------------------------

export type TokenRequest = Type.Static<typeof TokenRequest>;
/** Parameters beside these are ignored: RFC 6749 §3.2. */
export const TokenRequest = Type.Object({
  grant_type: Type.Literal("client_credentials"),
  scope: Type.Optional(Type.Literal("partners")),
  client_id: Type.Optional(Type.String({ maxLength: 128 })),
  client_secret: Type.Optional(Type.String({ maxLength: 256 })),
});

export type TokenReply = Type.Static<typeof TokenReply>;
export const TokenReply = object({
  access_token: Type.String(),
  expires_in: Type.Integer(),
  scope: Type.Literal("partners"),
  token_type: Type.Literal("bearer"),
});

// --- PIN -------------------------------------------------------------------------------------------------------------

/** The key to seal a PIN to. It says `RS256` and is used to encrypt: that is how Solaris publishes it. */
export type PinKey = Type.Static<typeof PinKey>;
export const PinKey = object({
  kid: Type.String(),
  kty: Type.Literal("RSA"),
  use: Type.Literal("enc"),
  alg: Type.Literal("RS256"),
  n: Type.String(),
  e: Type.String(),
});

export type PinUpdateRequest = Type.Static<typeof PinUpdateRequest>;
export const PinUpdateRequest = object({
  device_id: identifier,
  ...SealedPinRequest.properties,
  signature: signatureHex,
  device_data: optional(deviceData),
});

export { SealedPinRequest as ScaPinUpdateRequest };

// --- change requests -------------------------------------------------------------------------------------------------

const changeRequestStatus = Type.Enum([
  "ACCEPTED",
  "AUTHORIZATION_REQUIRED",
  "CONFIRMATION_REQUIRED",
  "COMPLETED",
  "FAILED",
]);

export type ChangeRequestReply = Type.Static<typeof ChangeRequestReply>;
export const ChangeRequestReply = object({
  id: Type.String(),
  status: changeRequestStatus,
  updated_at: timestamp,
  url: Type.String(),
});

export type AuthorizeRequest = Type.Static<typeof AuthorizeRequest>;
export const AuthorizeRequest = object({
  delivery_method: Type.Enum(["mobile_number", "device_signing", "static"]),
  person_id: optional(identifier),
  device_id: optional(identifier),
  device_data: optional(deviceData),
});

/** `string_to_sign` in the third-party mock, `text_to_sign` in the vendor's prose: both are sent. */
export type AuthorizeReply = Type.Static<typeof AuthorizeReply>;
export const AuthorizeReply = object({
  id: Type.String(),
  status: changeRequestStatus,
  updated_at: timestamp,
  string_to_sign: Type.Optional(Type.String()),
  text_to_sign: Type.Optional(Type.String()),
});

export type ConfirmRequest = Type.Static<typeof ConfirmRequest>;
export const ConfirmRequest = object({
  person_id: optional(identifier),
  tan: optional(Type.String({ maxLength: 16 })),
  device_id: optional(identifier),
  signature: optional(signatureHex),
  device_data: optional(deviceData),
});

/** A card, as webhooks and confirmed requests describe it. */
export type CardStatus = Type.Static<typeof CardStatus>;
export const CardStatus = object({
  id: Type.String(),
  status: Type.Enum(["ACTIVE", "BLOCKED", "CLOSED"]),
  person_id: Type.String(),
});

export type ConfirmReply = Type.Static<typeof ConfirmReply>;
export const ConfirmReply = object({
  id: Type.String(),
  status: changeRequestStatus,
  updated_at: timestamp,
  /** The card whose PIN was changed. */
  response_body: CardStatus,
  response_code: Type.Integer(),
});

// --- cards -----------------------------------------------------------------------------------------------------------

/** A line that is printed on a card, in the characters that the vendor allows. */
const printedLine = Type.String({ maxLength: 21, pattern: "^[A-Z0-9 \\-/.]*$" });
/** Neither control characters nor lone surrogates, which no database text can hold. */
const orderText = Type.String({ maxLength: 64, pattern: "^[^\\p{Cc}\\p{Cs}]*$" });

/** `encrypted_pin` and `key_id` are sent together. The issuer has no rule for the other members, and keeps them. */
export type CardOrderRequest = Type.Static<typeof CardOrderRequest>;
export const CardOrderRequest = object({
  encrypted_pin: optional(SealedPinRequest.properties.encrypted_pin),
  key_id: optional(SealedPinRequest.properties.key_id),
  line_1: optional(printedLine),
  line_2: optional(printedLine),
  type: optional(orderText),
  reference: optional(orderText),
  business_id: optional(orderText),
});

const textOrNull = Type.Union([Type.String(), Type.Null()]);

/** A card with what its partner said of it as it ordered it; null where it said nothing. */
export type CardReply = Type.Static<typeof CardReply>;
export const CardReply = object({
  ...CardStatus.properties,
  account_id: textOrNull,
  business_id: textOrNull,
  reference: textOrNull,
  type: textOrNull,
  representation: object({ line_1: textOrNull, line_2: textOrNull }),
});

// --- webhooks --------------------------------------------------------------------------------------------------------

/** What a URL is told by `Solaris-Webhook-Event-Type`, without a body, when a webhook is made. */
export const webhookSubscriptionEvent = "WEBHOOK-SUBSCRIPTION";

/** Of the vendor's types of events, the one that this issuer has. */
const eventType = Type.Enum(["CARD_LIFECYCLE_EVENT"]);

export type WebhookRequest = Type.Static<typeof WebhookRequest>;
export const WebhookRequest = object({ event_type: eventType, url: Type.String({ minLength: 1, maxLength: 2048 }) });

export type WebhookReply = Type.Static<typeof WebhookReply>;
export const WebhookReply = object({
  id: Type.String(),
  event_type: eventType,
  url: Type.String(),
  /** Told once, in the answer that made the webhook; null in every other. */
  secret: Type.Union([Type.String(), Type.Null()]),
});

/** Parameters beside these are ignored. */
export type PageQuery = Type.Static<typeof PageQuery>;
export const PageQuery = Type.Object({
  "page[number]": Type.Optional(Type.String({ pattern: "^[1-9][0-9]{0,5}$" })),
  "page[size]": Type.Optional(Type.String({ pattern: "^([1-9][0-9]{0,2}|1000)$" })),
});

// --- devices ---------------------------------------------------------------------------------------------------------

export type BindDeviceRequest = Type.Static<typeof BindDeviceRequest>;
export const BindDeviceRequest = object({
  person_id: identifier,
  key_type: keyType,
  key: publicPointHex,
  challenge_type: optional(Type.Enum(["sms", "activation_code"])),
  key_purpose: optional(keyPurpose),
  name: optional(Type.String({ maxLength: 128 })),
  language: optional(Type.Enum(["de", "en", "fr"])),
  sms_challenge: optional(object({ app_signature: Type.String({ maxLength: 64 }) })),
  device_data: optional(deviceData),
});

const signatureChallenge = object({
  id: Type.String(),
  type: Type.Literal("signature"),
  created_at: timestamp,
  expires_at: timestamp,
});

export type SignatureChallengeReply = Type.Static<typeof SignatureChallengeReply>;
export const SignatureChallengeReply = signatureChallenge;

export type BindDeviceReply = Type.Static<typeof BindDeviceReply>;
export const BindDeviceReply = object({ id: Type.String(), challenge: signatureChallenge });

export type SignatureAnswer = Type.Static<typeof SignatureAnswer>;
export const SignatureAnswer = object({ signature: signatureHex, device_data: optional(deviceData) });

export type DeviceReply = Type.Static<typeof DeviceReply>;
export const DeviceReply = object({
  id: Type.String(),
  person_id: Type.String(),
  name: Type.Union([Type.String(), Type.Null()]),
  created_at: timestamp,
  deleted_at: Type.Union([timestamp, Type.Null()]),
});

/**
 * Of `GET /v1/mfa/devices`. `person_id` is the third-party mock's, the others are the vendor's. Parameters beside these
 * are ignored: React Native's `fetch` adds `_` to every GET that is not to be cached.
 */
export type DeviceQuery = Type.Static<typeof DeviceQuery>;
export const DeviceQuery = Type.Object({
  "filter[person_id]": Type.Optional(identifier),
  "filter[include_deleted]": Type.Optional(Type.Enum(["true", "false"])),
  ...PageQuery.properties,
  person_id: Type.Optional(identifier),
});

export type AddDeviceKeyRequest = Type.Static<typeof AddDeviceKeyRequest>;
export const AddDeviceKeyRequest = object({
  key: publicPointHex,
  key_type: keyType,
  key_purpose: keyPurpose,
  /** Over the hex text of `key`, by a key that the device has already. */
  device_signature: object({ signature_key_purpose: keyPurpose, signature: signatureHex }),
  device_data: optional(deviceData),
});

export type DeviceKeyReply = Type.Static<typeof DeviceKeyReply>;
export const DeviceKeyReply = object({ id: Type.String() });

export type DeviceKeyListing = Type.Static<typeof DeviceKeyListing>;
export const DeviceKeyListing = Type.Array(
  object({ id: Type.String(), key_type: keyType, key_purpose: keyPurpose, created_at: timestamp }),
);

export type DeviceChallengeRequest = Type.Static<typeof DeviceChallengeRequest>;
export const DeviceChallengeRequest = object({
  device_id: identifier,
  key_purpose: keyPurpose,
  device_data: optional(deviceData),
});

export type DeviceChallengeReply = Type.Static<typeof DeviceChallengeReply>;
export const DeviceChallengeReply = object({
  id: Type.String(),
  type: Type.Literal("device"),
  string_to_sign: Type.String(),
  created_at: timestamp,
  expires_at: timestamp,
});

export type ActivationRequest = Type.Static<typeof ActivationRequest>;
export const ActivationRequest = object({
  person_id: identifier,
  origin: Type.Literal("MOBILE_APP"),
  purpose: Type.Literal("DEVICE_BINDING"),
  delivery_method: Type.Literal("SNAILMAIL"),
  invalidate_existing_code: optional(Type.Boolean()),
});

export type ActivationReply = Type.Static<typeof ActivationReply>;
export const ActivationReply = object({ id: Type.String(), created_at: timestamp, expires_at: timestamp });

// --- mobile numbers --------------------------------------------------------------------------------------------------

/** Spaces, dashes, underscores and slashes are taken out before E.164 is checked. */
const mobileNumber = Type.String({ minLength: 1, maxLength: 40 });

export type MobileNumberRequest = Type.Static<typeof MobileNumberRequest>;
export const MobileNumberRequest = object({ number: mobileNumber, device_data: optional(deviceData) });

export type MobileNumberConfirmation = Type.Static<typeof MobileNumberConfirmation>;
export const MobileNumberConfirmation = object({
  number: optional(mobileNumber),
  token: Type.String({ maxLength: 16 }),
  device_data: optional(deviceData),
});

export type MobileNumberReply = Type.Static<typeof MobileNumberReply>;
export const MobileNumberReply = object({ id: Type.String(), number: Type.String(), verified: Type.Boolean() });

// --- errors ----------------------------------------------------------------------------------------------------------

export type ErrorReply = Type.Static<typeof ErrorReply>;
export const ErrorReply = object({
  errors: Type.Array(
    object({
      /** 32 hex digits and `ex`. */
      id: Type.String(),
      status: Type.Integer(),
      code: Type.String(),
      title: Type.String(),
      detail: Type.String(),
      source: Type.Optional(object({ field: Type.String(), message: Type.String() })),
    }),
  ),
});

/** `2022-04-21T13:59:52+00:00`: seconds, and an offset in digits. */
export function formatTimestamp(at: Date): string {
  return `${at.toISOString().slice(0, 19)}+00:00`;
}
