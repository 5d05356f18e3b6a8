import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { LinchpinError } from "@linchpin/core";
import { makeOperator } from "@linchpin/server";
import { auditDone } from "@linchpin/server/issuer";
import { openOwnContext } from "@linchpin/test-fixtures/issuer/own-context";
import { testFacts } from "@linchpin/test-fixtures/issuer/test-facts";
import { makeSandboxCard, seedSandbox } from "../src/seed.ts";

describe("what the sandbox seeds", () => {
  let opened: Awaited<ReturnType<typeof openOwnContext>>;
  const caller = { kind: "operator", name: "alice" } as const;
  beforeEach(async () => {
    opened = await openOwnContext(() => new Date());
  });
  afterEach(() => opened.close());

  it("does not come to a database that has partners, none of them a sandbox's", async () => {
    const { store, clock } = opened.context;
    const audit = auditDone({ clock }, { id: "p" }, testFacts);
    await store.addPartner(
      { id: "p", name: "a production issuer's", mayRegisterMobileNumbers: false, createdAt: clock() },
      { audit, outbox: [] },
    );
    await assert.rejects(
      seedSandbox(opened.context),
      (error) => error instanceof LinchpinError && error.code === "settings_invalid",
    );
    assert.equal((await opened.context.store.listPartners()).length, 1);
  });

  it("comes again to its own, also when another operator was let in", async () => {
    await seedSandbox(opened.context);
    await makeOperator(opened.context, { name: "alice", caller });
    await seedSandbox(opened.context);
    assert.equal((await opened.context.store.listPartners()).length, 1);
  });

  it("gives every fresh card a number of one length", async () => {
    await seedSandbox(opened.context);
    for (let count = 0; count < 20; count++)
      assert.match((await makeSandboxCard(opened.context)).mobileNumber, /^\+1556[0-9]{9}$/);
  });
});
