import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { constants, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { longestStopMs, protocolTable, readSettings, settingVariables } from "@linchpin/server";
import { linchpin } from "@linchpin/test-fixtures/command/linchpin";
import { type PostgresCluster, startPostgresCluster } from "@linchpin/test-fixtures/databases/postgres-cluster";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { Deployment } from "kubernetes-models/apps/v1";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1";
import { Service } from "kubernetes-models/v1";
import { Client } from "pg";
import { parse, parseAllDocuments } from "yaml";

const folder = join(import.meta.dirname, "../deploy");
const read = (path: string) => readFileSync(join(folder, path), "utf8");
const paper = readFileSync(join(folder, "../docs/deploy.md"), "utf8");
const run = promisify(execFile);

const settings: ReadonlySet<string> = new Set(settingVariables.map(({ name }) => name));
function assertSettings(text: string): void {
  for (const [name] of text.matchAll(/\bLINCHPIN_[A-Z_]+/g)) assert.ok(settings.has(name), `${name} is no setting`);
}

/** Those of every deployment here, and what they have to set besides. */
const production = readSettings({
  LINCHPIN_MODE: "production",
  LINCHPIN_DATABASE_URL: "postgres://linchpin@database/linchpin",
  LINCHPIN_MASTER_KEY_FILE: "/master.key",
  LINCHPIN_MESSAGES_URL: "https://messages.example",
  LINCHPIN_OUTBOX_SECRET: "x".repeat(32),
});
/** After a stop's longest time the database may still be asked, each time for as long as a statement may take. */
const marginMs = 10_000;
const leastGraceSeconds = (longestStopMs(protocolTable, production) + marginMs) / 1000;

const user = 65532;
const entry = "/opt/linchpin/node_modules/linchpin/bin/linchpin.mjs";

describe("the container", () => {
  const file = read("container/Containerfile");
  const instruction = (name: string) => new RegExp(`^${name} (.*)$`, "m").exec(file)?.[1] ?? assert.fail(`no ${name}`);

  it("runs the command as a user by number, stops by SIGTERM and has a health check", () => {
    assert.equal(instruction("USER"), `${user}:${user}`);
    assert.equal(instruction("STOPSIGNAL"), "SIGTERM");
    assert.deepEqual(JSON.parse(instruction("ENTRYPOINT")), ["node", entry]);
    assert.deepEqual(JSON.parse(instruction("CMD")), ["serve"]);
    assert.match(instruction("HEALTHCHECK"), /CMD \["node", "\/opt\/linchpin\/healthcheck\.mjs"\]$/);
    assertSettings(file);
  });

  const variables = new Map(
    instruction("ENV")
      .split(" ")
      .map((pair) => pair.split("=") as [string, string]),
  );
  it("listens on the ports that it exposes, and answers by settings that allow a start with TLS alone", () => {
    const ports = [variables.get("LINCHPIN_PORT"), variables.get("LINCHPIN_HEALTH_PORT")];
    assert.deepEqual(instruction("EXPOSE").split(" "), ports);
    assert.deepEqual([variables.get("LINCHPIN_MODE"), variables.get("LINCHPIN_HOST")], ["production", "0.0.0.0"]);
  });

  it("is healthy where the process answers, and not where nobody does or another status comes", async () => {
    let status = 200;
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url);
      response.writeHead(status).end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const port = `${(server.address() as AddressInfo).port}`;
    const check = (more: Record<string, string> = {}) =>
      run(process.execPath, [join(folder, "container/healthcheck.mjs")], {
        env: { LINCHPIN_HEALTH_PORT: port, ...more },
      });
    await check();
    // The port of the health routes needs no certificate, whatever callers must show elsewhere.
    await check({ LINCHPIN_TLS_CERTIFICATE_FILE: "/tls.crt", LINCHPIN_TLS_CLIENT_CA_FILE: "/ca.crt" });
    assert.deepEqual(asked, ["/health/live", "/health/live"]);
    status = 503;
    await assert.rejects(check(), { code: 1, stderr: /\/health\/live: 503/ });
    server.close();
    await once(server, "close");
    await assert.rejects(check(), { code: 1, stderr: /ECONNREFUSED/ });
    await assert.rejects(check({ LINCHPIN_HEALTH_PORT: "" }), { code: 1 });
  });

  describe("by compose", () => {
    const text = read("container/compose.yaml");
    const { services, secrets, networks } = parse(text);
    const { issuer, database } = services;

    it("starts without a way to write or to gain privileges", () => {
      assert.equal(issuer.read_only, true);
      assert.deepEqual(issuer.cap_drop, ["ALL"]);
      assert.deepEqual(issuer.security_opt, ["no-new-privileges:true"]);
      assert.deepEqual(issuer.ulimits, { core: 0 });
      assertSettings(text);
    });

    it("publishes the port of callers, and no other", () => {
      const port = variables.get("LINCHPIN_PORT");
      assert.deepEqual(issuer.ports, [`${port}:${port}`]);
      assert.equal(database.ports, undefined);
      assert.deepEqual([database.networks, networks.database], [["database"], { internal: true }]);
    });

    it("waits for a database that listens to others, which it does once the issuer's role is there", () => {
      assert.deepEqual(Object.keys(issuer.depends_on), ["database"]);
      assert.equal(issuer.depends_on.database.condition, "service_healthy");
      const [, program, ...given] = database.healthcheck.test;
      assert.equal(program, "pg_isready");
      assert.ok(given.includes("--host=127.0.0.1"));
    });

    it("shows the issuer none of the database's secrets, and does not make it the superuser", () => {
      const files = Object.values<{ file: string }>(secrets).map(({ file }) => file);
      assert.deepEqual(database.secrets, Object.keys(secrets));
      const mounted = issuer.volumes.map((volume: string) => volume.split(":")[0]);
      for (const file of files) for (const source of mounted) assert.ok(!file.startsWith(`${source}/`), file);
      assert.equal(issuer.secrets, undefined);
      assert.equal(database.environment.POSTGRES_USER, "postgres");
      assert.ok(
        database.volumes.some((volume: string) => volume.startsWith("./make-role.sql:/docker-entrypoint-initdb.d/")),
      );
      for (const path of [...files, ...mounted].filter((source) => source.startsWith("./secrets/")))
        assert.ok(paper.includes(`> ${path.slice(2)}`), path);
    });

    it("is given the time that a stop takes", () => {
      assert.ok(seconds(issuer.stop_grace_period) >= leastGraceSeconds);
    });
  });

  const skip = needsProgram(["psql", "--version"], "postgresql-client");
  it("has a role of PostgreSQL that migrates its own database and can do nothing else", { skip }, async () => {
    const cluster = await startPostgresCluster();
    const temporary = mkdtempSync(join(tmpdir(), "linchpin-role-"));
    const password = "it's a $secret";
    const passwordFile = join(temporary, "password");
    writeFileSync(passwordFile, `${password}\n`);
    const ownUrl = cluster.urlOf("linchpin").replace("test@", "linchpin@");
    try {
      const script = join(folder, "container/make-role.sql");
      await run("psql", ["--no-psqlrc", "--file", script, cluster.urlOf("postgres")], {
        env: { ...process.env, LINCHPIN_PASSWORD_FILE: passwordFile },
      });
      const { code, stdout } = await linchpin(["migrate"], { environment: { LINCHPIN_DATABASE_URL: ownUrl } });
      assert.equal(code, 0);
      assert.match(stdout, /applied/);
      const refused = (url: string, statement = "select 1") => assert.rejects(query(url, statement), { code: "42501" });
      await refused(ownUrl, "create database other");
      await refused(ownUrl, "create role other");
      await refused(ownUrl, "alter role linchpin superuser");
      await refused(ownUrl, "select pg_read_file('/etc/passwd')");
      await refused(ownUrl, "copy (select 1) to program 'true'");
      await refused(ownUrl.replace(/linchpin$/, "postgres"));
      await query(cluster.urlOf("postgres"), "create role stranger login");
      await refused(ownUrl.replace("linchpin@", "stranger@"));
      const facts = "select rolpassword ~ '^SCRAM-SHA-256' as ok from pg_authid where rolname = 'linchpin'";
      assert.deepEqual(await query(cluster.urlOf("postgres"), facts), [{ ok: true }]);
      await requirePasswords(cluster);
      assert.deepEqual(await query(ownUrl.replace("@", `:${encodeURIComponent(password)}@`), "select 1 as ok"), [
        { ok: 1 },
      ]);
      await assert.rejects(query(ownUrl.replace("@", ":another@"), "select 1"), { code: "28P01" });
    } finally {
      await cluster.stop();
      rmSync(temporary, { recursive: true });
    }
  });
});

describe("the manifests for Kubernetes", () => {
  const text = read("kubernetes/linchpin.yaml");
  const manifests = parseAllDocuments(text).map((document) => document.toJS());
  const [deployment, service, budget] = manifests;
  const pod = deployment.spec.template.spec;
  const [container] = pod.containers;

  it("are as the schemas of the API have them", () => {
    new Deployment(deployment).validate();
    new Service(service).validate();
    new PodDisruptionBudget(budget).validate();
    assert.equal(manifests.length, 3);
    assert.throws(() => new Deployment({ ...deployment, spec: { ...deployment.spec, replicas: "two" } }).validate());
  });

  it("find each other by their labels, ports and secrets", () => {
    const { labels } = deployment.spec.template.metadata;
    assert.deepEqual(service.spec.selector, labels);
    assert.deepEqual(budget.spec.selector.matchLabels, labels);
    assert.deepEqual(deployment.spec.selector.matchLabels, labels);
    assert.equal(service.spec.ports[0].targetPort, container.ports[0].name);
    assert.ok(budget.spec.minAvailable < deployment.spec.replicas);
    const mounted = container.volumeMounts.map(({ name }: { name: string }) => name);
    assert.deepEqual(
      pod.volumes.map(({ name }: { name: string }) => name),
      mounted,
    );
    assertSettings(text);
  });

  it("probe routes that there are, at the port that asks for no certificate and that no Service leads to", () => {
    const asked = ["startupProbe", "livenessProbe", "readinessProbe"].map((probe) => container[probe].httpGet);
    assert.deepEqual(
      asked.map(({ path }) => path),
      ["/health/live", "/health/live", "/health/ready"],
    );
    const portOf = (name: string) =>
      `${container.ports.find((port: { name: string }) => port.name === name).containerPort}`;
    const settingOf = (name: string) =>
      container.env.find((variable: { name: string }) => variable.name === name).value;
    assert.equal(portOf("https"), settingOf("LINCHPIN_PORT"));
    for (const { scheme, port } of asked) {
      assert.equal(scheme, undefined);
      assert.equal(portOf(port), settingOf("LINCHPIN_HEALTH_PORT"));
    }
    assert.deepEqual(
      service.spec.ports.map(({ targetPort }: { targetPort: string }) => targetPort),
      ["https"],
    );
  });

  it("give a pod the time that its pause and then a stop take", () => {
    const pauseSeconds = container.lifecycle.preStop.sleep.seconds;
    assert.ok(pod.terminationGracePeriodSeconds >= pauseSeconds + leastGraceSeconds);
    // The pause is for the endpoints' controllers: the server says by itself that it is not ready.
    assert.ok(pauseSeconds >= 2 * container.readinessProbe.periodSeconds);
  });

  it("name the version of this release", () => {
    const { version } = JSON.parse(readFileSync(join(folder, "../package.json"), "utf8"));
    assert.equal(container.image.split(":").at(-1), version);
    assert.ok(paper.includes(`--tag linchpin:${version} .`));
  });

  it("run as the image's user, on a root that is read-only, with secrets that nobody else reads", () => {
    assert.deepEqual([pod.securityContext.runAsUser, pod.securityContext.fsGroup], [user, user]);
    assert.equal(container.securityContext.readOnlyRootFilesystem, true);
    assert.equal(container.securityContext.allowPrivilegeEscalation, false);
    for (const { secret } of pod.volumes) assert.equal(secret.defaultMode & 0o037, 0);
  });
});

const skip = needsProgram(["systemd-analyze", "--version"], "systemd");
describe("the unit of systemd", { skip }, () => {
  const unit = read("systemd/linchpin.service");

  it("is as systemd reads it, and leaves little exposed", async () => {
    const temporary = mkdtempSync(join(tmpdir(), "linchpin-unit-"));
    try {
      const path = join(temporary, "linchpin.service");
      // A machine may have no Node there.
      writeFileSync(path, unit.replace("/usr/bin/node", process.execPath));
      const { stdout, stderr } = await run("systemd-analyze", ["verify", path]);
      assert.equal(stdout + stderr, "");
      await run("systemd-analyze", ["security", "--offline=true", "--threshold=20", "--no-pager", path]);
    } finally {
      rmSync(temporary, { recursive: true });
    }
  });

  const valuesOf = (name: string) =>
    [...unit.matchAll(new RegExp(`^${name}=(.*)$`, "gm"))].map(([, value = ""]) => value);

  it("starts the command of the release, with settings that there are", () => {
    assert.deepEqual(valuesOf("ExecStart"), [`/usr/bin/node ${entry} serve`]);
    assertSettings(unit);
  });

  it("hands each secret file over as a credential, by a setting that names it", () => {
    const credentials = valuesOf("LoadCredential").map((value) => value.split(":"));
    const settingsOf = Object.fromEntries(
      valuesOf("Environment")
        .flatMap((line) => line.split(" "))
        .map((pair) => pair.split("=") as [string, string]),
    );
    assert.deepEqual(
      Object.entries(settingsOf).flatMap(([name, value]) => (name.endsWith("_FILE") ? [value] : [])),
      credentials.map(([name]) => `%d/${name}`),
    );
    for (const [name, path] of credentials) {
      assert.equal(path, `/etc/linchpin/${name}`);
      assert.ok(paper.includes(`${path}`), path);
    }
    // With TLS it may listen for others.
    assert.equal(settingsOf["LINCHPIN_HOST"], "0.0.0.0");
  });

  it("gives a stop the time that it takes, and starts nothing again that settings do not allow", async () => {
    assert.ok(Number(valuesOf("TimeoutStopSec")[0]) >= leastGraceSeconds);
    const { stdout } = await linchpin(["--help"]);
    const codeOf = (meaning: string) => new RegExp(`(\\d+)  ${meaning}$`, "m").exec(stdout)?.[1];
    const codes = [codeOf("the command line is wrong"), codeOf("the settings do not allow a start")];
    assert.deepEqual(valuesOf("RestartPreventExitStatus"), [codes.join(" ")]);
    assert.deepEqual(valuesOf("SuccessExitStatus"), [`${128 + constants.signals.SIGTERM}`]);
  });
});

describe("the replicated PostgreSQL of deploy/ha", () => {
  const owner = userInfo().username === "root" ? "postgres" : userInfo().username;
  const down = (haFolder: string) =>
    run(join(folder, "ha/down"), ["--keep"], { env: { ...process.env, LINCHPIN_HA_FOLDER: haFolder } });

  it("is brought down in no folder that another user could have made", async () => {
    const temporary = mkdtempSync(join(tmpdir(), "linchpin-ha-"));
    try {
      symlinkSync(temporary, join(temporary, "link"));
      await assert.rejects(down(join(temporary, "link")), { code: 77, stderr: /left as it is/ });
      await down(join(temporary, "nothing"));
    } finally {
      rmSync(temporary, { recursive: true });
    }
  });

  const skip = needsProgram(["id", owner], "postgresql");
  it("ends no process that it did not start, whatever its files say", { skip }, async () => {
    const temporary = mkdtempSync(join(tmpdir(), "linchpin-ha-"));
    const stranger = spawn("sleep", ["600"]);
    try {
      writeFileSync(join(temporary, "etcd.pid"), `${stranger.pid}`);
      await run("chown", ["-R", owner, temporary]);
      await down(temporary);
      assert.ok(!existsSync(join(temporary, "etcd.pid")));
      assert.deepEqual([stranger.exitCode, stranger.signalCode], [null, null]);
      assert.ok(stranger.kill(0));
    } finally {
      stranger.kill();
      rmSync(temporary, { recursive: true });
    }
  });
});

describe("the time of a stop, as docs/deploy.md adds it up", () => {
  it("is what the program takes at most, and less than every deployment waits", () => {
    const parts = [...paper.matchAll(/^\| (\d+) s \| /gm)].map(([, count]) => Number(count));
    const sum = /^\| \*\*(\d+) s\*\* \| /m.exec(paper)?.[1];
    assert.equal(Number(sum), longestStopMs(protocolTable, production) / 1000);
    assert.equal(
      parts.reduce((a, b) => a + b, 0),
      Number(sum),
    );
    for (const unit of [`${leastGraceSeconds} seconds`, `${leastGraceSeconds + 5}`])
      assert.ok(paper.includes(unit), unit);
  });

  it("grows with the upstream's, where an operator sets that", () => {
    const slower = { ...production, protocols: { ...production.protocols, venly: { upstreamTimeoutMs: 60_000 } } };
    assert.equal(longestStopMs(protocolTable, slower) - longestStopMs(protocolTable, production), 50_000);
  });
});

async function query(connectionString: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

/** The test's cluster trusts everybody until then. */
async function requirePasswords(cluster: PostgresCluster): Promise<void> {
  writeFileSync(
    join(cluster.dataFolder, "pg_hba.conf"),
    "host all linchpin 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n",
  );
  await query(cluster.urlOf("postgres"), "select pg_reload_conf()");
  const deadline = performance.now() + 60_000;
  while (await isTrusted(cluster.urlOf("linchpin").replace("test@", "linchpin@")))
    if (performance.now() > deadline) throw new Error("PostgreSQL has not read pg_hba.conf again");
}

const isTrusted = (url: string) =>
  query(url, "select 1").then(
    () => true,
    () => false,
  );

function seconds(duration: string): number {
  const [, count] = /^(\d+)s$/.exec(duration) ?? assert.fail(duration);
  return Number(count);
}
