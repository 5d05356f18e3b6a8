import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, suite, test } from "node:test";
import { exitCodes } from "../src/exit-codes.ts";
import { type Issuer, linchpin, startIssuer } from "./linchpin.ts";
import { type Passing, type Relay, startRelay } from "./relay.ts";

suite("tour", () => {
  let relay: Relay;
  let issuer: Issuer;
  before(async () => {
    relay = await startRelay();
    issuer = await startIssuer({ LINCHPIN_PUBLIC_URL: relay.url });
    relay.pointTo(issuer.url);
  });
  after(async () => {
    relay.stop();
    await issuer.stop();
  });

  const pins = /\b(1928|7305|4626)\b/;
  const tour = (...args: string[]) => linchpin(["tour", "--url", relay.url, ...args]);

  /** While one kind of answer is another than the issuer gave. */
  async function tourWhere(alter: (answer: Passing) => Passing) {
    relay.alter = alter;
    try {
      const { code, stdout } = await tour("--json");
      return { code, told: JSON.parse(stdout) };
    } finally {
      relay.alter = (answer) => answer;
    }
  }

  test("tells ten steps, each as it should be, and no PIN", async () => {
    const { code, stdout, stderr } = await tour();
    assert.equal(stderr, "");
    assert.equal(code, exitCodes.done);
    assert.equal(stdout.match(/^ ?\d+\. /gm)?.length, 10);
    assert.match(stdout, /device {3}the person typed Pin\(\*{4}\)/);
    assert.match(stdout, /partner {2}POST …\/pin_update_requests, encrypted_pin eyJ/);
    assert.match(stdout, /partner {2}204, no content/);
    assert.match(stdout, /→ match\n/);
    assert.match(stdout, /→ mismatch, 2 tries left\n/);
    assert.match(stdout, /→ 409 encrypted_pin_already_used\n/);
    assert.match(stdout, /→ COMPLETED\n/);
    assert.doesNotMatch(stdout, pins);
    assert.ok(!stdout.includes("\u001b"), "no colours where there is no terminal");
  });

  test("tells it as JSON, as often as one likes", async () => {
    const { code, stdout } = await tour("--json");
    assert.equal(code, exitCodes.done);
    const { ok, steps } = JSON.parse(stdout);
    assert.equal(ok, true);
    assert.equal(steps.length, 10);
    for (const step of steps) assert.ok(step.ok && step.hops.length > 0, step.title);
    assert.doesNotMatch(stdout, pins);
  });

  test("ends with 1 where a PIN is taken twice", async () => {
    const { code, told } = await tourWhere((answer) =>
      answer.path.endsWith("/pin_update_requests") && answer.status === 409 ? { ...answer, status: 204 } : answer,
    );
    assert.equal(code, exitCodes.refused);
    assert.equal(told.ok, false);
    assert.equal(told.steps.length, 8);
    assert.match(told.steps.at(-1).surprise, /409 was due, 204 came/);
  });

  test("ends with 1 where any PIN matches", async () => {
    const { code, told } = await tourWhere((answer) =>
      answer.path.endsWith("/verify") ? { ...answer, body: answer.body.replace("mismatch", "match") } : answer,
    );
    assert.equal(code, exitCodes.refused);
    assert.match(told.steps.at(-1).surprise, /mismatch was due, match came/);
  });

  test("ends with 1 where a change is refused", async () => {
    const errors = [{ status: 422, code: "invalid_signature", title: "Invalid Signature", detail: "so it is" }];
    const { code, told } = await tourWhere((answer) =>
      answer.path.startsWith("/solaris/v1/mfa/challenges/")
        ? { ...answer, status: 422, body: JSON.stringify({ errors }) }
        : answer,
    );
    assert.equal(code, exitCodes.refused);
    assert.equal(told.steps.at(-1).surprise, "the issuer refused: 422 invalid_signature: so it is");
  });

  test("ends with 1 where an event was altered", async () => {
    const { code, told } = await tourWhere((answer) =>
      answer.path.includes("audit-events?shard=")
        ? { ...answer, body: answer.body.replaceAll("done", "gone") }
        : answer,
    );
    assert.equal(code, exitCodes.refused);
    assert.match(told.steps.at(-1).surprise, /the chain is broken/);
  });
});

test("a tour needs a sandbox", async () => {
  const production = createServer((_request, response) => response.writeHead(404).end("{}"));
  await new Promise<void>((resolve) => production.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(production.address() as AddressInfo).port}`;
  try {
    const { code, stderr } = await linchpin(["tour", "--url", url]);
    assert.equal(code, exitCodes.refused);
    assert.match(stderr, /is no sandbox/);
  } finally {
    production.close();
  }
});
