import assert from "node:assert/strict";
import { Pin, utf8 } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import { acceptIssuerKey, sealPin } from "@linchpin/protocols/lithic/device";
import { type Answer, call } from "./call.ts";
import { SolarisCardholder } from "./solaris.ts";

interface LithicAccess {
  readonly baseUrl: string;
  readonly publicKeyUrl: string;
  readonly apiKey: string;
  readonly cardToken: string;
}

/**
 * A cardholder with a fresh card, and the partner that sends for them by Lithic's protocol, against a running sandbox.
 * The device half does the crypto.
 */
export class LithicCardholder implements LithicAccess {
  readonly baseUrl: string;
  readonly publicKeyUrl: string;
  readonly apiKey: string;
  /** The card's name at Lithic, a UUID. */
  readonly cardToken: string;
  readonly issuerCardId: string;
  readonly #solaris: SolarisCardholder;

  private constructor(solaris: SolarisCardholder, issuerCardId: string, access: LithicAccess) {
    this.baseUrl = access.baseUrl;
    this.publicKeyUrl = access.publicKeyUrl;
    this.apiKey = access.apiKey;
    this.cardToken = access.cardToken;
    this.issuerCardId = issuerCardId;
    this.#solaris = solaris;
  }

  static async create(origin: string): Promise<LithicCardholder> {
    const solaris = await SolarisCardholder.create(origin);
    return new LithicCardholder(solaris, solaris.sandbox.issuer.cardId, solaris.sandbox.lithic);
  }

  /** Another cardholder of the same partner's, whose card is of a program with these settings. */
  async inProgram(settings: object): Promise<LithicCardholder> {
    const program = await this.#make("/programs", { name: "Another program", settings });
    return this.#withCardOf("sandbox", program.id, this.apiKey);
  }

  /** A cardholder of another partner's. */
  async atAnotherPartner(): Promise<LithicCardholder> {
    const partner = await this.#make("/partners", { name: "Another partner" });
    const credential = await this.#make(`/partners/${partner.id}/credentials`, { protocol: "lithic", roles: [] });
    return this.#withCardOf(partner.id, "sandbox", credential.clientSecret);
  }

  async #withCardOf(partnerId: string, programId: string, apiKey: string): Promise<LithicCardholder> {
    const person = await this.#make("/persons", { partnerId });
    const { id, names } = await this.#make("/cards", { personId: person.id, programId });
    const { baseUrl, publicKeyUrl } = this;
    return new LithicCardholder(this.#solaris, id, { baseUrl, publicKeyUrl, apiKey, cardToken: names.lithic });
  }

  /** As this cardholder's partner, below `/lithic`; `body` goes as JSON. */
  partner(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return call(method, `${this.baseUrl}${path}`, { body, headers: { authorization: this.apiKey, ...headers } });
  }

  /** Updates the card. */
  update(members: object, headers?: Record<string, string>): Promise<Answer> {
    return this.partner("PATCH", `/v1/cards/${this.cardToken}`, members, headers);
  }

  /** The issuer's key, in PEM. */
  async publicKeyPem(): Promise<string> {
    const { status, body } = await call("GET", this.publicKeyUrl);
    assert.equal(status, 200);
    return body;
  }

  async seal(digits: string): Promise<string> {
    const issuerKey = acceptIssuerKey(await this.publicKeyPem());
    return sealPin(primitives, { pin: new Pin(utf8(digits)), issuerKey });
  }

  sendPin(pin: string, headers?: Record<string, string>): Promise<Answer> {
    return this.update({ pin }, headers);
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
