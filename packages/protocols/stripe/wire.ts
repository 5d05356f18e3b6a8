import Type from "typebox";

/**
 * The shapes of Stripe Issuing's PIN management, once for both halves; see README.md beside this file.
 * Requests are forms. Their brackets (`pin[encrypted_number]`) are parsed to nested members, whose values are texts.
 */
const object = <T extends Type.TProperties>(properties: T) => Type.Object(properties, { additionalProperties: false });
const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** `GET /v1/keys`: the key to seal a PIN to. It may change at any time, so that devices fetch it for every PIN. */
export type PinKeyReply = Type.Static<typeof PinKeyReply>;
export const PinKeyReply = object({
  key_id: Type.String(),
  jwk: object({
    kty: Type.Literal("RSA"),
    n: Type.String(),
    e: Type.String(),
    kid: Type.String(),
    use: Type.Literal("enc"),
    alg: Type.Literal("RSA-OAEP"),
  }),
  pkcs8: Type.String({ description: "the same key as SPKI in PEM: the vendor's word for this member is PKCS#8" }),
});

const CardPin = object({
  encrypted_number: Type.String({ minLength: 1, maxLength: 5000, description: "compact JWE over the PIN's digits" }),
});

/** Names of members, whose length JSON Schema bounds by a pattern alone. */
const name = (maxLength: number) => Type.String({ pattern: `^[^\\u0000-\\u001f]{1,${maxLength}}$` });

/** A member that is an empty text is deleted; all of them are where `metadata` itself is one. */
const Metadata = Type.Union([
  Type.Record(name(40), Type.String({ maxLength: 500 }), { maxProperties: 50, additionalProperties: false }),
  Type.Literal(""),
]);

const SpendingControls = Type.Record(name(64), Type.Unknown(), {
  additionalProperties: false,
  description: "stored and sent back; nothing here reads it",
});

const shared = {
  pin: Type.Optional(CardPin),
  metadata: Type.Optional(Metadata),
  spending_controls: Type.Optional(SpendingControls),
};

/** `POST /v1/issuing/cards` */
export type CardCreate = Type.Static<typeof CardCreate>;
export const CardCreate = object({
  currency: Type.String({ pattern: "^[A-Za-z]{3}$" }),
  type: Type.Enum(["virtual", "physical"]),
  cardholder: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  status: Type.Optional(Type.Enum(["active", "inactive"])),
  ...shared,
});

/** `POST /v1/issuing/cards/{id}` */
export type CardUpdate = Type.Static<typeof CardUpdate>;
export const CardUpdate = object({
  status: Type.Optional(Type.Enum(["active", "inactive", "canceled"])),
  cancellation_reason: Type.Optional(Type.Enum(["lost", "stolen"])),
  ...shared,
});

/** Parameters of both that the vendor documents and that have no meaning here. */
export const parametersNotHere: readonly string[] = [
  "exp_month",
  "exp_year",
  "expand",
  "financial_account",
  "lifecycle_controls",
  "personalization_design",
  "replacement_for",
  "replacement_reason",
  "second_line",
  "shipping",
];

/** A card. Members of which this issuer knows nothing are null or empty. No answer holds a PIN, a number or a CVC. */
export type CardReply = Type.Static<typeof CardReply>;
export const CardReply = object({
  id: Type.String(),
  object: Type.Literal("issuing.card"),
  brand: Type.Null(),
  cancellation_reason: nullable(Type.Enum(["lost", "stolen"])),
  cardholder: object({ id: Type.String(), object: Type.Literal("issuing.cardholder") }),
  created: Type.Integer({ description: "Unix seconds" }),
  currency: nullable(Type.String()),
  exp_month: nullable(Type.Integer()),
  exp_year: nullable(Type.Integer()),
  last4: Type.Null(),
  latest_fraud_warning: Type.Null(),
  lifecycle_controls: Type.Null(),
  livemode: Type.Boolean(),
  metadata: Type.Record(Type.String(), Type.String()),
  personalization_design: Type.Null(),
  replaced_by: Type.Null(),
  replacement_for: Type.Null(),
  replacement_reason: Type.Null(),
  second_line: Type.Null(),
  shipping: Type.Null(),
  spending_controls: Type.Record(Type.String(), Type.Unknown()),
  status: Type.Enum(["active", "inactive", "canceled"]),
  type: nullable(Type.Enum(["virtual", "physical"])),
  wallets: Type.Null(),
});

export type ErrorReply = Type.Static<typeof ErrorReply>;
export const ErrorReply = object({
  error: object({
    type: Type.Enum(["api_error", "card_error", "idempotency_error", "invalid_request_error"]),
    code: Type.Optional(Type.String()),
    param: Type.Optional(Type.String()),
    message: Type.String(),
  }),
});
