import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { before, suite, test } from "node:test";
import { linchpin } from "@linchpin/test-fixtures/command/linchpin";
import { placeUnmigratedDatabase } from "@linchpin/test-fixtures/databases/empty-database";
import { calculateJwkThumbprint, compactVerify, importJWK } from "jose";
import { exitCodes } from "../../src/exit-codes.ts";
import type { ListedKey } from "../../src/listed-key.ts";
import type { Passing } from "../relay.ts";
import type { SharedIssuer } from "../shared-issuer.ts";

/** Its first tests are about a store that no server has; then it starts the issuer. */
export function operatorSuite(issuer: SharedIssuer): void {
  suite("what an operator does", () => {
    const { dataFolder, relay } = issuer;
    let apiKey: string;

    const onStore = (...args: string[]) => linchpin(args, { environment: { LINCHPIN_DATA: dataFolder } });
    const onIssuer = (...args: string[]) =>
      linchpin(args, { environment: { LINCHPIN_URL: relay.url, LINCHPIN_API_KEY: apiKey } });

    async function verifyWhere(alter: (answer: Passing) => Passing) {
      relay.alter = alter;
      return onIssuer("audit", "verify", "--json").finally(() => {
        relay.alter = (answer) => answer;
      });
    }

    before(() => placeUnmigratedDatabase(join(dataFolder, "store")));

    test("migrate says what it applied, and to what", async () => {
      const { code, stdout } = await onStore("migrate", "--json");
      assert.equal(code, exitCodes.done);
      const { store, applied } = JSON.parse(stdout);
      assert.equal(store, "embedded");
      assert.match(applied[0], /^0001_/);
    });

    test("migrate finds nothing to do a second time", async () => {
      const { stdout } = await onStore("migrate");
      assert.equal(stdout, `the embedded store in ${dataFolder} is up to date\n`);
    });

    test("migrate says that a database does not answer, without its password", async () => {
      const environment = { LINCHPIN_DATABASE_URL: "postgres://issuer:geheim@127.0.0.1:9/issuer" };
      const { code, stdout, stderr } = await linchpin(["migrate"], { environment });
      assert.equal(code, exitCodes.unreachable);
      assert.ok(!(stdout + stderr).includes("geheim"));
    });

    test("operator make prints an API key that opens the issuer API", async () => {
      const { code, stdout } = await onStore("operator", "make", "alice", "--json");
      assert.equal(code, exitCodes.done);
      const made = JSON.parse(stdout);
      assert.equal(made.name, "alice");
      apiKey = made.apiKey;
      await issuer.start();
      assert.equal((await onIssuer("keys", "list")).code, exitCodes.done);
    });

    test("a command asks at the port by which serve listens, unless a URL is set", async () => {
      const environment = { LINCHPIN_PORT: new URL(relay.url).port, LINCHPIN_API_KEY: apiKey };
      assert.equal((await linchpin(["keys", "list"], { environment })).code, exitCodes.done);
      const elsewhere = { ...environment, LINCHPIN_URL: "http://127.0.0.1:9" };
      assert.equal((await linchpin(["keys", "list"], { environment: elsewhere })).code, exitCodes.unreachable);
    });

    test("operator list names who may use the issuer API, and prints no key", async () => {
      const { code, stdout } = await onIssuer("operator", "list", "--json");
      assert.equal(code, exitCodes.done);
      const listed: { name: string; createdAt: string }[] = JSON.parse(stdout);
      assert.deepEqual(listed.map(({ name }) => name).sort(), ["alice", "sandbox"]);
      assert.ok(listed.every((operator) => Object.keys(operator).join() === "name,createdAt"));
      const lines = (await onIssuer("operator", "list")).stdout.trim().split("\n");
      assert.deepEqual(lines.toSorted(), listed.map(({ name, createdAt }) => `${createdAt}  ${name}`).toSorted());
    });

    test("operator make and migrate leave the store alone that a server has", async () => {
      for (const command of [["migrate"], ["operator", "make", "bob"]]) {
        const { code, stdout } = await onStore(...command);
        assert.equal(code, exitCodes.inUse);
        assert.equal(stdout, "");
      }
    });

    test("a wrong API key opens nothing", async () => {
      for (const command of [
        ["keys", "list"],
        ["keys", "rotate", "solaris-pin", "--yes"],
        ["audit", "verify"],
      ]) {
        const { code, stdout, stderr } = await onIssuer(...command, "--api-key", "guessed");
        assert.equal(code, exitCodes.notAllowed);
        assert.equal(stdout, "");
        assert.match(stderr, /the issuer refused: 401 caller_unknown/);
      }
    });

    test("an API key is needed where the issuer is no sandbox", async () => {
      relay.alter = (answer) => (answer.path === "/sandbox" ? { ...answer, status: 404 } : answer);
      const { code, stderr } = await linchpin(["keys", "list", "--url", relay.url]);
      relay.alter = (answer) => answer;
      assert.equal(code, exitCodes.notAllowed);
      assert.match(stderr, /LINCHPIN_API_KEY/);
    });

    test("what answers in no JSON is no issuer", async () => {
      relay.alter = (answer) => ({ ...answer, status: 200, body: "<html></html>" });
      const { code, stderr } = await onIssuer("keys", "list");
      relay.alter = (answer) => answer;
      assert.equal(code, exitCodes.unreachable);
      assert.match(stderr, /is no issuer/);
    });

    test("root show prints the key that apps pin, and the next one once it is announced", async () => {
      const shown = JSON.parse((await onIssuer("root", "show", "--json")).stdout);
      assert.deepEqual([shown.length, shown[0].state, shown[0].jwk.crv], [1, "current", "P-256"]);
      assert.equal(shown[0].thumbprint, await calculateJwkThumbprint(shown[0].jwk));
      const manifest = await (await fetch(`${relay.url}/issuer-keys`)).text();
      const { payload } = await compactVerify(manifest, await importJWK(shown[0].jwk, "ES256"));
      assert.equal(
        JSON.parse(new TextDecoder().decode(payload)).sub,
        JSON.parse(new TextDecoder().decode(payload)).iss,
      );
      assert.equal((await onIssuer("keys", "make", "native-root", "--yes")).code, exitCodes.done);
      const text = (await onIssuer("root", "show")).stdout;
      assert.match(text, /^pending {2}[\w-]{43}\n {2}\{"kty":"EC".*\}\ncurrent {2}[\w-]{43}\n/);
    });

    test("root show prints no root that is not on the list of keys, nor one that the issuer does not tell", async () => {
      const theirs = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;
      const swapped = theirs.export({ format: "der", type: "spki" }).toString("base64");
      const showWhere = (state: string, publicKey: string | null, ...form: string[]) => {
        relay.alter = (answer) => {
          if (!answer.path.endsWith("/issuer/v1/keys")) return answer;
          const keys: ListedKey[] = JSON.parse(answer.body);
          const isAltered = (key: ListedKey) => key.purpose === "native-root" && key.state === state;
          return { ...answer, body: JSON.stringify(keys.map((key) => (isAltered(key) ? { ...key, publicKey } : key))) };
        };
        return onIssuer("root", "show", ...form).finally(() => {
          relay.alter = (answer) => answer;
        });
      };
      const [pending, current] = JSON.parse((await onIssuer("root", "show", "--json")).stdout);
      for (const form of [[], ["--json"], ["--pins"]]) {
        for (const [state, publicKey, said] of [
          ["pending", swapped, /a root is not on the list that the current one signed/],
          ["current", swapped, /is signed by no pinned root/],
          ["current", null, /the vault does not show that it holds the native-root key .*: the issuer's log says why/],
        ] as const) {
          const { code, stdout, stderr } = await showWhere(state, publicKey, ...form);
          assert.equal(code, exitCodes.refused);
          assert.ok(!stdout.includes("P-256"), stdout);
          assert.match(stderr, said);
        }
        const { code, stdout, stderr } = await showWhere("pending", null, ...form);
        assert.equal(code, exitCodes.done);
        assert.ok(stdout.includes(current.jwk.x) && !stdout.includes(pending.jwk.x));
        assert.match(stderr, /^left out: the pending root .*, which the vault does not show that it holds/);
      }
    });

    test("partners may not register mobile numbers, unless an operator says so", async () => {
      const made = await onIssuer("partner", "make", "Example Bank", "--json");
      const { id } = JSON.parse(made.stdout);
      const listed = async () =>
        (await onIssuer("partner", "list")).stdout.split("\n").find((line) => line.includes(id));
      assert.equal(await listed(), `${id}  may not register mobile numbers  Example Bank`);
      const set = (value: string) => onIssuer("partner", "set", id, "--may-register-mobile-numbers", value);
      assert.equal((await set("yes")).stdout, `${id}  may register mobile numbers  Example Bank\n`);
      assert.equal(await listed(), `${id}  may register mobile numbers  Example Bank`);
      assert.equal((await set("no")).code, exitCodes.done);
      assert.equal(await listed(), `${id}  may not register mobile numbers  Example Bank`);
      assert.equal((await set("perhaps")).code, exitCodes.usage);
      assert.equal((await onIssuer("partner", "set", id)).code, exitCodes.usage);
    });

    test("keys list shows names and no values", async () => {
      const { stdout } = await onIssuer("keys", "list");
      assert.match(stdout, /^PURPOSE +VERSION +STATE +ALGORITHM +VAULT/);
      assert.match(stdout, /^solaris-pin +v1 +current +RSA-OAEP-256/m);
    });

    test("what changes a key says what it does, and wants a yes", async () => {
      const before = (await onIssuer("keys", "list")).stdout;
      for (const [command, key, says] of [
        ["make", "solaris-pin", /solaris-pin@1 stays the current key: nothing breaks/],
        ["rotate", "solaris-pin", /Kept under solaris-pin@1: nothing\..*\n.*accepted until 20..-/],
        ["rotate", "card-data", /Kept under card-data@1: 1 cards' PANs and CVV2s\..*\n.*until it is retired/],
        ["retire", "card-data@1", /Kept under card-data@1: 1 cards' PANs/],
        ["destroy", "card-data@1", /is current, in the vault software\. It will be gone for good/],
        ["move", "", /No current key is in a former vault/],
      ] as const) {
        const { code, stdout, stderr } = await onIssuer("keys", command, ...(key === "" ? [] : [key]));
        assert.equal(code, exitCodes.usage);
        assert.equal(stdout, "");
        assert.match(stderr, says);
        assert.match(stderr, /--yes/);
      }
      assert.equal((await onIssuer("keys", "list")).stdout, before);
    });

    const statesOf = async (purpose: string) => {
      const keys = JSON.parse((await onIssuer("keys", "list", "--json")).stdout);
      return keys
        .filter((key: { purpose: string }) => key.purpose === purpose)
        .map(({ version, state }: { version: number; state: string }) => [version, state]);
    };

    test("keys make makes a pending version, which keys rotate makes the current one", async () => {
      const made = await onIssuer("keys", "make", "solaris-pin", "--yes", "--json");
      assert.equal(made.code, exitCodes.done);
      assert.deepEqual(await statesOf("solaris-pin"), [
        [2, "pending"],
        [1, "current"],
      ]);
      const { code, stdout } = await onIssuer("keys", "rotate", "solaris-pin", "--yes", "--json");
      assert.equal(code, exitCodes.done);
      assert.deepEqual([JSON.parse(stdout).version, JSON.parse(stdout).id], [2, JSON.parse(made.stdout).id]);
      assert.deepEqual(await statesOf("solaris-pin"), [
        [2, "current"],
        [1, "accepted"],
      ]);
    });

    test("a key that seals what is stored is rotated, emptied, retired and destroyed, in this order alone", async () => {
      const refused = async (words: RegExp, ...command: string[]) => {
        const { code, stderr } = await onIssuer("keys", ...command, "--yes");
        assert.equal(code, exitCodes.refused);
        assert.match(stderr, words);
      };
      await refused(/409 conflict/, "retire", "card-data@1");
      assert.equal((await onIssuer("keys", "rotate", "card-data", "--yes")).code, exitCodes.done);
      await refused(/409 conflict/, "destroy", "card-data@1");
      assert.equal((await onIssuer("keys", "reseal", "card-data", "--json")).code, exitCodes.done);
      assert.equal((await onIssuer("keys", "reseal", "card-data")).stdout, "card-data: 0 sealed anew, none left\n");
      assert.equal((await onIssuer("keys", "retire", "card-data@1", "--yes")).stdout, "card-data@1 is retired\n");
      assert.equal((await onIssuer("keys", "destroy", "card-data@1", "--yes")).stdout, "card-data@1 is destroyed\n");
      assert.deepEqual(await statesOf("card-data"), [
        [2, "current"],
        [1, "destroyed"],
      ]);
    });

    test("keys move says that nothing needs a former vault", async () => {
      assert.equal((await onIssuer("keys", "move", "--yes")).stdout, "nothing needs a former vault\n");
    });

    test("no key and no purpose of another name is known", async () => {
      for (const name of ["nothing", "../cards", "solaris-pin%2F", "solaris-pin@9"])
        for (const command of ["make", "rotate", "retire", "destroy"]) {
          const { code, stderr } = await onIssuer("keys", command, name, "--yes");
          assert.equal(code, exitCodes.refused);
          assert.match(stderr, /keys list/);
        }
      assert.match((await onIssuer("keys", "reseal", "solaris-pin")).stderr, /409 conflict/);
    });

    test("audit verify finds the chain whole", async () => {
      const { code, stdout } = await onIssuer("audit", "verify", "--json");
      assert.equal(code, exitCodes.done);
      const { intact, events } = JSON.parse(stdout);
      assert.equal(intact, true);
      assert.ok(events > 5);
      const words = new RegExp(
        `^the chain is whole: ${events} events, [0-9]+ checkpoints\nsigned by [0-9a-f]{64}\nlast checkpoint [0-9]+:[0-9a-f]{64}\n$`,
      );
      assert.match((await onIssuer("audit", "verify")).stdout, words);
    });

    test("audit verify trusts the keys that it is given to trust, and no others", async () => {
      const { signedBy } = JSON.parse((await onIssuer("audit", "verify", "--json")).stdout);
      assert.equal((await onIssuer("audit", "verify", "--trust", ...signedBy)).code, exitCodes.done);
      const { code, stdout } = await onIssuer("audit", "verify", "--trust", "0".repeat(64));
      assert.equal(code, exitCodes.refused);
      assert.equal(stdout, "the chain is broken: checkpoint 1 is signed by no key that is trusted\n");
    });

    test("audit verify needs the checkpoint that it is given to expect", async () => {
      const { lastCheckpoint } = JSON.parse((await onIssuer("audit", "verify", "--json")).stdout);
      assert.equal((await onIssuer("audit", "verify", "--expect", lastCheckpoint)).code, exitCodes.done);
      const [sequence] = lastCheckpoint.split(":");
      const other = await onIssuer("audit", "verify", "--expect", `${sequence}:${"0".repeat(64)}`);
      assert.equal(other.code, exitCodes.refused);
      assert.equal(other.stdout, `the chain is broken: checkpoint ${sequence} is not the one that --expect names\n`);
      const later = `${Number(sequence) + 100}:${"0".repeat(64)}`;
      assert.match((await onIssuer("audit", "verify", "--expect", later)).stdout, /checkpoint \d+ is missing\n$/);
      assert.equal((await onIssuer("audit", "verify", "--expect", "3")).code, exitCodes.usage);
    });

    test("audit verify finds nothing whole where nothing is left", async () => {
      const emptied = (answer: Passing) =>
        /audit-(shards|events|checkpoints)/.test(answer.path) ? { ...answer, body: "[]" } : answer;
      for (const noted of [["--trust", "0".repeat(64)], ["--expect", `1:${"0".repeat(64)}`], []]) {
        relay.alter = emptied;
        const { code } = await onIssuer("audit", "verify", ...noted);
        relay.alter = (answer) => answer;
        assert.equal(code, exitCodes.refused);
      }
    });

    test("audit export writes what the verifier beside its format finds whole", async () => {
      const { code, stdout } = await onIssuer("audit", "export");
      assert.equal(code, exitCodes.done);
      const lines = stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
      assert.deepEqual([lines[0].type, lines.at(-1).type], ["export", "end"]);
      const count = (type: string) => lines.filter((line) => line.type === type).length;
      assert.deepEqual([count("key"), count("head")], [1, 16]);
      assert.ok(count("event") > 5 && count("checkpoint") > 0);
    });

    const eventsOf = (answer: Passing) =>
      answer.path.includes("/audit-events?shard=") ? JSON.parse(answer.body) : null;
    const withEvents = (answer: Passing, change: (events: { content: string }[]) => unknown[]) => {
      const events = eventsOf(answer);
      return events === null || events.length === 0 ? answer : { ...answer, body: JSON.stringify(change(events)) };
    };

    test("audit verify sees an event that was altered, and says where", async () => {
      const { code, stdout } = await verifyWhere((answer) =>
        withEvents(answer, ([first, ...others]) => [{ ...first, content: `${first?.content} ` }, ...others]),
      );
      assert.equal(code, exitCodes.refused);
      const { intact, break: found } = JSON.parse(stdout);
      assert.equal(intact, false);
      assert.equal(found.what, "altered");
      assert.equal(found.sequence, 1);
    });

    test("audit verify sees events that are missing", async () => {
      const { code, stdout } = await verifyWhere((answer) => withEvents(answer, () => []));
      assert.equal(code, exitCodes.refused);
      assert.equal(JSON.parse(stdout).break.what, "missing");
    });

    test("audit verify says in words where the chain breaks", async () => {
      relay.alter = (answer) => withEvents(answer, (events) => events.slice(1));
      const { code, stdout } = await onIssuer("audit", "verify");
      relay.alter = (answer) => answer;
      assert.equal(code, exitCodes.refused);
      assert.match(stdout, /^the chain is broken: event 1 of shard \d+ is missing\n$/);
    });
  });
}
