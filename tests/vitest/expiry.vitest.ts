import { type Issuer, startIssuer } from "@linchpin/testing";
import { SolarisCardholder } from "@linchpin/testing/solaris";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

describe("what ends by the clock, and what comes again", () => {
  let issuer: Issuer;
  beforeAll(async () => {
    issuer = await startIssuer({ clock: new Date("2026-03-01T12:00:00.000Z"), seed: "expiry" });
  });
  afterEach(() => issuer.reset());
  afterAll(() => issuer.stop());

  test("an OTP ends after five minutes", async () => {
    const cardholder = await SolarisCardholder.of(await issuer.makeCard());
    const { challengeId, key } = await cardholder.beginBinding();
    const otp = await cardholder.newestOtp();
    await issuer.clock.advance("6m");
    expect((await cardholder.proveBinding(challengeId, key, otp)).status).toBe(409);
  });

  test("an OTP is good until then", async () => {
    const cardholder = await SolarisCardholder.of(await issuer.makeCard());
    const { challengeId, key } = await cardholder.beginBinding();
    await issuer.clock.advance("4m");
    expect((await cardholder.proveBinding(challengeId, key, await cardholder.newestOtp())).status).toBe(204);
  });

  test("an access token ends after an hour", async () => {
    const cardholder = await SolarisCardholder.of(await issuer.makeCard());
    const ask = async () => (await cardholder.partner("GET", "/v1/cards/pin_keys/latest")).status;
    expect(await ask()).toBe(200);
    await issuer.clock.advance("61m");
    expect(await ask()).toBe(401);
  });

  test("the seed brings the same card after a reset", async () => {
    const first = await issuer.makeCard({ pin: "4715", device: "bound" });
    await issuer.reset();
    expect(await issuer.makeCard({ pin: "4715", device: "bound" })).toEqual(first);
  });

  test("a reset ends every card and sets the clock back", async () => {
    const { issuer: card } = await issuer.makeCard();
    await issuer.clock.advance("1d");
    await issuer.reset();
    const headers = { authorization: `Bearer ${card.apiKey}` };
    expect((await fetch(`${card.baseUrl}/cards/${card.cardId}`, { headers })).status).toBe(404);
    expect(issuer.clock.now().toISOString()).toBe("2026-03-01T12:00:00.000Z");
  });
});
