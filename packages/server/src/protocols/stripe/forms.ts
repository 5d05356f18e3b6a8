import { LinchpinError } from "@linchpin/core";
import { parseForm } from "@linchpin/protocols/stripe/form";
import { parametersNotHere } from "@linchpin/protocols/stripe/wire";
import type { FastifyInstance } from "fastify";

const bodyLimitBytes = 16 * 1024;

/** Bodies below `app` are forms, and parameters that no route has are refused by name. */
export function takeForms(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string", bodyLimit: bodyLimitBytes },
    async (_request: unknown, body: string | Buffer) => parseForm(String(body)),
  );
  app.addContentTypeParser("*", (_request, _payload, done) =>
    done(new LinchpinError("media_type_unsupported", { reason: "the body must be a form, not JSON" })),
  );
  app.addHook("preValidation", async ({ body, routeOptions: { schema } }) => {
    const { properties = {} } = (schema?.body ?? {}) as { properties?: object };
    for (const name of Object.keys(body ?? {})) if (!Object.hasOwn(properties, name)) throw unknownParameter(name);
  });
  // A POST without parameters comes without a body.
  app.addHook("preValidation", async (request) => {
    if (request.method === "POST") request.body ??= {};
  });
}

function unknownParameter(name: string): LinchpinError {
  const reason = parametersNotHere.includes(name)
    ? "this parameter is not implemented here"
    : "there is no parameter of this name";
  // What does not look like a parameter's name may be a PIN in the wrong place.
  const field = /^[a-z_]{1,40}$/.test(name) ? name : undefined;
  const fault = { field, reason, isOtherType: false, rule: "unknown" };
  return new LinchpinError("request_invalid", { ...(field && { field }), reason, cause: [fault] });
}
