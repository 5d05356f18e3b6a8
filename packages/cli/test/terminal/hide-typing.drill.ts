import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";

const skip = needsProgram(["python3", "-c", "import pty"], "python3");

suite("a PIN that is typed on a terminal", { skip }, () => {
  let issuer: Server;
  let url: string;
  /** An issuer that is slow to answer: what is typed meanwhile comes before the question. */
  before(async () => {
    issuer = createServer(async (_request, response) => {
      await sleep(700);
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ adyen: { baseUrl: `${url}/adyen`, apiKey: "key", paymentInstrumentId: "PI1" } }));
    }).listen(0, "127.0.0.1");
    await once(issuer, "listening");
    url = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
  });
  after(() => issuer.close());

  async function type(steps: [after: string, text: string][]): Promise<{ shown: string; code: number }> {
    const main = join(import.meta.dirname, "../../src/main.ts");
    const node = [process.execPath, "--conditions=linchpin-source", main];
    const command = [...node, "device", "change-pin", "--by", "adyen", "--url", url];
    const { stdout } = await promisify(execFile)("python3", [
      join(import.meta.dirname, "terminal.py"),
      JSON.stringify(steps),
      ...command,
    ]);
    return JSON.parse(stdout);
  }

  const clearLine = "\r\u001b[K";

  test("is echoed neither while the command connects nor between its two questions", async () => {
    // The command has cleared the line: it connects, and asks 700 ms later.
    const { shown } = await type([
      [clearLine, "19"],
      ["New PIN: **", "28\r73"],
      ["Once more: **", "91\r"],
    ]);
    assert.doesNotMatch(shown, /19|28|73|91/);
    assert.match(shown, /New PIN: \*{4}\r\nOnce more: \*{4}\r\n/);
    assert.match(shown, /the two PINs differ: nothing was sent/);
  });

  test("leaves no line with what was typed before the command ran", async () => {
    const { shown } = await type([
      ["", "19"],
      ["New PIN: ", "28\r1928\r"],
    ]);
    const echoed = shown.indexOf("19");
    assert.ok(echoed === -1 || shown.indexOf(clearLine) > echoed, JSON.stringify(shown));
  });

  test("is asked for again where fewer digits were typed than any PIN has", async () => {
    const { shown } = await type([
      ["New PIN: ", "19\r"],
      ["A PIN has 4 to 12 digits.\r\nNew PIN: ", "1928\r"],
      ["Once more: ", "7391\r"],
    ]);
    assert.match(shown, /the two PINs differ: nothing was sent/);
  });

  test("ends by Ctrl-C while the command connects", async () => {
    const { shown, code } = await type([[clearLine, "\u0003"]]);
    assert.doesNotMatch(shown, /New PIN/);
    assert.equal(code, -2, "by SIGINT");
  });
});
