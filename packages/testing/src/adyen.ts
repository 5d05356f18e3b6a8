import assert from "node:assert/strict";
import { Pin, utf8 } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import {
  acceptIssuerKey,
  type IssuerKey,
  makePinChangeRequest,
  makeRevealRequest,
  openRevealedPan,
  openRevealedPin,
  type RevealedPan,
} from "@linchpin/protocols/adyen/device";
import type { KeyUse, PinChangeRequest } from "@linchpin/protocols/adyen/wire";
import { type Answer, call } from "./call.ts";
import { SolarisCardholder } from "./solaris.ts";

type KeyOptions = NonNullable<Parameters<typeof acceptIssuerKey>[1]>;

interface AdyenAccess {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly paymentInstrumentId: string;
}

/**
 * A cardholder with a fresh card, and the partner that relays for them by Adyen's protocol, against a running sandbox.
 * The device half does the crypto.
 */
export class AdyenCardholder implements AdyenAccess {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly paymentInstrumentId: string;
  readonly cardId: string;
  readonly #solaris: SolarisCardholder;
  readonly #keyOptions: KeyOptions;

  private constructor(solaris: SolarisCardholder, cardId: string, adyen: AdyenAccess, keyOptions: KeyOptions) {
    this.baseUrl = adyen.baseUrl;
    this.apiKey = adyen.apiKey;
    this.paymentInstrumentId = adyen.paymentInstrumentId;
    this.cardId = cardId;
    this.#solaris = solaris;
    this.#keyOptions = keyOptions;
  }

  static async create(origin: string, keyOptions: KeyOptions = {}): Promise<AdyenCardholder> {
    const solaris = await SolarisCardholder.create(origin);
    return new AdyenCardholder(solaris, solaris.sandbox.issuer.cardId, solaris.sandbox.adyen, keyOptions);
  }

  /** Another cardholder of the same partner's, whose card is of a program with these settings. */
  async inProgram(settings: object): Promise<AdyenCardholder> {
    const program = await this.#make("/programs", { name: "Another program", settings });
    return this.#withCardOf("sandbox", program.id, this.apiKey);
  }

  /** A cardholder of another partner's, with an API key for everything. */
  async atAnotherPartner(): Promise<AdyenCardholder> {
    const partner = await this.#make("/partners", { name: "Another partner" });
    const apiKey = await this.makeApiKey(["pin_change", "pin_reveal", "pan_reveal"], partner.id);
    return this.#withCardOf(partner.id, "sandbox", apiKey);
  }

  async #withCardOf(partnerId: string, programId: string, apiKey: string): Promise<AdyenCardholder> {
    const person = await this.#make("/persons", { partnerId });
    const { id, names } = await this.#make("/cards", { personId: person.id, programId });
    const adyen = { baseUrl: this.baseUrl, apiKey, paymentInstrumentId: names.adyen };
    return new AdyenCardholder(this.#solaris, id, adyen, this.#keyOptions);
  }

  /** The same cardholder, through another API key. */
  withApiKey(apiKey: string): AdyenCardholder {
    const { baseUrl, paymentInstrumentId } = this;
    const adyen = { baseUrl, apiKey, paymentInstrumentId };
    return new AdyenCardholder(this.#solaris, this.cardId, adyen, this.#keyOptions);
  }

  /** The same cardholder, through another server of the same issuer. */
  at(origin: string): AdyenCardholder {
    const { apiKey, paymentInstrumentId } = this;
    const adyen = { baseUrl: `${origin}${new URL(this.baseUrl).pathname}`, apiKey, paymentInstrumentId };
    return new AdyenCardholder(this.#solaris.at(origin), this.cardId, adyen, this.#keyOptions);
  }

  async makeApiKey(roles: readonly string[], partnerId = "sandbox"): Promise<string> {
    return (await this.#make(`/partners/${partnerId}/credentials`, { protocol: "adyen", roles })).clientSecret;
  }

  /** As this cardholder's partner, below `/adyen/bcl/v2`. */
  partner(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return call(method, `${this.baseUrl}${path}`, { body, headers: { "x-api-key": this.apiKey, ...headers } });
  }

  async issuerKey(use: KeyUse): Promise<IssuerKey> {
    const { status, body } = await this.partner("GET", `/publicKey?purpose=${use}`);
    assert.equal(status, 200);
    return acceptIssuerKey(body, this.#keyOptions);
  }

  async seal(digits: string): Promise<PinChangeRequest> {
    const { paymentInstrumentId } = this;
    const issuerKey = await this.issuerKey("pinChange");
    return makePinChangeRequest(primitives, { pin: new Pin(utf8(digits)), issuerKey, paymentInstrumentId });
  }

  sendChange(request: unknown): Promise<Answer> {
    return this.partner("POST", "/pins/change", request);
  }

  async changePin(digits: string): Promise<Answer> {
    return this.sendChange(await this.seal(digits));
  }

  async makeReveal(use: "pinReveal" | "panReveal" = "pinReveal") {
    const { paymentInstrumentId } = this;
    return makeRevealRequest(primitives, { issuerKey: await this.issuerKey(use), paymentInstrumentId });
  }

  sendReveal(request: unknown): Promise<Answer> {
    return this.partner("POST", "/pins/reveal", request);
  }

  sendPanReveal(request: unknown): Promise<Answer> {
    return this.partner("POST", "/paymentInstruments/reveal", request);
  }

  /** The digits that the device shows. */
  async revealedPin(): Promise<string> {
    const { request, sessionKey } = await this.makeReveal();
    const { status, body } = await this.sendReveal(request);
    assert.equal(status, 200);
    const pin = await openRevealedPin(primitives, { reply: body, sessionKey });
    return Buffer.from(pin.asciiDigits()).toString();
  }

  async revealedPan(): Promise<RevealedPan> {
    const { request, sessionKey } = await this.makeReveal("panReveal");
    const { status, body } = await this.sendPanReveal(request);
    assert.equal(status, 200);
    return openRevealedPan(primitives, { reply: body, sessionKey });
  }

  /** As the operator, below `/issuer/v1`. */
  operator(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.#solaris.operator(method, path, body);
  }

  /** Natively, as a terminal would. */
  async verify(digits: string): Promise<Answer> {
    return this.operator("POST", `/cards/${this.cardId}/pin/verify`, await this.#solaris.seal(digits));
  }

  async card(): Promise<Answer["body"]> {
    return (await this.operator("GET", `/cards/${this.cardId}`)).body;
  }

  async auditEvents(): Promise<Answer["body"][]> {
    return (await this.operator("GET", `/audit-events?cardId=${this.cardId}`)).body;
  }

  async #make(path: string, body: unknown): Promise<Answer["body"]> {
    const made = await this.operator("POST", path, body);
    assert.equal(made.status, 201);
    return made.body;
  }
}

/** The answer is an error in Adyen's shape. */
export function assertAdyenError(answer: Answer, status: number, errorCode: string, ...fields: string[]): void {
  const { body } = answer;
  assert.deepEqual([answer.status, body.status, body.errorCode], [status, status, errorCode], body.detail);
  assert.match(body.type, /^https:\/\/docs\.adyen\.com\/errors\//);
  assert.match(body.requestId, /^[0-9a-f-]{36}$/);
  assert.deepEqual(
    (body.invalidFields ?? []).map(({ name }: { name: string }) => name),
    fields,
  );
}
