import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite, test } from "node:test";
import { linchpin } from "@linchpin/test-fixtures/command/linchpin";
import { exitCodes } from "../../src/exit-codes.ts";
import { failureOutput } from "../failure-output.ts";
import type { Passing } from "../relay.ts";
import type { SharedIssuer } from "../shared-issuer.ts";

type Variables = Readonly<Record<string, string>>;

const legacyRow = " --spritz-form rain --spritz-hash SHA-1";

/** One card by its names at Adyen, Plumery and the issuer. */
export function deviceRevealSuite(issuer: SharedIssuer): void {
  const device = (command: string, { input = "", variables = {} }: { input?: string; variables?: Variables } = {}) =>
    linchpin(["device", ...command.split(" ")], {
      input,
      environment: { LINCHPIN_URL: issuer.url, ...variables },
    });

  /** A fresh card, by the variables that name it. */
  async function makeCard(): Promise<Variables> {
    const { adyen, plumery, issuer: operator } = await (await post("/sandbox/cards")).json();
    return {
      LINCHPIN_ADYEN_URL: adyen.baseUrl,
      LINCHPIN_ADYEN_API_KEY: adyen.apiKey,
      LINCHPIN_ADYEN_PAYMENT_INSTRUMENT: adyen.paymentInstrumentId,
      LINCHPIN_PLUMERY_URL: plumery.baseUrl,
      LINCHPIN_PLUMERY_TOKEN: plumery.bearerToken,
      LINCHPIN_PLUMERY_CARD_TOKEN: plumery.cardToken,
      LINCHPIN_CARD_ID: operator.cardId,
    };
  }

  const post = (path: string) => fetch(`${issuer.url}${path}`, { method: "POST" });

  async function where<Result>(alter: (answer: Passing) => Passing, act: () => Promise<Result>): Promise<Result> {
    issuer.relay.alter = alter;
    return act().finally(() => {
      issuer.relay.alter = (answer) => answer;
    });
  }

  const revealed = async (by: string, variables: Variables) =>
    JSON.parse((await device(`reveal-pin --by ${by} --json`, { variables })).stdout).pin;

  suite("device, by the names that Adyen and Plumery have for the sandbox's card", () => {
    test("shows by both protocols the PIN that Adyen set", async () => {
      const changed = await device("change-pin --by adyen --pin-stdin --json", { input: "0451\n" });
      assert.equal(changed.stderr, "");
      assert.equal(changed.code, exitCodes.done);
      assert.equal(JSON.parse(changed.stdout).status, "completed");
      assert.equal(await revealed("adyen", {}), "0451");
      assert.equal(await revealed("plumery", {}), "0451");
      const verified = await device("verify-pin --pin-stdin", { input: "0451\n" });
      assert.deepEqual(verified, { code: exitCodes.done, stdout: "it is the card's PIN\n", stderr: "" });
    });

    test("shows by both protocols what stands on the card", async () => {
      const [byAdyen, byPlumery] = await Promise.all(
        ["adyen", "plumery"].map(async (by) => (await device(`reveal-card --by ${by} --json`)).stdout),
      );
      assert.equal(byAdyen, byPlumery);
      const { pan, cvv2, expirationDate } = JSON.parse(byAdyen ?? "");
      assert.match(pan, /^\d{16}$/);
      assert.match(cvv2, /^\d{3}$/);
      assert.match(expirationDate, /^(0[1-9]|1[0-2])\/\d{2}$/);
    });

    for (const command of ["reveal-pin --by adyen", "reveal-pin --by plumery", "reveal-card --by adyen"])
      test(`${command} shows it on a terminal only`, async () => {
        const { code, stdout, stderr } = await device(command);
        assert.equal(code, exitCodes.usage);
        assert.equal(stdout, "");
        assert.match(stderr, /on a terminal only: a script takes it with --json/);
      });
  });

  suite("device, by Spritz' form and by Rain's", () => {
    const forms = { "Spritz' form": "", "Rain's form": " --spritz-form rain", "Rain's legacy row": legacyRow };
    for (const [index, [name, row]] of Object.entries(forms).entries())
      test(`sets and shows the PIN by ${name}`, async () => {
        const digits = `047${index}`;
        const changed = await device(`change-pin --by spritz --pin-stdin${row}`, { input: `${digits}\n` });
        assert.deepEqual(changed, { code: exitCodes.done, stdout: "the PIN is changed\n", stderr: "" });
        assert.equal(await revealed(`spritz${row}`, {}), digits);
      });

    test("says by Rain's form too that a PIN is refused, and that a key is not the issuer's for this hash", async () => {
      const rain = (input: string, row: string, variables: Variables = {}) =>
        device(`change-pin --by spritz --spritz-form rain --pin-stdin${row}`, { input, variables });
      const weak = await rain("1234\n", "");
      assert.equal(weak.code, exitCodes.refused);
      assert.match(weak.stderr, /400 Bad Request: Failed to set PIN, the PIN is a sequence of digits/);
      const { spritz } = await (await fetch(`${issuer.url}/sandbox`)).json();
      const file = join(mkdtempSync(join(tmpdir(), "linchpin-rain-")), "key.pem");
      writeFileSync(file, spritz.rain.legacyPublicKey);
      const variables = { LINCHPIN_SPRITZ_PUBLIC_KEY_FILE: file };
      const wrongRow = await rain("0471\n", "", variables);
      rmSync(dirname(file), { recursive: true });
      assert.equal(wrongRow.code, exitCodes.refused);
      assert.match(wrongRow.stderr, /Failed to Decrypt Session ID, RSA Public key Not Matching/);
    });
  });

  suite("device, by Worldline's protocol", () => {
    test("sets and shows the PIN, with the card's number and a key set", async () => {
      const changed = await device("change-pin --by worldline --pin-stdin", { input: "0473\n" });
      assert.deepEqual([changed.code, changed.stderr], [exitCodes.done, ""]);
      assert.equal(await revealed("worldline", {}), "0473");
      const weak = await device("change-pin --by worldline --pin-stdin", { input: "1234\n" });
      assert.equal(weak.code, exitCodes.refused);
      assert.match(weak.stderr, /400 Bad request: pin: the PIN is a sequence of digits/);
    });
  });

  suite("device, on a card of its own", () => {
    const words: Readonly<Record<string, Readonly<Record<"adyen" | "plumery", string>>>> = {
      "without a PIN": {
        adyen: "422 31_003: PIN not set: the card has no PIN yet",
        plumery: "400 urn:plmr:cards:connector:INVALID_CARD_STATE: the card has no PIN yet",
      },
      "whose PIN is blocked": {
        adyen: "422 31_004: PIN blocked: the PIN is blocked",
        plumery: "400 urn:plmr:cards:connector:INVALID_CARD_STATE: the PIN is blocked",
      },
      "that is not the partner's": {
        adyen: "422 30_031: Invalid payment instrument: no such card",
        plumery: "400 urn:plmr:cards:connector:CARD_NOT_FOUND: no such card",
      },
    };
    const refusesToReveal = async (which: string, variables: Variables) => {
      for (const [by, said] of Object.entries(words[which] ?? {})) {
        const command = `reveal-pin --by ${by} --json`;
        const { code, stdout, stderr } = await device(command, { variables });
        assert.equal(code, exitCodes.refused);
        assert.equal(stdout, failureOutput(command, { code, stderr }));
        assert.equal(stderr, `linchpin: the issuer refused: ${said}\n`);
      }
    };

    test("verifies until the PIN is blocked; Adyen's change unblocks it", async () => {
      const variables = await makeCard();
      await refusesToReveal("without a PIN", variables);
      await device("change-pin --by adyen --pin-stdin", { input: "1928\n", variables });
      const verify = (pin: string) => device("verify-pin --pin-stdin --json", { input: `${pin}\n`, variables });
      for (const result of [
        { result: "mismatch", remainingAttempts: 2 },
        { result: "mismatch", remainingAttempts: 1 },
        { result: "mismatch", remainingAttempts: 0 },
        { result: "blocked", remainingAttempts: 0 },
      ]) {
        const { code, stdout } = await verify("4626");
        assert.equal(code, exitCodes.refused);
        assert.deepEqual(JSON.parse(stdout), result);
      }
      await refusesToReveal("whose PIN is blocked", variables);
      await device("change-pin --by adyen --pin-stdin", { input: "7305\n", variables });
      assert.equal((await verify("7305")).code, exitCodes.done);
      assert.equal(await revealed("plumery", variables), "7305");
    });

    test("gets its PIN by Lithic, from an issuer that is no sandbox by its names alone", async () => {
      const { lithic, issuer: operator } = await (await post("/sandbox/cards")).json();
      const names: Variables = {
        LINCHPIN_URL: issuer.relay.url,
        LINCHPIN_LITHIC_API_KEY: lithic.apiKey,
        LINCHPIN_LITHIC_CARD: lithic.cardToken,
      };
      const change = (variables: Variables) =>
        where(
          (answer) => (answer.path.startsWith("/sandbox") ? { ...answer, status: 404 } : answer),
          () =>
            device("change-pin --by lithic --pin-stdin --json", {
              input: "0451\n",
              // The relay stands before the sandbox's description too.
              variables: { ...variables, LINCHPIN_URL: issuer.relay.url },
            }),
        );
      const { LINCHPIN_LITHIC_CARD: _left, ...withoutCard } = names;
      const refused = await change(withoutCard);
      assert.equal(refused.code, exitCodes.notAllowed);
      assert.match(refused.stderr, /is no sandbox: set LINCHPIN_LITHIC_API_KEY and LINCHPIN_LITHIC_CARD/);
      const guessed = await change({ ...names, LINCHPIN_LITHIC_API_KEY: "guessed" });
      assert.equal(guessed.code, exitCodes.notAllowed);
      assert.match(guessed.stderr, /the issuer refused: 401 Could not find API key/);
      const changed = await change(names);
      assert.equal(changed.stderr, "");
      const told = { cardToken: lithic.cardToken, changed: true, pinStatus: "OK" };
      assert.deepEqual(JSON.parse(changed.stdout), told);
      const variables = { LINCHPIN_CARD_ID: operator.cardId };
      const verified = await device("verify-pin --pin-stdin", { input: "0451\n", variables });
      assert.equal(verified.stdout, "it is the card's PIN\n");
    });

    test("is not found by a name that nobody gave it", async () => {
      const variables = { LINCHPIN_ADYEN_PAYMENT_INSTRUMENT: "PI0", LINCHPIN_PLUMERY_CARD_TOKEN: "none" };
      await refusesToReveal("that is not the partner's", variables);
      const verified = await device("verify-pin --pin-stdin --card-id none", { input: "1928\n" });
      assert.equal(verified.code, exitCodes.refused);
      assert.match(verified.stderr, /the issuer refused: 404 card_unknown/);
    });

    for (const [pin, said] of [
      ["1234\n", "the issuer refused: 422 31_011: Invalid PIN: the PIN is a sequence of digits"],
      ["19284\n", "the issuer refused: 422 31_011: Invalid PIN: the PIN does not have the number of digits"],
      ["19a8\n", "a PIN is 4 to 12 ASCII digits"],
      ["", "a PIN is 4 to 12 ASCII digits"],
    ] as const)
      test(`Adyen changes no PIN to ${JSON.stringify(pin)}`, async () => {
        const { code, stdout, stderr } = await device("change-pin --by adyen --pin-stdin", { input: pin });
        assert.equal(code, exitCodes.refused);
        assert.equal(stdout, "");
        assert.ok(stderr.startsWith(`linchpin: ${said}`), stderr);
      });

    for (const [command, variables, said] of [
      ["reveal-pin --by adyen --json", { LINCHPIN_ADYEN_API_KEY: "guessed" }, "401 00_401"],
      ["change-pin --by adyen --pin-stdin", { LINCHPIN_ADYEN_API_KEY: "guessed" }, "401 00_401"],
      [
        "reveal-card --by plumery --json",
        { LINCHPIN_PLUMERY_TOKEN: "guessed" },
        "401 urn:plmr:cards:connector:UNAUTHORIZED",
      ],
      ["verify-pin --pin-stdin", { LINCHPIN_API_KEY: "guessed" }, "401 caller_unknown"],
    ] as const)
      test(`${command} is refused to a stranger`, async () => {
        const { code, stdout, stderr } = await device(command, { input: "1928\n", variables });
        assert.equal(code, exitCodes.notAllowed);
        assert.equal(stdout, failureOutput(command, { code, stderr }));
        assert.ok(stderr.startsWith(`linchpin: the issuer refused: ${said}: `), stderr);
      });

    for (const [command, named] of [
      ["reveal-pin --by adyen --json", "LINCHPIN_ADYEN_API_KEY"],
      ["reveal-pin --by plumery --json", "LINCHPIN_PLUMERY_TOKEN"],
      ["verify-pin --pin-stdin --card-id any", "LINCHPIN_API_KEY"],
      ["venly enroll --pin-stdin", "LINCHPIN_VENLY_CLIENT_ID"],
    ] as const)
      test(`${command} asks for ${named} where the issuer is no sandbox`, async () => {
        const { code, stderr } = await where(
          (answer) => ({ ...answer, status: 404 }),
          () => device(command, { variables: { LINCHPIN_URL: issuer.relay.url } }),
        );
        assert.equal(code, exitCodes.notAllowed);
        assert.ok(stderr.includes(named), stderr);
      });
  });

  suite("device, where the relay answers in the issuer's place", () => {
    const withBody = (path: string, change: (body: string) => string) => (answer: Passing) =>
      answer.path.includes(path) ? { ...answer, body: change(answer.body) } : answer;
    const changeByAdyen = () => device("change-pin --by adyen --pin-stdin", { input: "1928\n" });

    test("says that the chip takes the PIN later", async () => {
      const { code, stdout } = await where(
        withBody("/pins/change", () => '{"status":"pending"}'),
        changeByAdyen,
      );
      assert.equal(code, exitCodes.done);
      assert.match(stdout, /the card's chip takes it when it is next online/);
    });

    test("says that the PIN can not be taken now", async () => {
      const { code, stdout, stderr } = await where(
        withBody("/pins/change", () => '{"status":"unavailable"}'),
        changeByAdyen,
      );
      assert.equal(code, exitCodes.unreachable);
      assert.equal(stdout, "");
      assert.match(stderr, /try again later/);
    });

    for (const [what, change] of [
      ["is no key", () => '{"publicKey":"AAAA","publicKeyExpiryDate":"2999-01-01"}'],
      [
        "has had its last day",
        (body: string) => body.replace(/"publicKeyExpiryDate":"\d+/, '"publicKeyExpiryDate":"2020'),
      ],
    ] as const)
      test(`seals to no key of Adyen's that ${what}`, async () => {
        const sent: string[] = [];
        const alter = withBody("/publicKey", change);
        const { code, stdout } = await where((answer) => {
          sent.push(answer.path);
          return alter(answer);
        }, changeByAdyen);
        assert.equal(code, exitCodes.refused);
        assert.equal(stdout, "");
        assert.ok(sent.some((path) => path.includes("/publicKey")));
        assert.ok(!sent.some((path) => path.includes("/pins/change")));
      });

    for (const [by, path, change] of [
      ["adyen", "/pins/reveal", (body: string) => body.replace(/"token":"\d{4}/, '"token":"9999')],
      ["plumery", "/pin", (body: string) => body.replace(/"ciphertext":"..../, '"ciphertext":"AAAA')],
    ] as const)
      test(`shows no PIN of an answer of ${by}'s that was altered`, async () => {
        const command = `reveal-pin --by ${by} --json`;
        const { code, stdout, stderr } = await where(withBody(path, change), () => device(command));
        assert.equal(code, exitCodes.refused);
        assert.equal(stdout, failureOutput(command, { code, stderr }));
        assert.match(stderr, /^linchpin: .+\n$/);
      });
  });
}
