import { hexFromBytes, LinchpinError } from "@linchpin/core";
import type { Upstream, UpstreamAnswer, UpstreamRequest } from "@linchpin/protocols/venly/issuer";
import type { AssertionClaims } from "@linchpin/protocols/venly/wire";
import { auditFacts, auditingRefusal } from "../../../audit/index.ts";
import type { Context, PartnerCaller } from "../../../context/index.ts";
import { venlyAudit } from "../audit.ts";
import { venlySigning } from "../operations.ts";
import { runSigningOperation, type SigningRequest } from "../signing-operation.ts";
import { signAssertion } from "./sign-assertion.ts";

/** A request that the operator has protected by signing methods. */
export interface ProtectedRequest extends SigningRequest, Omit<UpstreamRequest, "assertion"> {
  readonly caller: PartnerCaller;
}

/**
 * Checks the signing method, then forwards the request to the upstream, once. The idempotency key is spent before that:
 * even if the upstream or this server fails afterwards, the same key never runs the request again.
 * @param whenChecked called when the signing method was right, before the request is forwarded
 * @throws LinchpinError `upstream_not_set`, `upstream_failed`, `upstream_timed_out`, and what a signing method is
 * refused for
 */
export async function runProtectedRequest(
  context: Context,
  request: ProtectedRequest,
  whenChecked: () => void,
  upstream: Upstream | null,
): Promise<UpstreamAnswer> {
  // Checked first, so that neither an attempt nor an idempotency key is spent.
  if (upstream === null) throw new LinchpinError("upstream_not_set", { reason: "set LINCHPIN_VENLY_UPSTREAM_URL" });
  const { caller, method, path } = request;
  const bodySha256 = hexFromBytes(await context.primitives.sha256(request.body));
  const facts = auditFacts(venlyAudit["venly.protected_request"], caller, { method, path: pathOf(path), bodySha256 });
  const checked = await runSigningOperation(context, venlySigning, request, facts, async (signed): Promise<Checked> => {
    await signed.commit(false, (signing) => context.store.recordSigning(signing));
    const { id: methodId, type: methodType, userId: sub } = signed.method;
    return { sub, methodId, methodType, idempotencyKey: signed.idempotencyKey };
  });
  whenChecked();
  const assertion = await signAssertion(context, { ...checked, bodySha256, method, path });
  const { contentType, body } = request;
  return auditingRefusal(context, { id: checked.sub }, facts.with(checked), () =>
    upstream({ method, path, contentType, body, assertion }),
  );
}

type Checked = Pick<AssertionClaims, "sub" | "methodId" | "methodType" | "idempotencyKey">;

/** The path without its query: a query may hold secrets. */
function pathOf(path: string): string {
  return path.replace(/\?.*$/s, "");
}
