import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { linchpin } from "@linchpin/test-fixtures/command/linchpin";
import { exitCodes } from "../../src/exit-codes.ts";
import type { SharedIssuer } from "../shared-issuer.ts";

export function deviceSuite(issuer: SharedIssuer): void {
  suite("device", () => {
    const folder = mkdtempSync(join(tmpdir(), "linchpin-device-"));
    after(() => rm(folder, { recursive: true }));

    /** One of several phones of one person. */
    const phone = (name: string) => {
      const file = join(folder, "conf", name);
      const run = (command: string, input = "", environment = {}) =>
        linchpin(["device", ...command.split(" "), "--state", file], {
          input,
          environment: { LINCHPIN_URL: issuer.url, ...environment },
        });
      const state = async () => JSON.parse(await readFile(file, "utf8"));
      return { file, run, state };
    };

    async function pinVersion(): Promise<number> {
      const { issuer: operator } = await (await fetch(`${issuer.url}/sandbox`)).json();
      const answer = await fetch(`${operator.baseUrl}/cards/${operator.cardId}`, {
        headers: { authorization: `Bearer ${operator.apiKey}` },
      });
      return (await answer.json()).pin.version;
    }

    suite("bound to a person of POST /sandbox/cards", () => {
      const { run, state } = phone("fresh.json");

      test("has that person's own card, and reads their own messages", async () => {
        const fresh = await (await fetch(`${issuer.url}/sandbox/cards`, { method: "POST" })).json();
        const { code, stderr } = await run(`bind --person ${fresh.solaris.personId} --otp-from-sandbox`);
        assert.deepEqual({ code, stderr }, { code: exitCodes.done, stderr: "" });
        const { personId, cardAccountId, mobileNumber } = await state();
        const { solaris } = fresh;
        assert.deepEqual(
          [personId, cardAccountId, mobileNumber],
          [solaris.personId, solaris.cardAccountId, solaris.mobileNumber],
        );
        assert.equal((await run("change-pin --pin-stdin", "1928\n")).code, exitCodes.done);
        const { baseUrl, apiKey, cardId } = fresh.issuer;
        const answer = await fetch(`${baseUrl}/cards/${cardId}`, { headers: { authorization: `Bearer ${apiKey}` } });
        assert.equal((await answer.json()).pin.version, 1);
      });

      test("is refused for a person whom the sandbox does not have, in JSON too", async () => {
        const { code, stdout, stderr } = await phone("nobody.json").run(
          "bind --person nobody --otp-from-sandbox --json",
        );
        assert.equal(code, exitCodes.refused);
        assert.match(stderr, /^linchpin: the issuer refused: 404/);
        const message = stderr.replace(/^linchpin: /, "").trimEnd();
        assert.deepEqual(JSON.parse(stdout), { error: { code: "refused", message } });
      });
    });

    suite("bound by the OTP from the sandbox", () => {
      const { file, run, state } = phone("first.json");
      const changes = async (command: string, input = "") => {
        const before = await pinVersion();
        const ended = await run(command, input);
        return { ...ended, by: (await pinVersion()) - before };
      };

      test("binds, and keeps its key for itself", async () => {
        const { code, stdout, stderr } = await run("bind --otp-from-sandbox --json");
        assert.equal(stderr, "");
        assert.equal(code, exitCodes.done);
        const { deviceId, keyPurpose } = JSON.parse(stdout);
        assert.equal(keyPurpose, "restricted");
        assert.equal((await state()).deviceId, deviceId);
        assert.equal((await stat(file)).mode & 0o777, 0o600);
      });

      test("is not bound again over the device that is there", async () => {
        const { code, stderr } = await run("bind --otp-from-sandbox");
        assert.equal(code, exitCodes.refused);
        assert.match(stderr, /holds a device already: `linchpin device forget` it/);
      });

      test("shows what it knows, but no private key", async () => {
        const { d } = (await state()).keys.restricted;
        for (const command of ["show", "show --json"]) {
          const { code, stdout } = await run(command);
          assert.equal(code, exitCodes.done);
          assert.match(stdout, /restricted/);
          assert.ok(!stdout.includes(d));
        }
      });

      test("changes the PIN", async () => {
        const { code, stdout, by } = await changes("change-pin --pin-stdin --json", "1928\n");
        assert.equal(code, exitCodes.done);
        assert.equal(JSON.parse(stdout).changed, true);
        assert.equal(by, 1);
      });

      test("changes the PIN that comes without an end of line", async () => {
        assert.deepEqual(await changes("change-pin --pin-stdin", "7305"), {
          code: exitCodes.done,
          stdout: "the PIN is changed\n",
          stderr: "",
          by: 1,
        });
      });

      for (const [what, pin, told] of [
        ["a sequence", "1234\n", "the PIN is a sequence of digits"],
        ["a repeated digit", "1112\n", "the PIN repeats one digit too often"],
        ["five digits", "19284\n", "the PIN does not have the number of digits that the card program asks for"],
        ["a letter", "19a8\n", "a PIN is 4 to 12 ASCII digits"],
        ["other digits", "١٩٢٨\n", "a PIN is 4 to 12 ASCII digits"],
        ["a space", "1928 \n", "a PIN is 4 to 12 ASCII digits"],
        ["an endless line", "1".repeat(100_000), "a PIN is 4 to 12 ASCII digits"],
        ["nothing", "", "a PIN is 4 to 12 ASCII digits"],
      ] as const)
        test(`sends no PIN with ${what}`, async () => {
          const { code, stderr, by } = await changes("change-pin --pin-stdin", pin);
          assert.equal(code, exitCodes.refused);
          assert.equal(stderr, `linchpin: ${told}\n`);
          assert.equal(by, 0);
        });

      test("prints in the protocol's words what the issuer refuses", async () => {
        const { code, stderr, by } = await changes("change-pin --pin-stdin --no-check", "1234\n");
        assert.equal(code, exitCodes.refused);
        assert.match(stderr, /^linchpin: the issuer refused: 422 invalid_pin: the PIN is a sequence of digits/);
        assert.equal(by, 0);
      });

      test("asks for a PIN on a terminal only", async () => {
        const { code, stderr, by } = await changes("change-pin", "1928\n1928\n");
        assert.equal(code, exitCodes.usage);
        assert.match(stderr, /--pin-stdin/);
        assert.equal(by, 0);
      });

      test("confirms a change request by TAN", async () => {
        const requested = await changes("request-change --pin-stdin --json", "1928\n");
        assert.equal(JSON.parse(requested.stdout).status, "AUTHORIZATION_REQUIRED");
        assert.equal(requested.by, 0);
        const { code, stdout, by } = await changes("confirm --otp-from-sandbox --json");
        assert.equal(code, exitCodes.done);
        assert.equal(JSON.parse(stdout).status, "COMPLETED");
        assert.equal(by, 1);
      });

      test("confirms a change request by its signature", async () => {
        await run("request-change --pin-stdin", "7305\n");
        const { code, stdout, stderr, by } = await changes("confirm --by device");
        assert.equal(code, exitCodes.done);
        assert.match(stderr, new RegExp(`to sign: change_pin · card ${(await state()).cardAccountId} · asked at 20`));
        assert.match(stdout, /COMPLETED/);
        assert.equal(by, 1);
      });

      test("has nothing to confirm then", async () => {
        const { code, stderr } = await run("confirm --by device");
        assert.equal(code, exitCodes.usage);
        assert.match(stderr, /linchpin device request-change/);
      });

      test("does not confirm by a wrong TAN, and can try again", async () => {
        await run("request-change --pin-stdin", "1928\n");
        const wrong = await changes("confirm", "000000\n");
        assert.equal(wrong.code, exitCodes.refused);
        assert.match(wrong.stderr, /422 invalid_tan/);
        assert.equal(wrong.by, 0);
        assert.equal((await changes("confirm", "212212\n")).by, 1);
      });

      test("asks for no change to a bad PIN", async () => {
        const { code, stderr } = await run("request-change --pin-stdin --no-check", "4321\n");
        assert.equal(code, exitCodes.refused);
        assert.match(stderr, /422 invalid_pin/);
      });

      test("gets its other key, once", async () => {
        assert.equal((await run("add-key")).code, exitCodes.done);
        assert.deepEqual(Object.keys((await state()).keys).sort(), ["restricted", "unrestricted"]);
        const again = await run("add-key");
        assert.equal(again.code, exitCodes.refused);
        assert.match(again.stderr, /has both its keys/);
      });

      test("is forgotten here and by the issuer", async () => {
        const { deviceId, keys } = await state();
        const former = { ...(await state()), keys: { restricted: keys.restricted } };
        assert.equal((await run("forget")).code, exitCodes.done);
        assert.equal((await run("show")).code, exitCodes.deviceMissing);
        const ghost = phone("ghost.json");
        await writeFile(ghost.file, JSON.stringify(former));
        const { code, stderr } = await ghost.run("change-pin --pin-stdin", "1928\n");
        assert.equal(code, exitCodes.refused);
        assert.match(stderr, /the issuer refused: 404 model_not_found/);
        assert.match((await ghost.run("forget")).stdout, new RegExp(`forgot ${deviceId}`));
      });
    });

    test("is bound by an OTP that is typed", async () => {
      const { run, state } = phone("typed.json");
      assert.equal((await run("bind", "212212\n")).code, exitCodes.done);
      assert.match((await state()).deviceId, /./);
      assert.equal((await run("forget --local --json")).code, exitCodes.done);
    });

    suite("bound by a code that came by letter", () => {
      const bind = "bind --challenge activation-code";

      test("is not bound before a letter is asked for", async () => {
        const { file, run } = phone("too-early.json");
        const { code, stderr } = await run(bind, "212212\n");
        assert.equal(code, exitCodes.refused);
        assert.match(stderr, /409 activation_code_missing/);
        await assert.rejects(stat(file));
      });

      test("a second letter is sent only where the first one's code is to end", async () => {
        const { run } = phone("letter.json");
        assert.equal((await run("request-letter")).code, exitCodes.done);
        const second = await run("request-letter");
        assert.equal(second.code, exitCodes.refused);
        assert.match(second.stderr, /409 activation_code_exists/);
        const { code, stdout } = await run("request-letter --again --json");
        assert.equal(code, exitCodes.done);
        assert.deepEqual(Object.keys(JSON.parse(stdout)), ["id", "personId", "expiresAt"]);
      });

      test("is not bound by a wrong code", async () => {
        const { file, run } = phone("wrong-code.json");
        const { code, stderr } = await run(bind, "000000\n");
        assert.equal(code, exitCodes.refused);
        assert.match(stderr, /422 invalid_signature/);
        await assert.rejects(stat(file));
      });

      test("is bound by the letter's code, once", async () => {
        const { run, state } = phone("by-letter.json");
        const { code } = await run(`${bind} --otp-from-sandbox`);
        assert.equal(code, exitCodes.done);
        assert.match((await state()).deviceId, /./);
        const again = await phone("by-letter-again.json").run(`${bind} --otp-from-sandbox`);
        assert.equal(again.code, exitCodes.refused);
        assert.match(again.stderr, /409 activation_code_missing/);
        await run("forget");
      });

      test("no letter goes to an unknown person", async () => {
        const { run } = phone("no-letter.json");
        const { code, stderr } = await run("request-letter --person 00000000000000000000000000000000cper");
        assert.equal(code, exitCodes.refused);
        assert.match(stderr, /404 model_not_found/);
      });
    });

    test("is not bound by a wrong OTP", async () => {
      const { file, run } = phone("wrong.json");
      const { code, stderr } = await run("bind", "000000\n");
      assert.equal(code, exitCodes.refused);
      assert.match(stderr, /the issuer refused: 422 invalid_signature/);
      await assert.rejects(stat(file));
    });

    test("is not bound without an OTP", async () => {
      const { file, run } = phone("none.json");
      const { code } = await run("bind");
      assert.equal(code, exitCodes.interrupted);
      await assert.rejects(stat(file));
    });

    test("is not bound to an unknown person", async () => {
      const { run } = phone("nobody.json");
      const { code, stderr } = await run("bind --person 00000000000000000000000000000000cper");
      assert.equal(code, exitCodes.refused);
      assert.match(stderr, /404 model_not_found/);
    });

    test("changes no PIN by an unrestricted key", async () => {
      const { run, state } = phone("unrestricted.json");
      await run("bind --purpose unrestricted --otp-from-sandbox");
      assert.deepEqual(Object.keys((await state()).keys), ["unrestricted"]);
      const { code, stderr } = await run("change-pin --pin-stdin", "1928\n");
      assert.equal(code, exitCodes.refused);
      assert.match(stderr, /linchpin device add-key/);
      assert.equal((await run("add-key")).code, exitCodes.done);
      assert.equal((await run("change-pin --pin-stdin", "1928\n")).code, exitCodes.done);
      await run("forget");
    });

    test("takes the partner's credentials from the environment", async () => {
      const { solaris } = await (await fetch(`${issuer.url}/sandbox`)).json();
      const { run } = phone("partner.json");
      const partner = {
        LINCHPIN_URL: "http://127.0.0.1:9",
        LINCHPIN_SOLARIS_URL: solaris.baseUrl,
        LINCHPIN_SOLARIS_CLIENT_ID: solaris.clientId,
        LINCHPIN_SOLARIS_CLIENT_SECRET: solaris.clientSecret,
      };
      const bind = `bind --person ${solaris.personId} --card ${solaris.cardAccountId}`;
      const wrong = await run(bind, "212212\n", { ...partner, LINCHPIN_SOLARIS_CLIENT_SECRET: "guessed" });
      assert.equal(wrong.code, exitCodes.notAllowed);
      assert.match(wrong.stderr, /401 invalid_token/);
      assert.equal((await run(bind, "212212\n", partner)).code, exitCodes.done);
      assert.equal((await run("forget", "", partner)).code, exitCodes.done);
    });

    for (const command of [
      "change-pin --pin-stdin",
      "request-change --pin-stdin",
      "confirm",
      "add-key",
      "show",
      "forget",
    ])
      test(`${command} without a device says how to make one`, async () => {
        const { code, stderr } = await phone("missing.json").run(command, "1928\n");
        assert.equal(code, exitCodes.deviceMissing);
        assert.match(stderr, /linchpin device bind/);
      });

    for (const content of ["", "{", "null", "{}", '{"deviceId":1}'])
      test(`a state file with ${JSON.stringify(content)} is no device`, async () => {
        const { file, run } = phone("damaged.json");
        await writeFile(file, content);
        const { code, stderr } = await run("show");
        assert.equal(code, exitCodes.deviceMissing);
        assert.match(stderr, /holds no device/);
      });
  });
}
