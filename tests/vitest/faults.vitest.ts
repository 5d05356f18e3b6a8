import { type Issuer, startIssuer } from "@linchpin/testing";
import { AdyenCardholder } from "@linchpin/testing/adyen";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

describe("what goes wrong on the way", () => {
  let issuer: Issuer;
  beforeAll(async () => {
    issuer = await startIssuer({ seed: "faults" });
  });
  afterEach(() => issuer.reset());
  afterAll(() => issuer.stop());

  test("a 503 comes as often as was said", async () => {
    const { baseUrl, apiKey } = issuer.credentials.adyen;
    const ask = async () => (await fetch(`${baseUrl}/publicKey`, { headers: { "x-api-key": apiKey } })).status;
    issuer.faults.next({ protocol: "adyen", status: 503, times: 2 });
    expect([await ask(), await ask(), await ask()]).toEqual([503, 503, 200]);
    expect(issuer.requests({ protocol: "adyen" }).map(({ fault }) => fault?.status ?? null)).toEqual([503, 503, null]);
  });

  test("a change whose answer is lost was made", async () => {
    const cardholder = await AdyenCardholder.create(issuer.url);
    const sealed = await cardholder.seal("4715");
    issuer.faults.next({ protocol: "adyen", path: "/pins/change", status: "reset", loses: "answer" });
    await expect(cardholder.sendChange(sealed)).rejects.toThrow();
    expect(await cardholder.revealedPin()).toBe("4715");
  });

  test("a change whose request is lost was not made", async () => {
    const cardholder = await AdyenCardholder.create(issuer.url);
    const sealed = await cardholder.seal("4715");
    issuer.faults.next({ protocol: "adyen", path: "/pins/change", status: "reset" });
    await expect(cardholder.sendChange(sealed)).rejects.toThrow();
    expect((await cardholder.card()).pin.status).toBe("not_set");
  });

  test("Adyen's issuer is unavailable, then takes the change later", async () => {
    const cardholder = await AdyenCardholder.create(issuer.url);
    issuer.faults.next({ protocol: "adyen", status: "unavailable" });
    issuer.faults.next({ protocol: "adyen", status: "pending" });
    const sealed = await cardholder.seal("4715");
    expect((await cardholder.sendChange(sealed)).body).toEqual({ status: "unavailable" });
    expect((await cardholder.sendChange(sealed)).body).toEqual({ status: "pending" });
  });

  test("two issuers know nothing of each other", async () => {
    const other = await startIssuer({ seed: "faults" });
    try {
      other.faults.next({ protocol: "adyen", status: 503 });
      await other.clock.advance("1d");
      const { issuer: card } = await issuer.makeCard({ pin: "4715" });
      const headers = { authorization: `Bearer ${card.apiKey}` };
      const cardAt = (url: string) => fetch(`${url}/issuer/v1/cards/${card.cardId}`, { headers });
      expect((await cardAt(issuer.url)).status).toBe(200);
      expect((await cardAt(other.url)).status).toBe(404);
      expect(other.clock.now().getTime() - issuer.clock.now().getTime()).toBeGreaterThan(86_000_000);
    } finally {
      await other.stop();
    }
  });
});
