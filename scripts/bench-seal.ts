// How long a device takes to seal a PIN for Solaris, beside jose and node-jose doing the same work in the same run: in
// Node, and in Chromium where there is one. What exactly is done stands in bench/seal/seal-times.ts.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { launchPuppeteer } from "@linchpin/test-fixtures/browsers/puppeteer-browser";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { buildSync } from "esbuild";
import { measureSealTimes, type SealTime } from "../bench/seal/seal-times.ts";

show(`Node ${process.versions.node}`, await measureSealTimes());
const missing = needsProgram(["chromium", "--version"], "chromium");
if (missing === false) show("Chromium", await measureInChromium());
else console.log(`In Chromium: ${missing}`);

function show(platform: string, times: readonly SealTime[]): void {
  console.log(platform);
  const inUs = (time: number) => Math.round(time);
  console.table(
    times.map(({ task, by, lowerUs, medianUs, upperUs, timesOurs }) => ({
      task,
      by,
      "median µs": inUs(medianUs),
      "quartiles µs": `${inUs(lowerUs)}–${inUs(upperUs)}`,
      "times ours": timesOurs.toFixed(2),
    })),
  );
}

/** On a page of 127.0.0.1, as there is no WebCrypto but in a secure context. */
async function measureInChromium(): Promise<SealTime[]> {
  const { outputFiles } = buildSync({
    entryPoints: [join(import.meta.dirname, "../bench/seal/seal-times.ts")],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "bench",
    platform: "browser",
    target: "es2022",
    conditions: ["linchpin-source"],
    define: { global: "globalThis" }, // node-jose
  });
  const server = createServer((_request, response) => response.end("<!doctype html>")).listen(0, "127.0.0.1");
  await once(server, "listening");
  const browser = await launchPuppeteer("chromium");
  try {
    const page = await browser.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.evaluate(`${outputFiles[0]?.text} globalThis.bench = bench; undefined`);
    return (await page.evaluate("bench.measureSealTimes()")) as SealTime[];
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}
