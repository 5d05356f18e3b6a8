import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { suite, test } from "node:test";
import { settingVariables } from "@linchpin/server";
import { linchpin } from "@linchpin/test-fixtures/command/linchpin";
import { exitCodes } from "../../src/exit-codes.ts";

suite("serve --help", () => {
  const secret = "0123456789abcdef0123456789abcdef-not-to-be-shown";

  test("prints every variable with its default", async () => {
    const { stdout } = await linchpin(["serve", "--help"]);
    for (const { name, help, default: unset } of settingVariables)
      assert.ok(stdout.includes(`  ${name}\n    ${help}\n    default: ${unset}; now: not set\n`), name);
  });

  test("prints what is set, and of secrets that they are", async () => {
    const secrets = settingVariables.filter(({ isSecret }) => isSecret).map(({ name }) => [name, secret]);
    const environment = { ...Object.fromEntries(secrets), LINCHPIN_PORT: "9321" };
    const { stdout } = await linchpin(["serve", "--help"], { environment });
    assert.match(stdout, /default: 8420; now: 9321\n/);
    assert.equal(stdout.match(/now: \*{4}\n/g)?.length, secrets.length);
    assert.ok(!stdout.includes(secret));
  });

  test("works where the settings do not", async () => {
    const { code } = await linchpin(["serve", "--help"], { environment: { LINCHPIN_MODE: "neither" } });
    assert.equal(code, exitCodes.done);
  });
});

suite("settings that do not allow a start", () => {
  const production = {
    LINCHPIN_DATABASE_URL: "postgres://issuer:geheim@127.0.0.1:9/issuer",
    LINCHPIN_MASTER_KEY: "00".repeat(32),
    LINCHPIN_MESSAGES_URL: "https://messages.example",
    LINCHPIN_OUTBOX_SECRET: "an outbox secret of 32 characters",
  };
  const sandbox = { LINCHPIN_MODE: "sandbox" };
  const wrong: Readonly<Record<string, { name: string; environment: Record<string, string> }>> = {
    "an unknown mode": { name: "LINCHPIN_MODE", environment: { LINCHPIN_MODE: "staging" } },
    "a port in words": { name: "LINCHPIN_PORT", environment: { ...sandbox, LINCHPIN_PORT: "eighty" } },
    "a port too high": { name: "LINCHPIN_PORT", environment: { ...sandbox, LINCHPIN_PORT: "65536" } },
    "an unknown log level": { name: "LINCHPIN_LOG_LEVEL", environment: { ...sandbox, LINCHPIN_LOG_LEVEL: "loud" } },
    "nothing at all, which is production": { name: "LINCHPIN_DATABASE_URL", environment: {} },
    "production without a database": {
      name: "LINCHPIN_DATABASE_URL",
      environment: { ...production, LINCHPIN_DATABASE_URL: " " },
    },
    "production without a master key": {
      name: "LINCHPIN_MASTER_KEY",
      environment: { ...production, LINCHPIN_MASTER_KEY: "" },
    },
    "production that can not send an OTP": {
      name: "LINCHPIN_MESSAGES_URL",
      environment: { ...production, LINCHPIN_MESSAGES_URL: "" },
    },
    "messages that are not signed": {
      name: "LINCHPIN_OUTBOX_SECRET",
      environment: { ...production, LINCHPIN_OUTBOX_SECRET: "short" },
    },
    "events that the secret of messages would sign": {
      name: "LINCHPIN_EVENTS_SECRET",
      environment: { ...production, LINCHPIN_EVENTS_URL: "https://events.example" },
    },
  };

  for (const [what, { name, environment }] of Object.entries(wrong))
    test(what, async () => {
      const { code, stdout, stderr } = await linchpin(["serve"], { environment });
      assert.equal(code, exitCodes.settings);
      assert.equal(stdout, "");
      assert.match(stderr, new RegExp(`^linchpin: .*${name}.*\\n$`), "one line that names the variable");
    });

  test("a database that does not answer", async () => {
    const { code, stderr } = await linchpin(["serve"], { environment: production });
    assert.equal(code, exitCodes.unreachable);
    assert.match(stderr, /LINCHPIN_DATABASE_URL/);
    assert.ok(!stderr.includes("geheim"));
  });

  test("a database that says nothing: a signal to stop ends the start, as the first process of a container ends by no other", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const asked = once(silent, "connection", { signal: AbortSignal.timeout(60_000) });
    const { port } = silent.address() as AddressInfo;
    const signals = new EventEmitter();
    const environment = { ...production, LINCHPIN_DATABASE_URL: `postgres://issuer@127.0.0.1:${port}/issuer` };
    const ended = linchpin(["serve"], { environment, signals });
    const [socket] = await asked;
    try {
      signals.emit("SIGTERM", "SIGTERM", 15);
      assert.equal((await ended).code, 143);
    } finally {
      socket.destroy();
      silent.close();
    }
  });
});
