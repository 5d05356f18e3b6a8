import { randomUUID } from "node:crypto";
import { Pin, utf8 } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import {
  acceptIssuerKey,
  makePinChangeRequest,
  makeRevealRequest,
  openRevealedPin,
} from "@linchpin/protocols/adyen/device";
import { acceptIssuerKey as acceptLithicKey, sealPin as sealLithicPin } from "@linchpin/protocols/lithic/device";
import { acceptIssuerKey as acceptStripeKey, sealPin as sealStripePin } from "@linchpin/protocols/stripe/device";
import { type Answer, call } from "@linchpin/testing/call";
import { type BoundDevice, SolarisCardholder } from "@linchpin/testing/solaris";
import { transferBody, VenlyPartner, VenlyUser } from "@linchpin/testing/venly";
import type { Answered, Asked } from "./history.ts";

/** One message, sealed: it can be sent again, to any server. */
export interface Message {
  readonly subject: string;
  readonly name: string;
  readonly asked: Asked;
  send(origin: string): Promise<Answered>;
}

/** Seals the next message, with a key that it fetches at `origin`. */
export type Sender = (origin: string) => Promise<Message>;

/** A card with its bound device, and what its user would know. */
export interface CardUnderLoad {
  readonly id: string;
  readonly changeBySolaris: Sender;
  readonly changeByAdyen: Sender;
  /** With an idempotency key, as the vendor's client sends each change. */
  readonly changeByStripe: Sender;
  /** Without one: the vendor's client sends a change again as it was. */
  readonly changeByLithic: Sender;
  readonly verify: Sender;
  readonly reveal: Sender;
  /** The PIN as it is now. One that is blocked is unblocked first. */
  revealedDigits(origin: string, isBlocked: boolean): Promise<string>;
}

export async function makeCard(origin: string): Promise<CardUnderLoad> {
  let holder = await SolarisCardholder.create(origin);
  const device = await holder.bindDevice();
  const { cardId } = holder.sandbox.issuer;
  const fresh = freshDigits();
  let latest = fresh();
  const renew = async (at: string) => {
    holder = await holder
      .at(at)
      .renewed()
      .catch(() => holder); // A server at a loss gives no token: the next one may.
  };
  const wrap = (by: string, asked: Asked, send: Message["send"]): Message => ({
    subject: cardId,
    name: `${asked.to} by ${by} ${randomUUID()}`,
    asked,
    send: async (at) => {
      const answered = await send(at);
      if (answered.says === "refused" && answered.why.startsWith("401")) await renew(at);
      if (answered.says === "changed" && asked.to === "change") latest = asked.digits;
      return answered;
    },
  });
  const adyen = { ...holder.sandbox.adyen, cardId };
  const reveal: Sender = async (at) => {
    const { paymentInstrumentId } = adyen;
    const issuerKey = await adyenKey(at, adyen.apiKey, "pinReveal");
    const { request, sessionKey } = await makeRevealRequest(primitives, { issuerKey, paymentInstrumentId });
    return wrap("Adyen", { to: "reveal" }, async (to) => {
      const answer = await callAdyen(to, adyen, "reveal", request);
      if (answer.status !== 200) return otherwise(answer);
      const digits = await openRevealedPin(primitives, { reply: answer.body, sessionKey }).then(
        (pin) => Buffer.from(pin.asciiDigits()).toString(),
        () => "an answer that does not open",
      );
      return { says: "revealed", digits };
    });
  };
  return {
    id: cardId,
    changeBySolaris: async (at) => {
      const digits = fresh();
      const request = await sealBySolaris(holder.at(at), digits, device, renew);
      return wrap("Solaris", { to: "change", digits }, async (to) =>
        changedBy(await holder.at(to).sendChange(request)),
      );
    },
    changeByAdyen: async (at) => {
      const digits = fresh();
      const { paymentInstrumentId } = adyen;
      const issuerKey = await adyenKey(at, adyen.apiKey, "pinChange");
      const pin = new Pin(utf8(digits));
      const request = await makePinChangeRequest(primitives, { pin, issuerKey, paymentInstrumentId });
      return wrap("Adyen", { to: "change", digits }, async (to) =>
        changedBy(await callAdyen(to, adyen, "change", request)),
      );
    },
    changeByStripe: async (at) => {
      const digits = fresh();
      const { body: key } = await call("GET", `${at}/stripe/v1/keys`);
      const pin = new Pin(utf8(digits));
      const sealed = await sealStripePin(primitives, { pin, issuerKey: acceptStripeKey(key) });
      const idempotencyKey = randomUUID();
      return wrap("Stripe", { to: "change", digits }, async (to) =>
        changedByStripe(await callStripe(to, holder.sandbox.stripe, { sealed, idempotencyKey })),
      );
    },
    changeByLithic: async (at) => {
      const digits = fresh();
      const { apiKey, cardToken, publicKeyUrl } = holder.sandbox.lithic;
      const { body: pem } = await call("GET", at + new URL(publicKeyUrl).pathname);
      const pin = new Pin(utf8(digits));
      const sealed = await sealLithicPin(primitives, { pin, issuerKey: acceptLithicKey(pem) });
      return wrap("Lithic", { to: "change", digits }, async (to) => {
        const headers = { authorization: apiKey };
        return changedByLithic(
          await call("PATCH", `${to}/lithic/v1/cards/${cardToken}`, { body: { pin: sealed }, headers }),
        );
      });
    },
    verify: async (at) => {
      const digits = Math.random() < rightShare ? latest : fresh();
      const request = await sealBySolaris(holder.at(at), digits, null, renew);
      return wrap("the issuer", { to: "verify", digits }, async (to) => {
        const answer = await holder.at(to).operator("POST", `/cards/${cardId}/pin/verify`, request);
        return answer.status === 200 ? { says: answer.body.result } : otherwise(answer);
      });
    },
    reveal,
    revealedDigits: async (at, isBlocked) => {
      if (isBlocked) await holder.at(at).operator("POST", `/cards/${cardId}/pin/unblock`, {});
      const answered = await (await reveal(at)).send(at);
      return answered.says === "revealed" ? answered.digits : JSON.stringify(answered);
    },
  };
}

/** A user of Venly's whose idempotency keys name the messages. */
export async function makeTransferSender(origin: string): Promise<{ userId: string; transfer: Sender }> {
  let partner = await VenlyPartner.create(origin);
  const user = await partner.makeUser();
  const { id: userId, pin } = user;
  const transfer: Sender = async (at) => {
    const name = randomUUID();
    const isRight = Math.random() < rightTransferShare;
    const method = isRight ? pin : { ...pin, value: "000000" };
    const through = (to: string) => new VenlyUser(partner.at(to), userId, pin);
    const header = await through(at).sign(transferBody, method, { idempotencyKey: name });
    const send = async (to: string): Promise<Answered> => {
      const answer = await through(to).sendTransfer(transferBody, header);
      if (answer.status === 200) return { says: "transferred" };
      if (answer.status === 401) partner = await VenlyPartner.create(to).catch(() => partner);
      return answer.body?.errors?.[0]?.code === "pincode.incorrect" ? { says: "incorrect" } : otherwise(answer);
    };
    return { subject: userId, name, asked: { to: "transfer", isRight }, send };
  };
  return { userId, transfer };
}

const rightShare = 0.5;
const rightTransferShare = 0.8;

function changedBy(answer: Answer): Answered {
  // Adyen's way to leave it open.
  if (answer.body?.status === "unavailable") return { says: "unknown", why: "200 unavailable" };
  return answer.status === 204 || answer.status === 200 ? { says: "changed" } : otherwise(answer);
}

/** The stored answer of a request whose own answer was lost does nothing; one that is under way leaves it open. */
function changedByStripe(answer: Answer): Answered {
  if (answer.headers.get("idempotent-replayed") === "true") return { says: "replayed" };
  if (answer.body?.error?.code === "idempotency_key_in_use") return { says: "unknown", why: "409 under way" };
  return changedBy(answer);
}

/** There is no code: the message says it, up to its colon. */
function changedByLithic(answer: Answer): Answered {
  return String(answer.body?.message).startsWith("PIN has already been used")
    ? { says: "replayed" }
    : changedBy(answer);
}

const replayCodes = new Set([
  "pin_already_used",
  "encrypted_pin_already_used",
  "replayed",
  "31_022",
  "encryption.already-used",
  "idempotency-key.already-used",
]);
const blockedCodes = new Set(["31_004"]);

function otherwise({ status, body }: Answer): Answered {
  const code = String(body?.errors?.[0]?.code ?? body?.error?.code ?? body?.errorCode ?? body?.code);
  if (replayCodes.has(code)) return { says: "replayed" };
  if (blockedCodes.has(code)) return { says: "blocked" };
  return { says: status >= 500 ? "unknown" : "refused", why: `${status} ${code}` };
}

async function sealBySolaris(
  holder: SolarisCardholder,
  digits: string,
  device: BoundDevice | null,
  renew: (origin: string) => Promise<void>,
) {
  try {
    return device === null ? await holder.seal(digits) : await holder.sealAndSign(digits, device);
  } catch (error) {
    // No key came: perhaps for want of a token that is still good.
    await renew(new URL(holder.sandbox.solaris.baseUrl).origin);
    throw error;
  }
}

async function adyenKey(origin: string, apiKey: string, use: "pinChange" | "pinReveal") {
  const url = `${origin}/adyen/bcl/v2/publicKey?purpose=${use}`;
  return acceptIssuerKey((await call("GET", url, { headers: { "x-api-key": apiKey } })).body);
}

function callAdyen(origin: string, { apiKey }: { apiKey: string }, what: "change" | "reveal", body: unknown) {
  return call("POST", `${origin}/adyen/bcl/v2/pins/${what}`, { body, headers: { "x-api-key": apiKey } });
}

function callStripe(
  origin: string,
  { apiKey, cardId }: { apiKey: string; cardId: string },
  { sealed, idempotencyKey }: { sealed: string; idempotencyKey: string },
): Promise<Answer> {
  return call("POST", `${origin}/stripe/v1/issuing/cards/${cardId}`, {
    body: new URLSearchParams({ "pin[encrypted_number]": sealed }).toString(),
    headers: {
      authorization: `Bearer ${apiKey}`,
      "content-type": "application/x-www-form-urlencoded",
      "idempotency-key": idempotencyKey,
    },
  });
}

/** Four different digits that no policy refuses, in an order of chance, none twice. */
function freshDigits(): () => string {
  const all: string[] = [];
  for (let number = 1_000; number < 10_000; number++) {
    const digits = String(number);
    if (new Set(digits).size === 4 && Math.abs(Number(digits[1]) - Number(digits[0])) > 1) all.push(digits);
  }
  return () => {
    const [digits] = all.splice(Math.floor(Math.random() * all.length), 1);
    if (digits === undefined) throw new Error("every PIN was used");
    return digits;
  };
}
