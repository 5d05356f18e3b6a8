import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { suite, test } from "node:test";
import { linchpin } from "@linchpin/test-fixtures/command/linchpin";
import { exitCodes } from "../../src/exit-codes.ts";
import type { SharedIssuer } from "../shared-issuer.ts";

export function tourSuite({ relay }: SharedIssuer): void {
  suite("tour", () => {
    const pins = /\b(1928|7305|4626|8264|5917|493827)\b/;
    const tour = (...args: string[]) => linchpin(["tour", "--url", relay.url, ...args]);

    test("takes one card through every protocol, each step as it should be, and prints no PIN", async () => {
      const { code, stdout, stderr } = await tour();
      assert.equal(stderr, "");
      assert.equal(code, exitCodes.done);
      assert.equal(stdout.match(/^ ?\d+\. /gm)?.length, 42);
      assert.match(stdout, /device {3}the person typed Pin\(\*{4}\)/);
      assert.match(stdout, /partner {2}POST …\/pin_update_requests, encrypted_pin eyJ/);
      assert.match(stdout, /partner {2}204, no content/);
      assert.match(stdout, /→ match\n/);
      assert.match(stdout, /→ mismatch, 2 tries left\n/);
      assert.match(stdout, /→ 409 encrypted_pin_already_used\n/);
      assert.match(stdout, /→ COMPLETED\n/);
      assert.match(stdout, /opened it and showed Pin\(\*{4}\) for a moment\n.*what was revealed, sealed → match\n/);
      assert.match(stdout, /→ 400 urn:plmr:cards:connector:INVALID_CLIENT_PUBLIC_KEY\n/);
      assert.match(stdout, /partner {2}POST \/pins\/change, encryptedPinBlock [0-9A-F]{24}… \(32 characters\)\n/);
      assert.match(stdout, /→ 422 31_022\n/);
      assert.match(stdout, /Encrypted-Signing-Method eyJ\S+ \(\d+ characters\) → 200\n/);
      assert.match(stdout, /→ 409 encryption\.already-used\n/);
      assert.match(stdout, /→ 400 signature\.mismatch\n/);
      assert.match(stdout, /nothing altered, nothing missing\n/);
      assert.doesNotMatch(stdout, pins);
      assert.ok(!stdout.includes("\u001b"), "no colours where there is no terminal");
    });

    test("prints it as JSON, as often as one likes", async () => {
      const { code, stdout } = await tour("--json");
      assert.equal(code, exitCodes.done);
      const { ok, steps } = JSON.parse(stdout);
      assert.equal(ok, true);
      assert.equal(steps.length, 42);
      for (const step of steps) assert.ok(step.ok && step.hops.length > 0, step.title);
      assert.doesNotMatch(stdout, pins);
    });

    for (const [only, steps] of Object.entries({
      solaris: 10,
      plumery: 6,
      adyen: 7,
      stripe: 5,
      lithic: 5,
      spritz: 5,
      worldline: 6,
      venly: 7,
      native: 9,
    }))
      test(`runs ${only} alone`, async () => {
        const { code, stdout } = await tour("--only", only, "--json");
        assert.equal(code, exitCodes.done);
        const told = JSON.parse(stdout);
        assert.ok(told.ok);
        assert.equal(told.steps.length, steps);
      });

    test("a tour needs a sandbox", async () => {
      const production = createServer((_request, response) => response.writeHead(404).end("{}"));
      await new Promise<void>((resolve) => production.listen(0, "127.0.0.1", resolve));
      const url = `http://127.0.0.1:${(production.address() as AddressInfo).port}`;
      try {
        const { code, stderr } = await linchpin(["tour", "--url", url]);
        assert.equal(code, exitCodes.refused);
        assert.match(stderr, /is no sandbox/);
      } finally {
        production.close();
      }
    });
  });
}
