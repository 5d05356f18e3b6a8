import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { utf8 } from "@linchpin/core";
import { SoftwareVault } from "@linchpin/vault";
import { bearerOf } from "../../packages/server/src/authenticate.ts";
import { parseMobileNumber } from "../../packages/server/src/mobile-number.ts";
import type { Target } from "../target.ts";

const latin1 = (input: Uint8Array) => Buffer.from(input).toString("latin1");

export const authorization: Target = {
  refusals: ["caller_unknown"],
  seeds: ["Bearer abc", "bearer  a.b~c+d/e-f==", "Basic YTpi"].map(utf8),
  words: ["Bearer ", "=", " ", "\t", "\x00", ","],
  take: async (input) => {
    const token = bearerOf(latin1(input));
    assert.match(latin1(input).slice(0, -token.length), /^bearer +$/i);
    assert.ok(latin1(input).endsWith(token) && /^[\x21-\x7e]+$/.test(token));
  },
};

export const mobileNumber: Target = {
  refusals: ["request_invalid"],
  seeds: ["+4915123456789", "+49 (151) 234", "+49-151/2345678"].map(utf8),
  words: ["+", "-", "/", "_", " ", "0", "\u0661"],
  take: async (input) => assert.match(parseMobileNumber(Buffer.from(input).toString()), /^\+[1-9][0-9]{6,14}$/),
};

const vault = new SoftwareVault(randomBytes(32));
const keys = Promise.all(
  (["RSA-OAEP-256", "RSA-PKCS1"] as const).map(async (algorithm) => ({
    id: algorithm,
    algorithm,
    ...(await vault.makeKey(algorithm, algorithm)),
  })),
);

/** What was wrapped: whatever it is, a key of the length that was asked for comes back, and another one each time. */
export const unwrap: Target = {
  refusals: [],
  seeds: [new Uint8Array(256).fill(1), new Uint8Array(256).fill(255), new Uint8Array(255).fill(1), new Uint8Array(0)],
  words: ["\x00\x02", "\x00"],
  take: async (input) => {
    for (const key of await keys) {
      const [first, second] = [await vault.unwrap(key, input, 32), await vault.unwrap(key, input, 32)];
      assert.deepEqual([first.length, second.length], [32, 32]);
      assert.notDeepEqual(first, second);
    }
  },
};
