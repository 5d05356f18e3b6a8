import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

interface LockEntry {
  readonly link?: true;
  readonly integrity?: string;
}

const lockFile = new URL("../../package-lock.json", import.meta.url);

/** `npm install` leaves out the hash of an optional package that it did not fetch: `npm view <package> dist.integrity`. */
test("every package of the lock file has a SHA-512, those for other platforms too", () => {
  const { packages }: { packages: Record<string, LockEntry> } = JSON.parse(readFileSync(lockFile, "utf8"));
  const installed = Object.entries(packages).filter(([path, { link }]) => path.includes("node_modules/") && !link);
  assert.ok(installed.length > 300);
  const without = installed.filter(([, { integrity }]) => !integrity?.startsWith("sha512-")).map(([path]) => path);
  assert.deepEqual(without, []);
});
