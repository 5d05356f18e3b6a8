import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { linchpin } from "@linchpin/test-fixtures/command/linchpin";
import { exitCodes } from "../../src/exit-codes.ts";
import type { Passing } from "../relay.ts";
import type { SharedIssuer } from "../shared-issuer.ts";

/** A tour whose issuer answers otherwise than it is due. */
export function surprisedTourSuite({ relay }: SharedIssuer): void {
  suite("a tour that is surprised", () => {
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

    test("ends with 1 where Plumery reveals what the device can not open", async () => {
      const { code, told } = await tourWhere((answer) =>
        answer.path.endsWith("/pin") && answer.path.startsWith("/plumery/")
          ? { ...answer, body: answer.body.replace(/"salt":"..../, '"salt":"AAAA') }
          : answer,
      );
      assert.equal(code, exitCodes.refused);
      assert.equal(told.steps.at(-1).title, "Plumery reveals the PIN");
      assert.equal(told.steps.at(-1).surprise, "the sealed PIN could not be opened");
    });

    test("ends with 1 where Adyen takes a block twice", async () => {
      const { code, told } = await tourWhere((answer) =>
        answer.path.endsWith("/pins/change") && answer.status === 422
          ? { ...answer, status: 200, body: '{"status":"completed"}' }
          : answer,
      );
      assert.equal(code, exitCodes.refused);
      assert.equal(told.steps.at(-1).title, "Adyen's block is sent again");
      assert.match(told.steps.at(-1).surprise, /422 was due, 200 came/);
    });

    test("ends with 1 where a transfer runs twice", async () => {
      const { code, told } = await tourWhere((answer) =>
        answer.path.endsWith("/execute") && answer.status === 409 ? { ...answer, status: 200 } : answer,
      );
      assert.equal(code, exitCodes.refused);
      assert.match(told.steps.at(-1).surprise, /409 was due, 200 came/);
    });

    test("ends with 1 where the partner hands on a session that was altered", async () => {
      const { code, told } = await tourWhere((answer) =>
        answer.path === "/native/v1/sessions"
          ? { ...answer, body: answer.body.replace(/"session":"([^.]+)\.(...)/, '"session":"$1.AAA') }
          : answer,
      );
      assert.equal(code, exitCodes.refused);
      assert.equal(told.steps.at(-1).title, "A device is bound natively");
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
}
