import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { examine, type Finding, makeOperator, migrateStore, openStore, readSettings, serve } from "@linchpin/server";
import { openTestPostgres, type TestPostgres } from "@linchpin/test-fixtures/databases/postgres";
import { execute } from "@linchpin/test-fixtures/databases/postgres-cluster";
import { startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import pino from "pino";
import { examineDisk, examineMachine } from "../../src/doctor/examine-machine.ts";
import { protocolTable } from "../../src/protocol-table.ts";

const log = pino({ level: "silent" });
const masterKey = "b2c41f5a8e07d3964c1ea0f7925bd86e13fa47c09d62e5b87a30cf4816de9b25";

describe("the doctor", () => {
  let postgres: TestPostgres;
  let messages: Server;
  let url: string;
  before(async () => {
    postgres = await openTestPostgres();
    messages = createServer((_request, response) => response.writeHead(405).end()).listen(0, "127.0.0.1");
    url = await postgres.createDatabase();
    await (await serve(readSettings({ ...environment(), LINCHPIN_PORT: "0" }), { log })).close();
  });
  after(async () => {
    messages.close();
    await postgres.stop();
  });

  const environment = (more: Record<string, string> = {}): Record<string, string> => ({
    LINCHPIN_DATABASE_URL: url,
    LINCHPIN_MASTER_KEY: masterKey,
    LINCHPIN_MESSAGES_URL: `http://127.0.0.1:${(messages.address() as AddressInfo).port}`,
    LINCHPIN_OUTBOX_SECRET: "x".repeat(32),
    ...more,
  });
  const findings = async (more: Record<string, string> = {}, clock?: () => Date): Promise<Finding[]> =>
    all(examine(environment(more), { protocols: protocolTable, log, ...(clock && { clock }) }));
  const finding = async (about: string, more?: Record<string, string>, clock?: () => Date): Promise<Finding> => {
    const found = await findings(more, clock);
    return found.find((one) => one.about === about) ?? assert.fail(`nothing about ${about}: ${JSON.stringify(found)}`);
  };
  const isNot = ({ state, says, mend }: Finding, wanted: Finding["state"], words: RegExp) => {
    assert.equal(state, wanted, says);
    assert.match(says, words);
    assert.notEqual(mend, "", "says what to do");
  };

  it("finds what is good, and alters nothing", async () => {
    const found = await findings();
    for (const about of ["settings", "TLS", "LINCHPIN_MESSAGES_URL", "clocks", "migrations", "vault", "keys"])
      assert.equal(found.find((one) => one.about === about)?.state, "good", about);
    assert.deepEqual(await findings(), found);
  });

  it("says which setting is missing, and looks no further", async () => {
    const found = await findings({ LINCHPIN_MESSAGES_URL: "" });
    isNot(found.at(-1) ?? assert.fail(), "bad", /LINCHPIN_MESSAGES_URL/);
    assert.equal(found.at(-1)?.about, "settings");
  });

  it("judges by production's rules where the sandbox is set", async () => {
    isNot(await finding("settings", { LINCHPIN_MODE: "sandbox", LINCHPIN_DATABASE_URL: "" }), "bad", /DATABASE_URL/);
  });

  it("reports a database that does not answer, without its password", async () => {
    const found = await finding("database", { LINCHPIN_DATABASE_URL: "postgres://issuer:opensesame@127.0.0.1:1/none" });
    isNot(found, "bad", /./);
    assert.doesNotMatch(JSON.stringify(found), /opensesame/);
  });

  it("reports a database that forgets: this test's own", async () => {
    isNot(await finding("durability"), "bad", /fsync/);
  });

  it("reports a superuser, and no operator where there is none", async () => {
    isNot(await finding("database role"), "warning", /superuser/);
    isNot(await finding("operators"), "warning", /none/);
    const store = await openStore(readSettings(environment()));
    await makeOperator({ store, clock: () => new Date() }, { name: "alice" });
    await store.close();
    assert.equal((await finding("operators")).state, "good");
  });

  it("reports servers whose lists of keys are signed for different origins", async () => {
    const [one, other] = ["https://issuer.example", "https://other.example"];
    isNot(await finding("origin"), "warning", /LINCHPIN_PUBLIC_URL is not set/);
    const settings = readSettings({ ...environment({ LINCHPIN_PUBLIC_URL: one }), LINCHPIN_PORT: "0" });
    await (await serve(settings, { log })).close();
    assert.equal((await finding("origin", { LINCHPIN_PUBLIC_URL: one })).state, "good");
    isNot(await finding("origin", { LINCHPIN_PUBLIC_URL: other }), "warning", /signed for https:\/\/issuer\.example/);
  });

  it("reports migrations that wait, applies none, and looks at no table", async () => {
    const fresh = await postgres.createDatabase();
    for (let times = 0; times < 2; times++) {
      const found = await findings({ LINCHPIN_DATABASE_URL: fresh });
      isNot(found.at(-1) ?? assert.fail(), "warning", /to be applied/);
    }
    assert.ok((await migrateStore(readSettings(environment({ LINCHPIN_DATABASE_URL: fresh })))).length > 0);
    assert.equal(
      (await finding("keys", { LINCHPIN_DATABASE_URL: fresh })).says,
      "none yet: the first start makes them",
    );
  });

  it("reports a database of a newer program", async () => {
    const newer = await postgres.createDatabase();
    await migrateStore(readSettings(environment({ LINCHPIN_DATABASE_URL: newer })));
    await execute(newer, "insert into migrations (name, sha256) values ('9999_later.sql', '00')");
    isNot(await finding("database", { LINCHPIN_DATABASE_URL: newer }), "bad", /newer/);
  });

  it("reports the data of a sandbox", async () => {
    const sandbox = await postgres.createDatabase();
    await (await startSandboxIssuer({ environment: { LINCHPIN_DATABASE_URL: sandbox } })).stop();
    isNot(await finding("data", { LINCHPIN_DATABASE_URL: sandbox }), "bad", /everybody knows/);
  });

  it("reports a master key that is not the data's", async () => {
    isNot(await finding("vault", { LINCHPIN_MASTER_KEY: masterKey.replaceAll("b", "6") }), "bad", /master key/);
  });

  it("reports keys that are old, and a clock that is wrong", async () => {
    const twoYearsOn = () => new Date(Date.now() + 2 * 365 * 24 * 60 * 60 * 1000);
    isNot(await finding("keys", {}, twoYearsOn), "warning", /card-pin/);
    isNot(await finding("clocks", {}, twoYearsOn), "warning", /differ/);
  });

  it("reports who is not there to take messages", async () => {
    const found = await finding("LINCHPIN_MESSAGES_URL", { LINCHPIN_MESSAGES_URL: "http://127.0.0.1:1" });
    isNot(found, "warning", /does not answer/);
  });

  it("reports receivers that answer, and are not there", async () => {
    for (const [status, words] of [
      [404, /404: nothing/],
      [301, /301: redirects/],
      [502, /502/],
    ] as const) {
      const receiver = createServer((_request, response) => response.writeHead(status).end()).listen(0, "127.0.0.1");
      await once(receiver, "listening");
      const { port } = receiver.address() as AddressInfo;
      isNot(
        await finding("LINCHPIN_MESSAGES_URL", { LINCHPIN_MESSAGES_URL: `http://127.0.0.1:${port}/m` }),
        "warning",
        words,
      );
      receiver.close();
    }
  });

  for (const [damage, words] of [
    ["alter table replay_marks drop constraint replay_marks_pkey", /PRIMARY KEY/],
    ["drop table outbox", /outbox/],
    ["drop index credentials_secret", /credentials_secret/],
    ["alter table cards alter column program_id drop not null", /cards.program_id/],
  ] as const)
    it(`reports a database after: ${damage}`, async () => {
      const damaged = await postgres.createMigratedDatabase();
      await execute(damaged, damage);
      isNot(await finding("schema", { LINCHPIN_DATABASE_URL: damaged }), "bad", words);
    });

  it("reports a table that is nobody's", async () => {
    const more = await postgres.createMigratedDatabase();
    await execute(more, "create table notes (text text)");
    isNot(await finding("schema", { LINCHPIN_DATABASE_URL: more }), "warning", /notes.text/);
  });

  it("reports a database that can only be read", async () => {
    const standby = await postgres.createMigratedDatabase();
    await execute(
      standby,
      `alter database ${new URL(standby).pathname.slice(1)} set default_transaction_read_only = on`,
    );
    isNot(await finding("writing", { LINCHPIN_DATABASE_URL: standby }), "bad", /read-only/);
  });

  it("reports a disk that is nearly full", async () => {
    for (const [freeBytes, state] of [
      [999_999_999, "warning"],
      [1_000_000_000, "good"],
    ] as const)
      assert.equal((await all(examineDisk(".", async () => freeBytes)))[0]?.state, state);
    assert.deepEqual(await all(examineDisk("/nowhere")), []);
    assert.equal((await all(examineDisk("."))).length, 1);
  });

  it("reports a certificate that can not be read", async () => {
    const files = { LINCHPIN_TLS_CERTIFICATE_FILE: "/nowhere.pem", LINCHPIN_TLS_KEY_FILE: "/nowhere.key" };
    isNot(await finding("TLS", files), "bad", /nowhere/);
  });

  it("reports a certificate for another host, by name and by address, and one that ends", {
    skip: needsProgram(["openssl", "version"], "openssl"),
  }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "linchpin-doctor-"));
    const [certificate, key] = [join(folder, "issuer.pem"), join(folder, "issuer.key")];
    execFileSync("openssl", [
      ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=issuer".split(" "),
      ...[
        "-addext",
        "subjectAltName=DNS:issuer.example,IP:192.0.2.1,IP:2001:db8::1",
        "-out",
        certificate,
        "-keyout",
        key,
      ],
    ]);
    const files = { LINCHPIN_TLS_CERTIFICATE_FILE: certificate, LINCHPIN_TLS_KEY_FILE: key };
    for (const host of ["other.example", "192.0.2.2", "[2001:db8::2]"])
      isNot(await finding("TLS", { ...files, LINCHPIN_PUBLIC_URL: `https://${host}` }), "bad", /is not for/);
    for (const host of ["issuer.example", "192.0.2.1", "[2001:db8::1]"])
      assert.equal((await finding("TLS", { ...files, LINCHPIN_PUBLIC_URL: `https://${host}` })).state, "good", host);
    for (const [days, state, words] of [
      [20, "warning", /ends in \d days/],
      [31, "bad", /not valid today/],
    ] as const) {
      const ending = await finding("TLS", files, () => new Date(Date.now() + days * 24 * 60 * 60 * 1000));
      isNot(ending, state, words);
      assert.match(ending.mend, /within a minute/);
      assert.match(ending.mend, /LoadCredential only after a restart/, "systemd hands over copies");
    }
    rmSync(folder, { recursive: true });
  });

  it("reports a limit that is off, and a public URL in clear", async () => {
    isNot(await finding("rate limit", { LINCHPIN_REQUESTS_PER_MINUTE: "0" }), "warning", /off/);
    isNot(await finding("public URL", { LINCHPIN_PUBLIC_URL: "http://issuer.example" }), "warning", /clear/);
  });

  it("reports where a machine could leave memory behind", async () => {
    const files: Record<string, string> = {
      "/proc/self/limits":
        "Limit  Soft Limit  Hard Limit  Units\nMax core file size        unlimited            unlimited            bytes\n",
      "/proc/swaps": "Filename Type Size Used Priority\n/dev/sda2 partition 1 0 -2\n",
    };
    const look = (of: Record<string, string>) =>
      all(
        examineMachine(
          () => new Date(),
          async (path) => of[path] ?? assert.fail(),
        ),
      );
    const states = (found: Finding[]) => found.filter(({ about }) => about !== "user").map(({ state }) => state);
    assert.deepEqual(states(await look(files)), ["warning", "warning"]);
    const quiet = {
      "/proc/self/limits": "Max core file size        0                    0                    bytes\n",
      "/proc/swaps": "Filename Type Size Used Priority\n",
    };
    assert.deepEqual(states(await look(quiet)), ["good", "good"]);
    const elsewhere = await all(
      examineMachine(
        () => new Date(),
        () => Promise.reject(new Error("no /proc")),
      ),
    );
    assert.deepEqual(states(elsewhere), [], "what can not be seen is not told");
  });
});

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}
