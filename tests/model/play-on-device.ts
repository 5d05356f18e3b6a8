import { base64urlFromBytes, Pin, p256JwkFromPoint, type SigningKey, signJws, utf8 } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import { acceptSession, makeSealedMessage, makeSessionRequest, thumbprintOf } from "@linchpin/protocols/native/device";
import { signSession } from "@linchpin/protocols/native/issuer";
import { manifestTyp } from "../../packages/protocols/issuer-keys/wire.ts";
import { refusalOf } from "./play.ts";
import type { Step } from "./relay.ts";
import type { Enforced } from "./rules.ts";
import type { Scenario } from "./scenario.ts";
import type { Claims } from "./term.ts";
import { before, type Manifest, type Run } from "./world.ts";

// Plays a trace in which keys of the issuer's are stolen, or forged, to the device library: against an issuer whose keys the
// test has. A running issuer gives its keys to nobody.

const issuer = "https://issuer.example";
const hourSeconds = 3600;
/** The model's two times: an hour lies between them. */
const startSeconds = 1_800_000_000;
const secondsOf = (time: number) => startSeconds + time * hourSeconds;

/** The first refusal; null: the device took all. */
export async function playOnDevice(scenario: Scenario, steps: readonly Step[]): Promise<Enforced | null> {
  const names = ["root", "signing1", "signing2", "hpke1", "hpke2", "relay", "alice-phone"];
  const made = await Promise.all(names.map(async (name) => [name, await primitives.makeSigningKey()] as const));
  const keys: Keys = Object.fromEntries(made);
  let lowestSeq: number = before;
  for (const step of steps) {
    if (step.step !== "hand") continue;
    try {
      lowestSeq = await hand(keys, scenario, step, lowestSeq);
    } catch (error) {
      return refusalOf(error);
    }
  }
  return null;
}

type Keys = Readonly<Record<string, SigningKey>>;

async function hand(
  keys: Keys,
  scenario: Scenario,
  step: Extract<Step, { step: "hand" }>,
  lowestSeq: number,
): Promise<number> {
  const run = scenario.runs[step.run] as Run;
  const device = await thumbprintOf(primitives, keys[run.key ?? ""] as SigningKey);
  const request = makeSessionRequest(primitives, { op: "pin-change", auth: "device", card: run.card, device });
  const isOfRun = step.session.claims.nonce.key === `nonce of run ${step.run}`;
  const nonce = isOfRun ? request.nonce : base64urlFromBytes(primitives.randomBytes(16));
  const { signer, claims } = step.session;
  const session = await signSession(await wireClaims(keys, claims, nonce), await signerOf(keys, signer));
  const manifest = await signedManifest(keys, step.manifest);
  const accepted = await acceptSession(
    primitives,
    { session, manifest },
    {
      request,
      pins: { issuer, roots: [p256JwkFromPoint((keys["root"] as SigningKey).publicPoint)] },
      lowestSeq,
      sub: "Alice",
      clockSeconds: secondsOf(scenario.isClockBehind ? before : step.session.claims.iat),
    },
  );
  const pin = new Pin(utf8("8264"));
  await makeSealedMessage(primitives, accepted, { pin }, keys[run.key ?? ""]);
  return Math.max(lowestSeq, accepted.manifest.seq);
}

async function wireClaims(keys: Keys, { op, auth, seq, iat, card, hpke, device }: Claims, nonce: string) {
  return {
    ...{ iss: issuer, sid: base64urlFromBytes(primitives.randomBytes(16)), op, auth, nonce, seq },
    ...{ iat: secondsOf(iat), exp: secondsOf(iat) + 300, sub: "Alice", holder: "Alice" },
    card: { ref: card.ref, last4: "4242", program: "Native", version: card.version },
    device: await thumbprintOf(primitives, keys[device ?? ""] as SigningKey),
    hpke: await thumbprintOf(primitives, keys[hpke] as SigningKey),
  };
}

async function signerOf(keys: Keys, name: string) {
  const key = keys[name] as SigningKey;
  return { kid: await thumbprintOf(primitives, key), sign: key.sign };
}

async function signedManifest(keys: Keys, { signer, seq, exp, keys: listed }: Manifest): Promise<string> {
  const payload = {
    ...{ iss: issuer, sub: issuer, iat: secondsOf(seq), exp: secondsOf(exp), seq },
    keys: await Promise.all(
      listed.map(async ({ kid, purpose, exp: until }) => ({
        ...p256JwkFromPoint((keys[kid] as SigningKey).publicPoint),
        ...{ kid: await thumbprintOf(primitives, keys[kid] as SigningKey), purpose },
        ...(purpose === "native-hpke" ? { alg: "HPKE-7", use: "enc" } : { alg: "ES256", use: "sig" }),
        ...{ nbf: startSeconds, exp: secondsOf(until) },
      })),
    ),
  };
  const { kid, sign } = await signerOf(keys, signer);
  return signJws({ typ: manifestTyp, kid, payload }, sign);
}

/** How long a sealed message is for the shortest PIN and for the longest. */
export async function messageLengths(): Promise<readonly number[]> {
  const [root, signing, hpke, phone] = await Promise.all(Array.from({ length: 4 }, () => primitives.makeSigningKey()));
  const keys = { root, signing2: signing, hpke2: hpke, "alice-phone": phone } as Keys;
  const hash = await primitives.sha256(utf8("any session"));
  const recipientPoint = (keys["hpke2"] as SigningKey).publicPoint;
  const claims = await wireClaims(
    keys,
    {
      op: "pin-change",
      auth: "device",
      seq: 2,
      iat: 2,
      device: "alice-phone",
      hpke: "hpke2",
      card: { ref: "A1", version: 1 },
    } as Claims,
    "",
  );
  const session = { claims, hash, recipientPoint, compact: "" } as Parameters<typeof makeSealedMessage>[1];
  const messages = await Promise.all(
    ["1928", "192837465019"].map((pin) =>
      makeSealedMessage(primitives, session, { pin: new Pin(utf8(pin)) }, keys["alice-phone"]),
    ),
  );
  return messages.map(({ request }) => Buffer.from(request.message, "base64url").length);
}
