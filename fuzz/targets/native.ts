import assert from "node:assert/strict";
import {
  base64urlFromBytes,
  bytesFromBase64url,
  bytesFromHex,
  concatBytes,
  hpke7,
  type P256Jwk,
  parseJws,
  pointFromP256Jwk,
  sealHpke,
  utf8,
} from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { acceptManifest } from "@linchpin/protocols/issuer-keys/device";
import { type AcceptedSession, acceptAnswer, acceptSession } from "@linchpin/protocols/native/device";
import {
  openMessage,
  parseMessage,
  parseSession,
  parseSessionRequest,
  readPin,
  type Session,
  verifySession,
} from "@linchpin/protocols/native/issuer";
import { requestInfo } from "@linchpin/protocols/native/layout";
import type { OperationRequest, SessionRequest } from "@linchpin/protocols/native/wire";
import vectors from "../../packages/protocols/native/vectors/python3-cryptography.json" with { type: "json" };
import type { Target } from "../target.ts";

// The input is what is signed, header and payload in clear, a line each: no search gets past a signature, so that every
// signature verifies here, as if the issuer itself sent it.

const believing = { ...nodeCryptoPrimitives, verifyEcdsa: async () => true };
const text = (input: Uint8Array) => Buffer.from(input).toString();
const json = ["{", "}", "[", "]", ",", ":", "null", "true", "1e999", '""', '"__proto__":', "{}", "[]", "\n"];
const [binding, operation] = ["bind code", "pin-change device"].map((name) =>
  vectors.operations.find(({ op, auth }) => `${op} ${auth}` === name),
) as never as readonly [Vector, Vector];
const pins = { issuer: vectors.issuer, roots: [vectors.keys.root.jwk as P256Jwk] };

const nothing = utf8("{}\n{}");

interface Vector {
  readonly sessionRequest: SessionRequest;
  readonly session: string;
  readonly answer: string;
  readonly spent: string;
  readonly refusal: string;
  readonly operationRequest: OperationRequest;
  readonly h: string;
  readonly r: string;
}

/** Header and payload of a JWS, as inputs have them. */
function inClear(compact: string): Uint8Array {
  const [header = "", payload = ""] = compact.split(".");
  return concatBytes(bytesFromBase64url(header), utf8("\n"), bytesFromBase64url(payload));
}

function compactOf(input: Uint8Array): string {
  const end = input.indexOf(0x0a);
  const parts = [input.subarray(0, Math.max(0, end)), input.subarray(end + 1), new Uint8Array(64)];
  return parts.map(base64urlFromBytes).join(".");
}

const manifest: Target = {
  refusals: ["manifest_refused"],
  seeds: [inClear(vectors.manifest), nothing],
  words: [...json, '"iss":', '"seq":', '"keys":', '"kid":', '"typ":'],
  take: async (input) => {
    const accepted = await acceptManifest(believing, compactOf(input), { ...pins, lowestSeq: 1 });
    assert.deepEqual([accepted.iss, accepted.sub], [pins.issuer, pins.issuer]);
    assert.ok(accepted.seq >= 1 && Array.isArray(accepted.keys));
  },
};

const session: Target = {
  refusals: [
    "signature_invalid",
    "session_refused",
    "manifest_refused",
    "manifest_expired",
    "issuer_key_unvouched",
    "public_key_unusable",
  ],
  seeds: [inClear(operation.session), nothing],
  words: [...json, '"nonce":', '"card":', '"device":', '"hpke":', '"seq":', '"iat":', '"ref":"card_1"'],
  take: async (input) => {
    const { sessionRequest: request } = operation;
    const terms = { request, pins, lowestSeq: 0, sub: vectors.sub, clockSeconds: vectors.clockSeconds };
    const replies = { session: compactOf(input), manifest: vectors.manifest };
    const { claims } = await acceptSession(believing, replies, terms);
    assert.deepEqual([claims.nonce, claims.device, claims.sub], [request.nonce, request.device, vectors.sub]);
  },
};

const accepted: Promise<AcceptedSession> = acceptSession(
  nodeCryptoPrimitives,
  { session: operation.session, manifest: vectors.manifest },
  { request: operation.sessionRequest, pins, lowestSeq: 0, clockSeconds: vectors.clockSeconds },
);

const answer: Target = {
  refusals: ["signature_invalid", "answer_refused", "issuer_key_unvouched"],
  seeds: [...[operation.answer, operation.refusal, operation.spent].map(inClear), nothing],
  words: [...json, '"result":', '"spent":', '"changed"', '"version":5', '"h":', '"r":', '"code":'],
  take: async (input) => {
    const outcome = await acceptAnswer(believing, compactOf(input), await accepted, {
      hash: bytesFromHex(operation.r),
    });
    assert.ok(["changed", "refused", "spent"].includes(outcome.result));
  },
};

/** A compact JWS as it comes. */
const jws: Target = {
  refusals: ["signature_invalid"],
  seeds: [utf8(operation.session), utf8(operation.answer)],
  words: [".", "..", "e30", "eyJ", "="],
  take: async (input) => {
    const { signingInput, signature } = parseJws(text(input), { typ: "linchpin-session+jwt", maxLength: 2048 });
    assert.equal(`${text(signingInput)}.${base64urlFromBytes(signature)}`, text(input));
  },
};

/** The texts of an operation, a line each: session, message, signature, and `x` and `y` of a key. */
const request: Target = {
  refusals: ["request_invalid", "session_unknown", "session_mismatch"],
  seeds: [operation, binding, { operationRequest: { session: "", message: "" } as OperationRequest }]
    .map(({ operationRequest: { session, message, signature = "", key } }) => [
      session,
      message,
      signature,
      key?.x,
      key?.y,
    ])
    .map((lines) => utf8(lines.filter((line) => line !== undefined).join("\n"))),
  words: ["\n", ".", "_", "A", "eyJ", "BA"],
  take: async (input) => {
    const [compact = "", message = "", signature = "", x, y] = text(input).split("\n");
    const key = x === undefined || y === undefined ? {} : { key: { kty: "EC", crv: "P-256", x, y } as const };
    const { bytes } = await parseMessage(
      nodeCryptoPrimitives,
      { message, signature, ...key },
      await ownSession(compact),
    );
    assert.equal(base64urlFromBytes(bytes), message);
    if (key.key === undefined) return;
    const asked = { op: "bind", auth: "code", card: "c", nonce: "A".repeat(22), ...key } as const;
    assert.equal((await parseSessionRequest(nodeCryptoPrimitives, asked)).keyPoint?.length, 65);
  },
};

function ownSession(compact: string): Promise<Session> {
  const point = pointFromP256Jwk(vectors.keys["native-signing"].jwk);
  return verifySession(nodeCryptoPrimitives, parseSession(compact), point, vectors.clockSeconds);
}

/** What a client sealed. */
const parts: Target = {
  refusals: ["decryption_failed"],
  seeds: ["441928aaaaaaaaaa", "4c123456789012aa", "041928ffffffffff"].map((field) =>
    concatBytes(bytesFromHex(field.padEnd(32, "0")), new Uint8Array(32)),
  ),
  words: ["A", "\u0000", "\x44\x19\x28", "\xaa\xaa"],
  take: async (input) => {
    const own = await ownSession(operation.session);
    const key = await nodeCryptoPrimitives.makeAgreementKey();
    const terms = { recipientPoint: key.publicPoint, info: requestInfo(own.hash) };
    const bytes = await sealHpke(nodeCryptoPrimitives, hpke7, terms, input);
    const opened = await openMessage(nodeCryptoPrimitives, key, own, { bytes });
    const pin = readPin(opened);
    assert.equal(pin.length, (input[0] as number) & 15);
    assert.ok(input.subarray(16).every((byte) => byte === 0));
  },
};

/** By the name of the folder that its corpus is in. */
export const nativeTargets = {
  "issuer-key-manifest": manifest,
  "native-session": session,
  "native-answer": answer,
  "native-request": request,
  "native-parts": parts,
  jws,
};
