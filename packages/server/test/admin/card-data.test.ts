import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { type Answer, call } from "@linchpin/testing/call";
import { PlumeryClient } from "@linchpin/testing/plumery";
import { SolarisCardholder } from "@linchpin/testing/solaris";

const expiration = { month: 3, year: 2031 };
const good = { pan: "4111111111111111", cvv2: "047", expiration };

describe("PUT /issuer/v1/cards/{id}/data", () => {
  let issuer: SandboxIssuer;
  let holder: SolarisCardholder;
  before(async () => {
    issuer = await startSandboxIssuer();
    holder = await SolarisCardholder.create(issuer.url);
  });
  after(() => issuer.stop());

  const put = (body: unknown, of = holder) => of.operator("PUT", `/cards/${of.sandbox.issuer.cardId}/data`, body);

  /** As the cardholder's device sees it. */
  async function shown(of = holder): Promise<unknown> {
    const client = await PlumeryClient.create(of.sandbox);
    const { body } = await client.card();
    return { expirationDate: body.expirationDate, ...((await client.open(body.encryptedPayload)) as object) };
  }

  function assertProblem(answer: Answer, status: number, code: string, field?: string): void {
    assert.deepEqual([answer.status, answer.body.code, answer.body.field], [status, code, field]);
    assert.doesNotMatch(JSON.stringify(answer.body), /4111|047/);
  }

  test("sets what the cardholder's device is shown, and nobody else", async () => {
    const answer = await put(good);
    assert.deepEqual([answer.status, answer.body], [204, null]);
    assert.deepEqual(await shown(), { expirationDate: "03/31", pan: good.pan, cvv2: good.cvv2 });
    const { cardId } = holder.sandbox.issuer;
    assertProblem(await holder.operator("GET", `/cards/${cardId}/data`), 404, "not_found");
    assert.deepEqual(Object.keys(await holder.card()), ["id", "state", "pin"]);
    const events = (await holder.operator("GET", `/audit-events?cardId=${cardId}&limit=1000`)).body;
    const event = events.find(({ operation }: { operation: string }) => operation === "issuer.card.set_data");
    assert.deepEqual([event.outcome, event.expiration], ["done", expiration]);
    assert.doesNotMatch(JSON.stringify(events), /4111111111111111/);
  });

  test("replaces what was there, whole", async () => {
    for (const pan of ["5555555555554444", "378282246310005", "6331101999990016"]) {
      const renewed = { pan, cvv2: "1234", expiration: { month: 12, year: 2099 } };
      assert.equal((await put(renewed)).status, 204);
      assert.deepEqual(await shown(), { expirationDate: "12/99", pan, cvv2: "1234" });
    }
  });

  test("takes PANs of 12 to 19 digits", async () => {
    for (const pan of ["000000000000", "0000000000000000000"]) assert.equal((await put({ ...good, pan })).status, 204);
  });

  test("takes them for a blocked card, which shows them when it is active", async () => {
    const other = await SolarisCardholder.create(issuer.url);
    const path = `/cards/${other.sandbox.issuer.cardId}`;
    await other.operator("PATCH", path, { state: "blocked" });
    assert.equal((await put(good, other)).status, 204);
    await other.operator("PATCH", path, { state: "active" });
    assert.deepEqual(await shown(other), { expirationDate: "03/31", pan: good.pan, cvv2: good.cvv2 });
  });

  describe("refuses, and leaves what was there", () => {
    before(async () => {
      assert.equal((await put(good)).status, 204);
    });
    const left = async () =>
      assert.deepEqual(await shown(), { expirationDate: "03/31", pan: good.pan, cvv2: good.cvv2 });

    test("a PAN whose check digit is wrong", async () => {
      for (const pan of ["4111111111111112", "4111111111111110", "1411111111111111", "000000000001"])
        assertProblem(await put({ ...good, pan }), 400, "request_invalid", "pan");
      const { operation, outcome, code } = (await holder.auditEvents()).at(-1);
      assert.deepEqual([operation, outcome, code], ["issuer.card.set_data", "refused", "request_invalid"]);
      await left();
    });

    test("a PAN that is none", async () => {
      const wrong = [
        "",
        "41111111117",
        "41111111111111111116",
        "4111 1111 1111 1111",
        "411111111111111x",
        "４１１１１１１１１１１１１１１１",
      ];
      for (const pan of [...wrong, 4111111111111111, null])
        assertProblem(await put({ ...good, pan }), 400, "request_invalid", "pan");
      await left();
    });

    test("a CVV2 that is none", async () => {
      for (const cvv2 of ["", "04", "04711", "o47", 47, null])
        assertProblem(await put({ ...good, cvv2 }), 400, "request_invalid", "cvv2");
      await left();
    });

    test("an expiration date that is none", async () => {
      for (const month of [0, 13, 1.5, "03", -1])
        assertProblem(
          await put({ ...good, expiration: { month, year: 2031 } }),
          400,
          "request_invalid",
          "expiration.month",
        );
      for (const year of [31, 1999, 2100, "2031"])
        assertProblem(
          await put({ ...good, expiration: { month: 3, year } }),
          400,
          "request_invalid",
          "expiration.year",
        );
      assertProblem(await put({ ...good, expiration: "03/31" }), 400, "request_invalid", "expiration");
      await left();
    });

    test("a member that is missing, and one too many", async () => {
      for (const member of ["pan", "cvv2", "expiration"])
        assertProblem(await put({ ...good, [member]: undefined }), 400, "request_invalid", member);
      assertProblem(await put({ ...good, pin: "1928" }), 400, "request_invalid");
      assertProblem(await put("[]"), 400, "request_invalid");
      await left();
    });

    test("a card that is not there", async () => {
      assertProblem(await holder.operator("PUT", "/cards/none/data", good), 404, "card_unknown");
    });

    test("a terminated card", async () => {
      const other = await SolarisCardholder.create(issuer.url);
      await other.operator("PATCH", `/cards/${other.sandbox.issuer.cardId}`, { state: "terminated" });
      assertProblem(await put(good, other), 409, "card_terminated");
      const { operation, outcome, code } = (await other.auditEvents()).at(-1);
      assert.deepEqual([operation, outcome, code], ["issuer.card.set_data", "refused", "card_terminated"]);
    });

    test("who is no operator", async () => {
      const { issuer: api, plumery } = holder.sandbox;
      const url = `${api.baseUrl}/cards/${api.cardId}/data`;
      assertProblem(await call("PUT", url, { body: good }), 401, "credentials_missing");
      for (const bearer of [holder.token, plumery.bearerToken])
        assertProblem(await call("PUT", url, { bearer, body: good }), 401, "caller_unknown");
      await left();
    });
  });
});
