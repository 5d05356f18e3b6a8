import { LinchpinError } from "@linchpin/core";
import {
  makeSession,
  parseSessionRequest,
  type SessionTerms,
  sealingKey,
  signSession,
} from "@linchpin/protocols/native/issuer";
import type { SessionClaims, SessionReply, SessionRequest } from "@linchpin/protocols/native/wire";
import type { BoundKey, Card, CardForSession, SessionHolder } from "@linchpin/store";
import { auditFacts, auditingRefusal } from "../../audit/index.ts";
import {
  checkCardState,
  checkPinIsSet,
  checkPinState,
  findCardForSession,
  settingsOf,
  withStoredCardData,
} from "../../cards/index.ts";
import type { Context, PartnerCaller } from "../../context/index.ts";
import { readNativeManifest } from "../../issuer-keys/index.ts";
import { nativeAudit } from "./audit.ts";
import { asksPresentPin, checkChangeByCode, maxBoundKeys } from "./authorizations.ts";
import { signByNativeKey, thumbprintOf } from "./native-keys.ts";
import { codeLimits, codeRecipientOf, maskNumber, sendCode } from "./session-code.ts";
import type { NativeSettings } from "./settings.ts";
import { rememberSignedSession } from "./signed-sessions.ts";

/**
 * Makes a session for one operation on one card, and sends the code that authorizes it where one does. The session itself
 * is not stored.
 * @throws LinchpinError `request_invalid`, `card_unknown`, `card_blocked`, `card_terminated`, `pin_not_set`,
 *   `pin_blocked`, `card_data_not_set`, `device_unknown`, `device_key_exists`, `too_many_devices`, `caller_not_allowed`:
 *   the card's program does not allow a change by code, or the person has a device; `mobile_number_missing`,
 *   `person_name_missing`, `rate_limited`, `code_locked`, `unavailable`
 */
export async function openSession(
  context: Context,
  settings: NativeSettings,
  caller: PartnerCaller,
  request: SessionRequest,
): Promise<SessionReply> {
  const terms = await parseSessionRequest(context.primitives, request);
  const card = await findCardForSession(context, caller, { name: terms.card, device: terms.device });
  const facts = auditFacts(nativeAudit["native.sessions"], caller, { op: terms.op, device: terms.device ?? undefined });
  return auditingRefusal(context, { cardId: card.id }, facts, async () => {
    const { holder } = card;
    checkState[terms.op](card);
    checkDevice(terms, card);
    const limits = codeLimits(settings.codesPerDay);
    if (terms.auth === "device") return (await signedSession(context, terms, card, null)).reply;
    if (terms.op === "pin-change") await checkChangeByCode(context, card, holder);
    const presentPin = terms.op === "bind" && (await asksPresentPin(context, card.person.id));
    if (presentPin) checkPinState(card);
    if (isLocked(holder, limits)) throw new LinchpinError("code_locked");
    const to = codeRecipientOf(card);
    checkName(holder);
    const { claims, reply } = await signedSession(context, terms, card, { to, presentPin });
    await sendCode(context, { sid: claims.sid, op: terms.op, card, to, limits, facts });
    return reply;
  });
}

const checkState: Readonly<Record<SessionTerms["op"], (card: Card) => void>> = {
  bind: checkCardState,
  "pin-change": checkCardState,
  "pin-verify": checkPinIsSet,
  "pin-reveal": checkPinState,
  "card-reveal": checkCardState,
};

function isLocked(holder: SessionHolder, limits: ReturnType<typeof codeLimits>): boolean {
  return holder.wrongCodes >= limits.wrongInARow || holder.partnersWrongCodes >= limits.wrongPerPartnerAndDay;
}

/** A code is typed only where the person recognizes their own name: without one, the relay's card looks like any other. */
function checkName({ name }: SessionHolder): void {
  if (!/\p{L}/u.test(name ?? "")) throw new LinchpinError("person_name_missing");
}

/**
 * A key that authorizes must be live and the person's. One that is to be bound must be new, or be that already: then its
 * answer was lost, and binding it again takes no further place.
 */
function checkDevice({ op, device }: SessionTerms, card: CardForSession): void {
  if (device === null) return;
  const { boundKey: key, holder } = card;
  if (op === "bind") {
    if (key !== null && !isLiveKeyOf(card, key)) throw new LinchpinError("device_key_exists", { field: "key" });
    if (key === null && holder.boundKeys >= maxBoundKeys) throw new LinchpinError("too_many_devices");
  } else if (key === null || !isLiveKeyOf(card, key) || !serves(key, card))
    throw new LinchpinError("device_unknown", { field: "device" });
}

function isLiveKeyOf({ person }: Card, { unboundAt, personId }: BoundKey): boolean {
  return unboundAt === null && personId === person.id;
}

/** The digits of a card that vendors' protocols serve are no secret: what such a card bound serves no other kind. */
function serves({ byNativeOnly }: BoundKey, { program }: Card): boolean {
  return byNativeOnly || !settingsOf(program).nativeOnly;
}

async function signedSession(
  context: Context,
  terms: SessionTerms,
  card: CardForSession,
  byCode: { readonly to: string; readonly presentPin: boolean } | null,
): Promise<{ claims: SessionClaims; reply: SessionReply }> {
  const { holder } = card;
  const last4 = await lastDigitsOf(context, card);
  const manifest = await readNativeManifest(context, card.manifest);
  const { denyList: _, pinHistory: __, ...policy } = settingsOf(card.program).policy;
  const claims = makeSession(
    context.primitives,
    terms,
    {
      iss: context.publicUrl(),
      seq: manifest.seq,
      sub: card.person.id,
      holder: holder.name ?? "",
      card: {
        ref: terms.card,
        last4,
        program: card.program.name,
        version: card.pin.version,
      },
      hpke: await thumbprintOf(context, await context.keyring.current(sealingKey.purpose)),
      ...(byCode === null ? {} : { to: maskNumber(byCode.to) }),
      ...(terms.op === "pin-change" ? { policy } : {}),
      presentPin: byCode?.presentPin ?? false,
    },
    Math.floor(context.clock().getTime() / 1000),
  );
  const session = await signByNativeKey(context, (signer) => signSession(claims, signer));
  rememberSignedSession(context, session);
  return { claims, reply: { session, manifest: manifest.jws } };
}

/** Of the PAN, as they are printed on receipts: what tells a person's cards apart. @throws LinchpinError `card_data_not_set` */
async function lastDigitsOf(context: Context, { id, data }: CardForSession): Promise<string> {
  if (data === null) throw new LinchpinError("card_data_not_set");
  return withStoredCardData(context, id, data, async ({ pan }) => Buffer.from(pan.subarray(-4)).toString("ascii"));
}
