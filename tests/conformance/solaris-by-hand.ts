import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { handMadeJwe } from "@linchpin/test-fixtures/messages/hand-made-jwe";
import { type Answer, call } from "@linchpin/testing/call";

export { handMadeJwe };

/** A partner's backend and a cardholder's device, written by hand on node:crypto against a running issuer. */
export class SolarisByHand {
  readonly #solaris: Record<string, string>;
  readonly #issuer: Record<string, string>;
  readonly #token: string;

  private constructor(sandbox: { solaris: Record<string, string>; issuer: Record<string, string> }, token: string) {
    this.#solaris = sandbox.solaris;
    this.#issuer = sandbox.issuer;
    this.#token = token;
  }

  static async create(origin: string): Promise<SolarisByHand> {
    const { body } = await call("POST", `${origin}/sandbox/cards`);
    const { baseUrl, clientId, clientSecret } = body.solaris;
    const token = await call("POST", `${baseUrl}/oauth2/token`, {
      headers: {
        authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: "grant_type=client_credentials&scope=partners",
    });
    return new SolarisByHand(body, token.body.access_token);
  }

  get cardId(): string {
    return this.#solaris["cardAccountId"] ?? "";
  }

  get personId(): string {
    return this.#solaris["personId"] ?? "";
  }

  send(method: string, path: string, body?: unknown): Promise<Answer> {
    return call(method, `${this.#solaris["baseUrl"]}${path}`, { bearer: this.#token, body });
  }

  async pinKey(): Promise<Record<"kid" | "kty" | "use" | "alg" | "n" | "e", string>> {
    return (await this.send("GET", "/v1/cards/pin_keys/latest")).body;
  }

  async otp(): Promise<string> {
    const origin = new URL(this.#solaris["baseUrl"] ?? "").origin;
    const to = encodeURIComponent(this.#solaris["mobileNumber"] ?? "");
    const { body } = await call("GET", `${origin}/sandbox/messages?to=${to}`);
    return /\b\d{6}\b/.exec(body.at(-1).text)?.[0] ?? "";
  }

  async bindDevice(purpose: "restricted" | "unrestricted" = "restricted"): Promise<DeviceByHand> {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const { x = "", y = "" } = publicKey.export({ format: "jwk" });
    const key = Buffer.concat([Buffer.of(4), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]).toString("hex");
    const bound = await this.send("POST", "/v1/mfa/devices", {
      person_id: this.personId,
      key_type: "ecdsa-p256",
      key,
      key_purpose: purpose,
    });
    assert.equal(bound.status, 202);
    const signature = signHex(privateKey, await this.otp());
    const proved = await this.send("PUT", `/v1/mfa/challenges/signatures/${bound.body.challenge.id}`, { signature });
    assert.equal(proved.status, 204);
    return { id: bound.body.id, privateKey };
  }

  /** The members of a change, right unless told otherwise. */
  async change(device: DeviceByHand, plaintext: string, wrong: Parameters<typeof handMadeJwe>[2] = {}) {
    const key = await this.pinKey();
    const encrypted_pin = handMadeJwe(key, plaintext, wrong);
    return {
      encrypted_pin,
      key_id: key.kid,
      signature: signHex(device.privateKey, encrypted_pin),
      device_id: device.id,
    };
  }

  sendChange(body: unknown): Promise<Answer> {
    return this.send("POST", `/v1/cards/${this.cardId}/pin_update_requests`, body);
  }

  sendScaChange(body: unknown): Promise<Answer> {
    return this.send("POST", `/v1/cards/${this.cardId}/sca_pin_update_requests`, body);
  }

  /** As the operator. */
  setCardState(state: string): Promise<Answer> {
    const url = `${this.#issuer["baseUrl"]}/cards/${this.#issuer["cardId"]}`;
    return call("PATCH", url, { bearer: this.#issuer["apiKey"] ?? "", body: { state } });
  }

  /** What a terminal would be told of a PIN. `cardId`: the issuer's own id, where it is another card. */
  async verify(digits: string, cardId = this.#issuer["cardId"]): Promise<string> {
    const key = await this.pinKey();
    const encrypted_pin = handMadeJwe(key, `{"pin":"${digits}"}`);
    const url = `${this.#issuer["baseUrl"]}/cards/${cardId}/pin/verify`;
    const body = { encrypted_pin, key_id: key.kid };
    return (await call("POST", url, { bearer: this.#issuer["apiKey"] ?? "", body })).body.result;
  }
}

/** A partner's server, written by hand on node:http. */
export class ReceiverByHand {
  readonly received: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
  status = 200;
  url = "";
  readonly #server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    this.received.push({ headers: request.headers, body });
    response.writeHead(this.status).end();
  });

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hooks`;
  }

  async waitFor(count: number): Promise<void> {
    while (this.received.length < count) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

export interface DeviceByHand {
  readonly id: string;
  readonly privateKey: KeyObject;
}

/** As the guide's Ruby sample: ECDSA over SHA-256, ASN.1, hex. */
export function signHex(privateKey: KeyObject, text: string): string {
  return sign("sha256", Buffer.from(text), privateKey).toString("hex");
}

export function assertRefused(answer: Answer, status: number, code: string, field?: string): void {
  const [error] = answer.body?.errors ?? [];
  assert.deepEqual([answer.status, error?.code], [status, code], JSON.stringify(answer.body));
  if (field !== undefined)
    assert.ok(
      answer.body.errors.some((one: { source?: { field: string } }) => one.source?.field === field),
      `${field} in ${JSON.stringify(answer.body)}`,
    );
}
