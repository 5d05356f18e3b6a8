import { base64urlFromBytes, LinchpinError, utf8 } from "@linchpin/core";
import type { AssertionClaims, AssertionKeysReply } from "@linchpin/protocols/venly/wire";
import type { Context } from "../../context/index.ts";
import { publicKeyOf } from "../../keys/index.ts";

/** Time for the request to reach the upstream, clocks that differ included. */
const lifetimeSeconds = 60;

/** What was checked, for the upstream: a compact JWS (RFC 7515), ES256. */
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
  // The header names the key before it signs: when the key was rotated in between, once more.
  for (let attempt = 0; attempt < 2; attempt++) {
    const { id: kid } = await context.keyring.current("venly-assertion");
    const signed = `${encode({ alg: "ES256", typ: "JWT", kid })}.${encode(claims)}`;
    const { keyId, bytes } = await context.keyring.sign("venly-assertion", utf8(signed));
    if (keyId === kid) return `${signed}.${base64urlFromBytes(bytes)}`;
  }
  throw new LinchpinError("unavailable", { reason: "the key of assertions kept changing" });
}

/** The keys that assertions may be signed by now or soon, newest first. */
export async function assertionKeys(context: Context): Promise<AssertionKeysReply> {
  const records = await context.keyring.usable("venly-assertion");
  return {
    keys: records.map((record) => {
      const { x = "", y = "" } = publicKeyOf(record).export({ format: "jwk" });
      return { kid: record.id, kty: "EC", use: "sig", alg: "ES256", crv: "P-256", x, y };
    }),
  };
}

function encode(json: object): string {
  return base64urlFromBytes(utf8(JSON.stringify(json)));
}
