import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type RequestOptions, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Server as TlsServer } from "node:tls";
import { LinchpinError } from "@linchpin/core";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { freePort } from "@linchpin/test-fixtures/system/free-port";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import pino from "pino";
import { readTls, startCertificateRenewal } from "../../src/http/tls.ts";

const skip = needsProgram(["openssl", "version"], "openssl");
describe("TLS", { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), "linchpin-tls-"));
  const path = (name: string) => join(folder, name);
  const files = { certificateFile: path("issuer.pem"), keyFile: path("issuer.key"), clientCaFile: path("ca.pem") };
  before(() => {
    makeCertificate(folder, "ca");
    for (const name of ["issuer", "partner", "renewed"]) makeCertificate(folder, name, "ca");
    makeCertificate(folder, "stranger");
  });
  after(() => rmSync(folder, { recursive: true }));
  const caller = (name: string): RequestOptions => ({
    cert: read(path(`${name}.pem`)),
    key: read(path(`${name}.key`)),
  });

  describe("of an issuer that asks callers for a certificate", () => {
    let issuer: SandboxIssuer;
    let healthPort: number;
    before(async () => {
      healthPort = await freePort();
      issuer = await startSandboxIssuer({
        environment: {
          LINCHPIN_TLS_CERTIFICATE_FILE: files.certificateFile,
          LINCHPIN_TLS_KEY_FILE: files.keyFile,
          LINCHPIN_TLS_CLIENT_CA_FILE: files.clientCaFile,
          LINCHPIN_HEALTH_PORT: `${healthPort}`,
        },
      });
    });
    after(() => issuer.stop());
    const call = (options: RequestOptions) =>
      statusOf(`${issuer.url}/health/ready`, { ca: read(files.clientCaFile), ...options });

    it("answers one whose certificate the authority signed", async () => {
      assert.equal(await call(caller("partner")), 200);
    });
    it("hangs up on one without a certificate, and on one of somebody else's", async () => {
      await assert.rejects(call({}), { code: "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED" });
      await assert.rejects(call(caller("stranger")));
    });
    it("tells its health, and nothing else, to one without a certificate at LINCHPIN_HEALTH_PORT", async () => {
      const ask = (path: string) => fetch(`http://127.0.0.1:${healthPort}${path}`);
      for (const path of ["/health/live", "/health/ready"])
        assert.deepEqual(await (await ask(path)).json(), { status: "ok" });
      for (const path of ["/", "/metrics", "/openapi.json", "/sandbox", "/issuer-keys", "/issuer/v1/keys"])
        assert.equal((await ask(path)).status, 404, path);
    });
    it("speaks nothing older than TLS 1.2, and no plain HTTP", async () => {
      await assert.rejects(call({ ...caller("partner"), maxVersion: "TLSv1.1", minVersion: "TLSv1" }));
      await assert.rejects(fetch(issuer.url.replace("https", "http")));
    });
    it("says https where it says where it listens", () => assert.match(issuer.url, /^https:/));
  });

  it("a renewed certificate is taken without a restart, and one that does not fit is left", async () => {
    const [certificateFile, keyFile] = [path("kept.pem"), path("kept.key")];
    const place = (name: string) => {
      copyFileSync(path(`${name}.pem`), certificateFile);
      copyFileSync(path(`${name}.key`), keyFile);
    };
    place("issuer");
    const tls = { certificateFile, keyFile, clientCaFile: null };
    const taken: unknown[] = [];
    const server = Object.assign(new TlsServer(), {
      setSecureContext: (options: { cert: string }) => taken.push(options.cert),
    });
    const renewal = startCertificateRenewal(
      server,
      { tls, first: await readTls(tls), log: pino({ level: "silent" }) },
      10,
    );
    await sleep(50);
    assert.deepEqual(taken, [], "nothing is new");
    copyFileSync(path("stranger.key"), keyFile);
    await sleep(50);
    assert.deepEqual(taken, [], "nothing fits");
    place("renewed");
    for (let tries = 0; taken.length === 0 && tries < 500; tries++) await sleep(10);
    renewal.stop();
    assert.deepEqual(taken, [read(path("renewed.pem"))]);
  });

  it("a key that others can read, or that is another's, starts nothing; nor does what is no certificate", async () => {
    const refused = (changed: Partial<typeof files>, reason: RegExp) =>
      assert.rejects(readTls({ ...files, ...changed }), (error) => {
        assert.ok(error instanceof LinchpinError);
        assert.equal(error.code, "settings_invalid");
        assert.match(error.reason ?? "", reason);
        return true;
      });
    writeFileSync(path("open.key"), read(files.keyFile), { mode: 0o644 });
    writeFileSync(path("no.pem"), "no certificate");
    await refused({ keyFile: path("open.key") }, /open to others/);
    await refused({ keyFile: path("stranger.key") }, /do not fit/);
    await refused({ certificateFile: path("no.pem") }, /can not be read as PEM/);
    await refused({ clientCaFile: path("nowhere.pem") }, /can not be read as PEM/);
  });
});

const read = (file: string) => readFileSync(file, "utf8");

/** A P-256 key and its certificate for localhost, signed by `authority` or by itself. */
function makeCertificate(folder: string, name: string, authority?: string): void {
  const signedBy = authority === undefined ? [] : ["-CA", `${authority}.pem`, "-CAkey", `${authority}.key`];
  const { status, stderr } = spawnSync(
    "openssl",
    ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
      .concat(["-subj", `/CN=${name}`, "-addext", "subjectAltName=IP:127.0.0.1"])
      .concat(["-keyout", `${name}.key`, "-out", `${name}.pem`, ...signedBy]),
    { cwd: folder, encoding: "utf8" },
  );
  assert.equal(status, 0, stderr);
}

function statusOf(url: string, options: RequestOptions): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { agent: false, ...options }, (answer) => resolve(answer.resume().statusCode))
      .on("error", reject)
      .end();
  });
}
