import { LinchpinError } from "@linchpin/core";
import { compileValidator, toLinchpinError } from "@linchpin/server/issuer";
import Type from "typebox";
import { explainShape } from "../explain.ts";

/** Members beside the documented ones are refused. */
export const object = <T extends Type.TProperties>(properties: T) =>
  Type.Object(properties, { additionalProperties: false });

const text = Type.String();
const origin = "http://127.0.0.1:8420";
const example = {
  adyen: {
    baseUrl: `${origin}/adyen/bcl/v2`,
    apiKey: "sandbox-adyen-key",
    paymentInstrumentId: "PI32272223222B5G7TQ9",
  },
  issuer: {
    baseUrl: `${origin}/issuer/v1`,
    apiKey: "sandbox-operator-key",
    cardId: "3f6e9c1d2b7a4e508f1c6d9e0a2b4c5d",
  },
};

/** `GET /sandbox`: by protocol, base URLs, credentials and the names of one card. */
export const Description = Type.Record(text, Type.Record(text, Type.Unknown()), { examples: [example] });

/**
 * Also for callers that come by no route, whose schema would say so.
 * @throws LinchpinError `request_invalid`: `value` is not of this shape; `field` is the member, `reason` what
 *   is allowed
 */
export function requireShape(schema: Type.TSchema, value: unknown): void {
  const validate = compileValidator({ schema, method: "", url: "" });
  if (validate(value) === true) return;
  const { field = unknownMemberOf(validate.errors), reason } = toLinchpinError({ validation: validate.errors });
  throw new LinchpinError("request_invalid", {
    ...(field === undefined ? {} : { field }),
    reason: explainShape(schema, value) ?? reason ?? "it does not have the documented shape",
  });
}

/** A caller of the same process may read which name it was. */
function unknownMemberOf(faults: ReturnType<typeof compileValidator>["errors"]): string | undefined {
  return faults?.map(({ params }) => params["additionalProperty"]).find((name) => typeof name === "string");
}
