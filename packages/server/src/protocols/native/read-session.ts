import { parseSession, type Session, type Signer, signingKey, verifySession } from "@linchpin/protocols/native/issuer";
import type { Context } from "../../context/index.ts";
import { pointOf } from "../../issuer-keys/index.ts";
import { findKeyOfSession } from "./native-keys.ts";
import { wasSignedHere } from "./signed-sessions.ts";

/**
 * A session that came back, by our own signature, with the key that signed it: the answer is signed by the same one, which
 * the device's manifest lists, whatever was rotated meanwhile.
 * @throws LinchpinError `session_unknown`, `session_expired`
 */
export async function readSession(context: Context, text: string): Promise<{ session: Session; signer: Signer }> {
  const jws = parseSession(text);
  const key = await findKeyOfSession(context, signingKey.purpose, jws.kid);
  const nowSeconds = Math.floor(context.clock().getTime() / 1000);
  const { sha256, verifyEcdsa } = context.primitives;
  const verifying = { sha256, verifyEcdsa: wasSignedHere(context, text) ? async () => true : verifyEcdsa };
  const session = await verifySession(verifying, jws, pointOf(key), nowSeconds);
  return { session, signer: { kid: jws.kid, sign: (data) => context.keyring.signWith(key, data) } };
}
