import assert from "node:assert/strict";
import { Pin, type SigningKey, utf8 } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import {
  acceptIssuerKey,
  makeBindDeviceRequest,
  makePinUpdateRequest,
  makeScaPinUpdateRequest,
  signCode,
} from "@linchpin/protocols/solaris/device";
import type { BindDeviceRequest, PinUpdateRequest, ScaPinUpdateRequest } from "@linchpin/protocols/solaris/wire";
import { type Answer, call } from "./call.ts";

/**
 * A cardholder with a fresh card, and the partner that relays for them, against a running sandbox.
 * The device half does the crypto; nothing here reads a PIN.
 */
export class SolarisCardholder {
  // biome-ignore lint/suspicious/noExplicitAny: the shape of GET /sandbox
  readonly sandbox: any;
  readonly token: string;

  // biome-ignore lint/suspicious/noExplicitAny: the shape of GET /sandbox
  private constructor(sandbox: any, token: string) {
    this.sandbox = sandbox;
    this.token = token;
  }

  /** With a card of its own, or the sandbox's one card where `fresh` is false. */
  static async create(origin: string, options: { fresh?: boolean } = {}): Promise<SolarisCardholder> {
    const isFresh = options.fresh ?? true;
    const { body } = isFresh ? await call("POST", `${origin}/sandbox/cards`) : await call("GET", `${origin}/sandbox`);
    return new SolarisCardholder(body, await fetchToken(body.solaris));
  }

  /** With the card of an answer of `POST /sandbox/cards`, or of `makeCard`. */
  // biome-ignore lint/suspicious/noExplicitAny: the shape of GET /sandbox
  static async of(sandbox: any): Promise<SolarisCardholder> {
    return new SolarisCardholder(sandbox, await fetchToken(sandbox.solaris));
  }

  /** A cardholder whose partner is not the sandbox's. */
  static async createAtAnotherPartner(origin: string): Promise<SolarisCardholder> {
    const { body: sandbox } = await call("GET", `${origin}/sandbox`);
    const make = async (path: string, body: unknown) => {
      const made = await call("POST", `${sandbox.issuer.baseUrl}${path}`, { bearer: sandbox.issuer.apiKey, body });
      assert.equal(made.status, 201);
      return made.body;
    };
    const partner = await make("/partners", { name: "Another partner" });
    const credential = await make(`/partners/${partner.id}/credentials`, { protocol: "solaris" });
    const person = await make("/persons", { partnerId: partner.id, mobileNumber: "+4915112345678" });
    const card = await make("/cards", { personId: person.id, programId: "sandbox" });
    const solaris = {
      baseUrl: sandbox.solaris.baseUrl,
      clientId: credential.clientId,
      clientSecret: credential.clientSecret,
      personId: person.id,
      cardAccountId: card.names.solaris,
      mobileNumber: person.mobileNumber.number,
    };
    const issuer = { ...sandbox.issuer, cardId: card.id };
    return new SolarisCardholder({ solaris, issuer }, await fetchToken(solaris));
  }

  /** The same cardholder, whose partner has a fresh token. */
  async renewed(): Promise<SolarisCardholder> {
    return new SolarisCardholder(this.sandbox, await fetchToken(this.sandbox.solaris));
  }

  /** The same cardholder, through another server of the same issuer. */
  at(origin: string): SolarisCardholder {
    const moved = Object.fromEntries(Object.entries(this.sandbox).map(([name, part]) => [name, movedTo(origin, part)]));
    return new SolarisCardholder(moved, this.token);
  }

  /** As this cardholder's partner, below `/solaris`. */
  partner(method: string, path: string, body?: unknown): Promise<Answer> {
    return call(method, `${this.sandbox.solaris.baseUrl}${path}`, { bearer: this.token, body });
  }

  /** As the operator, below `/issuer/v1`. */
  operator(method: string, path: string, body?: unknown): Promise<Answer> {
    return call(method, `${this.sandbox.issuer.baseUrl}${path}`, { bearer: this.sandbox.issuer.apiKey, body });
  }

  /** What went out to a number, newest last. */
  async messages(mobileNumber: string = this.sandbox.solaris.mobileNumber): Promise<Answer["body"][]> {
    const { origin } = new URL(this.sandbox.solaris.baseUrl);
    return (await call("GET", `${origin}/sandbox/messages?to=${encodeURIComponent(mobileNumber)}`)).body;
  }

  /** The six-digit word of the newest message to this person. */
  async newestOtp(mobileNumber?: string): Promise<string> {
    const otp = /\b\d{6}\b/.exec((await this.messages(mobileNumber)).at(-1)?.text)?.[0];
    assert.ok(otp, "a message with an OTP went out");
    return otp;
  }

  async bindDevice(purpose: "restricted" | "unrestricted" = "restricted"): Promise<BoundDevice> {
    const { deviceId, key, challengeId } = await this.beginBinding({ key_purpose: purpose });
    assert.equal((await this.proveBinding(challengeId, key, await this.newestOtp())).status, 204);
    return { deviceId, key };
  }

  async beginBinding(
    options: Pick<BindDeviceRequest, "key_purpose" | "challenge_type" | "language"> = {},
  ): Promise<BoundDevice & { challengeId: string }> {
    const key = await primitives.makeSigningKey();
    const request = makeBindDeviceRequest({ personId: this.sandbox.solaris.personId, key, ...options });
    const { status, body } = await this.partner("POST", "/v1/mfa/devices", request);
    assert.equal(status, 202);
    return { deviceId: body.id, key, challengeId: body.challenge.id };
  }

  async proveBinding(challengeId: string, key: SigningKey, otp: string): Promise<Answer> {
    return this.partner("PUT", `/v1/mfa/challenges/signatures/${challengeId}`, await signCode(key, otp));
  }

  /** Asks for a change that a TAN or a signature is to confirm. */
  async requestChange(digits: string): Promise<Answer> {
    const { cardAccountId } = this.sandbox.solaris;
    return this.partner("POST", `/v1/cards/${cardAccountId}/sca_pin_update_requests`, await this.seal(digits));
  }

  async seal(digits: string): Promise<ScaPinUpdateRequest> {
    const pin = new Pin(utf8(digits));
    return makeScaPinUpdateRequest(primitives, { pin, issuerKey: await this.issuerKey() });
  }

  async sealAndSign(digits: string, device: BoundDevice): Promise<PinUpdateRequest> {
    const pin = new Pin(utf8(digits));
    const { deviceId, key } = device;
    return makePinUpdateRequest(primitives, { pin, issuerKey: await this.issuerKey(), deviceId, restrictedKey: key });
  }

  sendChange(request: unknown): Promise<Answer> {
    return this.partner("POST", `/v1/cards/${this.sandbox.solaris.cardAccountId}/pin_update_requests`, request);
  }

  async changePin(digits: string, device: BoundDevice): Promise<Answer> {
    return this.sendChange(await this.sealAndSign(digits, device));
  }

  async verify(digits: string): Promise<Answer> {
    return this.operator("POST", `/cards/${this.sandbox.issuer.cardId}/pin/verify`, await this.seal(digits));
  }

  async card(): Promise<Answer["body"]> {
    return (await this.operator("GET", `/cards/${this.sandbox.issuer.cardId}`)).body;
  }

  async auditEvents(): Promise<Answer["body"][]> {
    return (await this.operator("GET", `/audit-events?limit=1000&cardId=${this.sandbox.issuer.cardId}`)).body;
  }

  private async issuerKey() {
    return acceptIssuerKey((await this.partner("GET", "/v1/cards/pin_keys/latest")).body);
  }
}

export interface BoundDevice {
  readonly deviceId: string;
  readonly key: SigningKey;
}

async function fetchToken(solaris: { baseUrl: string; clientId: string; clientSecret: string }): Promise<string> {
  const { body } = await call("POST", `${solaris.baseUrl}/oauth2/token`, {
    headers: {
      authorization: `Basic ${btoa(`${solaris.clientId}:${solaris.clientSecret}`)}`,
      "content-type": "application/x-www-form-urlencoded",
    },
    body: "grant_type=client_credentials&scope=partners",
  });
  return body.access_token;
}

/** The answer is an error in Solaris' shape. */
export function assertSolarisError(answer: Answer, status: number, code: string, field?: string): void {
  const [error] = answer.body?.errors ?? [];
  assert.deepEqual([answer.status, error?.status, error?.code], [status, status, code], error?.detail);
  assert.match(error.id, /^[0-9a-f]{32}ex$/);
  if (field !== undefined) assert.equal(error.source?.field, field);
}

/** What a sandbox says of a protocol or of the issuer API, at another origin. Anything else stays. */
function movedTo(origin: string, part: unknown): unknown {
  if (typeof part !== "object" || part === null || !("baseUrl" in part)) return part;
  return { ...part, baseUrl: origin + new URL(String(part.baseUrl)).pathname };
}
