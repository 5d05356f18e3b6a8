import { Pin, utf8 } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import {
  type Form,
  type IssuerKey,
  makePinGet,
  makePinSet,
  type OaepHash,
  openPinGet,
  readIssuerKey,
} from "@linchpin/protocols/spritz/device";
import type { PinSet } from "@linchpin/protocols/spritz/wire";
import { type Answer, call } from "./call.ts";
import { SolarisCardholder } from "./solaris.ts";

interface SpritzAccess {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** The card's name at Spritz and Rain, a UUID. */
  readonly cardId: string;
  readonly publicKey: string;
  readonly rain: { readonly publicKey: string; readonly legacyPublicKey: string };
}

/**
 * A cardholder with a fresh card, and the partner that sends for them by Spritz' protocol, or by Rain's form of it,
 * against a running sandbox. The device half does the crypto.
 */
export class SpritzCardholder {
  readonly access: SpritzAccess;
  readonly issuerCardId: string;
  readonly #solaris: SolarisCardholder;

  private constructor(solaris: SolarisCardholder, issuerCardId: string, access: SpritzAccess) {
    this.access = access;
    this.issuerCardId = issuerCardId;
    this.#solaris = solaris;
  }

  static async create(origin: string): Promise<SpritzCardholder> {
    const solaris = await SolarisCardholder.create(origin);
    return new SpritzCardholder(solaris, solaris.sandbox.issuer.cardId, solaris.sandbox.spritz as SpritzAccess);
  }

  /** Another cardholder of the same partner's, whose card is of a program with these settings. */
  async inProgram(settings: object): Promise<SpritzCardholder> {
    const program = await this.#make("/programs", { name: "Another program", settings });
    return this.#withCardOf("sandbox", program.id, this.access.apiKey);
  }

  /** A cardholder of another partner's. */
  async atAnotherPartner(): Promise<SpritzCardholder> {
    const partner = await this.#make("/partners", { name: "Another partner" });
    const credential = await this.#make(`/partners/${partner.id}/credentials`, { protocol: "spritz", roles: [] });
    return this.#withCardOf(partner.id, "sandbox", credential.clientSecret);
  }

  async #withCardOf(partnerId: string, programId: string, apiKey: string): Promise<SpritzCardholder> {
    const person = await this.#make("/persons", { partnerId });
    const { id, names } = await this.#make("/cards", { personId: person.id, programId });
    return new SpritzCardholder(this.#solaris, id, { ...this.access, apiKey, cardId: names.spritz });
  }

  /** The key of a form's row. */
  issuerKey(form: Form = "spritz", hash?: OaepHash): IssuerKey {
    const { publicKey, rain } = this.access;
    const ofRain = hash === "SHA-1" ? rain.legacyPublicKey : rain.publicKey;
    return readIssuerKey(form === "rain" ? ofRain : publicKey, { form, hash });
  }

  /** A set's message, sealed by the device half. */
  seal(digits: string, issuerKey = this.issuerKey()): Promise<PinSet> {
    return makePinSet(primitives, { pin: new Pin(utf8(digits)), issuerKey });
  }

  /** As this cardholder's partner, below `/spritz`. */
  partner(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const authorization = { authorization: `Bearer ${this.access.apiKey}` };
    return call(method, `${this.access.baseUrl}${path}`, { body, headers: { ...authorization, ...headers } });
  }

  sendSet(message: unknown, headers?: Record<string, string>): Promise<Answer> {
    return this.partner("PUT", `/v1/cards/${this.access.cardId}/pin`, message, headers);
  }

  sendGet(encryptedKey: string, headers?: Record<string, string>): Promise<Answer> {
    return this.partner("POST", `/v1/cards/${this.access.cardId}/pin`, { encryptedKey }, headers);
  }

  /** Rain's set. */
  sendRainSet({ encryptedKey, encryptedPin }: PinSet, headers: Record<string, string> = {}): Promise<Answer> {
    const path = `/v1/issuing/cards/${this.access.cardId}/pin`;
    return this.partner("PUT", path, { encryptedPin }, { SessionId: encryptedKey, ...headers });
  }

  sendRainGet(encryptedKey: string, headers: Record<string, string> = {}): Promise<Answer> {
    const path = `/v1/issuing/cards/${this.access.cardId}/pin`;
    return this.partner("GET", path, undefined, { SessionId: encryptedKey, ...headers });
  }

  async changePin(digits: string): Promise<Answer> {
    return this.sendSet(await this.seal(digits));
  }

  /** The digits that a get shows. */
  async revealedPin(form: Form = "spritz", hash?: OaepHash): Promise<string> {
    const { encryptedKey, sessionKey } = await makePinGet(primitives, this.issuerKey(form, hash));
    const answer = await (form === "rain" ? this.sendRainGet(encryptedKey) : this.sendGet(encryptedKey));
    if (answer.status !== 200) throw new Error(`a get was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    const pin = await openPinGet(primitives, { encryptedPin: answer.body.encryptedPin, sessionKey });
    return String.fromCharCode(...pin.asciiDigits());
  }

  /** As the operator, below `/issuer/v1`. */
  operator(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.#solaris.operator(method, path, body);
  }

  /** Natively, as a terminal would. */
  async verify(digits: string): Promise<Answer> {
    return this.operator("POST", `/cards/${this.issuerCardId}/pin/verify`, await this.#solaris.seal(digits));
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
    if (made.status !== 201) throw new Error(`${path} was answered ${made.status}`);
    return made.body;
  }
}
