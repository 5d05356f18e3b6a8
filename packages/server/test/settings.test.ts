import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { LinchpinError } from "@linchpin/core";
import { readSettings, serve, settingVariables } from "@linchpin/server";
import { openTestPostgres, type TestPostgres } from "@linchpin/test-fixtures/databases/postgres";
import { startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import pino from "pino";

const masterKey = "b2c41f5a8e07d3964c1ea0f7925bd86e13fa47c09d62e5b87a30cf4816de9b25";
const production = {
  LINCHPIN_DATABASE_URL: "postgres://127.0.0.1/none",
  LINCHPIN_MASTER_KEY: masterKey,
  LINCHPIN_MESSAGES_URL: "https://messages.example",
  LINCHPIN_OUTBOX_SECRET: "x".repeat(32),
};
const events = { LINCHPIN_EVENTS_URL: "https://events.example", LINCHPIN_EVENTS_SECRET: "e".repeat(32) };
const refusedFor = (about: RegExp) => (error: unknown) =>
  error instanceof LinchpinError && error.code === "settings_invalid" && about.test(error.reason ?? "");

describe("settings", () => {
  it("are production's unless the sandbox is asked for, and complete as production asks", () => {
    assert.equal(readSettings(production).mode, "production");
    assert.equal(readSettings({ LINCHPIN_MODE: "sandbox" }).mode, "sandbox");
  });

  for (const name of Object.keys(production))
    it(`of production are refused without ${name}, and say so`, () => {
      assert.throws(() => readSettings({ ...production, [name]: "" }), refusedFor(new RegExp(name)));
    });

  it("of production are refused with a store in memory, and say so", () => {
    assert.throws(() => readSettings({ ...production, LINCHPIN_DATA: "memory:" }), refusedFor(/LINCHPIN_DATA=memory:/));
    const sandbox = readSettings({ LINCHPIN_MODE: "sandbox", LINCHPIN_DATA: "memory:" });
    assert.deepEqual([sandbox.dataFolder, sandbox.databaseUrl], [null, null]);
  });

  for (const [name, value] of [
    ["LINCHPIN_MODE", "Sandbox"],
    ["LINCHPIN_DATA", "memory://"],
    ["LINCHPIN_TLS_ENDS_ELSEWHERE", "true"],
    ["LINCHPIN_PORT", "84200"],
    ["LINCHPIN_PORT", "84a"],
    ["LINCHPIN_VAULT", "hardware"],
    ["LINCHPIN_VAULT", "pkcs11:token=linchpin"],
    ["LINCHPIN_VAULT", "pkcs11:token=linchpin?module-path=/usr/lib/module.so&pin-value=1234"],
    ["LINCHPIN_FORMER_VAULT", "hardware"],
    ["LINCHPIN_FORMER_VAULT", "pkcs11:token=linchpin"],
    ["LINCHPIN_DATABASE_PREPARE", "maybe"],
    ["LINCHPIN_TRUSTED_PROXIES", "proxy.example"],
    ["LINCHPIN_TRUSTED_PROXIES", "10.0.0.0/33"],
    ["LINCHPIN_TRUSTED_PROXIES", "10.0.0.1,"],
    ["LINCHPIN_TRUSTED_PROXIES", "10.0.0.0/8/8"],
    ["LINCHPIN_SANDBOX_HOSTS", "issuer.test:8420"],
    ["LINCHPIN_SANDBOX_HOSTS", "https://issuer.test"],
    ["LINCHPIN_SANDBOX_HOSTS", "*"],
    ["LINCHPIN_SANDBOX_HOSTS", "localhost,"],
    ["LINCHPIN_OUTBOX_SECRET", "short"],
    ["LINCHPIN_REQUESTS_PER_MINUTE", "-1"],
    ["LINCHPIN_VENLY_UPSTREAM_TIMEOUT_MS", "0"],
    ["LINCHPIN_PUBLIC_URL", "issuer.example"],
    ["LINCHPIN_EVENTS_URL", "ftp://events.example"],
    ["LINCHPIN_EVENTS_URL", "http://events.example"],
    ["LINCHPIN_EVENTS_SECRET", "short"],
    ["LINCHPIN_EVENTS_SECRET", ""],
    ["LINCHPIN_EVENTS_SECRET", production.LINCHPIN_OUTBOX_SECRET],
    ["LINCHPIN_VENLY_UPSTREAM_URL", "http://wallet.example"],
    ["LINCHPIN_VENLY_UPSTREAM_URL", "http://127.0.0.1.wallet.example"],
    ["LINCHPIN_VENLY_UPSTREAM_URL", "//wallet.example"],
    ["LINCHPIN_MESSAGES_URL", "messages.example"],
    ["LINCHPIN_MESSAGES_URL", "http://messages.example"],
    ["LINCHPIN_MESSAGES_URL", "http://127.0.0.1.messages.example"],
    ["LINCHPIN_MESSAGES_URL", "http://localhost@messages.example"],
  ] as const)
    it(`refuse ${name}=${value}`, () => {
      assert.throws(() => readSettings({ ...production, ...events, [name]: value }), refusedFor(new RegExp(name)));
    });

  it("of production take events and the upstream to loopback without https", () => {
    const loopback = { LINCHPIN_EVENTS_URL: "http://[::1]:8500", LINCHPIN_VENLY_UPSTREAM_URL: "http://localhost:8501" };
    const settings = readSettings({ ...production, ...events, ...loopback });
    assert.equal(settings.eventsUrl, loopback.LINCHPIN_EVENTS_URL);
    const venly: { upstreamUrl?: unknown } = settings.protocols["venly"] ?? {};
    assert.equal(venly.upstreamUrl, loopback.LINCHPIN_VENLY_UPSTREAM_URL);
  });

  for (const url of [
    "http://127.0.0.1:8500/messages",
    "http://localhost:8500",
    "http://[::1]:8500",
    "https://a.example",
  ])
    it(`of production take messages to ${url}`, () => {
      assert.equal(readSettings({ ...production, LINCHPIN_MESSAGES_URL: url }).messagesUrl, url);
    });

  const tlsFiles = { LINCHPIN_TLS_CERTIFICATE_FILE: "/tls.pem", LINCHPIN_TLS_KEY_FILE: "/tls.key" };
  for (const host of ["0.0.0.0", "::", "10.0.0.7", "issuer.example", "127.0.0.1.example"])
    it(`of production listen on ${host} by TLS, of their own or a proxy's, and no other way`, () => {
      const exposed = { ...production, LINCHPIN_HOST: host };
      assert.throws(() => readSettings(exposed), refusedFor(/LINCHPIN_TLS_ENDS_ELSEWHERE=yes/));
      assert.throws(() => readSettings({ ...exposed, LINCHPIN_TLS_ENDS_ELSEWHERE: "no" }), refusedFor(/TLS/));
      assert.equal(readSettings({ ...exposed, LINCHPIN_TLS_ENDS_ELSEWHERE: "yes" }).host, host);
      assert.equal(readSettings({ ...exposed, ...tlsFiles }).tls?.keyFile, "/tls.key");
    });

  for (const host of ["0.0.0.0", "::", "10.0.0.7", "issuer.example", "127.0.0.1.example"])
    it(`of a sandbox listen on ${host} where LINCHPIN_SANDBOX_HOSTS says so, which the refusal names`, () => {
      const exposed = { LINCHPIN_MODE: "sandbox", LINCHPIN_HOST: host };
      assert.throws(() => readSettings(exposed), refusedFor(/LINCHPIN_SANDBOX_HOSTS .*localhost/));
      const settings = readSettings({ ...exposed, LINCHPIN_SANDBOX_HOSTS: "localhost, Issuer.test,[fd00::7]" });
      assert.deepEqual([settings.host, settings.sandboxHosts], [host, ["localhost", "issuer.test", "[fd00::7]"]]);
    });

  for (const host of ["127.0.0.1", "127.0.0.7", "::1", "localhost"])
    it(`of a sandbox listen on ${host} without another word`, () => {
      assert.equal(readSettings({ LINCHPIN_MODE: "sandbox", LINCHPIN_HOST: host }).host, host);
    });

  it("of TLS are a certificate and its key, or none", () => {
    for (const name of Object.keys(tlsFiles))
      assert.throws(() => readSettings({ ...production, ...tlsFiles, [name]: "" }), refusedFor(/go together/));
    const alone = { ...production, LINCHPIN_TLS_CLIENT_CA_FILE: "/ca.pem" };
    assert.throws(() => readSettings(alone), refusedFor(/go together/));
  });

  it("of two ports name two", () => {
    const ports = { ...production, LINCHPIN_PORT: "8420" };
    assert.equal(readSettings(ports).healthPort, null);
    assert.equal(readSettings({ ...ports, LINCHPIN_HEALTH_PORT: "8421" }).healthPort, 8421);
    assert.throws(() => readSettings({ ...ports, LINCHPIN_HEALTH_PORT: "8420" }), refusedFor(/LINCHPIN_HEALTH_PORT/));
    assert.throws(() => readSettings({ ...ports, LINCHPIN_HEALTH_PORT: "0" }), refusedFor(/LINCHPIN_HEALTH_PORT/));
  });

  it("of production need no master key where all keys are in a token", () => {
    const vault = "pkcs11:token=linchpin?module-path=/usr/lib/module.so&pin-source=file:/etc/pin";
    const withoutKey = { ...production, LINCHPIN_MASTER_KEY: "", LINCHPIN_VAULT: vault };
    assert.equal(readSettings(withoutKey).vault, vault);
    const comingFromSoftware = { ...withoutKey, LINCHPIN_FORMER_VAULT: "software" };
    assert.throws(() => readSettings(comingFromSoftware), refusedFor(/LINCHPIN_MASTER_KEY/));
  });

  it("of a sandbox take messages without https", () => {
    const url = "http://messages.example/";
    const environment = { LINCHPIN_MODE: "sandbox", LINCHPIN_OUTBOX_SECRET: "x".repeat(32) };
    assert.equal(readSettings({ ...environment, LINCHPIN_MESSAGES_URL: url }).messagesUrl, url);
  });

  it("are all listed for --help", () => {
    const listed = new Set<string>(settingVariables.map(({ name }) => name));
    for (const name of Object.keys(production)) assert.ok(listed.has(name), name);
  });
});

describe("a start", () => {
  let postgres: TestPostgres;
  let folder: string;
  const log = pino({ level: "silent" });

  before(async () => {
    postgres = await openTestPostgres();
    folder = await mkdtemp(join(tmpdir(), "linchpin-start-"));
  });
  after(async () => {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const settingsOn = (url: string, more: Record<string, string> = {}) =>
    readSettings({ ...production, LINCHPIN_DATABASE_URL: url, LINCHPIN_PORT: "0", LINCHPIN_DATA: folder, ...more });

  it("of production works on a fresh database, has no sandbox and explains nothing", async () => {
    const server = await serve(settingsOn(await postgres.createDatabase()), { log });
    try {
      assert.equal((await fetch(`${server.url}/health/ready`)).status, 200);
      assert.equal((await fetch(`${server.url}/sandbox`)).status, 404);
      assert.equal((await fetch(`${server.url}/sandbox/messages`)).status, 404);
    } finally {
      await server.close();
    }
  });

  it("of production is refused on a database that a sandbox seeded", async () => {
    const url = await postgres.createDatabase();
    await (await startSandboxIssuer({ environment: { LINCHPIN_DATABASE_URL: url } })).stop();
    await assert.rejects(serve(settingsOn(url), { log }), refusedFor(/sandbox/));
  });

  it("of a sandbox is refused on a database of production", async () => {
    const url = await postgres.createDatabase();
    const server = await serve(settingsOn(url), { log });
    await server.close();
    await assert.rejects(startSandboxIssuer({ environment: { LINCHPIN_DATABASE_URL: url } }), refusedFor(/.+/));
  });

  it("is refused with another master key than the one that sealed the keys", async () => {
    const url = await postgres.createDatabase();
    await (await serve(settingsOn(url), { log })).close();
    const other = masterKey.replaceAll("b", "6");
    await assert.rejects(serve(settingsOn(url, { LINCHPIN_MASTER_KEY: other }), { log }), refusedFor(/master key/));
  });

  it("is refused with a master key file that others can read", async () => {
    const path = join(folder, "open.key");
    await writeFile(path, masterKey, { mode: 0o644 });
    const settings = settingsOn(await postgres.createDatabase(), {
      LINCHPIN_MASTER_KEY: "",
      LINCHPIN_MASTER_KEY_FILE: path,
    });
    await assert.rejects(serve(settings, { log }), refusedFor(/chmod 600/));
  });
});
