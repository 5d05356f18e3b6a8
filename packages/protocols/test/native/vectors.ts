import { createECDH, createPrivateKey, sign } from "node:crypto";
import { type AgreementKey, bytesFromHex, type SigningKey } from "@linchpin/core";
import type { SessionTerms } from "@linchpin/protocols/native/device";
import type { OperationRequest, SessionRequest, SignedOutcome } from "@linchpin/protocols/native/wire";
import python from "../../native/vectors/python3-cryptography.json" with { type: "json" };

/** One operation as python3-cryptography made it, by both halves of tests/foreign/python/native_client.py. */
export interface Vector {
  readonly op: string;
  readonly auth: string;
  readonly sessionRequest: SessionRequest;
  readonly session: string;
  readonly h: string;
  /** Of what is sealed; not of reveals. */
  readonly plaintext?: string;
  readonly info?: string;
  readonly enc?: string;
  readonly ct?: string;
  readonly r: string;
  /** What the device signed; not of a change by code. */
  readonly signed?: string;
  readonly operationRequest: OperationRequest;
  /** Of reveals: what the answer seals, and as it is sealed. */
  readonly revealed?: string;
  readonly answerInfo?: string;
  readonly sealed?: string;
  readonly outcome: SignedOutcome;
  readonly answer: string;
  /** The same message refused, and its session used by another message. */
  readonly refusal: string;
  readonly spent: string;
}

export const vectors = python.operations as unknown as readonly Vector[];
export const { source, keys, manifest, clockSeconds, code, digits, sub } = python;
export const pins = { issuer: python.issuer, roots: [python.keys.root.jwk] } as SessionTerms["pins"];

type KeyName = keyof typeof keys;

function ecdhOf(name: KeyName) {
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(keys[name].scalar, "hex");
  return ecdh;
}

/** The vectors' key, as if it had been made for the call. */
export function agreementKeyOf(name: KeyName): AgreementKey {
  const ecdh = ecdhOf(name);
  return {
    publicPoint: Uint8Array.from(ecdh.getPublicKey()),
    agree: async (peerPoint) => Uint8Array.from(ecdh.computeSecret(peerPoint)),
  };
}

export function signingKeyOf(name: KeyName): SigningKey {
  const { jwk, scalar } = keys[name];
  const d = Buffer.from(bytesFromHex(scalar)).toString("base64url");
  const key = createPrivateKey({ key: { ...jwk, d }, format: "jwk" });
  return {
    publicPoint: Uint8Array.from(ecdhOf(name).getPublicKey()),
    sign: async (data) => Uint8Array.from(sign("sha256", data, { key, dsaEncoding: "ieee-p1363" })),
  };
}
