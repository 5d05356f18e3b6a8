import assert from "node:assert/strict";
import { once } from "node:events";
import { type FileHandle, mkdtemp, open, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openTestPostgres, type TestPostgres } from "@linchpin/test-fixtures/databases/postgres";
import { until } from "@linchpin/test-fixtures/system/until";
import { type BoundDevice, SolarisCardholder } from "@linchpin/testing/solaris";
import { type IssuerProcess, runLinchpin, startIssuerProcess } from "../issuer-process.ts";

const noWorkers = process.platform === "linux" ? false : "worker processes are looked up in /proc";

describe("linchpin serve --workers 2", { skip: noWorkers }, () => {
  let postgres: TestPostgres;
  let environment: Record<string, string>;
  let folder: string;
  let log: FileHandle;
  let issuer: IssuerProcess;

  before(async () => {
    postgres = await openTestPostgres();
    folder = await mkdtemp(join(tmpdir(), "linchpin-workers-"));
    log = await open(join(folder, "log"), "a");
    environment = { LINCHPIN_DATABASE_URL: await postgres.createMigratedDatabase(), LINCHPIN_LOG_LEVEL: "info" };
    issuer = await startIssuerProcess(environment, 0, ["--workers", "2"], log.fd);
    await until(async () => /worker="2"/.test(await (await fetch(`${issuer.url}/metrics`)).text()));
  });
  after(async () => {
    await issuer.kill("SIGTERM");
    await postgres.stop();
    await log.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** By SIGUSR2. Resolves when both serve and the former ones were told to retire. */
  async function startAllAnew(): Promise<void> {
    const timesInLog = async () => (await readFile(join(folder, "log"), "utf8")).split("workers restarted").length;
    const before = await timesInLog();
    process.kill(issuer.pid ?? assert.fail(), "SIGUSR2");
    await until(async () => (await timesInLog()) > before);
  }

  it("serves by two processes, whose measures stand beside each other in any scrape", async () => {
    assert.equal((await workersOf(issuer)).length, 2);
    await untilBothAnswered(issuer.url);
    const metrics = await (await fetch(`${issuer.url}/metrics`)).text();
    const answered = metrics.match(/^linchpin_request_duration_seconds_count\{.*\} \d+$/gm) ?? [];
    assert.deepEqual(new Set(answered.map((line) => /worker="(\d)"/.exec(line)?.[1])), new Set(["1", "2"]));
    assert.match(metrics, /^process_cpu_seconds_total\{worker="1"\} \d/m);
    assert.match(metrics, /^process_cpu_seconds_total\{worker="2"\} \d/m);
    assert.equal(metrics.match(/^linchpin_outbox_waiting \d+$/gm)?.length, 1);
  });

  it("starts all anew at SIGUSR2, and no request fails", async () => {
    const load = { running: true, changes: 0, failed: [] as string[] };
    const holders = await Promise.all(Array.from({ length: 4 }, () => prepare(issuer.url)));
    const running = holders.map((holder) => change(holder, load));
    for (let round = 0; round < 2; round++) {
      const former = await workersOf(issuer);
      await startAllAnew();
      assert.equal((await workersOf(issuer)).filter((pid) => !former.includes(pid)).length, 2);
      await sleep(500);
    }
    load.running = false;
    await Promise.all(running);
    assert.deepEqual(load.failed, []);
    assert.ok(load.changes > holders.length, "changes were under way");
  });

  it("answers by an idle connection to a process that leaves, and asks to close it", async () => {
    const idle = connect({ host: "127.0.0.1", port: issuer.port });
    const ask = async () => {
      idle.write("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
      const [chunk] = await once(idle, "data");
      assert.match(`${chunk}`, /^HTTP\/1\.1 200 OK\r\n/);
      return /^connection: close\r$/im.test(`${chunk}`);
    };
    assert.equal(await ask(), false);
    await startAllAnew();
    // It is told to retire by a message, which takes its time.
    await until(ask);
    await once(idle, "close");
  });

  it("starts one that was killed again, and serves meanwhile", async () => {
    // Those before them may stay for callers who keep a connection.
    const former = await workersOf(issuer);
    const [killed, other] = former.slice(-2);
    assert.ok(killed !== undefined && other !== undefined);
    process.kill(killed, "SIGKILL");
    await until(async () => !(await workersOf(issuer)).includes(killed));
    assert.equal((await fetch(`${issuer.url}/health/ready`)).status, 200);
    await until(async () => (await workersOf(issuer)).some((pid) => !former.includes(pid)));
    assert.ok((await workersOf(issuer)).includes(other));
  });

  it("ends all at SIGTERM, by SIGKILL of the first process too", async () => {
    const second = await startIssuerProcess(environment, 0, ["--workers", "2"]);
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      const running = signal === "SIGTERM" ? second : await startIssuerProcess(environment, 0, ["--workers", "2"]);
      const workers = await workersOf(running);
      await running.kill(signal);
      await until(async () => !workers.some(isAlive));
      await assert.rejects(fetch(`${running.url}/health/live`));
    }
  });
});

describe("linchpin serve --workers", () => {
  const refused = async (environment: Record<string, string>, count: string) => {
    const folder = await mkdtemp(join(tmpdir(), "linchpin-workers-"));
    try {
      const settings = { LINCHPIN_MODE: "sandbox", LINCHPIN_DATA: folder, ...environment };
      return await runLinchpin(settings, "serve", "--workers", count);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };

  it("is refused on the embedded store", async () => {
    const { exitCode, output } = await refused({}, "2");
    assert.deepEqual(
      [exitCode, output],
      [78, "linchpin: --workers needs LINCHPIN_DATABASE_URL: the embedded store is one process's\n"],
    );
  });

  it("ends where a worker can not start, for the reason that it gave, once", async () => {
    const { exitCode, output } = await refused({ LINCHPIN_DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" }, "3");
    assert.equal(exitCode, 69);
    assert.equal(output.match(/^linchpin: /gm)?.length, 1);
  });

  for (const count of ["0", "-1", "1.5", "many", "100"])
    it(`does not take ${count}`, async () => assert.equal((await refused({}, count)).exitCode, 64));
});

async function workersOf({ pid }: IssuerProcess): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  return children.split(" ").filter(Boolean).map(Number);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Connections are handed out in turn. */
async function untilBothAnswered(url: string): Promise<void> {
  for (let count = 0; count < 4; count++) {
    const socket = connect({ host: "127.0.0.1", port: Number(new URL(url).port) });
    socket.write("GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert.match(await text(socket), /^HTTP\/1\.1 200/);
  }
}

interface Prepared {
  readonly holder: SolarisCardholder;
  readonly device: BoundDevice;
}

async function prepare(url: string): Promise<Prepared> {
  const holder = await SolarisCardholder.create(url);
  return { holder, device: await holder.bindDevice() };
}

async function change(
  { holder, device }: Prepared,
  load: { running: boolean; changes: number; failed: string[] },
): Promise<void> {
  for (let count = 0; load.running; count++) {
    const answer = await holder.changePin(`19${20 + (count % 70)}`, device).catch(String);
    load.changes++;
    if (typeof answer === "string") load.failed.push(answer);
    else if (answer.status !== 204) load.failed.push(`${answer.status} ${JSON.stringify(answer.body)}`);
  }
}
