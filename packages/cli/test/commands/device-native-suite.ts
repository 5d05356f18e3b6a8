import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { readFile, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { linchpin } from "@linchpin/test-fixtures/command/linchpin";
import { exitCodes } from "../../src/exit-codes.ts";
import type { Passing } from "../relay.ts";
import type { SharedIssuer } from "../shared-issuer.ts";

/** The native protocol, and the pinned roots of every protocol. */
export function deviceNativeSuite(issuer: SharedIssuer): void {
  const folder = mkdtempSync(join(tmpdir(), "linchpin-native-"));
  const file = (name: string) => join(folder, name);
  const stateFile = file("native-device.json");
  const device = (command: string, input = "", variables: Readonly<Record<string, string>> = {}) =>
    linchpin(["device", ...command.split(" ")], {
      input,
      environment: { LINCHPIN_URL: issuer.url, LINCHPIN_NATIVE_STATE: stateFile, ...variables },
    });

  async function where<Result>(alter: (answer: Passing) => Passing, act: () => Promise<Result>): Promise<Result> {
    issuer.relay.alter = alter;
    return act().finally(() => {
      issuer.relay.alter = (answer) => answer;
    });
  }

  suite("device, by the native protocol", () => {
    // biome-ignore lint/suspicious/noExplicitAny: the shape of GET /sandbox
    let person: any;
    before(async () => {
      person = await (await fetch(`${issuer.url}/sandbox/cards`, { method: "POST" })).json();
    });
    after(() => rm(folder, { recursive: true }));

    test("there is none before it is bound", async () => {
      const { code, stderr } = await device("change-pin --by native --pin-stdin --yes", "1928\n");
      assert.equal(code, exitCodes.deviceMissing);
      assert.match(stderr, /no device in .*: make one with `linchpin device native bind`/);
    });

    test("is bound to nobody by other digits, and to no card that the person did not confirm", async () => {
      const bind = `native bind --person ${person.solaris.personId} --otp-from-sandbox`;
      const digits = await device(`${bind} --yes --card-digits 00000000`);
      assert.equal(digits.code, exitCodes.refused);
      assert.match(digits.stderr, /the code, or the last digits of the card's number, are wrong/);
      const unasked = await device(bind);
      assert.equal(unasked.code, exitCodes.usage);
      assert.match(unasked.stderr, /the card ends with \d{4}, is Robin Example's.*\na code went to .*\n.*give --yes/);
      assert.equal((await device("native show")).code, exitCodes.deviceMissing);
    });

    test("is bound by the code and the card's number, and keeps its key for itself", async () => {
      const bound = await device(`native bind --person ${person.solaris.personId} --otp-from-sandbox --yes --json`);
      assert.deepEqual([bound.code, bound.stderr], [exitCodes.done, ""]);
      const { thumbprint, cardId } = JSON.parse(bound.stdout);
      assert.equal(cardId, person.native.cardId);
      assert.equal((await stat(stateFile)).mode & 0o777, 0o600);
      const { d } = JSON.parse(await readFile(stateFile, "utf8")).key;
      for (const command of ["native show", "native show --json"]) {
        const { stdout } = await device(command);
        assert.ok(stdout.includes(thumbprint) && !stdout.includes(d));
      }
      assert.match((await device("native bind --otp-from-sandbox --yes")).stderr, /holds a device already/);
    });

    test("changes, verifies and shows the PIN", async () => {
      const changed = await device("change-pin --by native --pin-stdin --yes", "1928\n");
      assert.deepEqual(changed, { code: exitCodes.done, stdout: "the PIN is changed\n", stderr: "" });
      assert.equal((await device("native verify-pin --pin-stdin --yes", "1928\n")).code, exitCodes.done);
      const wrong = await device("native verify-pin --pin-stdin --yes --json", "4626\n");
      assert.equal(wrong.code, exitCodes.refused);
      assert.deepEqual(JSON.parse(wrong.stdout), { result: "mismatch", remaining: 2 });
      const shown = await device("reveal-pin --by native --json --yes");
      assert.deepEqual(JSON.parse(shown.stdout), { pin: "1928" });
      const card = JSON.parse((await device("reveal-card --by native --json --yes")).stdout);
      assert.match(`${card.pan} ${card.cvv2} ${card.expirationDate}`, /^\d{16} \d{3} (0[1-9]|1[0-2])\/\d\d$/);
    });

    for (const flag of ["", "--no-check "])
      test(`changes no PIN that the program refuses ${flag}`, async () => {
        const { code, stderr } = await device(`change-pin --by native ${flag}--pin-stdin --yes`, "1234\n");
        assert.equal(code, exitCodes.refused);
        assert.match(stderr, flag === "" ? /the PIN is a sequence of digits/ : /refuse/);
      });

    test("has no change by code where the program has none", async () => {
      const person = (await (await fetch(`${issuer.url}/sandbox/cards`, { method: "POST" })).json()).solaris.personId;
      const command = `native change-by-code --person ${person} --otp-from-sandbox --yes --pin-stdin`;
      const { code, stdout } = await device(command, "1928\n");
      assert.deepEqual([code, stdout], [exitCodes.notAllowed, ""]);
    });

    test("believes no answer but the issuer's own", async () => {
      const unsigned = '{"type":"about:blank","title":"","status":422,"code":"pin_refused"}';
      for (const [body, said] of [
        [unsigned, /outcome is unknown.*pin_refused/],
        ['{"answer":"eyJhbGciOiJub25lIn0.e30."}', /outcome is unknown/],
      ] as const) {
        const { code, stdout, stderr } = await where(
          (answer) => (answer.path.endsWith("/operations") ? { ...answer, status: 422, body } : answer),
          () => device("change-pin --by native --pin-stdin --yes", "1928\n"),
        );
        assert.deepEqual([code, stdout], [exitCodes.unreachable, ""]);
        assert.match(stderr, said);
      }
    });

    test("binds the same key again where the answer was lost, which takes no second place", async () => {
      const other = await (await fetch(`${issuer.url}/sandbox/cards`, { method: "POST" })).json();
      const state = file("lost.json");
      const bind = () =>
        device(`native bind --person ${other.solaris.personId} --otp-from-sandbox --yes --json`, "", {
          LINCHPIN_NATIVE_STATE: state,
        });
      const lost = await where(
        (answer) => (answer.path.endsWith("/operations") ? { ...answer, status: 502, body: "" } : answer),
        bind,
      );
      assert.equal(lost.code, exitCodes.unreachable);
      assert.match(lost.stderr, /the outcome is unknown, do it again/);
      const kept = JSON.parse(await readFile(`${state}.unanswered`, "utf8"));
      assert.equal((await device("native show", "", { LINCHPIN_NATIVE_STATE: state })).code, exitCodes.deviceMissing);
      const failed = await where(
        (answer) => (answer.path.endsWith("/sessions") ? { ...answer, status: 503, body: "" } : answer),
        bind,
      );
      assert.equal(failed.code, exitCodes.unreachable, "a session that does not come is no reason for another key");
      const bound = await bind();
      assert.deepEqual([bound.code, bound.stderr], [exitCodes.done, ""]);
      assert.equal(JSON.parse(bound.stdout).thumbprint, kept.thumbprint);
      await assert.rejects(stat(`${state}.unanswered`), { code: "ENOENT" });
      const operator = (method: string, path: string) =>
        fetch(`${issuer.url}/issuer/v1${path}`, { method, headers: { authorization: "Bearer sandbox-operator-key" } });
      const events: Record<string, string>[] = await (
        await operator("GET", `/audit-events?cardId=${other.issuer.cardId}`)
      ).json();
      assert.deepEqual(
        events.flatMap(({ operation, outcome, device }) =>
          operation === "native.bind" && outcome === "done" ? [device] : [],
        ),
        [kept.thumbprint, kept.thumbprint],
      );
      // One was unbound: there is no other.
      const unbind = () => operator("DELETE", `/persons/${other.native.personId}/keys/${kept.thumbprint}`);
      assert.deepEqual([(await unbind()).status, (await unbind()).status], [204, 404]);
      await rename(state, `${state}.unanswered`);
      const anew = await bind();
      assert.equal(anew.code, exitCodes.done);
      assert.notEqual(JSON.parse(anew.stdout).thumbprint, kept.thumbprint, "a key that was unbound is not bound again");
    });

    test("asks for the card's PIN before it binds, where the program does and there is one", async () => {
      const operator = async (path: string, body: object, method = "POST") => {
        const headers = { authorization: "Bearer sandbox-operator-key", "content-type": "application/json" };
        const answer = await fetch(`${issuer.url}/issuer/v1${path}`, { method, headers, body: JSON.stringify(body) });
        return answer.status === 204 ? {} : answer.json();
      };
      const program = await operator("/programs", { name: "Asks", settings: { presentPinToBind: true } });
      const made = await operator("/cards", { personId: person.native.personId, programId: program.id });
      const data = { pan: "9999990012345670", cvv2: "123", expiration: { month: 7, year: 2031 } };
      await operator(`/cards/${made.id}/data`, data, "PUT");
      const variables = { LINCHPIN_NATIVE_STATE: file("asks.json"), LINCHPIN_NATIVE_CARD: made.names.native };
      const bind = `native bind --person ${person.solaris.personId} --otp-from-sandbox --yes --card-digits 12345670`;
      assert.equal((await device(bind, "", variables)).code, exitCodes.done);
      assert.equal(
        (await device("change-pin --by native --pin-stdin --yes", "1928\n", variables)).code,
        exitCodes.done,
      );
      assert.equal((await device("native forget", "", variables)).code, exitCodes.done);
      const wrong = await device(`${bind} --pin-stdin`, "4626\n", variables);
      assert.deepEqual([wrong.code, wrong.stdout], [exitCodes.refused, ""]);
      assert.match(wrong.stderr, /that is not the card's PIN: one of its tries is used/);
      assert.equal((await device(`${bind} --pin-stdin`, "1928\n", variables)).code, exitCodes.done);
    });

    test("wants roots and credentials where the issuer is no sandbox", async () => {
      const act = (variables = {}) =>
        where(
          (answer) => (answer.path.startsWith("/sandbox") ? { ...answer, status: 404 } : answer),
          () => device("native verify-pin --pin-stdin --yes", "1928\n", variables),
        );
      assert.match((await act()).stderr, /set LINCHPIN_NATIVE_CLIENT_ID/);
      const { clientId, clientSecret } = person.native;
      const client = { LINCHPIN_NATIVE_CLIENT_ID: clientId, LINCHPIN_NATIVE_CLIENT_SECRET: clientSecret };
      assert.match((await act(client)).stderr, /wants the issuer's roots: give --roots/);
      const pins = await linchpin(["root", "show", "--pins"], { environment: { LINCHPIN_URL: issuer.url } });
      writeFileSync(file("roots.json"), pins.stdout);
      assert.equal((await act({ ...client, LINCHPIN_ROOTS: file("roots.json") })).code, exitCodes.done);
    });
  });

  suite("device, with pinned roots", () => {
    const own = mkdtempSync(join(tmpdir(), "linchpin-roots-"));
    const state = join(own, "device.json");
    const roots = join(own, "roots.json");
    const others = join(own, "others.json");
    after(() => rm(own, { recursive: true }));
    before(async () => {
      const { stdout } = await linchpin(["root", "show", "--pins"], { environment: { LINCHPIN_URL: issuer.url } });
      writeFileSync(roots, stdout);
      const jwk = await crypto.subtle
        .generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"])
        .then(({ publicKey }) => crypto.subtle.exportKey("jwk", publicKey));
      writeFileSync(others, JSON.stringify({ ...JSON.parse(stdout), roots: [jwk] }));
      await device(`bind --otp-from-sandbox --state ${state}`);
    });

    /** By protocol, what seals to a key of the issuer's. */
    const commands: Readonly<Record<string, readonly [command: string, input: string]>> = {
      solaris: [`change-pin --by solaris --pin-stdin --state ${state}`, "1928\n"],
      "solaris-sca": [`request-change --pin-stdin --state ${state}`, "1928\n"],
      "issuer API": ["verify-pin --pin-stdin", "1928\n"],
      adyen: ["change-pin --by adyen --pin-stdin", "1928\n"],
      stripe: ["change-pin --by stripe --pin-stdin", "1928\n"],
      lithic: ["change-pin --by lithic --pin-stdin", "1928\n"],
      spritz: ["change-pin --by spritz --pin-stdin", "1928\n"],
      "spritz, Rain's form": ["change-pin --by spritz --spritz-form rain --pin-stdin", "1928\n"],
      worldline: ["change-pin --by worldline --pin-stdin", "1928\n"],
      venly: ["venly enroll --pin-stdin", "493827\n"],
    };

    for (const [name, [command, input]] of Object.entries(commands)) {
      test(`${name} uses the key for which they vouch`, async () => {
        const { code, stderr } = await device(command, input, { LINCHPIN_ROOTS: roots });
        assert.deepEqual([code, stderr], [exitCodes.done, ""]);
      });

      test(`${name} sends nothing where others signed the list of the keys`, async () => {
        const sent: string[] = [];
        const { code, stdout, stderr } = await where(
          (answer) => {
            if (answer.method !== "GET") sent.push(answer.path);
            return answer;
          },
          () => device(command, input, { LINCHPIN_ROOTS: others }),
        );
        assert.deepEqual([code, stdout], [exitCodes.refused, ""]);
        assert.match(stderr, /is signed by no pinned root.*: nothing was sealed; whoever relays lies, or /);
        assert.deepEqual(
          sent.filter((path) => !path.includes("token")),
          [],
        );
      });
    }

    test("refuses a list of keys that is older than one that was seen, until other roots are pinned", async () => {
      const pinned = join(own, "pinned.json");
      writeFileSync(pinned, await readFile(roots));
      const change = (variables = {}) =>
        device("change-pin --by adyen --pin-stdin", "1928\n", { LINCHPIN_ROOTS: pinned, ...variables });
      let old = "";
      const seen = await where(
        (answer) => {
          if (answer.path === "/issuer-keys") old = answer.body;
          return answer;
        },
        () => change(),
      );
      assert.equal(seen.code, exitCodes.done);
      const { seq } = JSON.parse(await readFile(`${pinned}.seen`, "utf8"));
      const headers = { authorization: "Bearer sandbox-operator-key" };
      await fetch(`${issuer.url}/issuer/v1/keys/adyen-pan-reveal/rotate`, { method: "POST", headers });
      const playedBack = () =>
        where(
          (answer) => (answer.path === "/issuer-keys" ? { ...answer, body: old } : answer),
          () => change(),
        );
      assert.equal((await playedBack()).code, exitCodes.done, "none that is newer was seen yet");
      assert.equal((await change()).code, exitCodes.done);
      assert.ok(JSON.parse(await readFile(`${pinned}.seen`, "utf8")).seq > seq);
      const refused = await playedBack();
      assert.deepEqual([refused.code, refused.stdout], [exitCodes.refused, ""]);
      assert.match(refused.stderr, /or an earlier one.*: nothing was sealed/);
      // What was seen of another issuer's roots says nothing of these.
      const text = JSON.parse(await readFile(`${pinned}.seen`, "utf8"));
      writeFileSync(`${pinned}.seen`, JSON.stringify({ ...text, roots: ["another"] }));
      assert.equal((await playedBack()).code, exitCodes.done);
      writeFileSync(`${pinned}.seen`, "[]");
      const broken = await change();
      assert.deepEqual([broken.code, broken.stdout], [exitCodes.usage, ""]);
      assert.match(broken.stderr, /pinned\.json\.seen does not say which list of keys was seen: remove it/);
    });

    test("refuses a key in the key's place, which without them it takes", async () => {
      const { publicKey } = await crypto.subtle.generateKey(
        { name: "RSA-OAEP", modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1), hash: "SHA-256" },
        true,
        ["encrypt", "decrypt"],
      );
      const { n } = await crypto.subtle.exportKey("jwk", publicKey);
      const swapped = (variables = {}) =>
        where(
          (answer) =>
            answer.path.endsWith("/pin_keys/latest")
              ? { ...answer, body: JSON.stringify({ ...JSON.parse(answer.body), n }) }
              : answer,
          () => device(`change-pin --pin-stdin --state ${state}`, "1928\n", variables),
        );
      assert.match((await swapped()).stderr, /the issuer refused: 4/);
      const { code, stderr } = await swapped({ LINCHPIN_ROOTS: roots });
      assert.equal(code, exitCodes.refused);
      assert.match(stderr, /does not vouch for this key: nothing was sealed; whoever relays handed on a key/);
    });

    for (const [what, text] of Object.entries({
      "no JSON": "roots",
      "no roots": '{"issuer":"https://issuer.example","roots":[]}',
      "no issuer": '{"roots":[{"kty":"EC","crv":"P-256","x":"","y":""}]}',
      "an RSA key": '{"issuer":"https://issuer.example","roots":[{"kty":"RSA"}]}',
      "no object": "null",
    }))
      test(`takes no file of ${what}`, async () => {
        const bad = join(own, "bad.json");
        writeFileSync(bad, text);
        const { code, stderr } = await device("change-pin --by adyen --pin-stdin", "1928\n", { LINCHPIN_ROOTS: bad });
        assert.equal(code, exitCodes.usage);
        assert.match(stderr, /bad\.json holds no roots: the operator prints such a file/);
      });

    test("takes no file that is not there", async () => {
      const { code, stderr } = await device(`reveal-pin --by adyen --json --roots ${join(own, "none.json")}`);
      assert.equal(code, exitCodes.usage);
      assert.match(stderr, /none\.json can not be read/);
    });
  });
}
