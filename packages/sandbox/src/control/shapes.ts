import { LinchpinError } from "@linchpin/core";
import Type from "typebox";
import { Errors } from "typebox/value";

/** Members beside the documented ones are refused. */
export const object = <T extends Type.TProperties>(properties: T) =>
  Type.Object(properties, { additionalProperties: false });

/**
 * Also for callers that come by no route, whose schema would say so.
 * @throws LinchpinError `request_invalid`: `value` is not of this shape; `field` is the member
 */
export function requireShape(schema: Type.TSchema, value: unknown): void {
  const [fault] = Errors(schema, value);
  if (fault === undefined) return;
  const field = fault.instancePath.replace(/^\//, "").replaceAll("/", ".");
  throw new LinchpinError("request_invalid", {
    ...(field === "" ? {} : { field }),
    reason: "as documented, it is not",
  });
}
