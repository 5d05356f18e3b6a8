import { nodeCryptoPrimitives as primitives } from "@linchpin/core/node";
import type { ManifestKey } from "@linchpin/protocols/issuer-keys/wire";
import { acceptSession, makeSealedMessage, makeSessionRequest } from "@linchpin/protocols/native/device";
import { call } from "@linchpin/testing/call";
import { thumbprintOf } from "./fill-cards.ts";
import type { Requests } from "./load.ts";
import { type Access, cardOf, makeEach, pinOf, post } from "./requests.ts";

const base = "/native/v1";

/** What a session shows of a card, which only the issuer can seal. */
export async function addCardData({ url, operatorKey: bearer }: Access, cards = 2000): Promise<void> {
  const body = { pan: "9999990012345670", cvv2: "123", expiration: { month: 7, year: 2031 } };
  await makeEach(cards, async (index) => {
    const { status } = await call("PUT", `${url}/issuer/v1/cards/card${index + 1}/data`, { bearer, body });
    if (status !== 204) throw new Error(`no card data: ${status}`);
  });
}

/** Sessions for a change that a bound device authorizes. */
export async function nativeSessions(access: Access, count: number, cards = 2000): Promise<Requests> {
  const headers = { authorization: `Bearer ${access.nativeToken}` };
  return makeEach(count, async (index) => post(`${base}/sessions`, headers, requestOf(cardOf(index, cards))));
}

/** Changes, each of its own card and session: a session that another change overtook would be refused. */
export async function nativeChanges(access: Access, count: number, cards = 2000): Promise<Requests> {
  if (count > cards)
    throw new Error(`${count} changes of ${cards} cards: sessions of one card would overtake each other`);
  const { url, nativeToken: bearer, signingKey } = access;
  const pins = { issuer: url, roots: [await rootOf(url)] };
  const clockSeconds = Math.floor(Date.now() / 1000);
  return makeEach(count, async (index) => {
    const request = requestOf(cardOf(index, cards));
    const { status, body } = await call("POST", `${url}${base}/sessions`, { bearer, body: request });
    if (status !== 200) throw new Error(`no session: ${status} ${JSON.stringify(body)}`);
    const session = await acceptSession(primitives, body, { request, pins, lowestSeq: 0, clockSeconds });
    const message = await makeSealedMessage(primitives, session, { pin: pinOf(index) }, signingKey);
    return post(`${base}/operations`, { authorization: `Bearer ${bearer}` }, message.request);
  });
}

function requestOf(card: number) {
  const wish = { op: "pin-change", auth: "device", card: `native${card}`, device: thumbprintOf(card) } as const;
  return makeSessionRequest(primitives, wish);
}

/** The root that signed the list: nobody between lies here. */
async function rootOf(url: string): Promise<ManifestKey & { kty: "EC"; crv: "P-256"; x: string; y: string }> {
  const { body } = await call("GET", `${url}/issuer-keys`);
  const [{ kid }, { keys }] = (body as string)
    .split(".", 2)
    .map((segment) => JSON.parse(Buffer.from(segment, "base64url").toString()));
  return keys.find((key: ManifestKey) => key.kid === kid);
}
