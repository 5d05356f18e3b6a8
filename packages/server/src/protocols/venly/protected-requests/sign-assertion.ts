import { base64urlFromBytes, utf8 } from "@linchpin/core";
import type { AssertionClaims, AssertionKeysReply } from "@linchpin/protocols/venly/wire";
import type { Context } from "../../../context/index.ts";
import { provenPublicHalf, publicKeyOf } from "../../../keys/index.ts";
import { signNamingKey } from "../../../steps/index.ts";

/** How long an assertion is valid: the request has to reach the upstream, whose clock may differ. */
const lifetimeSeconds = 60;

/** Signs the assertion that tells the upstream what was checked: a compact JWS (RFC 7515) by ES256. */
export async function signAssertion(
  context: Context,
  checked: Omit<AssertionClaims, "iss" | "iat" | "exp">,
): Promise<string> {
  const iat = Math.floor(context.clock().getTime() / 1000);
  const claims: AssertionClaims = {
    iss: `${context.publicUrl()}/venly`,
    iat,
    exp: iat + lifetimeSeconds,
    ...checked,
  };
  const { text, signature } = await signNamingKey(
    context,
    "venly-assertion",
    (kid) => `${encode({ alg: "ES256", typ: "JWT", kid })}.${encode(claims)}`,
  );
  return `${text}.${base64urlFromBytes(signature)}`;
}

/** The keys that sign assertions now, or may do so soon; newest first. */
export async function assertionKeys(context: Context): Promise<AssertionKeysReply> {
  const keys: AssertionKeysReply["keys"][number][] = [];
  for (const record of await context.keyring.usable("venly-assertion")) {
    if ((await provenPublicHalf(context, record)) === null) continue; // An upstream has no root to tell another's key by.
    const { x = "", y = "" } = publicKeyOf(record).export({ format: "jwk" });
    keys.push({ kid: record.id, kty: "EC", use: "sig", alg: "ES256", crv: "P-256", x, y });
  }
  return { keys };
}

function encode(json: object): string {
  return base64urlFromBytes(utf8(JSON.stringify(json)));
}
