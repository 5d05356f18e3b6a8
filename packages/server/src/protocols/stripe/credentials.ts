import { LinchpinError } from "@linchpin/core";
import type { FastifyRequest } from "fastify";
import { authenticateByKey, basicCredentialsOf, bearerOf } from "../../callers/index.ts";
import type { Context, PartnerCaller } from "../../context/index.ts";

/**
 * The partner behind a secret key: a bearer token, or the user name of HTTP Basic with an empty password.
 * @throws LinchpinError `credentials_missing`, `caller_unknown`; `caller_not_allowed` for a publishable key, and for a
 *   request on behalf of a connected account, which must not be applied to the caller's own cards
 */
export async function authenticateStripe(
  context: Context,
  { authorization, ...headers }: FastifyRequest["headers"],
): Promise<PartnerCaller> {
  const key = keyOf(authorization);
  if (key?.startsWith("pk_")) throw notAllowed("a publishable key (pk_) may not do this: take the secret key (sk_)");
  const caller = await authenticateByKey(context, "stripe", key);
  if (headers["stripe-account"] !== undefined || headers["stripe-context"] !== undefined)
    throw notAllowed("there are no connected accounts here: leave Stripe-Account and Stripe-Context out");
  return caller;
}

function keyOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined || !/^Basic /i.test(authorization)) return authorization && bearerOf(authorization);
  const { userName, password } = basicCredentialsOf(authorization);
  if (password !== "") throw new LinchpinError("caller_unknown", { reason: "the password is not empty" });
  return userName;
}

function notAllowed(reason: string): LinchpinError {
  return new LinchpinError("caller_not_allowed", { reason });
}
