import Type from "typebox";

// Shared parts of the issuer API's schemas.

/** Members beside the documented ones are refused. */
export const object = <T extends Type.TProperties>(properties: T) =>
  Type.Object(properties, { additionalProperties: false });

export const Identifier = Type.String({ minLength: 1, maxLength: 64, pattern: "^[A-Za-z0-9_-]+$" });
export const Name = Type.String({ minLength: 1, maxLength: 128 });
export const Timestamp = Type.String({ description: "2026-11-22T13:59:52.000Z" });

export type OfId = Type.Static<typeof OfId>;
export const OfId = Type.Object({ id: Type.String({ maxLength: 64 }) });

/** For operations that are asked by their path alone. */
export const NoBody = Type.Union([Type.Null(), object({})]);
export const NoContent = Type.Null();
