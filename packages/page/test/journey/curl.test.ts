import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import { curlOf } from "../../src/journey/curl.ts";

const message = { method: "POST", path: "/adyen/bcl/v2/pins/change" };
const relayed = (headers: Record<string, string>, body: string | null) => ({ ...message, headers, body });

/** What a POSIX shell makes of the command. */
function argumentsOf(command: string | null, env: Record<string, string> = {}): string[] {
  const script = `curl() { printf '%s\\0' "$@"; }\n${command}`;
  return execFileSync("sh", ["-c", script], { encoding: "utf8", env }).split("\0").slice(0, -1);
}

describe("a message as curl", () => {
  it("is the partner's own, with its body as it is", () => {
    const body = `{"a":"it's $HOME \`id\` \\\\"}`;
    const exchange = { id: "1", ...message, steps: [], relayed: relayed({ "content-type": "application/json" }, body) };
    assert.deepEqual(argumentsOf(curlOf(exchange, "http://127.0.0.1:8420")), [
      "-X",
      "POST",
      "http://127.0.0.1:8420/adyen/bcl/v2/pins/change",
      "-H",
      "content-type: application/json",
      "--data-raw",
      body,
    ]);
  });

  it("takes credentials, which the page never sees, from the shell", () => {
    const headers = { authorization: "••••", "x-api-key": "••••" };
    const exchange = { id: "1", ...message, steps: [], relayed: relayed(headers, null) };
    const given = argumentsOf(curlOf(exchange, "http://127.0.0.1:8420"), { ACCESS_TOKEN: "token", API_KEY: "key" });
    assert.deepEqual(given.slice(3), ["-H", "authorization: Bearer token", "-H", "x-api-key: key"]);
  });

  it("is not there where another client sent it: nobody saw its body", () => {
    assert.equal(curlOf({ id: "1", ...message, steps: [] }, "http://127.0.0.1:8420"), null);
  });
});
