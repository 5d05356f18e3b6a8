import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { settingVariables } from "@linchpin/server";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { Deployment } from "kubernetes-models/apps/v1";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1";
import { Service } from "kubernetes-models/v1";
import { parse, parseAllDocuments } from "yaml";

const folder = join(import.meta.dirname, "../deploy");
const read = (path: string) => readFileSync(join(folder, path), "utf8");
const run = promisify(execFile);

const settings: ReadonlySet<string> = new Set(settingVariables.map(({ name }) => name));
function assertSettings(text: string): void {
  for (const [name] of text.matchAll(/\bLINCHPIN_[A-Z_]+/g)) assert.ok(settings.has(name), `${name} is no setting`);
}

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
      run(process.execPath, [join(folder, "container/healthcheck.mjs")], { env: { LINCHPIN_PORT: port, ...more } });
    await check();
    assert.deepEqual(asked, ["/health/live"]);
    await check({ LINCHPIN_TLS_CERTIFICATE_FILE: "/tls.crt", LINCHPIN_TLS_CLIENT_CA_FILE: "/ca.crt" });
    await assert.rejects(check({ LINCHPIN_TLS_CERTIFICATE_FILE: "/tls.crt" }), { code: 1 });
    status = 503;
    await assert.rejects(check(), { code: 1 });
    server.close();
    await once(server, "close");
    await assert.rejects(check(), { code: 1 });
  });

  it("is started by compose without a way to write or to gain privileges", () => {
    const text = read("container/compose.yaml");
    const { services, secrets } = parse(text);
    assert.equal(services.issuer.read_only, true);
    assert.deepEqual(services.issuer.cap_drop, ["ALL"]);
    assert.deepEqual(services.issuer.security_opt, ["no-new-privileges:true"]);
    assert.deepEqual(Object.keys(services.issuer.depends_on), ["database"]);
    assert.equal(typeof services.database.healthcheck.test[1], "string");
    assert.deepEqual(services.database.secrets, Object.keys(secrets));
    assertSettings(text);
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

  it("probe routes that there are, by TLS", () => {
    const paths = ["startupProbe", "livenessProbe", "readinessProbe"].map((probe) => container[probe].httpGet);
    assert.deepEqual(
      paths.map(({ path }) => path),
      ["/health/live", "/health/live", "/health/ready"],
    );
    for (const { scheme, port } of paths) assert.deepEqual([scheme, port], ["HTTPS", container.ports[0].name]);
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

  it("starts the command of the release, with settings that there are", () => {
    assert.match(unit, new RegExp(`^ExecStart=/usr/bin/node ${entry} serve$`, "m"));
    assertSettings(unit);
  });
});
