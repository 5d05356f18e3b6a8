import { LinchpinError } from "@linchpin/core";
import { auditDone, auditFacts, issuerAudit } from "../audit/index.ts";
import type { Caller, Context } from "../context/index.ts";
import { makeId, makeSecret } from "../identifiers.ts";
import { hashSecret } from "./authenticate.ts";

/**
 * Gives a partner a credential for one protocol and returns its secret, of which only a hash is stored. Where a protocol
 * has no client id on its wire, the secret alone is the API key.
 * @throws LinchpinError `not_found`: no such partner
 */
export async function makeCredential(
  context: Context,
  caller: Caller,
  { partnerId, protocol, roles }: { partnerId: string; protocol: string; roles: readonly string[] },
): Promise<{ clientId: string; clientSecret: string }> {
  const clientId = makeId();
  const clientSecret = makeSecret();
  const facts = auditFacts(issuerAudit["issuer.credential.make"], caller, { partnerId, protocol, clientId, roles });
  const result = await context.store.addCredential(
    { kind: protocol, clientId, partnerId, secretHash: hashSecret(clientSecret), roles, createdAt: context.clock() },
    { audit: auditDone(context, { id: partnerId }, facts), outbox: [] },
  );
  if (result === "partner_unknown") throw new LinchpinError("not_found");
  return { clientId, clientSecret };
}
