import { equalInConstantTime, LinchpinError, utf8 } from "@linchpin/core";
import { checkDeviceSignature } from "@linchpin/protocols/solaris/issuer";
import type { ConfirmRequest } from "@linchpin/protocols/solaris/wire";
import type { Card, ChangeRequest, Sealed } from "@linchpin/store";
import { type AuditFacts, auditDone, sha256Hex } from "../../../audit/audit-entry.ts";
import { checkCardState } from "../../../cards/check-card-state.ts";
import { findCard } from "../../../cards/find-card.ts";
import type { Context, PartnerCaller } from "../../../context/context.ts";
import { findOwnDevice, keyOf } from "../../../devices/find-device.ts";
import { openSecret } from "../../../keys/secret.ts";
import { changePin } from "../../../pin/change-pin.ts";
import { checkPolicy } from "../../../pin/check-policy.ts";
import { auditingRefusal } from "../../../pin/pin-operation.ts";
import { withRequestedPin } from "../../../pin/stored-pin.ts";
import { checkNotEnded, findOwnChangeRequest } from "./find-change-request.ts";

const maxTries = 3;

/**
 * The cardholder's word: the TAN that reached them, or a signature by the restricted key of the device that was named
 * when the request was authorized. Applies the PIN; three answers, and a wrong third one fails the request.
 * @throws LinchpinError `request_invalid`, `change_request_unknown`, `change_request_ended`,
 *   `change_request_unauthorized`, `person_unknown`, `device_unknown`, `device_unverified`,
 *   `device_key_missing`, `tan_invalid`, `signature_invalid`, and as for a PIN change `card_blocked`, `card_terminated`, what the policy says, `unavailable`
 */
export async function confirmChangeRequest(
  context: Context,
  caller: PartnerCaller,
  id: string,
  answer: ConfirmRequest,
): Promise<ChangeRequest> {
  const request = await findOwnChangeRequest(context, caller, id);
  const facts: AuditFacts = {
    operation: "solaris.change_requests.confirm",
    caller,
    changeRequestId: id,
    deviceId: answer.device_id,
    deviceDataSha256: sha256Hex(answer.device_data),
  };
  await auditingRefusal(context, { cardId: request.cardId }, facts, async () => {
    const word = wordOf(answer);
    const waiting = checkWaiting(context, request);
    const card = await findCard(context, request.cardId);
    checkCardState(card);
    const check = await checkOf(context, waiting, word);
    await takeTry(context, id);
    try {
      await check(await openSecret(context, id, waiting.sealedSecret));
      await applyPin(context, { waiting, card, facts });
    } catch (error) {
      await failIfOver(context, request, facts, error);
      throw error;
    }
  });
  return findOwnChangeRequest(context, caller, id);
}

type Word =
  | { readonly tan: string; readonly personId: string }
  | { readonly signatureHex: string; readonly deviceId: string };

function wordOf({ tan, person_id, signature, device_id }: ConfirmRequest): Word {
  const isTan = tan !== undefined && person_id !== undefined && signature === undefined && device_id === undefined;
  const isSignature = tan === undefined && person_id === undefined && signature !== undefined;
  if (isTan) return { tan, personId: person_id };
  if (isSignature && device_id !== undefined) return { signatureHex: signature, deviceId: device_id };
  throw new LinchpinError("request_invalid", {
    reason: "it takes person_id and tan, or device_id and signature, and not both",
  });
}

interface WaitingRequest extends ChangeRequest {
  readonly sealedPin: Sealed;
  readonly sealedSecret: Sealed;
}

function checkWaiting(context: Context, request: ChangeRequest): WaitingRequest {
  checkNotEnded(context, request);
  const { sealedPin, sealedSecret } = request;
  if (sealedPin === null || sealedSecret === null) throw new LinchpinError("change_request_unauthorized");
  return { ...request, sealedPin, sealedSecret };
}

/** Who answers, and how, is settled before a try is taken; only the answer itself can be guessed. */
async function checkOf(
  context: Context,
  { deviceId, personId, partnerId }: WaitingRequest,
  word: Word,
): Promise<(secret: string) => Promise<void>> {
  if ("tan" in word) {
    if (deviceId !== null) throw otherMethod("tan");
    if (word.personId !== personId) throw new LinchpinError("person_unknown", { field: "person_id" });
    return async (secret) => {
      if (!equalInConstantTime(utf8(word.tan), utf8(secret))) throw new LinchpinError("tan_invalid", { field: "tan" });
    };
  }
  if (word.deviceId !== deviceId) throw otherMethod("device_id");
  const { publicPoint } = keyOf(await findOwnDevice(context, deviceId, partnerId), "restricted");
  return (text) => checkDeviceSignature(context.primitives, { publicPoint, text, signatureHex: word.signatureHex });
}

function otherMethod(field: string): LinchpinError {
  return new LinchpinError("request_invalid", {
    field,
    reason: "the request was authorized by another delivery method or for another device",
  });
}

/** Before the answer is looked at, so that simultaneous answers are no more than are allowed. */
async function takeTry(context: Context, id: string): Promise<void> {
  const taken = await context.store.takeConfirmationTry(id, maxTries, context.clock());
  if (taken === "ended") throw new LinchpinError("change_request_ended");
}

/** After the last try, and when the card's rules refuse the PIN, which no other answer can mend. */
async function failIfOver(context: Context, request: ChangeRequest, facts: AuditFacts, error: unknown): Promise<void> {
  const now = await context.store.findChangeRequest(request.id);
  const isRefusedForGood = error instanceof LinchpinError && error.field === "pin";
  if (now === null || (now.tries < maxTries && !isRefusedForGood)) return;
  const audit = auditDone(context, { cardId: request.cardId }, { ...facts, change: "change request failed" });
  await context.store.failChangeRequest(request.id, context.clock(), { audit, outbox: [] });
}

/** The card and its program may have changed since the request was made, and former PINs are looked at only now. */
async function applyPin(
  context: Context,
  { waiting, card, facts }: { waiting: WaitingRequest; card: Card; facts: AuditFacts },
): Promise<void> {
  await withRequestedPin(context, waiting.id, waiting.sealedPin, async (pin) => {
    await checkPolicy(context, pin, card);
    await changePin(context, { card, pin, mark: null, changeRequestId: waiting.id, facts });
  });
}
