import assert from "node:assert/strict";
import { test } from "node:test";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { holdPrimitivesContract } from "@linchpin/test-fixtures/contracts/primitives-contract";

holdPrimitivesContract("WebCrypto", webCryptoPrimitives);

test("without a source of randomness, or in an insecure context, there is no random byte", (t) => {
  const { getRandomValues } = crypto;
  const platform = Object.getOwnPropertyDescriptor(globalThis, "crypto") as PropertyDescriptor;
  t.after(() => Object.defineProperty(globalThis, "crypto", platform));
  for (const value of [undefined, {}, { getRandomValues }]) {
    Object.defineProperty(globalThis, "crypto", { value, configurable: true });
    assert.throws(() => webCryptoPrimitives.randomBytes(16), { code: "random_unavailable" });
  }
});
