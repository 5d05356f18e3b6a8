import { parseSession, type Session, signingKey, verifySession } from "@linchpin/protocols/native/issuer";
import type { Context } from "../../context/index.ts";
import { findKeyOfSession, pointOf } from "./native-keys.ts";

/** A session that came back, by our own signature. @throws LinchpinError `session_unknown`, `session_expired` */
export async function readSession(context: Context, text: string): Promise<Session> {
  const jws = parseSession(text);
  const key = await findKeyOfSession(context, signingKey.purpose, jws.kid);
  return verifySession(context.primitives, jws, pointOf(key), Math.floor(context.clock().getTime() / 1000));
}
