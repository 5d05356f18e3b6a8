import Type from "typebox";

/** The shapes of Lithic's cards, as far as PINs go, once for both halves; see README.md beside this file. */
const object = <T extends Type.TProperties>(properties: T) => Type.Object(properties, { additionalProperties: false });

export type CardType = Type.Static<typeof CardType>;
const CardType = Type.Enum([
  "VIRTUAL",
  "PHYSICAL",
  "SINGLE_USE",
  "MERCHANT_LOCKED",
  "UNLOCKED",
  "DIGITAL_WALLET",
] as const);

const SpendLimitDuration = Type.Enum(["ANNUALLY", "FOREVER", "MONTHLY", "TRANSACTION", "DAY"] as const);

/** Stored and sent back. */
const kept = {
  memo: Type.Optional(Type.String({ maxLength: 256, pattern: "^[^\\u0000-\\u001f]*$" })),
  spend_limit: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 53 - 1 })),
  spend_limit_duration: Type.Optional(SpendLimitDuration),
};

const pin = {
  pin: Type.Optional(Type.String({ maxLength: 2048, description: "base64 of the sealed PIN, 684 characters" })),
};

/** Members of the vendor's client that are accepted and have no effect. */
const withoutEffect = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, Type.Optional(Type.Unknown({ description: "has no effect here" }))]));

export const createMembersWithoutEffect = [
  "bulk_order_token",
  "card_program_token",
  "carrier",
  "digital_card_art_token",
  "exp_month",
  "exp_year",
  "product_id",
  "replacement_account_token",
  "replacement_comment",
  "replacement_for",
  "replacement_substatus",
  "shipping_address",
  "shipping_method",
] as const;

export const updateMembersWithoutEffect = [
  "comment",
  "digital_card_art_token",
  "network_program_token",
  "substatus",
] as const;

/** `POST /v1/cards` */
export type CardCreate = Type.Static<typeof createMembers>;
const createMembers = object({
  type: CardType,
  account_token: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  state: Type.Optional(Type.Enum(["OPEN", "PAUSED"] as const)),
  ...kept,
  ...pin,
});
export const CardCreate = object({ ...createMembers.properties, ...withoutEffect(createMembersWithoutEffect) });

/** `PATCH /v1/cards/{card_token}`. Members that are not sent stay as they are. */
export type CardUpdate = Type.Static<typeof updateMembers>;
const updateMembers = object({
  pin_status: Type.Optional(
    Type.String({ maxLength: 64, description: "OK unblocks the PIN; there is no other value" }),
  ),
  state: Type.Optional(Type.Enum(["OPEN", "PAUSED", "CLOSED"] as const)),
  ...kept,
  ...pin,
});
export const CardUpdate = object({ ...updateMembers.properties, ...withoutEffect(updateMembersWithoutEffect) });

/** A card. Members of which this issuer knows nothing are null. No answer holds a PIN, a number or a CVV. */
export type CardReply = Type.Static<typeof CardReply>;
export const CardReply = object({
  token: Type.String(),
  account_token: Type.String(),
  card_program_token: Type.String(),
  created: Type.String({ description: "RFC 3339" }),
  funding: Type.Null(),
  last_four: Type.Null(),
  memo: Type.Optional(Type.String()),
  pending_commands: Type.Optional(Type.Array(Type.Enum(["CHANGE_PIN", "UNBLOCK_PIN"] as const))),
  pin_status: Type.Enum(["OK", "BLOCKED", "NOT_SET"] as const),
  spend_limit: Type.Integer(),
  spend_limit_duration: SpendLimitDuration,
  state: Type.Enum(["OPEN", "PAUSED", "CLOSED"] as const),
  type: CardType,
});

/** `message` alone says what was wrong; what a sandbox adds stands behind a colon. */
export type ErrorReply = Type.Static<typeof ErrorReply>;
export const ErrorReply = object({
  message: Type.String(),
  debugging_request_id: Type.String({ description: "UUID" }),
  conflicts_with: Type.Optional(
    Type.String({ description: "the token of a card that was changed since this request made it" }),
  ),
});
