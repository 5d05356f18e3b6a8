import assert from "node:assert/strict";
import type { PinAccess } from "./pin-access.ts";

export const writers: PinAccess["writers"] = {
  "Solaris, signed by the device": async (holder, digits) => {
    assert.equal((await holder.changePin(digits, await holder.bindDevice())).status, 204);
    return digits;
  },
  "Solaris, by change request": async (holder, digits) => {
    const person_id = holder.sandbox.solaris.personId;
    const path = `/v1/change_requests/${(await holder.requestChange(digits)).body.id}`;
    await holder.partner("POST", `${path}/authorize`, { person_id, delivery_method: "mobile_number" });
    const confirmed = await holder.partner("POST", `${path}/confirm`, { person_id, tan: await holder.newestOtp() });
    assert.equal(confirmed.body.status, "COMPLETED");
    return digits;
  },
};

export const readers: PinAccess["readers"] = {};
