import assert from "node:assert/strict";
import { Pin, type SigningKey, utf8 } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import {
  acceptIssuerKey,
  answerChallenge,
  makeBindDeviceRequest,
  makePinUpdateRequest,
  makeScaPinUpdateRequest,
} from "@linchpin/protocols/solaris/device";
import type { PinUpdateRequest, ScaPinUpdateRequest } from "@linchpin/protocols/solaris/wire";
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

  /** The same cardholder, through another server of the same issuer. */
  at(origin: string): SolarisCardholder {
    const { solaris, issuer } = this.sandbox;
    const moved = {
      solaris: { ...solaris, baseUrl: `${origin}/solaris` },
      issuer: { ...issuer, baseUrl: `${origin}/issuer/v1` },
    };
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

  /** The six-digit word of the newest message to this person. */
  async newestOtp(): Promise<string> {
    const { origin } = new URL(this.sandbox.solaris.baseUrl);
    const { body } = await call(
      "GET",
      `${origin}/sandbox/messages?to=${encodeURIComponent(this.sandbox.solaris.mobileNumber)}`,
    );
    const otp = /\b\d{6}\b/.exec(body.at(-1).text)?.[0];
    assert.ok(otp, "a message with an OTP went out");
    return otp;
  }

  async bindDevice(purpose: "restricted" | "unrestricted" = "restricted"): Promise<BoundDevice> {
    const key = await primitives.makeSigningKey();
    const request = makeBindDeviceRequest({ personId: this.sandbox.solaris.personId, key, key_purpose: purpose });
    const bound = await this.partner("POST", "/v1/mfa/devices", request);
    assert.equal(bound.status, 202);
    const answer = await answerChallenge(key, await this.newestOtp());
    const proved = await this.partner("PUT", `/v1/mfa/challenges/signatures/${bound.body.challenge.id}`, answer);
    assert.equal(proved.status, 204);
    return { deviceId: bound.body.id, key };
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
    return (await this.operator("GET", `/audit-events?cardId=${this.sandbox.issuer.cardId}`)).body;
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
