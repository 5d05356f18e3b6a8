import { Pin, type SigningKey, utf8 } from "@linchpin/core";
import { nodeCryptoPrimitives as primitives } from "@linchpin/core/node";
import * as adyen from "@linchpin/protocols/adyen/device";
import * as solaris from "@linchpin/protocols/solaris/device";
import * as venly from "@linchpin/protocols/venly/device";
import { call } from "@linchpin/testing/call";
import type { Filled } from "./fill-cards.ts";
import type { Requests } from "./load.ts";

/** What a partner of an issuer holds. */
export interface Access {
  readonly url: string;
  readonly signingKey: SigningKey;
  readonly solarisToken: string;
  readonly venlyToken: string;
  readonly adyenKey: string;
  readonly plumeryKey: string;
  readonly nativeToken: string;
  readonly operatorKey: string;
  readonly filled: Filled;
}

/** `count` changes of PINs, of `cards` cards. */
export async function solarisChanges(
  { url, solarisToken, signingKey }: Access,
  count: number,
  cards = 2000,
): Promise<Requests> {
  const bearer = solarisToken;
  const issuerKey = solaris.acceptIssuerKey(
    (await call("GET", `${url}/solaris/v1/cards/pin_keys/latest`, { bearer })).body,
  );
  return makeEach(count, async (index) => {
    const card = cardOf(index, cards);
    const request = { pin: pinOf(index), issuerKey, deviceId: `device${card}`, restrictedKey: signingKey };
    const body = await solaris.makePinUpdateRequest(primitives, request);
    return post(`/solaris/v1/cards/solaris${card}/pin_update_requests`, { authorization: `Bearer ${bearer}` }, body);
  });
}

export async function adyenChanges({ url, adyenKey }: Access, count: number, cards = 2000): Promise<Requests> {
  const headers = { "x-api-key": adyenKey };
  const base = "/adyen/bcl/v2";
  const issuerKey = adyen.acceptIssuerKey(
    (await call("GET", `${url}${base}/publicKey?purpose=pinChange`, { headers })).body,
  );
  return makeEach(count, async (index) => {
    const paymentInstrumentId = `adyen${cardOf(index, cards)}`;
    const body = await adyen.makePinChangeRequest(primitives, { pin: pinOf(index), issuerKey, paymentInstrumentId });
    return post(`${base}/pins/change`, headers, body);
  });
}

/** Of cards that have a PIN. Each of a client with a key of its own. */
export async function plumeryReveals({ plumeryKey }: Access, count: number, cards = 2000): Promise<Requests> {
  return makeEach(count, async (index) => {
    const { publicPoint } = await primitives.makeAgreementKey();
    const key = Buffer.from(publicPoint).toString("base64");
    return requestOf("GET", `/plumery/internal/v1/cards/plumery${cardOf(index, cards)}/pin`, {
      authorization: `Bearer ${plumeryKey}`,
      "x-client-public-key": key,
    });
  });
}

/** New values for signing methods, authorized by themselves: the header is sealed, the body plain. */
export async function venlyUpdates({ url, venlyToken }: Access, count: number, users = 200): Promise<Requests> {
  const bearer = venlyToken;
  const issuerKey = venly.acceptIssuerKey((await call("GET", `${url}/venly/api/security`)).body);
  const value = "482915";
  const methods = await makeEach(users, async (index) => {
    const body = { reference: `user ${index}`, signingMethod: { type: "PIN", value } };
    const { id, signingMethods } = (await call("POST", `${url}/venly/api/users`, { bearer, body })).body.result;
    return { userId: id, id: signingMethods[0].id };
  });
  const body = JSON.stringify({ value });
  return makeEach(count, async (index) => {
    const { userId, id } = methods[index % users] ?? { userId: "", id: "" };
    const header = await venly.makeEncryptedSigningMethod(primitives, issuerKey, {
      method: { id, value: utf8(value) },
      body: utf8(body),
    });
    const headers = { authorization: `Bearer ${bearer}`, "encrypted-signing-method": header };
    return requestOf("PUT", `/venly/api/users/${userId}/signing-methods/${id}`, headers, body);
  });
}

export async function fetchToken(url: string, client: { clientId: string; clientSecret: string }): Promise<string> {
  const form = { grant_type: "client_credentials", client_id: client.clientId, client_secret: client.clientSecret };
  const { status, body } = await call("POST", url, {
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(form).toString(),
  });
  if (status !== 200) throw new Error(`no token: ${status}`);
  return body.access_token;
}

export function post(path: string, headers: Readonly<Record<string, string>>, body: object): Buffer {
  return requestOf("POST", path, headers, JSON.stringify(body));
}

function requestOf(method: string, path: string, headers: Readonly<Record<string, string>>, body?: string): Buffer {
  const all = {
    host: "127.0.0.1",
    ...headers,
    ...(body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body ?? ""}`);
}

/** From all over, and none again before all had their turn, as long as `cards` has no factor of 7,919. */
export function cardOf(index: number, cards: number): number {
  return 1 + ((7919 * index) % cards);
}

export function pinOf(index: number): Pin {
  return new Pin(utf8(`19${20 + (index % 70)}`));
}

export async function makeEach<Made>(count: number, make: (index: number) => Promise<Made>): Promise<Made[]> {
  const made: Made[] = [];
  for (let index = 0; index < count; index++) made.push(await make(index));
  return made;
}
