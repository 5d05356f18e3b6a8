import { LinchpinError } from "@linchpin/core";
import { auditDone, auditFacts, issuerAudit, systemCaller } from "../audit/index.ts";
import { deleteOperator, revokeCredential, updatePartner } from "../callers/index.ts";
import { setCardState } from "../cards/index.ts";
import type { Context } from "../context/index.ts";
import { dayMs } from "../durations.ts";
import { countWrongCodes, unbindKey } from "../persons/index.ts";
import { endIncomingKeys } from "./end-incoming-keys.ts";
import type { Revived } from "./plan-restore.ts";
import type { RestoreFindings } from "./restore-findings.ts";

/** What was done; `undone` names what could not be, with the code of the refusal. */
export interface CompletedRestore {
  readonly endedPurposes: readonly string[];
  readonly endedTokens: number;
  readonly endedChallenges: number;
  readonly endedChangeRequests: number;
  readonly undone: readonly { readonly what: string; readonly code: string }[];
}

/** Every open challenge and token expires earlier than this. */
const laterThanAnyExpiryMs = 3650 * dayMs;

/**
 * Does what must be done before a restored database serves anybody: ends what could be used a second time, and ends
 * again what was ended after the backup. May be run again: what is done already is left as it is, but keys are rotated
 * and wrong codes are counted once more. Every step leaves its audit event.
 * @throws LinchpinError `unavailable`, `conflict`: another process rotated a key at the same moment
 */
export async function completeRestore(context: Context, findings: RestoreFindings): Promise<CompletedRestore> {
  const { store } = context;
  const now = context.clock();
  const facts = auditFacts(issuerAudit["issuer.restore"], systemCaller, {
    lastCheckpoint: findings.lastCheckpoint,
    lostEvents: findings.afterBackup?.lostEvents ?? null,
  });
  await store.appendAuditEvent(auditDone(context, { id: "keys" }, facts));
  const endedPurposes = await endIncomingKeys(context, { caller: systemCaller });
  const never = new Date(now.getTime() + laterThanAnyExpiryMs);
  const ended = {
    endedPurposes,
    endedTokens: await store.deleteExpiredAccessTokens(never),
    endedChallenges: await store.deleteExpiredChallenges(never),
    endedChangeRequests: await store.failExpiredChangeRequests(now, never),
  };
  const { afterBackup } = findings;
  return { ...ended, undone: afterBackup === null ? [] : await endAgain(context, afterBackup.revived) };
}

async function endAgain(context: Context, revived: Revived): Promise<CompletedRestore["undone"]> {
  const undone: { what: string; code: string }[] = [];
  const attempt = async (what: string, work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof LinchpinError) || error.code === "unavailable") throw error;
      undone.push({ what, code: error.code });
    }
  };
  for (const credential of revived.credentials)
    await attempt(`credential ${credential.clientId}`, () => revokeCredential(context, systemCaller, credential));
  for (const name of revived.operators)
    await attempt(`operator ${name}`, () => deleteOperator(context, systemCaller, name));
  for (const change of revived.cardStates)
    await attempt(`card ${change.cardId}`, () => setCardState(context, systemCaller, change));
  for (const partner of revived.partners)
    await attempt(`partner ${partner.id}`, () => updatePartner(context, systemCaller, partner));
  for (const device of revived.devices) await deleteDevice(context, device);
  for (const key of revived.boundKeys)
    await attempt(`bound key ${key.thumbprint}`, () => unbindKey(context, systemCaller, key));
  for (const codes of revived.wrongCodes)
    await attempt(`codes of ${codes.personId}`, () => countWrongCodes(context, systemCaller, codes));
  for (const keyId of revived.keyIds) await attempt(`key ${keyId}`, () => retireRevived(context, keyId));
  return undone;
}

async function deleteDevice(context: Context, { deviceId, personId }: Revived["devices"][number]): Promise<void> {
  const facts = auditFacts(issuerAudit["issuer.device.delete"], systemCaller, { personId, deviceId });
  const audit = auditDone(context, { id: personId }, facts);
  await context.store.deleteDevice(deviceId, { audit, outbox: [] });
}

/** An incoming key is retired by then. Another one that is still current, or under which something is kept, stays. */
async function retireRevived({ keyring }: Context, keyId: string): Promise<void> {
  const key = (await keyring.list()).find(({ id }) => id === keyId);
  if (key?.state === "retired" || key?.state === "destroyed") return;
  if ((await keyring.retire(keyId, {}, { caller: systemCaller })) === "in_use") throw new LinchpinError("conflict");
}
