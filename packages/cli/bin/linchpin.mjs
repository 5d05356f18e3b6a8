#!/usr/bin/env node
// Runs on whatever Node is there. A checkout runs its sources, on the Node that `npm ci` brought; what npm installs
// from its registry has no sources, and runs what was built of them.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const source = path("../src/main.ts");
const ownNode = path("../../../node_modules/.bin/node");

if (existsSync(source)) runSource();
else await import("#main");

function runSource() {
  const node = existsSync(ownNode) ? ownNode : process.execPath;
  const child = spawn(node, ["--conditions=linchpin-source", source, ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`linchpin: ${node} does not start: ${error.message}`);
    process.exit(70);
  });
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
