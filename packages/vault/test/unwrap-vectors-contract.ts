import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { KeyAlgorithm } from "../src/vault.ts";
import type { VaultUnderTest } from "./vault-contract.ts";

/**
 * `unwrap` against a file of C2SP/wycheproof, in the folder that WYCHEPROOF_DIR names. Cases with a label are left out,
 * because no protocol has one. The length of a case's message is the expected length.
 */
export function unwrapVectors(subject: () => VaultUnderTest, algorithm: KeyAlgorithm, file: string): void {
  const folder = process.env["WYCHEPROOF_DIR"];
  describe(`unwrap, ${file}`, () => {
    if (folder === undefined) {
      it("every case", { skip: "WYCHEPROOF_DIR is not set: the folder of C2SP/wycheproof's test vectors" });
      return;
    }
    const { testGroups }: WycheproofFile = JSON.parse(readFileSync(join(folder, file), "utf8"));
    for (const { privateKeyPkcs8, tests } of testGroups) {
      const unlabelled = tests.filter(({ label = "" }) => label === "");
      for (const vector of unlabelled)
        it(`${vector.tcId}, ${vector.result}: ${vector.comment || vector.flags.join(", ")}`, async (t) => {
          const { vault, placeKey } = subject();
          if (placeKey === undefined) return t.skip("this vault takes no keys from outside");
          const key = await placeKey(randomUUID(), algorithm, Buffer.from(privateKeyPkcs8, "hex"));
          const expected = Buffer.from(vector.msg, "hex");
          const [ciphertext, fallback] = [Buffer.from(vector.ct, "hex"), randomBytes(expected.length)];
          const answer = await vault.unwrap(key, ciphertext, expected.length, fallback);
          assert.deepEqual(Buffer.from(answer), vector.result === "valid" ? expected : fallback);
        });
    }
  });
}

interface WycheproofFile {
  readonly testGroups: readonly {
    readonly privateKeyPkcs8: string;
    readonly tests: readonly {
      readonly tcId: number;
      readonly comment: string;
      readonly flags: readonly string[];
      /** Hexadecimal, like `ct` and `label`. */
      readonly msg: string;
      readonly ct: string;
      readonly label?: string;
      readonly result: "valid" | "invalid";
    }[];
  }[];
}
