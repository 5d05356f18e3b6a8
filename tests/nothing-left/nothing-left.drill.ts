import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { placeEmptyDatabase } from "@linchpin/test-fixtures/databases/empty-database";
import {
  execute,
  type PostgresCluster,
  startPostgresCluster,
} from "@linchpin/test-fixtures/databases/postgres-cluster";
import { OutboxReceiver } from "@linchpin/test-fixtures/issuer/outbox-receiver";
import { until } from "@linchpin/test-fixtures/system/until";
import { call } from "@linchpin/testing/call";
import { type IssuerProcess, runLinchpin, startIssuerProcess } from "../issuer-process.ts";
import { generatePin, takeEveryRoad } from "./every-road.ts";
import { snapshotOptions, takeHeapSnapshot } from "./heap-snapshot.ts";
import { searchMemory } from "./process-memory.ts";
import { Search } from "./search.ts";
import { needlesOf } from "./secret-forms.ts";
import { Secrets, type Way } from "./secrets.ts";

const needsProc = process.platform === "linux" ? false : "needs /proc: run it on Linux";

describe("the search for what is left finds what is planted", () => {
  const planted = ["914273865042", "b3Zx9Kq1LmN7vT2wYc5RjHd8s"];
  const needles = planted.flatMap((text) => needlesOf(text, text));
  const search = new Search(needles);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "linchpin-planted-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("in files, in every form, and in their names", () => {
    for (const { secret, form, bytes } of needles) {
      const path = join(folder, "file");
      writeFileSync(path, Buffer.concat([Buffer.alloc(4095, "="), bytes, Buffer.from("=")]));
      assert.ok(search.inFolder(folder).includes(`${secret} (${form}) in ${path}`), form);
      rmSync(path);
    }
    assert.deepEqual(search.inFolder(folder), []);
    const named = join(folder, planted.join());
    writeFileSync(named, "");
    assert.ok(search.inFolder(folder).length > 0);
    rmSync(named);
  });

  it("and not what is like it", () => {
    for (const text of planted) assert.deepEqual(search.inText(`${text.slice(0, 11)} ${text.slice(-11)}`), []);
  });

  it("in the memory of a process, in every form, and in its heap snapshot", { skip: needsProc }, async () => {
    const planting = join(import.meta.dirname, "planting-process.ts");
    const reversed = planted.map((text) => [...text].reverse().join(""));
    const child = spawn(process.execPath, [...snapshotOptions(folder).split(" "), planting, ...reversed]);
    try {
      await once(child.stdout, "data");
      const everyForm = needles.map(({ secret, form }) => `${secret} (${form})`);
      assert.deepEqual(new Set(searchMemory(child.pid ?? 0, search)), new Set(everyForm));
      const snapshot = search.inBytes(await takeHeapSnapshot(child.pid ?? 0, folder));
      for (const text of planted) assert.ok(snapshot.includes(`${text} (ASCII)`));
    } finally {
      child.kill("SIGKILL");
    }
  });
});

const stores: Readonly<Record<string, (dataFolder: string) => Promise<StoreUnderTest>>> = {
  PostgreSQL: async () => {
    const cluster = await startPostgresCluster();
    const url = await cluster.createDatabase();
    return {
      environment: { LINCHPIN_DATABASE_URL: url },
      folder: async () => {
        await execute(url, "checkpoint");
        return cluster.dataFolder;
      },
      stop: () => cluster.stop(),
    };
  },
  "the embedded store": async (dataFolder) => {
    await placeEmptyDatabase(join(dataFolder, "store"));
    return { environment: {}, folder: async () => dataFolder, stop: async () => {} };
  },
};

interface StoreUnderTest {
  readonly environment: Record<string, string>;
  /** Where its files are, all written. */
  folder(): Promise<string>;
  stop: PostgresCluster["stop"];
}

for (const [name, openStore] of Object.entries(stores))
  describe(`of the secrets that went through an issuer on ${name}, nothing is left`, { timeout: 5 * 60_000 }, () => {
    const secrets = new Secrets();
    const receiver = new OutboxReceiver();
    const answers: string[] = [];
    let folder: string;
    let logPath: string;
    let store: StoreUnderTest;
    let issuer: IssuerProcess;

    before(async () => {
      folder = mkdtempSync(join(tmpdir(), "linchpin-nothing-left-"));
      logPath = join(folder, "log");
      store = await openStore(join(folder, "data"));
      const logFd = openSync(logPath, "w");
      const environment = {
        ...store.environment,
        LINCHPIN_DATA: join(folder, "data"),
        LINCHPIN_LOG_LEVEL: "trace",
        LINCHPIN_MESSAGES_URL: await receiver.listen(),
        LINCHPIN_OUTBOX_SECRET: "the secret of the operator's receiver",
        NODE_OPTIONS: snapshotOptions(folder),
      };
      issuer = await startIssuerProcess(environment, 0, [], logFd);
      closeSync(logFd);
      await recordingAnswers(answers, async () => {
        answers.push(...(await takeEveryRoad(issuer.url, secrets)));
        await getEverything(issuer.url);
        await generatePin(issuer.url);
      });
      const letter = () => receiver.deliveries.find(({ body }) => body.channel === "letter");
      await until(() => letter() !== undefined);
      secrets.add("letter", "a PIN that the issuer made", /\d{12}/.exec(letter()?.body.text)?.[0] ?? "");
      await call("GET", `${issuer.url}/health/ready`);
    });
    after(async () => {
      await issuer.kill("SIGKILL");
      receiver.close();
      await store.stop();
      rmSync(folder, { recursive: true });
    });

    const searchFor = (...ways: readonly Way[]) => new Search(secrets.needles(...ways));
    const anySecret = () => searchFor("sealed", "plain body", "text", "told", "letter");

    it("in memory, of what came sealed, went out sealed, or came in a body that is read as bytes", {
      skip: needsProc,
    }, () => {
      const found = searchMemory(issuer.pid ?? 0, searchFor("sealed", "plain body", "told", "kept"));
      assert.deepEqual(
        found.filter((what) => !what.startsWith("no secret")),
        [],
      );
      assert.ok(found.includes("no secret (ASCII)"), "what was kept in clear was found");
    });

    it("in a heap snapshot, save of what was text", { skip: needsProc }, async () => {
      const snapshot = await takeHeapSnapshot(issuer.pid ?? 0, folder);
      assert.ok(snapshot.includes("solaris.pin_update_requests"), "it is the issuer's");
      assert.deepEqual(searchFor("sealed", "plain body", "told", "letter").inBytes(snapshot), []);
    });

    it("in the log at its most talkative level, to stdout and stderr", () => {
      const log = readFileSync(logPath, "utf8");
      assert.ok(log.includes("/solaris/v1/cards/:card_account_id/pin_update_requests"), "there is a log");
      assert.deepEqual(anySecret().inText(log), []);
    });

    it("in answers: refusals, metrics and all that can be read, save the one that tells a code", () => {
      assert.ok(answers.some((answer) => answer.includes("linchpin_refusals_total")));
      const search = anySecret();
      const telling = answers.filter((answer) => search.inText(answer).length > 0);
      assert.equal(telling.length, 1, "one answer tells a code");
      for (const found of search.inText(telling.join()))
        assert.ok(found.startsWith(String(secrets.names("told"))), found);
      assert.ok(searchFor("kept").inText(answers.join()).length > 0, "what was kept in clear was found");
    });

    it("in what goes out, save the letter", () => {
      const search = anySecret();
      const found = receiver.deliveries.flatMap(({ raw }) => search.inText(raw));
      assert.deepEqual(found, [`${secrets.names("letter")[0]} (ASCII)`]);
    });

    it("in audit events and their export", async () => {
      const { output: exported } = await runLinchpin({ LINCHPIN_URL: issuer.url }, "audit", "export");
      assert.ok(exported.includes("solaris.pin_update_requests") && exported.includes("venly.protected_request"));
      assert.deepEqual(anySecret().inText(exported), []);
    });

    it("in the files of the database", async () => {
      await issuer.kill("SIGTERM");
      const files = await store.folder();
      assert.deepEqual(anySecret().inFolder(files), []);
      assert.ok(searchFor("kept").inFolder(files).length > 0, "what was kept in clear was found");
    });
  });

/** Everything that `fetch` gets while `work` runs, headers too. */
async function recordingAnswers(answers: string[], work: () => Promise<void>): Promise<void> {
  const { fetch } = globalThis;
  globalThis.fetch = async (...request) => {
    const response = await fetch(...request);
    answers.push(JSON.stringify([...response.headers]) + (await response.clone().text()));
    return response;
  };
  await work().finally(() => {
    globalThis.fetch = fetch;
  });
}

/** What an operator can read, and everyone; but for the messages of the sandbox, which are meant to be read. */
async function getEverything(origin: string): Promise<void> {
  const { body: sandbox } = await call("GET", `${origin}/sandbox`);
  const { baseUrl, apiKey: bearer, cardId: id } = sandbox.issuer;
  const { body: openapi } = await call("GET", `${origin}/openapi.json`);
  const paths = Object.keys(openapi.paths).filter((path) => openapi.paths[path].get && !path.includes("messages"));
  for (const path of [...paths, "/metrics", "/health/ready"])
    await call("GET", `${origin}${path.replace(/\{\w+\}/, id)}`, { bearer });
  const { body: shards } = await call("GET", `${baseUrl}/audit-shards`, { bearer });
  for (const { shard } of shards) await call("GET", `${baseUrl}/audit-events?shard=${shard}&limit=1000`, { bearer });
}
