import { LinchpinError } from "@linchpin/core";
import { auditDone, auditFacts, auditingRefusal } from "../../../audit/index.ts";
import type { Context, PartnerCaller } from "../../../context/index.ts";
import { findOwnDevice } from "../../../devices/index.ts";
import { deviceEvents } from "../../../outbox/index.ts";
import { solarisAudit } from "../audit.ts";

/**
 * Deletes a device. No signature by its keys is accepted from then on.
 * @throws LinchpinError `device_unknown`, `device_unverified`
 */
export async function deleteDevice(context: Context, caller: PartnerCaller, deviceId: string): Promise<void> {
  const { personId } = await findOwnDevice(context, deviceId, caller.partnerId);
  const facts = auditFacts(solarisAudit["solaris.mfa.devices.delete"], caller, { personId, deviceId });
  await auditingRefusal(context, { id: personId }, facts, async () => {
    const audit = auditDone(context, { id: personId }, facts);
    const outbox = deviceEvents(context, "device.deleted", { personId, deviceId, protocol: "solaris" });
    const result = await context.store.deleteDevice(deviceId, { audit, outbox });
    if (result === "unknown") throw new LinchpinError("device_unknown", { field: "device_id" });
  });
}
