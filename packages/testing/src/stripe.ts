import assert from "node:assert/strict";
import { Pin, utf8 } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import { acceptIssuerKey, sealPin } from "@linchpin/protocols/stripe/device";
import type { PinKeyReply } from "@linchpin/protocols/stripe/wire";
import { type Answer, call } from "./call.ts";
import { SolarisCardholder } from "./solaris.ts";

interface StripeAccess {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly cardId: string;
}

/**
 * A cardholder with a fresh card, and the partner that posts for them by Stripe's protocol, against a running sandbox.
 * The device half does the crypto.
 */
export class StripeCardholder implements StripeAccess {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** The card's name at Stripe, `ic_…`. */
  readonly cardId: string;
  readonly issuerCardId: string;
  readonly #solaris: SolarisCardholder;

  private constructor(solaris: SolarisCardholder, issuerCardId: string, { baseUrl, apiKey, cardId }: StripeAccess) {
    this.baseUrl = baseUrl;
    this.apiKey = apiKey;
    this.cardId = cardId;
    this.issuerCardId = issuerCardId;
    this.#solaris = solaris;
  }

  static async create(origin: string): Promise<StripeCardholder> {
    const solaris = await SolarisCardholder.create(origin);
    return new StripeCardholder(solaris, solaris.sandbox.issuer.cardId, solaris.sandbox.stripe);
  }

  /** Another cardholder of the same partner's, whose card is of a program with these settings. */
  async inProgram(settings: object): Promise<StripeCardholder> {
    const program = await this.#make("/programs", { name: "Another program", settings });
    return this.#withCardOf("sandbox", program.id, this.apiKey);
  }

  /** A cardholder of another partner's. */
  async atAnotherPartner(): Promise<StripeCardholder> {
    const partner = await this.#make("/partners", { name: "Another partner" });
    const credential = await this.#make(`/partners/${partner.id}/credentials`, { protocol: "stripe", roles: [] });
    return this.#withCardOf(partner.id, "sandbox", credential.clientSecret);
  }

  async #withCardOf(partnerId: string, programId: string, apiKey: string): Promise<StripeCardholder> {
    const person = await this.#make("/persons", { partnerId });
    const { id, names } = await this.#make("/cards", { personId: person.id, programId });
    return new StripeCardholder(this.#solaris, id, { baseUrl: this.baseUrl, apiKey, cardId: names.stripe });
  }

  /** As this cardholder's partner, below `/stripe`; `parameters` go as a form. */
  partner(
    method: string,
    path: string,
    parameters?: Readonly<Record<string, string>>,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const form = "application/x-www-form-urlencoded";
    return call(method, `${this.baseUrl}${path}`, {
      ...(parameters && { body: new URLSearchParams(parameters).toString() }),
      headers: { authorization: `Bearer ${this.apiKey}`, ...(parameters && { "content-type": form }), ...headers },
    });
  }

  /** Updates the card. */
  update(parameters: Readonly<Record<string, string>>, headers?: Record<string, string>): Promise<Answer> {
    return this.partner("POST", `/v1/issuing/cards/${this.cardId}`, parameters, headers);
  }

  async pinKey(): Promise<PinKeyReply> {
    const { status, body } = await call("GET", `${this.baseUrl}/v1/keys`);
    assert.equal(status, 200);
    return body;
  }

  async seal(digits: string): Promise<string> {
    const issuerKey = acceptIssuerKey(await this.pinKey());
    return sealPin(primitives, { pin: new Pin(utf8(digits)), issuerKey });
  }

  sendPin(encryptedNumber: string, headers?: Record<string, string>): Promise<Answer> {
    return this.update({ "pin[encrypted_number]": encryptedNumber }, headers);
  }

  async changePin(digits: string): Promise<Answer> {
    return this.sendPin(await this.seal(digits));
  }

  /** As the operator, below `/issuer/v1`. */
  operator(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.#solaris.operator(method, path, body);
  }

  /** Natively, as a terminal would: this card, or another by the issuer's id. */
  async verify(digits: string, issuerCardId = this.issuerCardId): Promise<Answer> {
    return this.operator("POST", `/cards/${issuerCardId}/pin/verify`, await this.#solaris.seal(digits));
  }

  /** As the issuer API has it. */
  async card(): Promise<Answer["body"]> {
    return (await this.operator("GET", `/cards/${this.issuerCardId}`)).body;
  }

  async auditEvents(): Promise<Answer["body"][]> {
    return (await this.operator("GET", `/audit-events?cardId=${this.issuerCardId}`)).body;
  }

  async #make(path: string, body: unknown): Promise<Answer["body"]> {
    const made = await this.operator("POST", path, body);
    assert.equal(made.status, 201);
    return made.body;
  }
}
