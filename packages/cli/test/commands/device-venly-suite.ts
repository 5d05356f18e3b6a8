import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { linchpin } from "@linchpin/test-fixtures/command/linchpin";
import { exitCodes } from "../../src/exit-codes.ts";
import type { SharedIssuer } from "../shared-issuer.ts";

/** A user's signing method. */
export function deviceVenlySuite(issuer: SharedIssuer): void {
  suite("device venly", () => {
    const venly = (command: string, input = "", variables: Readonly<Record<string, string>> = {}) =>
      linchpin(["device", "venly", ...command.split(" ")], {
        input,
        environment: { LINCHPIN_URL: issuer.url, ...variables },
      });
    let user: { userId: string; methodId: string };
    const transfer = (pin: string, method = user.methodId) =>
      venly(`transfer --pin-stdin --method ${method} --to 0x8D63 --value 0.5 --json`, `${pin}\n`);

    async function transfers(): Promise<{ transactionHash: string; body: string }[]> {
      const all = await (await fetch(`${issuer.url}/sandbox/transfers`)).json();
      return all.filter(({ userId }: { userId: string }) => userId === user.userId);
    }

    test("makes a user whose PIN no one between saw", async () => {
      const { code, stdout, stderr } = await venly("enroll --pin-stdin --reference alice --json", "493827\n");
      assert.equal(stderr, "");
      assert.equal(code, exitCodes.done);
      user = JSON.parse(stdout);
      assert.deepEqual(Object.keys(user), ["userId", "methodId"]);
    });

    test("sends a transfer, once", async () => {
      const { code, stdout } = await transfer("493827");
      assert.equal(code, exitCodes.done);
      const [ran, ...others] = await transfers();
      assert.deepEqual(others, []);
      assert.equal(JSON.parse(stdout).transactionHash, ran?.transactionHash);
      assert.deepEqual(JSON.parse(ran?.body ?? "").transactionRequest, {
        type: "TRANSFER",
        secretType: "MATIC",
        walletId: "terminal",
        to: "0x8D63",
        value: 0.5,
      });
    });

    test("sends none by another PIN, nor by another method", async () => {
      const wrong = await transfer("493828");
      assert.equal(wrong.code, exitCodes.notAllowed);
      assert.match(wrong.stderr, /the issuer refused: 403 pincode\.incorrect: /);
      const unknown = await transfer("493827", "00000000-0000-4000-8000-000000000000");
      assert.equal(unknown.code, exitCodes.refused);
      assert.match(unknown.stderr, /the issuer refused: 404 signing-method\.not-found: /);
      assert.equal((await transfers()).length, 1);
    });

    for (const pin of ["1928", "4938271"])
      test(`makes no user with a PIN of ${pin.length} digits`, async () => {
        const { code, stdout, stderr } = await venly("enroll --pin-stdin", `${pin}\n`);
        assert.equal(code, exitCodes.refused);
        assert.equal(stdout, "");
        assert.match(stderr, /the issuer refused: 400 signing-method\.invalid-value: /);
      });

    test("asks for a PIN on a terminal only", async () => {
      for (const command of ["enroll", "transfer --method any --to 0x1 --value 1"]) {
        const { code, stderr } = await venly(command, "493827\n");
        assert.equal(code, exitCodes.usage);
        assert.match(stderr, /--pin-stdin/);
      }
    });

    test("is refused to a stranger", async () => {
      const { code, stderr } = await venly("enroll --pin-stdin", "493827\n", {
        LINCHPIN_VENLY_CLIENT_ID: "sandbox-venly",
        LINCHPIN_VENLY_CLIENT_SECRET: "guessed",
      });
      assert.equal(code, exitCodes.notAllowed);
      assert.match(stderr, /the issuer refused: 401 invalid_client: /);
    });

    test("seals to no key that is for another algorithm", async () => {
      const sent: string[] = [];
      issuer.relay.alter = (answer) => {
        sent.push(answer.path);
        return { ...answer, body: answer.body.replace("RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_1") };
      };
      const { code, stderr } = await venly("enroll --pin-stdin", "493827\n");
      issuer.relay.alter = (answer) => answer;
      assert.equal(code, exitCodes.refused);
      assert.match(stderr, /another algorithm/);
      assert.ok(sent.includes("/venly/api/security"));
      assert.ok(!sent.includes("/venly/api/users"));
    });
  });
}
