import type { Pin } from "@linchpin/core";
import {
  parseEncryptedKey,
  type SessionKey,
  sealPan,
  sealPin,
  type WrappedSessionKey,
} from "@linchpin/protocols/adyen/issuer";
import type {
  PanRevealReply,
  PinChangeReply,
  PinChangeRequest,
  PinRevealReply,
  PinRevealRequest,
} from "@linchpin/protocols/adyen/wire";
import {
  type ClientPublicKey,
  formatExpirationDate,
  parseClientPublicKey,
  sealCardData,
  sealCardPin,
} from "@linchpin/protocols/plumery/issuer";
import type { CardReply, EncryptedPayload } from "@linchpin/protocols/plumery/wire";
import { parseSealedPin, type SealedPin } from "@linchpin/protocols/sealed-pin/issuer";
import type { SealedPinRequest } from "@linchpin/protocols/sealed-pin/wire";
import type { PinUpdateRequest, ScaPinUpdateRequest } from "@linchpin/protocols/solaris/wire";
import { checkBodyHash, parseMessage, parseSealedHeader, readSignedMethod } from "@linchpin/protocols/venly/issuer";
import type { Card, CardForChange, ChangeRequest } from "@linchpin/store";
import { claimedName, sha256Hex } from "../audit/audit-entry.ts";
import { checkCardState, checkPinState } from "../cards/check-card-state.ts";
import { findCard, findCardForChange, findNamedCard } from "../cards/find-card.ts";
import { settingsOf } from "../cards/program-settings.ts";
import { revealCardData } from "../cards/reveal-card-data.ts";
import { changePin } from "../pin/change-pin.ts";
import { checkPolicy, checkRulesOfDigits } from "../pin/check-policy.ts";
import { openSolarisPin } from "../pin/open-sealed-pin.ts";
import type { PinOperation } from "../pin/pin-operation.ts";
import { revealPin } from "../pin/reveal-pin.ts";
import { type VerificationAnswer, verifyPin } from "../pin/verify-pin.ts";
import { type OpenedPin, openAdyenPin, openAdyenSessionKey } from "../protocols/adyen/open-session-key.ts";
import { spendSessionKey } from "../protocols/adyen/spend-session-key.ts";
import { requestPinChange } from "../protocols/solaris/change-requests/request-pin-change.ts";
import { checkBoundDeviceSignature } from "../protocols/solaris/devices/check-device-signature.ts";
import type { BodyOperation } from "../protocols/venly/body-operation.ts";
import { findPresentedMethod } from "../protocols/venly/find-signing-method.ts";
import { openVenlyMessage } from "../protocols/venly/open-venly-message.ts";
import type { SigningOperation } from "../protocols/venly/signing-operation.ts";
import { recordSigningAttempt } from "../signing/record-signing-attempt.ts";
import { findKey } from "./find-key.ts";
import { lookForReplay, refuseReplayed } from "./look-for-replay.ts";

// The table of steps: a column an operation, a row a step. `runPinOperation` takes the rows from top to bottom;
// before them, at the rim: limits, the caller's identity, the shape of the request.

type SolarisOperation<Request, Answer, Found extends Card = Card> = PinOperation<
  OfCard & Request,
  SealedPin,
  Pin,
  Answer,
  Found
>;

/** The card as the path names it. */
interface OfCard {
  readonly cardName: string;
}

/** `POST /v1/cards/{card_account_id}/pin_update_requests` */
export const solarisPinUpdate: SolarisOperation<PinUpdateRequest, { version: number }, CardForChange> = {
  name: "solaris.pin_update_requests",
  card: findCardForChange,
  cardState: checkCardState,
  parse: (context, request) => parseSealedPin(context.primitives, request),
  sender: (context, request, card) =>
    checkBoundDeviceSignature(context, {
      device: card.device,
      personId: card.person.id,
      partnerId: card.partnerId,
      keyPurpose: "restricted",
      text: request.encrypted_pin,
      signatureHex: request.signature,
    }),
  key: (context, { keyId }) => findKey(context, "solaris-pin", keyId),
  replay: refuseReplayed,
  open: openSolarisPin,
  spend: nothingSpent,
  policy: checkPolicy,
  settle: (context, { card, sealed, opened, facts }) => changePin(context, { card, pin: opened, mark: sealed, facts }),
  facts: ({ device_id, key_id, device_data }) => ({
    deviceId: claimedName(device_id),
    keyId: claimedName(key_id),
    deviceDataSha256: sha256Hex(device_data),
  }),
};

/**
 * `POST /v1/cards/{card_account_id}/sca_pin_update_requests`: the person proves who sent it, afterwards; only then is
 * the PIN held against former ones.
 */
export const solarisScaPinUpdate: SolarisOperation<ScaPinUpdateRequest, ChangeRequest> = {
  name: "solaris.sca_pin_update_requests",
  card: (context, caller, { cardName }) => findNamedCard(context, caller, "solaris", cardName),
  cardState: checkCardState,
  parse: (context, request) => parseSealedPin(context.primitives, request),
  sender: nobody,
  key: (context, { keyId }) => findKey(context, "solaris-pin", keyId),
  replay: lookForReplay,
  open: openSolarisPin,
  spend: nothingSpent,
  policy: checkRulesOfDigits,
  settle: (context, { card, sealed, opened, facts }) =>
    requestPinChange(context, { card, pin: opened, mark: sealed, facts }),
  facts: ({ key_id }) => ({ keyId: claimedName(key_id) }),
};

/** `POST /issuer/v1/cards/{id}/pin/verify`: a terminal's question. Not held against the policy: a wrong PIN is a wrong PIN. */
export const issuerPinVerify: SolarisOperation<SealedPinRequest, VerificationAnswer> = {
  name: "issuer.pin.verify",
  card: (context, _caller, { cardName }) => findCard(context, cardName),
  cardState: checkCardState,
  parse: (context, request) => parseSealedPin(context.primitives, request),
  sender: nobody,
  key: (context, { keyId }) => findKey(context, "solaris-pin", keyId),
  replay: lookForReplay,
  open: openSolarisPin,
  spend: nothingSpent,
  policy: noPolicy,
  settle: (context, { card, sealed, opened, facts }) => verifyPin(context, { card, pin: opened, mark: sealed, facts }),
  facts: ({ key_id }) => ({ keyId: claimedName(key_id) }),
};

/** The request names no key: every accepted one of this purpose is tried. */
interface OfKeyPurpose {
  readonly keyPurpose: string;
}

/** `POST /pins/change`. What is used once is the session key, which shows when it is open: only then replay is looked for. */
export const adyenPinChange: PinOperation<
  PinChangeRequest & OfKeyPurpose,
  PinChangeRequest & OfKeyPurpose & WrappedSessionKey,
  OpenedPin,
  PinChangeReply["status"]
> = {
  name: "adyen.pins.change",
  card: (context, caller, { paymentInstrumentId }) => findNamedCard(context, caller, "adyen", paymentInstrumentId),
  cardState: checkCardState,
  parse: async (context, request) => ({ ...request, ...(await parseEncryptedKey(context.primitives, request)) }),
  sender: nobody,
  key: noKey,
  replay: nothingUsed,
  open: openAdyenPin,
  spend: lookForReplay,
  policy: (context, { pin }, card) => checkPolicy(context, pin, card),
  settle: async (context, { card, opened, facts }) => {
    await changePin(context, { card, pin: opened.pin, mark: opened, facts });
    return settingsOf(card.program).chipKeepsPin ? "pending" : "completed";
  },
  facts: ({ encryptedKey }) => ({ encryptedKeySha256: sha256Hex(encryptedKey) }),
};

type AdyenRevealOperation<Answer> = PinOperation<
  PinRevealRequest & OfKeyPurpose,
  OfKeyPurpose & WrappedSessionKey,
  SessionKey,
  Answer
>;

/**
 * `POST /pins/reveal`. A session key that could not be unwrapped is as good as any: its answer opens nothing. So what
 * came in is spent too, or sending it twice would tell whether it was right.
 */
export const adyenPinReveal: AdyenRevealOperation<PinRevealReply> = {
  name: "adyen.pins.reveal",
  card: (context, caller, { paymentInstrumentId }) => findNamedCard(context, caller, "adyen", paymentInstrumentId),
  cardState: checkPinState,
  parse: async (context, request) => ({ ...request, ...(await parseEncryptedKey(context.primitives, request)) }),
  sender: nobody,
  key: noKey,
  replay: lookForReplay,
  open: openAdyenSessionKey,
  spend: spendSessionKey,
  policy: noPolicy,
  settle: (context, { card, sealed, opened, facts }) =>
    revealPin(context, { card, mark: { mark: sealed.mark, keyId: opened.keyId }, facts }, (pin) =>
      sealPin(context.primitives, pin, opened),
    ),
  facts: ({ encryptedKey }) => ({ encryptedKeySha256: sha256Hex(encryptedKey) }),
};

/** `POST /paymentInstruments/reveal`: PAN and CVC, whatever the PIN's state. */
export const adyenPanReveal: AdyenRevealOperation<PanRevealReply> = {
  ...adyenPinReveal,
  name: "adyen.paymentInstruments.reveal",
  cardState: checkCardState,
  settle: (context, { card, sealed, opened, facts }) =>
    revealCardData(
      context,
      { card, mark: { mark: sealed.mark, keyId: opened.keyId }, facts },
      ({ pan, cvv2, expiration }) => sealPan(context.primitives, { pan, cvc: cvv2, expiration }, opened),
    ),
};

/** Nothing sealed comes in, only the key that what goes out is sealed to. */
type PlumeryRevealOperation<Answer> = PinOperation<PlumeryReveal, ClientPublicKey, Nothing, Answer>;

export interface PlumeryReveal extends OfCard {
  readonly clientPublicKey: string;
  readonly hkdfInfo: Uint8Array;
}

/** `GET /internal/v1/cards/{token}/pin` */
export const plumeryCardPin: PlumeryRevealOperation<EncryptedPayload> = {
  name: "plumery.cards.pin",
  card: (context, caller, { cardName }) => findNamedCard(context, caller, "plumery", cardName),
  cardState: checkPinState,
  parse: (context, { clientPublicKey }) => parseClientPublicKey(context.primitives, clientPublicKey),
  sender: nobody,
  key: noKey,
  replay: nothingUsed,
  open: nothingSealed,
  spend: nothingSpent,
  policy: noPolicy,
  settle: (context, { card, request: { hkdfInfo: info }, sealed: client, facts }) =>
    revealPin(context, { card, mark: null, facts }, (pin) => sealCardPin(context.primitives, { pin, client, info })),
  facts: ({ clientPublicKey }) => ({ clientPublicKeySha256: sha256Hex(clientPublicKey) }),
};

/** `GET /internal/v1/cards/{token}`: PAN and CVV2, whatever the PIN's state. */
export const plumeryCard: PlumeryRevealOperation<Omit<CardReply, "token">> = {
  ...plumeryCardPin,
  name: "plumery.cards",
  cardState: checkCardState,
  settle: (context, { card, request: { hkdfInfo: info }, sealed: client, facts }) =>
    revealCardData(context, { card, mark: null, facts }, async ({ pan, cvv2, expiration }) => ({
      expirationDate: formatExpirationDate(expiration),
      encryptedPayload: await sealCardData(context.primitives, { pan, cvv2, client, info }),
    })),
};

/**
 * Every Venly request that a signing method authorizes. What follows a match is the request's: it is handed on, or a
 * signing method is made or changed, whose own value comes in a body of `venlyBody`.
 */
export const venlySigning: SigningOperation = {
  name: "venly.signing",
  parse: (context, header) => parseSealedHeader(context.primitives, header),
  key: (context, { keyId }) => findKey(context, "venly", keyId),
  replay: lookForReplay,
  open: (context, sealed) => openVenlyMessage(context, sealed, readSignedMethod),
  body: (context, presented, body) => checkBodyHash(context.primitives, presented, body),
  method: findPresentedMethod,
  settle: recordSigningAttempt,
};

/** The body that a signing method's first or next value comes in, sealed or plain; its mark is spent with the change. */
export const venlyBody: BodyOperation = {
  name: "venly.body",
  parse: (context, body) => parseMessage(context.primitives, body),
  key: (context, { keyId }) => findKey(context, "venly", keyId),
  replay: lookForReplay,
  open: openVenlyMessage,
};

async function nobody(): Promise<void> {}
async function noKey(): Promise<void> {}
async function nothingUsed(): Promise<void> {}
async function nothingSealed(): Promise<Nothing> {
  return { wipe: () => {} };
}
type Nothing = { wipe(): void };
async function nothingSpent(): Promise<void> {}
async function noPolicy(): Promise<void> {}
