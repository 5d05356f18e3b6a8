import { LinchpinError } from "@linchpin/core";
import { auditDone, auditFacts, issuerAudit, type SystemCaller, systemCaller } from "../audit/index.ts";
import type { Caller, Context } from "../context/index.ts";
import { makeSecret } from "../identifiers.ts";
import { hashSecret } from "./authenticate.ts";

/**
 * Adds an operator and returns the API key, of which only a hash is stored. The first operator of a new issuer is added
 * by the issuer itself, with nothing but its store.
 * @throws LinchpinError `conflict`: the name is taken; `unavailable`: the operator may be stored, but its key is lost
 */
export async function makeOperator(
  context: Pick<Context, "store" | "clock">,
  { name, caller = systemCaller }: { name: string; caller?: Caller | SystemCaller },
): Promise<{ name: string; apiKey: string }> {
  const apiKey = makeSecret();
  const facts = auditFacts(issuerAudit["issuer.operator.make"], caller, { operatorName: name });
  const result = await context.store.addOperator(
    { apiKeyHash: hashSecret(apiKey), name, createdAt: context.clock() },
    { audit: auditDone(context, { id: "operators" }, facts), outbox: [] },
  );
  if (result === "exists") throw new LinchpinError("conflict", { field: "name", reason: "an operator has this name" });
  return { name, apiKey };
}
