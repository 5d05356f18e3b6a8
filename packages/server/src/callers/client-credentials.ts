import formbody from "@fastify/formbody";
import { LinchpinError } from "@linchpin/core";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { limitByClient } from "../http/index.ts";
import { basicCredentialsOf } from "./basic-credentials.ts";

/** The parameters of a token request in which a client may name itself. */
interface NamesClient {
  readonly client_id?: string;
  readonly client_secret?: string;
}

interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/**
 * Reads the forms of a token endpoint below `app`. RFC 6749 §3.2: a parameter without a value is as if it were omitted.
 * Parameters that the route's schema does not know are for that schema to ignore.
 */
export async function takeTokenForms(app: FastifyInstance): Promise<void> {
  await app.register(formbody, { bodyLimit: 4096 });
  app.addHook("preValidation", async (request) => {
    const { body } = request;
    if (typeof body !== "object" || body === null) return;
    request.body = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== "" && value !== null));
  });
  // RFC 6749 §5.2: the answer to a client that authenticated by a header names the scheme.
  app.addHook("onSend", async ({ headers }, reply) => {
    if (reply.statusCode === 401 && headers.authorization !== undefined)
      reply.header("www-authenticate", 'Basic realm="Linchpin"');
  });
}

/**
 * The client's credentials by HTTP Basic, or else in the form. RFC 6749 §2.3.1.
 * @throws LinchpinError `credentials_missing` where neither has them, `caller_unknown` for a malformed header
 */
export function clientCredentialsOf({ headers, body }: FastifyRequest): ClientCredentials {
  if (headers.authorization !== undefined) return formEncodedCredentials(headers.authorization);
  const { client_id: clientId, client_secret: clientSecret } = body as NamesClient;
  if (clientId === undefined || clientSecret === undefined) throw new LinchpinError("credentials_missing");
  return { clientId, clientSecret };
}

/** `config` of a token endpoint: requests of one client id count together, whether its secret is right or not. */
export const limitByClientCredentials = limitByClient((request) => {
  try {
    return clientCredentialsOf(request).clientId.slice(0, 128);
  } catch {
    return (request.body as NamesClient).client_id;
  }
});

/** The parts are form-encoded, as RFC 6749 §2.3.1 asks. */
function formEncodedCredentials(authorization: string): ClientCredentials {
  const { userName, password } = basicCredentialsOf(authorization);
  return { clientId: decodeForm(userName), clientSecret: decodeForm(password) };
}

function decodeForm(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new LinchpinError("caller_unknown");
  }
}
