import { LinchpinError } from "@linchpin/core";
import { writeStringToSign } from "@linchpin/protocols/solaris/issuer";
import type { AuthorizeRequest } from "@linchpin/protocols/solaris/wire";
import type { Card, ChangeRequest, OutboxEntry } from "@linchpin/store";
import { auditDone, auditFacts, auditingRefusal, claimedName, textDigest } from "../../../audit/index.ts";
import { checkCardState, findOwnCard } from "../../../cards/index.ts";
import type { Context, PartnerCaller } from "../../../context/index.ts";
import { findDeviceOf, keyOf, tooManyOtps } from "../../../devices/index.ts";
import { makeSecret } from "../../../identifiers.ts";
import { sealSecret } from "../../../keys/index.ts";
import { otpMessage } from "../../../outbox/index.ts";
import { verifiedNumberOf } from "../../../persons/index.ts";
import { solarisAudit } from "../audit.ts";
import { checkNotEnded, findOwnChangeRequest } from "./find-change-request.ts";

/**
 * Asks the cardholder: a TAN goes out by SMS, or a string comes back for one of their devices to sign. May be asked
 * again while the request lives; that replaces the TAN or string, and the tries that were taken stay taken.
 * @param staticTan the sandbox's TAN for `static`; null where there is none
 * @throws LinchpinError `change_request_unknown`, `change_request_ended`; `card_unknown`: its program is for the native
 *   protocol alone by now; `card_blocked`, `card_terminated`, `request_invalid`, `person_unknown`,
 *   `mobile_number_missing`, `device_unknown`, `device_unverified`, `device_of_another_person`, `device_key_missing`,
 *   `rate_limited`
 */
export async function authorizeChangeRequest(
  context: Context,
  caller: PartnerCaller,
  id: string,
  asked: AuthorizeRequest,
  staticTan: string | null,
): Promise<{ request: ChangeRequest; stringToSign: string | null }> {
  const request = await findOwnChangeRequest(context, caller, id);
  const subject = { cardId: request.cardId };
  const facts = auditFacts(solarisAudit["solaris.change_requests.authorize"], caller, {
    changeRequestId: id,
    deliveryMethod: asked.delivery_method,
    deviceId: claimedName(asked.device_id),
    deviceDataHmac: await textDigest(context, asked.device_data),
  });
  return auditingRefusal(context, subject, facts, async () => {
    checkNotEnded(context, request);
    const card = await findOwnCard(context, caller, "solaris", request.cardId);
    checkCardState(card);
    const { secret, deviceId, outbox } = await authorizationBy(context, { request, card }, asked, staticTan);
    const result = await context.store.authorizeChangeRequest(
      id,
      {
        deliveryMethod: asked.delivery_method,
        deviceId,
        sealedSecret: await sealSecret(context, id, secret),
        maxOtpsPerHour: outbox.length === 0 ? null : context.maxOtpsPerHour,
        at: context.clock(),
      },
      { audit: auditDone(context, subject, facts), outbox },
    );
    if (result === "ended") throw new LinchpinError("change_request_ended");
    if (result === "rate_limited") throw tooManyOtps();
    const authorized = await findOwnChangeRequest(context, caller, id);
    return { request: authorized, stringToSign: deviceId === null ? null : secret };
  });
}

interface PreparedSecret {
  readonly secret: string;
  readonly deviceId: string | null;
  readonly outbox: readonly OutboxEntry[];
}

async function authorizationBy(
  context: Context,
  { request, card }: { request: ChangeRequest; card: Card },
  { delivery_method, person_id, device_id }: AuthorizeRequest,
  staticTan: string | null,
): Promise<PreparedSecret> {
  if (delivery_method === "device_signing") {
    if (device_id === undefined || person_id !== undefined) throw misaddressed("device_id");
    return bySignature(context, { request, card }, device_id);
  }
  if (person_id === undefined || device_id !== undefined) throw misaddressed("person_id");
  if (person_id !== request.personId) throw new LinchpinError("person_unknown", { field: "person_id" });
  return delivery_method === "static" ? byStaticTan(staticTan) : byTan(context, card);
}

/** Only the restricted key will do, as for a PIN change that is signed at once. */
async function bySignature(
  context: Context,
  { request, card }: { request: ChangeRequest; card: Card },
  deviceId: string,
): Promise<PreparedSecret> {
  keyOf(await findDeviceOf(context, deviceId, request), "restricted");
  const authorized = { operation: "change_pin", card: card.names["solaris"] ?? card.id, at: context.clock() } as const;
  const secret = writeStringToSign(authorized, makeSecret());
  return { secret, deviceId, outbox: [] };
}

async function byTan(context: Context, { person }: Card): Promise<PreparedSecret> {
  const to = verifiedNumberOf(person);
  const tan = context.makeOtp(to);
  return { secret: tan, deviceId: null, outbox: [await otpMessage(context, { to, code: tan, about: "pin change" })] };
}

function byStaticTan(staticTan: string | null): PreparedSecret {
  if (staticTan === null) throw new LinchpinError("request_invalid", { field: "delivery_method" });
  return { secret: staticTan, deviceId: null, outbox: [] };
}

function misaddressed(field: "person_id" | "device_id"): LinchpinError {
  return new LinchpinError("request_invalid", {
    field,
    reason: "device_signing takes a device_id, every other delivery method a person_id, and none takes both",
  });
}
