import { hash, timingSafeEqual } from "node:crypto";
import { LinchpinError } from "@linchpin/core";
import { type Context, noteClaimedClient, type PartnerCaller } from "../context/index.ts";
import { makeSecret } from "../identifiers.ts";
import { recallCaller, rememberCaller } from "./remember-caller.ts";

const tokenLifetimeSeconds = 3599; // as Solaris answers

/**
 * Client credentials for an access token of one protocol.
 * @throws LinchpinError `caller_unknown`
 */
export async function issueAccessToken(
  context: Context,
  audience: string,
  client: { clientId: string; clientSecret: string },
  lifetimeSeconds = tokenLifetimeSeconds,
): Promise<{ accessToken: string; expiresInSeconds: number }> {
  const credential = await context.store.findCredential(audience, client.clientId);
  noteClaimedClient(credential?.clientId ?? null);
  const presented = hashSecret(client.clientSecret);
  // An unknown client costs a comparison too.
  const isRight = timingSafeEqual(presented, credential?.secretHash ?? hashSecret(makeSecret()));
  if (credential === null || !isRight) throw new LinchpinError("caller_unknown");
  const accessToken = makeSecret();
  await context.store.addAccessToken({
    tokenHash: hashSecret(accessToken),
    clientId: credential.clientId,
    partnerId: credential.partnerId,
    audience,
    expiresAt: new Date(context.clock().getTime() + lifetimeSeconds * 1000),
  });
  return { accessToken, expiresInSeconds: lifetimeSeconds };
}

/**
 * The partner behind `Authorization: Bearer …`. A token of another protocol is no token here.
 * @throws LinchpinError `credentials_missing`, `caller_unknown`, `token_expired`
 */
export async function authenticatePartner(
  context: Context,
  audience: string,
  authorization: string | undefined,
): Promise<PartnerCaller> {
  const tokenHash = hashSecret(bearerOf(authorization));
  const token = await rememberCaller(context, nameOf("token", tokenHash), () =>
    context.store.findAccessToken(tokenHash),
  );
  if (token === null || token.audience !== audience) throw new LinchpinError("caller_unknown");
  if (token.expiresAt <= context.clock()) throw new LinchpinError("token_expired");
  return { kind: "partner", partnerId: token.partnerId, clientId: token.clientId, roles: [] };
}

/**
 * The partner behind a secret that goes with every request, as an API key does. One of another protocol is none here.
 * @throws LinchpinError `credentials_missing`, `caller_unknown`
 */
export async function authenticateByKey(
  context: Context,
  protocol: string,
  key: string | undefined,
): Promise<PartnerCaller> {
  if (key === undefined) throw new LinchpinError("credentials_missing");
  const secretHash = hashSecret(key);
  const credential = await rememberCaller(context, nameOf(protocol, secretHash), () =>
    context.store.findCredentialBySecret(protocol, secretHash),
  );
  if (credential === null) throw new LinchpinError("caller_unknown");
  return partnerCaller(credential);
}

/**
 * The partner that this secret was when this process last could look it up, for an answer that does nothing: the credential
 * may have been revoked meanwhile.
 */
export function recallByKey(context: Context, protocol: string, key: string | undefined): PartnerCaller | null {
  if (key === undefined) return null;
  const found = recallCaller<Omit<PartnerCaller, "kind">>(context, nameOf(protocol, hashSecret(key)));
  return found && partnerCaller(found);
}

function partnerCaller({ partnerId, clientId, roles }: Omit<PartnerCaller, "kind">): PartnerCaller {
  return { kind: "partner", partnerId, clientId, roles };
}

/** @throws LinchpinError `credentials_missing`, `caller_unknown` */
export async function authenticateOperator(
  context: Context,
  authorization: string | undefined,
): Promise<{ kind: "operator"; name: string }> {
  const operator = await context.store.findOperator(hashSecret(bearerOf(authorization)));
  if (operator === null) throw new LinchpinError("caller_unknown");
  return { kind: "operator", name: operator.name };
}

const nameOf = (kind: string, hash: Uint8Array) => `${kind} ${Buffer.from(hash).toString("base64")}`;

/** Secrets are 256 bits of chance, so that a plain hash keeps them: there is nothing to guess. */
export function hashSecret(secret: string): Uint8Array {
  return hash("sha256", secret, "buffer");
}

/** @throws LinchpinError `credentials_missing`, `caller_unknown` */
export function bearerOf(authorization: string | undefined): string {
  if (authorization === undefined) throw new LinchpinError("credentials_missing");
  const token = /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization)?.[1];
  if (token === undefined) throw new LinchpinError("caller_unknown");
  return token;
}
