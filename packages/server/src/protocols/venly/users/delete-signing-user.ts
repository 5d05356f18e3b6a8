import { LinchpinError } from "@linchpin/core";
import { type AuditFacts, auditDone, auditFacts, auditingRefusal } from "../../../audit/index.ts";
import type { Context } from "../../../context/index.ts";
import { unlessRefused } from "../../../signing/index.ts";
import { venlyAudit } from "../audit.ts";
import { venlySigning } from "../operations.ts";
import type { UserSigningRequest } from "../signing-methods/add-signing-method.ts";
import { findOwnUser } from "../signing-methods/find-signing-method.ts";
import { runSigningOperation } from "../signing-operation.ts";

/**
 * Deletes a user with all signing methods, authorized by one of them; a user without methods needs no authorization. The
 * idempotency keys that the user spent stay spent.
 * @throws LinchpinError `user_unknown`, and what a signing method is refused for
 */
export async function deleteSigningUser(context: Context, request: UserSigningRequest): Promise<void> {
  const { caller, userId } = request;
  const user = await findOwnUser(context, caller, userId);
  const facts = auditFacts(venlyAudit["venly.users.delete"], caller, { userId });
  const auditAndOutbox = (done: AuditFacts) => ({ audit: auditDone(context, { id: userId }, done), outbox: [] });
  const hasMethods = user.methods.length > 0 || request.sealedMethod !== undefined || request.plainMethod !== undefined;
  const result = hasMethods
    ? await runSigningOperation(context, venlySigning, { ...request, user }, facts, (signed) =>
        signed.commit(true, (authorization) =>
          context.store.deleteSigningUser({ userId, authorization, auditAndOutbox: auditAndOutbox(signed.facts) }),
        ),
      )
    : await auditingRefusal(context, { id: userId }, facts, async () =>
        unlessRefused(
          await context.store.deleteSigningUser({ userId, authorization: null, auditAndOutbox: auditAndOutbox(facts) }),
        ),
      );
  if (result === "authorization_missing") throw new LinchpinError("signing_method_required");
  if (result !== "deleted") throw new LinchpinError("user_unknown");
}
