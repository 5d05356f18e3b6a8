import type { ErrorCode, Pin } from "@linchpin/core";
import { markOf, type SealedPin } from "@linchpin/protocols/sealed-pin/issuer";
import type { PinUpdateRequest, ScaPinUpdateRequest } from "@linchpin/protocols/solaris/wire";
import type { Card, ChangeRequest, CardForChange as FoundCard, MarksOfMessage } from "@linchpin/store";
import { claimedName, operationEvent, textDigest } from "../../audit/index.ts";
import { checkCardState, findCardForChange, findNamedCard } from "../../cards/index.ts";
import type { Caller, Context } from "../../context/index.ts";
import {
  changePin,
  checkPolicy,
  checkRulesOfDigits,
  findSealedPinKey,
  type OperationRun,
  openSealedPin,
  type PinOperation,
  parseMarkedPin,
  parseSealedPin,
  requireChangeAttempt,
} from "../../pin/index.ts";
import { lookForReplay, refuseReplayed } from "../../steps/index.ts";
import { solarisAudit } from "./audit.ts";
import { requestPinChange } from "./change-requests/request-pin-change.ts";
import { checkBoundDeviceSignature } from "./devices/check-device-signature.ts";

/** The card as the path names it. */
interface OfCard {
  readonly cardName: string;
}

/** A card, the device that signed, whether the JWE was used before, and the JWE's replay mark. */
interface CardForChange extends FoundCard {
  readonly mark: Uint8Array;
}

/** `POST /v1/cards/{card_account_id}/pin_update_requests` */
export const pinUpdate: PinOperation<OfCard & PinUpdateRequest, SealedPin, Pin, { version: number }, CardForChange> = {
  name: "solaris.pin_update_requests",
  card: findCardDeviceAndReplayMark,
  cardState: checkCardState,
  parse: parseMarkedPin,
  sender: checkSignatureOfPinUpdate,
  key: findSealedPinKey,
  replay: refuseReplayed,
  attempt: requireChangeAttempt,
  open: openSealedPin,
  spend: null,
  policy: checkPolicy,
  commit: changeToSealedPin,
  refusal: marksOfReusedPin,
  event: operationEvent(
    solarisAudit["solaris.pin_update_requests"],
    async ({ device_id, key_id, device_data }, context) => ({
      deviceId: claimedName(device_id),
      keyId: claimedName(key_id),
      deviceDataHmac: await textDigest(context, device_data),
    }),
  ),
};

/**
 * A card by its `card_account_id`; in the same query the device that signed, whether the JWE's replay mark exists, and
 * the count of the attempt where the card has a PIN history.
 * @throws LinchpinError `card_unknown`
 */
async function findCardDeviceAndReplayMark(
  context: Context,
  caller: Caller,
  { cardName: name, device_id: deviceId, encrypted_pin }: PinUpdateRequest & { cardName: string },
): Promise<CardForChange> {
  const mark = await markOf(context.primitives, encrypted_pin);
  return { ...(await findCardForChange(context, caller, { protocol: "solaris", name, deviceId, mark })), mark };
}

/**
 * `POST /v1/cards/{card_account_id}/sca_pin_update_requests`: the person proves afterwards who sent it; only then is
 * the PIN compared with the PIN history.
 */
export const scaPinUpdate: PinOperation<
  OfCard & ScaPinUpdateRequest,
  SealedPin,
  Pin,
  ChangeRequest,
  Card,
  "changeRequestId"
> = {
  name: "solaris.sca_pin_update_requests",
  card: findSolarisCard,
  cardState: checkCardState,
  parse: parseSealedPin,
  sender: null,
  key: findSealedPinKey,
  replay: lookForReplay,
  attempt: null,
  open: openSealedPin,
  spend: null,
  policy: checkRulesOfDigits,
  commit: keepRequestedPin,
  refusal: null,
  event: operationEvent(solarisAudit["solaris.sca_pin_update_requests"], ({ key_id }) => ({
    keyId: claimedName(key_id),
  })),
};

function findSolarisCard(context: Context, caller: Caller, { cardName }: OfCard): Promise<Card> {
  return findNamedCard(context, caller, "solaris", cardName);
}

function checkSignatureOfPinUpdate(
  context: Context,
  { encrypted_pin, signature }: PinUpdateRequest,
  { device, person, partnerId }: CardForChange,
): Promise<void> {
  return checkBoundDeviceSignature(context, {
    device,
    personId: person.id,
    partnerId,
    keyPurpose: "restricted",
    text: encrypted_pin,
    signatureHex: signature,
  });
}

/** The content is authenticated: only the answer about the PIN history depends on a secret that the sender does not know. */
function marksOfReusedPin(code: ErrorCode, _opened: Pin, sealed: SealedPin): MarksOfMessage | null {
  return code === "pin_reused" ? [sealed] : null;
}

function changeToSealedPin(
  context: Context,
  { card, sealed, opened, facts }: OperationRun<unknown, SealedPin, Pin>,
): Promise<{ version: number }> {
  return changePin(context, { card, pin: opened, mark: sealed, facts });
}

function keepRequestedPin(
  context: Context,
  { card, sealed, opened, facts }: OperationRun<unknown, SealedPin, Pin, Card, "changeRequestId">,
): Promise<ChangeRequest> {
  return requestPinChange(context, { card, pin: opened, mark: sealed, facts });
}
