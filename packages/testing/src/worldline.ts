import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { Pin, utf8 } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import {
  acceptKeySet,
  makePinDisplayRequest,
  makePinSetRequest,
  openDisplayedPin,
} from "@linchpin/protocols/worldline/device";
import type { PinSetRequest } from "@linchpin/protocols/worldline/wire";
import { type Answer, call } from "./call.ts";
import { SolarisCardholder } from "./solaris.ts";

interface WorldlineAccess {
  readonly baseUrl: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly issuerId: string;
  readonly cardReference: string;
  readonly pan: string;
}

export type KeySetId = "01" | "02";

/**
 * A cardholder with a fresh card, and the bank that posts for them by Worldline's protocol, against a running sandbox.
 * The device half does the crypto.
 */
export class WorldlineCardholder {
  readonly access: WorldlineAccess;
  readonly issuerCardId: string;
  readonly #solaris: SolarisCardholder;
  #token: string | undefined;

  private constructor(solaris: SolarisCardholder, issuerCardId: string, access: WorldlineAccess) {
    this.access = access;
    this.issuerCardId = issuerCardId;
    this.#solaris = solaris;
  }

  static async create(origin: string): Promise<WorldlineCardholder> {
    const solaris = await SolarisCardholder.create(origin);
    return new WorldlineCardholder(solaris, solaris.sandbox.issuer.cardId, solaris.sandbox.worldline);
  }

  /** Another cardholder of the same bank's, whose card is of a program with these settings. */
  async inProgram(settings: object, pan: string | null = makePan()): Promise<WorldlineCardholder> {
    const program = await this.#make("/programs", { name: "Another program", settings });
    return this.#withCardOf(this.access, program.id, pan);
  }

  /** A cardholder of another bank's. */
  async atAnotherPartner(): Promise<WorldlineCardholder> {
    const partner = await this.#make("/partners", { name: "Another partner" });
    const credential = await this.#make(`/partners/${partner.id}/credentials`, { protocol: "worldline", roles: [] });
    const { clientId, clientSecret } = credential;
    return this.#withCardOf({ ...this.access, clientId, clientSecret, issuerId: partner.id }, "sandbox", makePan());
  }

  async #withCardOf(access: WorldlineAccess, programId: string, pan: string | null): Promise<WorldlineCardholder> {
    const person = await this.#make("/persons", { partnerId: access.issuerId });
    const { id, names } = await this.#make("/cards", { personId: person.id, programId });
    const data = { pan, cvv2: "047", expiration: { month: 9, year: 2031 } };
    if (pan !== null) assert.equal((await this.operator("PUT", `/cards/${id}/data`, data)).status, 204);
    return new WorldlineCardholder(this.#solaris, id, { ...access, cardReference: names.worldline, pan: pan ?? "" });
  }

  /** As this cardholder's bank, below `…/cards`. */
  async bank(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const { baseUrl, issuerId } = this.access;
    const url = `${baseUrl}/card-issuing/api/v2/issuers/${issuerId}/cards${path}`;
    return call("POST", url, { bearer: await this.token(), headers, ...(body === undefined ? {} : { body }) });
  }

  /** Below the card's own path. */
  card(operation: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> {
    return this.bank(`/${this.access.cardReference}/${operation}`, body, headers);
  }

  async token(): Promise<string> {
    this.#token ??= (await this.makeToken()).body.access_token as string;
    return this.#token;
  }

  makeToken({ clientId, clientSecret } = this.access): Promise<Answer> {
    const form = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret };
    return call("POST", this.access.tokenUrl, {
      body: new URLSearchParams(form).toString(),
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
  }

  /** Base64 of an SPKI, as the operator hands it to the bank. */
  async keySet(keyId: KeySetId = "01"): Promise<string> {
    const { body } = await call("GET", `${new URL(this.access.baseUrl).origin}/sandbox`);
    return body.worldline.keySets[keyId];
  }

  async seal(digits: string, keyId: KeySetId = "01", pan = this.access.pan): Promise<PinSetRequest> {
    const issuerKey = acceptKeySet({ keyId, publicKey: await this.keySet(keyId) });
    return makePinSetRequest(primitives, { pin: new Pin(utf8(digits)), pan, issuerKey });
  }

  async setPin(digits: string, keyId?: KeySetId): Promise<Answer> {
    return this.card("pin", await this.seal(digits, keyId));
  }

  /** @param path by default the card's own */
  async displayedPin(
    keyId: KeySetId = "01",
    path = `/${this.access.cardReference}/display-pin`,
    more = {},
  ): Promise<Pin> {
    const issuerKey = acceptKeySet({ keyId, publicKey: await this.keySet(keyId) });
    const { request, sessionKey } = await makePinDisplayRequest(primitives, issuerKey);
    const { status, body } = await this.bank(path, { ...request, ...more });
    assert.equal(status, 200, JSON.stringify(body));
    const attribute = body.data.externalPinAttribute;
    return openDisplayedPin(primitives, { attribute, pan: this.access.pan, sessionKey });
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
  async issuerCard(): Promise<Answer["body"]> {
    return (await this.operator("GET", `/cards/${this.issuerCardId}`)).body;
  }

  async auditEvents(): Promise<Answer["body"][]> {
    return (await this.operator("GET", `/audit-events?cardId=${this.issuerCardId}`)).body;
  }

  async #make(path: string, body: unknown): Promise<Answer["body"]> {
    const made = await this.operator("POST", path, body);
    assert.equal(made.status, 201, JSON.stringify(made.body));
    return made.body;
  }
}

/** 16 digits, the last by ISO/IEC 7812-1 Annex B. */
function makePan(): string {
  const account = `504115${String(randomInt(1e9)).padStart(9, "0")}`;
  const sum = [...account].reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return `${account}${(10 - (sum % 10)) % 10}`;
}
