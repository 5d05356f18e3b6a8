import assert from "node:assert/strict";
import { Pin, type SigningKey, utf8 } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import {
  type AcceptedOutcome,
  type AcceptedSession,
  acceptAnswer,
  acceptSession,
  makeRevealMessage,
  makeSealedMessage,
  makeSessionRequest,
  type OperationMessage,
  openRevealedCardData,
  openRevealedPin,
  type Secrets,
  type SessionWish,
  thumbprintOf,
} from "@linchpin/protocols/native/device";
import { type Answer, call } from "./call.ts";
import { PlumeryClient } from "./plumery.ts";

type Wish = SessionWish extends infer Each ? (Each extends unknown ? Omit<Each, "card"> : never) : never;
type WishOf<Op extends Wish["op"]> = Extract<Wish, { op: Op }>;

/** What came of a message: the relay's view, and the device's. */
export interface NativeAnswer extends Answer {
  /** Null: the answer was not signed. */
  readonly outcome: AcceptedOutcome | null;
}

/**
 * A cardholder of the native protocol and the partner that relays for them, against a running sandbox. The device half
 * does the crypto, with the sandbox's roots pinned.
 */
export class NativeCardholder {
  // biome-ignore lint/suspicious/noExplicitAny: the shape of GET /sandbox
  readonly sandbox: any;
  readonly token: string;

  // biome-ignore lint/suspicious/noExplicitAny: the shape of GET /sandbox
  private constructor(sandbox: any, token: string) {
    this.sandbox = sandbox;
    this.token = token;
  }

  /** With a card of its own. */
  static async create(origin: string): Promise<NativeCardholder> {
    return NativeCardholder.of((await call("POST", `${origin}/sandbox/cards`)).body);
  }

  /** With the card of an answer of `POST /sandbox/cards`, or of `makeCard`. */
  // biome-ignore lint/suspicious/noExplicitAny: the shape of GET /sandbox
  static async of(sandbox: any): Promise<NativeCardholder> {
    const { tokenUrl, clientId, clientSecret } = sandbox.native;
    const form = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret };
    const { body } = await call("POST", tokenUrl, {
      body: new URLSearchParams(form).toString(),
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    return new NativeCardholder(sandbox, body.access_token);
  }

  /** As this cardholder's partner, below `/native/v1`. */
  partner(path: string, body?: unknown): Promise<Answer> {
    return call("POST", `${this.sandbox.native.baseUrl}${path}`, { bearer: this.token, body });
  }

  /** As the operator, below `/issuer/v1`. */
  operator(method: string, path: string, body?: unknown): Promise<Answer> {
    return call(method, `${this.sandbox.issuer.baseUrl}${path}`, { bearer: this.sandbox.issuer.apiKey, body });
  }

  /** As `GET /issuer/v1/cards/{id}`. */
  async card(): Promise<Answer["body"]> {
    return (await this.operator("GET", `/cards/${this.sandbox.issuer.cardId}`)).body;
  }

  /** The audit events of the card, oldest first. */
  async auditEvents(): Promise<Answer["body"][]> {
    const { body } = await this.operator("GET", `/audit-events?cardId=${this.sandbox.issuer.cardId}`);
    return body;
  }

  async messages(): Promise<Answer["body"][]> {
    const { origin } = new URL(this.sandbox.native.baseUrl);
    const to = encodeURIComponent(this.sandbox.solaris.mobileNumber);
    return (await call("GET", `${origin}/sandbox/messages?to=${to}`)).body;
  }

  /** The six-digit word of the newest message that has one. */
  async newestCode(): Promise<string> {
    const codes = (await this.messages()).flatMap(({ text }) => /\b\d{6}\b/.exec(text)?.[0] ?? []);
    const code = codes.at(-1);
    assert.ok(code, "a message with a code went out");
    return code;
  }

  /** As they stand on the plastic: by another protocol, since the sandbox has none. */
  async lastDigits(): Promise<string> {
    const client = await PlumeryClient.create(this.sandbox);
    const { pan } = (await client.open((await client.card()).body.encryptedPayload)) as { pan: string };
    return pan.slice(-8);
  }

  /** Asks for a session, whatever comes of it. */
  async ask(wish: Wish, card: string = this.sandbox.native.cardId) {
    const request = makeSessionRequest(primitives, { ...wish, card } as SessionWish);
    return { request, answer: await this.partner("/sessions", request) };
  }

  /** A session that the device accepts. */
  async session(wish: Wish): Promise<AcceptedSession> {
    const { request, answer } = await this.ask(wish);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const { roots, issuerKeysUrl } = this.sandbox.native;
    return acceptSession(primitives, answer.body, {
      request,
      pins: { issuer: new URL(issuerKeysUrl).origin, roots },
      lowestSeq: 0,
      sub: this.sandbox.native.personId,
      clockSeconds: 0,
    });
  }

  async send(session: AcceptedSession, message: OperationMessage): Promise<NativeAnswer> {
    const answer = await this.partner("/operations", message.request);
    if (answer.body?.answer === undefined) return { ...answer, outcome: null };
    return { ...answer, outcome: await acceptAnswer(primitives, answer.body.answer, session, message) };
  }

  /** Seals what the session's operation has, and sends it. */
  async seal(session: AcceptedSession, secrets: SecretTexts, key?: SigningKey): Promise<NativeAnswer> {
    return this.send(session, await sealedMessage(session, secrets, key));
  }

  /** A device that is bound. */
  async bind(key?: SigningKey): Promise<SigningKey> {
    const made = key ?? (await primitives.makeSigningKey());
    const session = await this.session({ op: "bind", auth: "code", key: made });
    const answer = await this.seal(session, { code: await this.newestCode(), digits: await this.lastDigits() }, made);
    assert.equal(answer.outcome?.result, "bound", JSON.stringify(answer));
    return made;
  }

  async wishOf<Op extends "pin-change" | "pin-verify" | "pin-reveal" | "card-reveal">(op: Op, key: SigningKey) {
    return { op, auth: "device", device: await thumbprintOf(primitives, key) } as WishOf<Op>;
  }

  async changePin(digits: string, key: SigningKey): Promise<NativeAnswer> {
    return this.seal(await this.session(await this.wishOf("pin-change", key)), { pin: digits }, key);
  }

  async verifyPin(digits: string, key: SigningKey): Promise<NativeAnswer> {
    return this.seal(await this.session(await this.wishOf("pin-verify", key)), { pin: digits }, key);
  }

  async changePinByCode(pin: string): Promise<NativeAnswer> {
    const session = await this.session({ op: "pin-change", auth: "code" });
    return this.seal(session, { pin, code: await this.newestCode(), digits: await this.lastDigits() });
  }

  /** The PIN that the device reads. */
  async revealedPin(key: SigningKey): Promise<string> {
    const session = await this.session(await this.wishOf("pin-reveal", key));
    const message = await makeRevealMessage(primitives, session, key);
    const pin = await openRevealedPin(primitives, { session, message, sealed: await this.#revealed(session, message) });
    return new TextDecoder().decode(pin.asciiDigits());
  }

  /** PAN, CVV2 and `YYMM` that the device reads. */
  async revealedCard(key: SigningKey): Promise<unknown> {
    const session = await this.session(await this.wishOf("card-reveal", key));
    const message = await makeRevealMessage(primitives, session, key);
    return openRevealedCardData(primitives, { session, message, sealed: await this.#revealed(session, message) });
  }

  async #revealed(session: AcceptedSession, message: OperationMessage): Promise<string> {
    const { outcome, body } = await this.send(session, message);
    assert.ok(outcome?.result === "revealed" && outcome.sealed !== undefined, JSON.stringify(body));
    return outcome.sealed;
  }
}

/** As `Secrets`, the PIN as digits. */
export interface SecretTexts extends Omit<Secrets, "pin"> {
  readonly pin?: string;
}

export async function sealedMessage(
  session: AcceptedSession,
  { pin: digits, ...others }: SecretTexts,
  key?: SigningKey,
): Promise<OperationMessage> {
  if (digits === undefined) return makeSealedMessage(primitives, session, others, key);
  const pin = new Pin(utf8(digits));
  try {
    return await makeSealedMessage(primitives, session, { ...others, pin }, key);
  } finally {
    pin.wipe();
  }
}
