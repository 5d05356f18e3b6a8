import { type AgreementKey, jwkThumbprint, Pin, p256JwkFromPoint, type SigningKey, utf8 } from "@linchpin/core";
import { nodeCryptoPrimitives as primitives } from "@linchpin/core/node";
import { signManifest } from "@linchpin/protocols/issuer-keys/issuer";
import type { Manifest } from "@linchpin/protocols/issuer-keys/wire";
import {
  acceptSession,
  makeSessionRequest,
  type SessionTerms as Question,
  type SessionWish,
} from "@linchpin/protocols/native/device";
import {
  makeSession,
  parseSession,
  parseSessionRequest,
  type SessionFacts,
  signSession,
  verifySession,
} from "@linchpin/protocols/native/issuer";
import type { SessionClaims } from "@linchpin/protocols/native/wire";

// An issuer's keys, a card, and what a device and the issuer do with the two halves.

export const now = 1_800_000_000;
export const iss = "https://issuer.example";
export const card = "card_1";
export const sub = "person_1";
export const code = "493021";
export const digits = "56789012";

export interface Issuer {
  readonly root: SigningKey;
  readonly signer: SigningKey;
  readonly hpke: AgreementKey;
  readonly signerKid: string;
  readonly hpkeKid: string;
}

export const thumbprintOfPoint = (publicPoint: Uint8Array) => jwkThumbprint(primitives, p256JwkFromPoint(publicPoint));

export async function makeIssuer(): Promise<Issuer> {
  const [root, signer, hpke] = [
    await primitives.makeSigningKey(),
    await primitives.makeSigningKey(),
    await primitives.makeAgreementKey(),
  ];
  const signerKid = await thumbprintOfPoint(signer.publicPoint);
  return { root, signer, hpke, signerKid, hpkeKid: await thumbprintOfPoint(hpke.publicPoint) };
}

/** The manifest with members changed, signed by the issuer's root. */
export async function manifestOf(issuer: Issuer, changed: Partial<Manifest> = {}): Promise<string> {
  const time = { nbf: now - 60, exp: now + 86_400 };
  const manifest: Manifest = {
    ...{ iss, sub: iss, iat: now - 60, exp: now + 86_400, seq: 7 },
    keys: [
      {
        kid: issuer.signerKid,
        ...p256JwkFromPoint(issuer.signer.publicPoint),
        ...{ alg: "ES256", use: "sig", purpose: "native-signing", ...time },
      },
      {
        kid: issuer.hpkeKid,
        ...p256JwkFromPoint(issuer.hpke.publicPoint),
        ...{ alg: "HPKE-7", use: "enc", purpose: "native-hpke", ...time },
      },
    ],
    ...changed,
  };
  return signManifest(manifest, await thumbprintOfPoint(issuer.root.publicPoint), issuer.root.sign);
}

export const signerOf = ({ signerKid: kid, signer: { sign } }: Issuer) => ({ kid, sign });
export const pinsOf = ({ root }: Issuer) => ({ issuer: iss, roots: [p256JwkFromPoint(root.publicPoint)] });
export const newPin = (pin = "1928") => new Pin(utf8(pin));

export const factsOf = (issuer: Issuer): SessionFacts => ({
  ...{ iss, seq: 7, sub, holder: "Zoë Müller", to: "+49 ••• 567" },
  card: { ref: card, last4: "9012", program: "Gold", version: 4 },
  hpke: issuer.hpkeKid,
});

/** What each half has of a session for `wish`. `changed` are claims that the issuer signs otherwise. */
export async function openSession(issuer: Issuer, wish: SessionWish, changed: Partial<SessionClaims> = {}) {
  const request = makeSessionRequest(primitives, wish);
  const terms = await parseSessionRequest(primitives, request);
  const claims = { ...makeSession(primitives, terms, factsOf(issuer), now), ...changed };
  const compact = await signSession(claims, signerOf(issuer));
  const question: Question = { request, pins: pinsOf(issuer), lowestSeq: 7, clockSeconds: now };
  const accepted = await acceptSession(primitives, { session: compact, manifest: await manifestOf(issuer) }, question);
  const session = await verifySession(primitives, parseSession(compact), issuer.signer.publicPoint, now);
  return { request, compact, question, accepted, session };
}
