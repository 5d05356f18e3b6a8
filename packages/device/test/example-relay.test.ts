import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setStage } from "@linchpin/test-fixtures/device/stage";

const enter = setStage();

suite("the example relay", () => {
  const unknown = [
    ["GET", "/solaris/v1/cards"],
    ["POST", "/solaris/v1/cards/pin_keys/latest"],
    ["GET", "/solaris/v1/cards/../mfa/devices"],
    ["GET", "/solaris/oauth2/token"],
    ["GET", "/plumery/internal/v1/cards/x%2F..%2Fy/pin"],
    ["GET", "/issuer/v1/keys"],
    ["GET", "/constructor/publicKey"],
    ["DELETE", "/venly/api/users/u/signing-methods/m"],
    ["GET", "/"],
  ] as const;
  for (const [method, path] of unknown)
    test(`passes no ${method} ${path}`, async () => {
      const { partner } = await enter();
      const answer = await fetch(partner.url + path, { method });
      assert.deepEqual([answer.status, await answer.text()], [404, ""]);
    });

  test("passes nothing on another's card, person or user, wherever it is named", async () => {
    const { partner, cardholder } = await enter();
    partner.ownNames = [cardholder.sandbox.solaris.personId];
    const others: readonly (readonly [string, unknown])[] = [
      ["/solaris/v1/cards/another/pin_update_requests", {}],
      ["/solaris/v1/mfa/devices", { person_id: "another" }],
      ["/adyen/pins/reveal", { paymentInstrumentId: "another" }],
      ["/adyen/pins/reveal", { paymentInstrumentId: ["another"] }],
      ["/venly/api/users/another/signing-methods", {}],
      ["/native/sessions", { card: "another" }],
      ["/native/operations", { session: `x.${Buffer.from('{"card":{"ref":"another"}}').toString("base64url")}.x` }],
    ];
    for (const [path, body] of others) {
      const answer = await fetch(partner.url + path, { method: "POST", body: JSON.stringify(body) });
      assert.equal(answer.status, 403, path);
    }
    const escaped = '{"person\\u005fid":"another"}';
    assert.equal((await fetch(`${partner.url}/solaris/v1/mfa/devices`, { method: "POST", body: escaped })).status, 403);
  });

  test("passes no long body, and none that is no JSON", async () => {
    const { partner } = await enter();
    const send = (body: string) => fetch(`${partner.url}/adyen/pins/change`, { method: "POST", body });
    assert.equal((await send(JSON.stringify("a".repeat(20_000)))).status, 413);
    assert.equal((await send("{")).status, 502);
  });

  test("sends no credential back, and none that the device brings on", async () => {
    const { partner } = await enter();
    const headers = { "x-api-key": "of-the-device", authorization: "Bearer of-the-device", cookie: "a=b" };
    const answer = await fetch(`${partner.url}/adyen/publicKey?purpose=pinChange`, { headers });
    assert.equal(answer.status, 200, "by the partner's own key");
    assert.deepEqual([...answer.headers.keys()].sort(), [
      "connection",
      "content-type",
      "date",
      "keep-alive",
      "transfer-encoding",
    ]);
  });
});
