import assert from "node:assert/strict";
import { base64FromBytes, utf8 } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import {
  acceptIssuerKey,
  type IssuerKey,
  type MethodToMake,
  makeEncryptedSigningMethod,
  sealMethodRequest,
  sealMethodUpdate,
  sealUserRequest,
} from "@linchpin/protocols/venly/device";
import { type Answer, call } from "./call.ts";

type SealedRequest = Parameters<typeof makeEncryptedSigningMethod>[2];

/** A signing method as its user knows it. */
export interface KnownMethod {
  readonly id: string;
  readonly value: string;
  readonly physicalDeviceId?: string;
}

/** The partner that relays for its users, against a running issuer. The device half does the crypto. */
export class VenlyPartner {
  readonly baseUrl: string;
  readonly origin: string;
  readonly token: string;

  private constructor(baseUrl: string, token: string) {
    this.baseUrl = baseUrl;
    this.origin = new URL(baseUrl).origin;
    this.token = token;
  }

  static async create(origin: string): Promise<VenlyPartner> {
    const { body } = await call("GET", `${origin}/sandbox`);
    return VenlyPartner.#of(body.venly);
  }

  /** A partner that is not the sandbox's. */
  static async createAnother(origin: string): Promise<VenlyPartner> {
    const { body: sandbox } = await call("GET", `${origin}/sandbox`);
    const bearer = sandbox.issuer.apiKey;
    const { baseUrl } = sandbox.issuer;
    const { body: partner } = await call("POST", `${baseUrl}/partners`, { bearer, body: { name: "Another" } });
    const path = `${baseUrl}/partners/${partner.id}/credentials`;
    const made = await call("POST", path, { bearer, body: { protocol: "venly" } });
    assert.equal(made.status, 201);
    return VenlyPartner.#of({ ...sandbox.venly, ...made.body });
  }

  static async #of(venly: Record<string, string>): Promise<VenlyPartner> {
    const { status, body } = await fetchToken(venly);
    assert.equal(status, 200);
    return new VenlyPartner(venly["baseUrl"] ?? "", body.access_token);
  }

  /** The same partner at another server of the same issuer. */
  at(origin: string): VenlyPartner {
    return new VenlyPartner(`${origin}/venly`, this.token);
  }

  send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return call(method, `${this.baseUrl}${path}`, { bearer: this.token, body, headers });
  }

  async issuerKey(): Promise<IssuerKey> {
    return acceptIssuerKey((await call("GET", `${this.baseUrl}/api/security`)).body);
  }

  /** A user with a PIN. */
  async makeUser(pin = "482915"): Promise<VenlyUser> {
    const signingMethod = { type: "PIN", value: utf8(pin) } as const;
    const sealed = await sealUserRequest(primitives, await this.issuerKey(), { reference: "A user", signingMethod });
    const { status, body } = await this.send("POST", "/api/users", sealed);
    assert.equal(status, 200);
    return new VenlyUser(this, body.result.id, { id: body.result.signingMethods[0].id, value: pin });
  }

  /** What the sandbox's upstream carried out for a user. */
  async transfers(userId: string): Promise<Answer["body"][]> {
    const { body } = await call("GET", `${this.origin}/sandbox/transfers`);
    return body.filter((transfer: { userId: string }) => transfer.userId === userId);
  }
}

export class VenlyUser {
  readonly partner: VenlyPartner;
  readonly id: string;
  readonly pin: KnownMethod;

  constructor(partner: VenlyPartner, id: string, pin: KnownMethod) {
    this.partner = partner;
    this.id = id;
    this.pin = pin;
  }

  /** `Encrypted-Signing-Method` for a body. */
  async sign(body: string, method = this.pin, more: Partial<SealedRequest> = {}): Promise<string> {
    return makeEncryptedSigningMethod(primitives, await this.partner.issuerKey(), {
      method: { ...method, value: utf8(method.value) },
      body: utf8(body),
      ...more,
    });
  }

  async transfer(body = transferBody, method = this.pin, more: Partial<SealedRequest> = {}): Promise<Answer> {
    return this.sendTransfer(body, await this.sign(body, method, more));
  }

  sendTransfer(body: string, header: string, path = "/api/transactions/execute"): Promise<Answer> {
    return this.partner.send("POST", path, body, { "encrypted-signing-method": header });
  }

  async addMethod(method: MethodToMake, by = this.pin): Promise<Answer> {
    const body = JSON.stringify(await sealMethodRequest(primitives, await this.partner.issuerKey(), method));
    const header = await this.sign(body, by);
    return this.partner.send("POST", `/api/users/${this.id}/signing-methods`, body, {
      "encrypted-signing-method": header,
    });
  }

  async updateMethod(methodId: string, value: string, by = this.pin): Promise<Answer> {
    const sealed = await sealMethodUpdate(primitives, await this.partner.issuerKey(), { value: utf8(value) });
    const body = JSON.stringify(sealed);
    const header = await this.sign(body, by);
    return this.partner.send("PUT", `/api/users/${this.id}/signing-methods/${methodId}`, body, {
      "encrypted-signing-method": header,
    });
  }

  async addBiometric(): Promise<KnownMethod> {
    const known = { value: "2f08ae38-b3b9-4857-b46e-3b20e1a936f8", physicalDeviceId: "312b26a0-e6de-4d33-a011" };
    const { physicalDeviceId } = known;
    const { body } = await this.addMethod({ type: "BIOMETRIC", value: utf8(known.value), physicalDeviceId });
    return { id: body.result.id, ...known };
  }

  async addEmergencyCode(): Promise<KnownMethod> {
    const { body } = await this.addMethod({ type: "EMERGENCY_CODE" });
    return { id: body.result.id, value: body.result.value };
  }

  /** As the partner sees it. */
  async describe(): Promise<Answer["body"]> {
    return (await this.partner.send("GET", `/api/users/${this.id}`)).body.result;
  }

  async incorrectAttempts(methodId = this.pin.id): Promise<number> {
    const { signingMethods } = await this.describe();
    return signingMethods.find(({ id }: { id: string }) => id === methodId).incorrectAttempts;
  }
}

export const transferBody = JSON.stringify({
  transactionRequest: {
    type: "TRANSFER",
    secretType: "MATIC",
    walletId: "56137f2d-b4e9-42de-943b-cee828eb222a",
    to: "0x8D6331D6C5ba3306961F0b4Ea13ff13aa43560b9",
    value: 1,
  },
});

export function fetchToken(venly: Record<string, string>): Promise<Answer> {
  const form = { grant_type: "client_credentials", client_id: venly["clientId"], client_secret: venly["clientSecret"] };
  return call("POST", venly["tokenUrl"] ?? "", {
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(JSON.parse(JSON.stringify(form))).toString(),
  });
}

/** The answer is an error in Venly's shape. */
export function assertVenlyError(answer: Answer, status: number, code: string): void {
  assert.deepEqual([answer.status, answer.body?.errors?.[0]?.code], [status, code], JSON.stringify(answer.body));
  assert.equal(answer.body.success, false);
}

/** An envelope's JSON with one thing changed, as the header that it goes by. */
export function headerOf(envelope: unknown): string {
  return base64FromBytes(utf8(typeof envelope === "string" ? envelope : JSON.stringify(envelope)));
}

/** Every audit event there is. */
export async function auditTrail(issuer: { readonly url: string }): Promise<Answer["body"][]> {
  const { body: sandbox } = await call("GET", `${issuer.url}/sandbox`);
  const { baseUrl, apiKey: bearer } = sandbox.issuer;
  const { body: shards } = await call("GET", `${baseUrl}/audit-shards`, { bearer });
  const pages = shards.map(({ shard }: { shard: number }) =>
    call("GET", `${baseUrl}/audit-events?shard=${shard}&limit=1000`, { bearer }),
  );
  return (await Promise.all(pages)).flatMap(({ body }) => body);
}
