import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { linchpin } from "@linchpin/test-fixtures/command/linchpin";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { exitCodes } from "../src/exit-codes.ts";
import { failureOutput } from "./failure-output.ts";

const commands = [
  "serve",
  "tour",
  "device",
  "device request-letter",
  "device bind",
  "device change-pin",
  "device request-change",
  "device confirm",
  "device add-key",
  "device reveal-pin",
  "device reveal-card",
  "device verify-pin",
  "device venly",
  "device venly enroll",
  "device venly transfer",
  "device native",
  "device native bind",
  "device native change-by-code",
  "device native verify-pin",
  "device native show",
  "device native forget",
  "device show",
  "device forget",
  "migrate",
  "doctor",
  "operator list",
  "operator make",
  "keys list",
  "keys make",
  "keys rotate",
  "keys reseal",
  "keys retire",
  "keys destroy",
  "keys move",
  "audit verify",
  "audit export",
  "vault backup",
  "vault restore",
  "after-restore",
  "completion",
];

for (const command of commands)
  test(`${command} --help helps with an example`, async () => {
    const { code, stdout } = await linchpin([...command.split(" "), "--help"]);
    assert.equal(code, exitCodes.done);
    assert.match(stdout, /Examples?:\n {2}\S/);
    assert.match(stdout, new RegExp(`linchpin ${command}`));
  });

test("--help says what every exit code means", async () => {
  const { code, stdout } = await linchpin(["--help"]);
  assert.equal(code, exitCodes.done);
  for (const exitCode of Object.values(exitCodes)) assert.match(stdout, new RegExp(`^ +${exitCode} {2}\\S`, "m"));
});

test("--version says the version of the package", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const { code, stdout } = await linchpin(["--version"]);
  assert.deepEqual({ code, stdout }, { code: exitCodes.done, stdout: `${version}\n` });
});

test("with --json a failure is printed as JSON too: a wrong command line, an issuer that does not answer", async () => {
  const cases = [
    { args: ["keys", "rotate", "--json"], code: "usage" },
    { args: ["keys", "list", "--json", "--url", "http://127.0.0.1:9"], code: "unreachable" },
  ] as const;
  for (const { args, code } of cases) {
    const ended = await linchpin(args);
    assert.equal(ended.code, exitCodes[code]);
    const { error } = JSON.parse(ended.stdout);
    assert.equal(error.code, code);
    assert.ok(ended.stderr.includes(error.message.replace(/^error: /, "")), ended.stderr);
  }
  assert.equal((await linchpin(["keys", "rotate"])).stdout, "");
});

for (const args of [
  ["operator", "make", "alice"],
  ["after-restore", "--yes"],
])
  test(`linchpin ${args.join(" ")} works on no store that nobody made, and makes none`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "linchpin-no-store-"));
    const environment = { LINCHPIN_MODE: "sandbox", LINCHPIN_DATA: folder, LINCHPIN_URL: "http://127.0.0.1:9" };
    const { code, stdout, stderr } = await linchpin(args, { environment });
    assert.deepEqual({ code, stdout }, { code: exitCodes.settings, stdout: "" });
    assert.match(stderr, /set LINCHPIN_DATABASE_URL/);
    assert.deepEqual(readdirSync(folder), []);
    rmSync(folder, { recursive: true });
  });

const misused: readonly (readonly string[])[] = [
  ["frobnicate"],
  ["keys"],
  ["keys", "make"],
  ["keys", "rotate"],
  ["keys", "reseal"],
  ["keys", "retire"],
  ["keys", "destroy"],
  ["vault", "restore"],
  ["vault", "backup", "--shares", "many"],
  ["vault", "backup"],
  ["vault", "restore", "/nonexistent/master.key"],
  ["tour", "--url", "ftp://127.0.0.1"],
  ["tour", "--url", "127.0.0.1:8420"],
  ["device", "bind", "--purpose", "any"],
  ["device", "bind", "--challenge", "none"],
  ["device", "change-pin", "1928"],
  ["device", "change-pin", "--by", "plumery"],
  ["device", "reveal-pin"],
  ["device", "reveal-pin", "--by", "solaris"],
  ["device", "venly", "transfer", "--method", "m", "--to", "0x1", "--value", "much"],
  ["device", "venly", "transfer", "--to", "0x1", "--value", "1"],
  ["device", "native", "bind", "--card-digits", "1234567"],
  ["tour", "--only", "visa"],
];

for (const args of misused)
  test(`linchpin ${args.join(" ")}: the command line is wrong`, async () => {
    const { code, stdout, stderr } = await linchpin(args);
    assert.equal(code, exitCodes.usage);
    assert.equal(stdout, "");
    assert.notEqual(stderr, "");
  });

const callers: readonly (readonly string[])[] = [
  ["tour"],
  ["keys", "list"],
  ["keys", "make", "solaris-pin", "--yes"],
  ["keys", "rotate", "solaris-pin", "--yes"],
  ["keys", "reseal", "card-pin"],
  ["keys", "retire", "solaris-pin@1", "--yes"],
  ["keys", "destroy", "solaris-pin@1", "--yes"],
  ["keys", "move", "--yes"],
  ["audit", "verify"],
  ["audit", "export"],
  ["device", "bind", "--state", "/nonexistent/device.json"],
  ["device", "request-letter"],
  ["device", "change-pin", "--by", "adyen"],
  ["device", "reveal-pin", "--by", "adyen", "--json"],
  ["device", "reveal-card", "--by", "plumery", "--json"],
  ["device", "verify-pin"],
  ["device", "venly", "enroll"],
  ["device", "native", "bind", "--native-state", "/nonexistent/device.json"],
];

test("a certificate that does not hold is no missing issuer", {
  skip: needsProgram(["openssl", "version"], "openssl"),
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "linchpin-certificate-"));
  const [key, cert] = ["key.pem", "cert.pem"].map((name) => join(folder, name));
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
  execFileSync(
    "openssl",
    ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...subject, "-keyout", `${key}`, "-out", `${cert}`],
    { stdio: "ignore" },
  );
  const issuer = createServer({ key: readFileSync(`${key}`), cert: readFileSync(`${cert}`) }).listen(0, "127.0.0.1");
  await once(issuer, "listening");
  const url = `https://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
  const { code, stderr } = await linchpin(["keys", "list", "--url", url, "--api-key", "key"]);
  issuer.close();
  rmSync(folder, { recursive: true });
  assert.equal(code, exitCodes.unreachable);
  assert.match(
    stderr,
    /^linchpin: the certificate of https:\/\/127\.0\.0\.1:[0-9]+ does not hold here .*NODE_EXTRA_CA_CERTS\n$/,
  );
});

for (const args of callers)
  test(`linchpin ${args.join(" ")}: says what to do where no issuer answers`, async () => {
    const { code, stdout, stderr } = await linchpin(args, { environment: { LINCHPIN_URL: "http://127.0.0.1:9" } });
    assert.equal(code, exitCodes.unreachable);
    assert.equal(stdout, failureOutput(args.join(" "), { code, stderr }));
    assert.match(stderr, /^linchpin: no issuer answers at http:\/\/127\.0\.0\.1:9: start one with `npm start`.*\n$/);
  });
