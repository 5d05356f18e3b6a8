import type { FastifyRequest } from "fastify";
import { authenticateByKey, bearerOf } from "../../callers/index.ts";
import type { Context, PartnerCaller } from "../../context/index.ts";

type Headers = FastifyRequest["headers"];

/** @throws LinchpinError `credentials_missing`, `caller_unknown` */
export async function authenticateSpritz(context: Context, { authorization }: Headers): Promise<PartnerCaller> {
  return authenticateByKey(context, "spritz", bearerOf(authorization));
}

/** `Api-Key`, or where there is none a bearer token. @throws LinchpinError `credentials_missing`, `caller_unknown` */
export async function authenticateRain(context: Context, headers: Headers): Promise<PartnerCaller> {
  const apiKey = headers["api-key"]?.toString();
  return apiKey === undefined ? authenticateSpritz(context, headers) : authenticateByKey(context, "spritz", apiKey);
}
