import { type EcPair, hash, makeEcPair, payloadOf, sealHpke, sessionHash, signRaw } from "./crypto.ts";
import { type HostileRelay, parsed } from "./relay.ts";
import type { Cardholder, Scene } from "./stage.ts";

// Messages of the native protocol, made by hand: layouts and labels are those of packages/protocols/native/README.md.

const nonce = () => makeEcPair().point.subarray(1, 17).toString("base64url");

export const infoOf = (label: string, ...hashes: Uint8Array[]) => Buffer.concat([Buffer.from(`${label}\0`), ...hashes]);

const deviceSigned = (session: string, message: Uint8Array) =>
  Buffer.concat([Buffer.of(0xff), Buffer.from("linchpin/v1 device\0"), sessionHash(session), hash(message)]);

/** A message of the relay's own to a session, signed by a key of its own. */
export function messageBy(pair: EcPair, session: string, message: Uint8Array) {
  const signature = signRaw(deviceSigned(session, message), pair.privateKey).toString("base64url");
  return { session, message: Buffer.from(message).toString("base64url"), signature };
}

/** The issuer's key to seal to, of the list that everybody may read. */
async function sealingPoint(relay: HostileRelay): Promise<Buffer> {
  const manifest = payloadOf((await relay.pass({ method: "GET", path: "/issuer-keys", body: "" })).body);
  const { x, y } = manifest.keys.find(({ purpose }: { purpose: string }) => purpose === "native-hpke");
  return Buffer.concat([Buffer.of(4), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
}

/** PIN field of format 4, code and digits, 16 bytes each. */
function partsOf({ pin = "", code = "", digits = "" }): Buffer {
  const field = pin === "" ? "" : `4${pin.length}${pin}`.padEnd(16, "a").padEnd(32, "0");
  const part = (text: string) => Buffer.from(text.padEnd(16, "\0"), "latin1");
  return Buffer.concat([Buffer.from(field.padEnd(32, "0"), "hex"), part(code), part(digits)]);
}

export async function sealed(
  relay: HostileRelay,
  session: string,
  parts: Parameters<typeof partsOf>[0],
): Promise<Buffer> {
  return sealHpke(await sealingPoint(relay), infoOf("linchpin/v1 request", sessionHash(session)), partsOf(parts));
}

/** What the issuer answered the relay: the outcome that it signed, or its refusal. */
export function answerOf({ body }: { body: unknown }): string {
  const { answer, code } = body as { answer?: string; code?: string };
  if (answer === undefined) return code ?? "";
  const { result, code: refused } = payloadOf(answer);
  return refused ?? result;
}

/** A session for what the relay likes. */
export function sessionFor({ relay, alice }: Scene, wish: object, card: Cardholder = alice) {
  return relay.ask("POST", "/native/sessions", { card: card.sandbox.native.cardId, nonce: nonce(), ...wish });
}

/** Of the device that sent something last. */
export function thumbprintOfPhone({ relay }: Scene): string {
  return payloadOf(parsed(relay.last("/operations").body).session).device;
}
