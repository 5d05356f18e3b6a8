import { LinchpinError } from "@linchpin/core";
import type { FastifyRequest } from "fastify";
import { authenticateByKey, basicCredentialsOf, recallByKey } from "../../callers/index.ts";
import type { Context, PartnerCaller } from "../../context/index.ts";

/** An API key alone, or by HTTP Basic the credential's client id as user name and the same secret as password. */
interface Credentials {
  /** Undefined where the API key came alone. */
  readonly userName: string | undefined;
  readonly secret: string | undefined;
}

/** @throws LinchpinError `credentials_missing`, `caller_unknown` */
export async function authenticateAdyen(context: Context, headers: FastifyRequest["headers"]): Promise<PartnerCaller> {
  const { userName, secret } = credentialsOf(headers);
  const caller = await authenticateByKey(context, "adyen", secret);
  if (userName !== undefined && userName !== caller.clientId) throw new LinchpinError("caller_unknown");
  return caller;
}

/** Who these credentials were when they could last be looked up, for an answer that does nothing; null: not known. */
export function recallAdyen(context: Context, headers: FastifyRequest["headers"]): PartnerCaller | null {
  try {
    const { userName, secret } = credentialsOf(headers);
    const caller = recallByKey(context, "adyen", secret);
    return userName === undefined || userName === caller?.clientId ? caller : null;
  } catch {
    return null;
  }
}

/** Where both come, the API key counts. @throws LinchpinError `caller_unknown` */
function credentialsOf({ "x-api-key": apiKey, authorization }: FastifyRequest["headers"]): Credentials {
  if (apiKey !== undefined || authorization === undefined) return { userName: undefined, secret: apiKey?.toString() };
  const { userName, password: secret } = basicCredentialsOf(authorization);
  return { userName, secret };
}
