/** Beside the recipe of packages/testing/README.md, in another worker: `tests/packed/jest.drill.ts` runs both. */
const { issuer } = globalThis;
afterEach(() => issuer.reset());

const stateOf = async ({ issuer: { baseUrl, apiKey, cardId } }) => {
  const answer = await fetch(`${baseUrl}/cards/${cardId}`, { headers: { authorization: `Bearer ${apiKey}` } });
  return answer.status;
};

test("a token ends by the clock", async () => {
  const { baseUrl, clientId, clientSecret } = issuer.credentials.solaris;
  const answer = await fetch(`${baseUrl}/oauth2/token`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  const { access_token } = await answer.json();
  const headers = { authorization: `Bearer ${access_token}` };
  const ask = async () => (await fetch(`${baseUrl}/v1/cards/pin_keys/latest`, { headers })).status;
  expect(await ask()).toBe(200);
  expect((await issuer.clock.advance("61m")).toISOString()).toBe("2026-03-01T13:01:00.000Z");
  expect(await ask()).toBe(401);
});

test("a reset ends every card, and the seed brings the same again", async () => {
  const first = await issuer.makeCard({ pin: "4715", device: "bound" });
  expect(await stateOf(first)).toBe(200);
  await issuer.reset();
  expect(await stateOf(first)).toBe(404);
  expect(await issuer.makeCard({ pin: "4715", device: "bound" })).toEqual(first);
});

test("what is not documented is refused, by a code", async () => {
  await expect(issuer.makeCard({ colour: "blue" })).rejects.toMatchObject({ code: "request_invalid", field: "colour" });
  const unknown = { protocol: "visa", status: 503 };
  expect(() => issuer.faults.next(unknown)).toThrow(expect.objectContaining({ field: "protocol" }));
});
