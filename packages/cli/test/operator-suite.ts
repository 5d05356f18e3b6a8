import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { exitCodes } from "../src/exit-codes.ts";
import { linchpin } from "./linchpin.ts";
import type { Passing } from "./relay.ts";
import type { SharedIssuer } from "./shared-issuer.ts";

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

    test("operator make tells an API key that opens the issuer API", async () => {
      const { code, stdout } = await onStore("operator", "make", "alice", "--json");
      assert.equal(code, exitCodes.done);
      const made = JSON.parse(stdout);
      assert.equal(made.name, "alice");
      apiKey = made.apiKey;
      await issuer.start();
      assert.equal((await onIssuer("keys", "list")).code, exitCodes.done);
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

    test("keys list shows names and no values", async () => {
      const { stdout } = await onIssuer("keys", "list");
      assert.match(stdout, /^PURPOSE +VERSION +STATE/);
      assert.match(stdout, /^solaris-pin +v1 +current +RSA-OAEP-256/m);
    });

    test("keys rotate wants a yes", async () => {
      const { code, stderr } = await onIssuer("keys", "rotate", "solaris-pin");
      assert.equal(code, exitCodes.usage);
      assert.match(stderr, /--yes/);
      assert.doesNotMatch((await onIssuer("keys", "list")).stdout, /v2/);
    });

    test("keys rotate makes the next version, and the one before is still accepted", async () => {
      const { code, stdout } = await onIssuer("keys", "rotate", "solaris-pin", "--yes", "--json");
      assert.equal(code, exitCodes.done);
      assert.equal(JSON.parse(stdout).version, 2);
      const keys = JSON.parse((await onIssuer("keys", "list", "--json")).stdout);
      const states = keys
        .filter(({ purpose }: { purpose: string }) => purpose === "solaris-pin")
        .map(({ version, state }: { version: number; state: string }) => [version, state]);
      assert.deepEqual(states, [
        [2, "current"],
        [1, "accepted"],
      ]);
    });

    test("keys rotate knows no other purpose", async () => {
      for (const purpose of ["nothing", "../cards", "solaris-pin%2F"]) {
        const { code, stderr } = await onIssuer("keys", "rotate", purpose, "--yes");
        assert.equal(code, exitCodes.refused);
        assert.match(stderr, /404 not_found/);
      }
    });

    test("audit verify finds the chain whole", async () => {
      const { code, stdout } = await onIssuer("audit", "verify", "--json");
      assert.equal(code, exitCodes.done);
      const { intact, events } = JSON.parse(stdout);
      assert.equal(intact, true);
      assert.ok(events > 5);
      assert.equal((await onIssuer("audit", "verify")).stdout, `the chain is whole: ${events} events\n`);
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
