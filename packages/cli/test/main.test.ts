import assert from "node:assert/strict";
import { test } from "node:test";
import { exitCodes } from "../src/exit-codes.ts";
import { linchpin } from "./linchpin.ts";

const commands = [
  "serve",
  "tour",
  "device",
  "device bind",
  "device change-pin",
  "device request-change",
  "device confirm",
  "device add-key",
  "device show",
  "device forget",
  "migrate",
  "operator make",
  "keys list",
  "keys rotate",
  "audit verify",
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

const misused: readonly (readonly string[])[] = [
  ["frobnicate"],
  ["keys"],
  ["keys", "rotate"],
  ["tour", "--url", "ftp://127.0.0.1"],
  ["tour", "--url", "127.0.0.1:8420"],
  ["device", "bind", "--purpose", "any"],
  ["device", "change-pin", "1928"],
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
  ["keys", "rotate", "solaris-pin", "--yes"],
  ["audit", "verify"],
  ["device", "bind", "--state", "/nonexistent/device.json"],
];

for (const args of callers)
  test(`linchpin ${args.join(" ")}: says what to do where no issuer answers`, async () => {
    const { code, stdout, stderr } = await linchpin(args, { environment: { LINCHPIN_URL: "http://127.0.0.1:9" } });
    assert.equal(code, exitCodes.unreachable);
    assert.equal(stdout, "");
    assert.match(stderr, /^linchpin: no issuer answers at http:\/\/127\.0\.0\.1:9: start one with `npm start`.*\n$/);
  });
