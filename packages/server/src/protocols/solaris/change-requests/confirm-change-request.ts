import { equalInConstantTime, LinchpinError, type Pin, utf8 } from "@linchpin/core";
import { checkDeviceSignature } from "@linchpin/protocols/solaris/issuer";
import type { ConfirmRequest } from "@linchpin/protocols/solaris/wire";
import type { Card, ChangeRequest, Sealed } from "@linchpin/store";
import { type AuditFacts, auditDone, claimedName, operationEvent, textDigest } from "../../../audit/index.ts";
import { checkCardState, findOwnCard } from "../../../cards/index.ts";
import type { Caller, Context } from "../../../context/index.ts";
import { findOwnDevice, keyOf } from "../../../devices/index.ts";
import { openSecret } from "../../../keys/index.ts";
import {
  changePin,
  checkPolicy,
  type OperationRun,
  openRequestedPin,
  type PinOperation,
  tooManyChanges,
} from "../../../pin/index.ts";
import { solarisAudit } from "../audit.ts";
import { checkNotEnded, findOwnChangeRequest } from "./find-change-request.ts";

const maxTries = 3;

type Request = ConfirmRequest & { readonly changeRequestId: string };

/** The card whose PIN the request wants to change, and the request. */
interface RequestedCard extends Card {
  readonly changeRequest: ChangeRequest;
}

/** A request that waits for its confirmation, and the confirmation. */
interface Confirming {
  readonly waiting: WaitingRequest;
  readonly confirmation: Confirmation;
}

interface WaitingRequest extends ChangeRequest {
  readonly sealedPin: Sealed;
  readonly sealedSecret: Sealed;
}

/** The cardholder's answer: the TAN that they received, or a signature by a key of the named device. */
type Confirmation =
  | { readonly tan: string; readonly personId: string }
  | { readonly signatureHex: string; readonly deviceId: string };

/**
 * `POST /v1/change_requests/{id}/confirm`: the cardholder confirms by the TAN that reached them, or by a signature of the
 * restricted key of the device that was named when the request was authorized. Three attempts; a wrong third one fails
 * the request. The card and its program may have changed since the request was made, and the PIN history is read only
 * now.
 *
 * Refuses with `request_invalid`, `change_request_unknown`, `change_request_ended`, `change_request_unauthorized`,
 * `person_unknown`, `device_unknown`, `device_unverified`, `device_key_missing`, `tan_invalid`, `signature_invalid`, and
 * as a PIN change does with `card_unknown`, `card_blocked`, `card_terminated`, the codes of the policy and `unavailable`.
 */
export const changeRequestConfirm: PinOperation<
  Request,
  Confirming,
  Pin,
  { card: Card },
  RequestedCard,
  "pinVersion" | "change"
> = {
  name: "solaris.change_requests.confirm",
  card: findRequestedCard,
  cardState: checkCardState,
  parse: parseConfirmation,
  sender: null,
  key: null,
  replay: null,
  attempt: checkConfirmation,
  open: openWaitingPin,
  spend: null,
  policy: checkPolicyOrFailRequest,
  commit: completeChangeRequest,
  refusal: null,
  event: operationEvent(
    solarisAudit["solaris.change_requests.confirm"],
    async ({ changeRequestId, device_id, device_data }, context) => ({
      changeRequestId,
      deviceId: claimedName(device_id),
      deviceDataHmac: await textDigest(context, device_data),
    }),
  ),
};

async function findRequestedCard(
  context: Context,
  caller: Caller,
  { changeRequestId }: Request,
): Promise<RequestedCard> {
  const changeRequest = await findOwnChangeRequest(context, caller, changeRequestId);
  return { ...(await findOwnCard(context, caller, "solaris", changeRequest.cardId)), changeRequest };
}

async function parseConfirmation(
  context: Context,
  request: Request,
  { changeRequest }: RequestedCard,
): Promise<Confirming> {
  const confirmation = confirmationOf(request);
  checkNotEnded(context, changeRequest);
  const { sealedPin, sealedSecret } = changeRequest;
  if (sealedPin === null || sealedSecret === null) throw new LinchpinError("change_request_unauthorized");
  return { waiting: { ...changeRequest, sealedPin, sealedSecret }, confirmation };
}

function confirmationOf({ tan, person_id, signature, device_id }: ConfirmRequest): Confirmation {
  const isTan = tan !== undefined && person_id !== undefined && signature === undefined && device_id === undefined;
  const isSignature = tan === undefined && person_id === undefined && signature !== undefined;
  if (isTan) return { tan, personId: person_id };
  if (isSignature && device_id !== undefined) return { signatureHex: signature, deviceId: device_id };
  throw new LinchpinError("request_invalid", {
    reason: "it takes person_id and tan, or device_id and signature, and not both",
  });
}

/**
 * The person, device and delivery method are checked before an attempt is counted: only the secret itself can be guessed. The attempt is
 * counted before the secret is compared, so that simultaneous requests get no more attempts than one after the other.
 */
async function checkConfirmation(
  context: Context,
  { waiting, confirmation }: Confirming,
  _card: RequestedCard,
  facts: AuditFacts<"change">,
): Promise<void> {
  const check = await comparisonOf(context, waiting, confirmation);
  const counted = await context.store.takeConfirmationTry(waiting.id, maxTries, context.clock());
  if (counted === "exhausted") throw tooManyChanges();
  if (counted === "ended") throw new LinchpinError("change_request_ended");
  await failingRequestAtTheLast(context, waiting, facts, async () =>
    check(await openSecret(context, waiting.id, waiting.sealedSecret)),
  );
}

async function comparisonOf(
  context: Context,
  { deviceId, personId, partnerId }: WaitingRequest,
  confirmation: Confirmation,
): Promise<(secret: string) => Promise<void>> {
  if ("tan" in confirmation) {
    if (deviceId !== null) throw otherMethod("tan");
    if (confirmation.personId !== personId) throw new LinchpinError("person_unknown", { field: "person_id" });
    return async (secret) => {
      if (!equalInConstantTime(utf8(confirmation.tan), utf8(secret)))
        throw new LinchpinError("tan_invalid", { field: "tan" });
    };
  }
  if (confirmation.deviceId !== deviceId) throw otherMethod("device_id");
  const { publicPoint } = keyOf(await findOwnDevice(context, deviceId, partnerId), "restricted");
  const { signatureHex } = confirmation;
  return (text) => checkDeviceSignature(context.primitives, { publicPoint, text, signatureHex });
}

function otherMethod(field: string): LinchpinError {
  return new LinchpinError("request_invalid", {
    field,
    reason: "the request was authorized by another delivery method or for another device",
  });
}

function openWaitingPin(context: Context, { waiting }: Confirming): Promise<Pin> {
  return openRequestedPin(context, waiting.id, waiting.sealedPin);
}

function checkPolicyOrFailRequest(
  context: Context,
  pin: Pin,
  card: RequestedCard,
  facts: AuditFacts<"change">,
): Promise<void> {
  return failingRequestAtTheLast(context, card.changeRequest, facts, () => checkPolicy(context, pin, card));
}

async function completeChangeRequest(
  context: Context,
  { card, opened: pin, facts }: OperationRun<Request, Confirming, Pin, RequestedCard, "pinVersion" | "change">,
): Promise<{ card: Card }> {
  const { changeRequest } = card;
  await failingRequestAtTheLast(context, changeRequest, facts, () =>
    changePin(context, { card, pin, mark: null, changeRequestId: changeRequest.id, facts }),
  );
  return { card };
}

/** Fails the request after its last attempt, and where the card's rules refuse the PIN: no other answer can help then. */
async function failingRequestAtTheLast<Result>(
  context: Context,
  { id, cardId }: ChangeRequest,
  facts: AuditFacts<"change">,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const now = await context.store.findChangeRequest(id);
    const isRefusedForGood = error instanceof LinchpinError && error.field === "pin";
    if (now !== null && (now.tries >= maxTries || isRefusedForGood)) {
      const audit = auditDone(context, { cardId }, facts.with({ change: "change request failed" }));
      await context.store.failChangeRequest(id, context.clock(), { audit, outbox: [] });
    }
    throw error;
  }
}
