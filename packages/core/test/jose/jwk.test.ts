import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { calculateJwkThumbprint } from "jose";
import { jwkThumbprint, type P256Jwk, p256JwkFromPoint, pointFromP256Jwk } from "../../src/index.ts";

const { sha256 } = nodeCryptoPrimitives;

/** RFC 7638 §3.1. */
const rfc7638 = {
  kty: "RSA",
  n: "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
  e: "AQAB",
} as const;

test("the thumbprint of RFC 7638 §3.1", async () => {
  assert.equal(await jwkThumbprint({ sha256 }, rfc7638), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
});

test("thumbprints are those of jose, whatever members stand beside", async () => {
  const { x, y } = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "jwk" });
  const ec = { use: "enc", y, x, kid: "1", kty: "EC", crv: "P-256" } as P256Jwk;
  assert.equal(await jwkThumbprint({ sha256 }, ec), await calculateJwkThumbprint(ec as object));
  assert.equal(await jwkThumbprint({ sha256 }, rfc7638), await calculateJwkThumbprint(rfc7638));
});

test("a point and its JWK, both ways, as node:crypto writes it", () => {
  const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const point = Uint8Array.from(publicKey.export({ format: "der", type: "spki" }).subarray(-65));
  assert.deepEqual(p256JwkFromPoint(point), publicKey.export({ format: "jwk" }));
  assert.deepEqual(pointFromP256Jwk(p256JwkFromPoint(point)), point);
});

test("refused: what is no public JWK on P-256", () => {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const jwk = { kty: "EC", crv: "P-256", x, y };
  const unusable = [
    undefined,
    null,
    "EC",
    [],
    rfc7638,
    { ...jwk, crv: "P-384" },
    { ...jwk, kty: "OKP" },
    { ...jwk, x: undefined },
    { ...jwk, y: 1 },
    { ...jwk, x: x.slice(1) },
    { ...jwk, x: `${x}A` },
    { ...jwk, y: `${y.slice(0, 42)}=` },
    { ...jwk, y: `${y.slice(0, 42)}B` }, // its last two bits belong to no byte
    privateKey.export({ format: "jwk" }),
  ];
  for (const key of unusable) assert.throws(() => pointFromP256Jwk(key), { code: "public_key_unusable" });
});
