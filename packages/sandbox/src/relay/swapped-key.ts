import { constants, generateKeyPair, type KeyObject, privateDecrypt, publicEncrypt } from "node:crypto";
import { promisify } from "node:util";
import { type Context, publicKeyOf } from "@linchpin/server/issuer";
import { protocolAt } from "../protocol-table.ts";
import { hasPublicKey, modulusOf, replacePublicKey } from "./public-key-texts.ts";
import { messageOf, type Passing, type RelayFault, reads, withMessage } from "./relay-fault.ts";
import type { Envelope, RelayedMessage } from "./relayed-change.ts";
import { sealedMessages } from "./sealed-messages.ts";

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
  return async (passing) => {
    const { url, init, send, report } = passing;
    const sealed = sealedMessages.find(({ path }) => path.test(url));
    const key = sealed === undefined ? undefined : swapped.get(sealed.purpose);
    if (!reads(init) && sealed?.envelope !== undefined && key !== undefined) {
      const message = messageOf(passing);
      const opened = openForItself(sealed.envelope, key, message);
      if (opened !== null) {
        const answer = await send(url, withMessage(init, opened.sealedAnew));
        const text = await answer.clone().text();
        const digits = await sealed.envelope
          .digitsIn({ ...message, answer: text }, opened.contentKey)
          .catch(() => null);
        if (digits !== null) report({ outcome: "succeeded", text: `now knows the PIN: it is ${digits}` });
        return answer;
      }
    }
    const revealed = await readByOwnRevealKey(passing);
    if (revealed !== null) return revealed;
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

async function swapKey(context: Context, text: string, swapped: Map<string, Swapped>): Promise<string> {
  for (const { purpose, envelope } of sealedMessages) {
    if (envelope === undefined || !context.keyring.uses(purpose)) continue;
    const issuerKey = publicKeyOf(await context.keyring.current(purpose));
    if (!hasPublicKey(text, issuerKey)) continue;
    const modulusLength = issuerKey.asymmetricKeyDetails?.modulusLength ?? 2048;
    const own = swapped.get(purpose)?.own ?? (await makeKeyPair("rsa", { modulusLength }));
    swapped.set(purpose, { issuerKey, own });
    return replacePublicKey(text, issuerKey, own.publicKey);
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

function openForItself({ scheme, rewrap }: Envelope, { issuerKey, own }: Swapped, message: RelayedMessage) {
  const padding = scheme === "PKCS1" ? constants.RSA_PKCS1_PADDING : constants.RSA_PKCS1_OAEP_PADDING;
  const oaepHash = scheme === "OAEP-SHA1" ? "sha1" : "sha256";
  const contentKeys: Uint8Array[] = [];
  try {
    const sealedAnew = rewrap(message, (wrappedKey) => {
      const contentKey = privateDecrypt({ key: own.privateKey, padding, oaepHash }, wrappedKey);
      contentKeys.push(contentKey);
      return { contentKey, rewrapped: publicEncrypt({ key: issuerKey, padding, oaepHash }, contentKey) };
    });
    const [contentKey] = contentKeys;
    return contentKey === undefined ? null : { contentKey, sealedAnew };
  } catch {
    return null; // it was sealed to the issuer's key, after all
  }
}

/** Where a phone's own key is what is sealed to: asks with another key, and seals what came to the phone's. */
async function readByOwnRevealKey(passing: Passing): Promise<Response | null> {
  const { url, init, send, report } = passing;
  const asked = (await protocolAt(url)?.reveal?.askInstead(messageOf(passing))) ?? null;
  if (asked === null) return null;
  const answer = await send(asked.message.url, withMessage(init, asked.message));
  const opened = await asked.open(await answer.clone().text());
  if (opened === null) return answer;
  report({
    outcome: "succeeded",
    text: `asked with a key of its own in the place of the phone's, and now knows the PIN: it is ${opened.digits}`,
    limit: "this answer is sealed with no key of the issuer's, and the phone's key is signed by nobody",
  });
  return new Response(opened.sealedAnew, { status: answer.status });
}
