import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openOwnContext } from "@linchpin/test-fixtures/issuer/own-context";
import { createApp } from "../src/app.ts";
import { protocolTable } from "../src/protocol-table.ts";
import { readSettings } from "../src/read-settings.ts";

const keyPath = "/sandbox/relay/honest/solaris/v1/cards/pin_keys/latest";

describe("in production", () => {
  it("there is no page, no relay, no event", async () => {
    const opened = await openOwnContext(() => new Date());
    const settings = readSettings({
      LINCHPIN_MODE: "production",
      LINCHPIN_DATABASE_URL: "postgres://unused",
      LINCHPIN_MASTER_KEY: "00".repeat(32),
      LINCHPIN_MESSAGES_URL: "https://messages.example",
      LINCHPIN_OUTBOX_SECRET: "s".repeat(32),
    });
    const app = await createApp(opened.context, { protocols: protocolTable, settings, sandbox: null });
    for (const url of ["/", "/sandbox", "/sandbox/page.js", "/sandbox/events", "/sandbox/cardholder", keyPath])
      assert.equal((await app.inject({ method: "GET", url })).statusCode, 404, url);
    await app.close();
    await opened.close();
  });
});
