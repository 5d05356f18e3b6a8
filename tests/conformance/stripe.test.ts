import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { after, before } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { handMadeStripeJwe } from "@linchpin/test-fixtures/messages/hand-made-stripe";
import { type Answer, call } from "@linchpin/testing/call";
import { StripeCardholder } from "@linchpin/testing/stripe";
import { statement, testDocuments } from "./statements.ts";

let issuer: SandboxIssuer;
before(async () => {
  issuer = await startSandboxIssuer();
});
after(() => issuer.stop());

const create = () => StripeCardholder.create(issuer.url);
const cards = "/v1/issuing/cards";
const pathOf = (holder: StripeCardholder) => `${cards}/${holder.cardId}`;
const fresh = () => ({ "idempotency-key": crypto.randomUUID() });
const read = async (holder: StripeCardholder) => (await holder.partner("GET", pathOf(holder))).body;

async function seal(holder: StripeCardholder, plaintext: string, wrong?: Parameters<typeof handMadeStripeJwe>[2]) {
  return handMadeStripeJwe((await holder.pinKey()).jwk, plaintext, wrong);
}

async function set(holder: StripeCardholder, digits = "0471"): Promise<Answer["body"]> {
  const { status, body } = await holder.sendPin(await seal(holder, digits));
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal((await holder.verify(digits)).body.result, "match");
  return body;
}

async function block(holder: StripeCardholder): Promise<void> {
  for (const digits of ["1111", "2222", "3333"]) await holder.verify(digits);
  assert.equal((await holder.card()).pin.status, "blocked");
}

interface Refusal {
  readonly status?: number;
  readonly type?: string;
  readonly code?: string;
  readonly param?: string;
}

function assertRefused(answer: Answer, { status = 400, type = "invalid_request_error", code, param }: Refusal): void {
  const { error } = answer.body;
  assert.deepEqual(
    [answer.status, error.type, error.code, error.param],
    [status, type, code, param],
    JSON.stringify(answer.body),
  );
}

const encryptedNumber = "pin[encrypted_number]";
const undecrypted = { code: "pin_encryption_invalid", param: encryptedNumber };

const authentication = [
  statement(
    17,
    "A secret key, as a bearer token or as the user name of HTTP Basic with an empty password.",
    async () => {
      const holder = await create();
      const get = (authorization: string) => holder.partner("GET", pathOf(holder), undefined, { authorization });
      assert.equal((await get(`Bearer ${holder.apiKey}`)).status, 200);
      assert.equal((await get(`Basic ${btoa(`${holder.apiKey}:`)}`)).status, 200);
      assertRefused(await get(`Basic ${btoa(`${holder.apiKey}:password`)}`), { status: 401 });
      assert.equal((await call("GET", `${holder.baseUrl}/v1/keys`)).status, 200);
    },
  ),
  statement(
    18,
    "A publishable key, Stripe-Account and Stripe-Context are 403; Stripe-Version comes back.",
    async () => {
      const holder = await create();
      const get = (headers: Record<string, string>) => holder.partner("GET", pathOf(holder), undefined, headers);
      assert.match(holder.apiKey, /^sk_test_/);
      for (const headers of [
        { authorization: "Bearer pk_test_sandbox" },
        { "stripe-account": "acct_1" },
        { "stripe-context": "acct_1" },
      ])
        assertRefused(await get(headers as Record<string, string>), { status: 403 });
      const answer = await get({ "stripe-version": "2026-10-28.endive" });
      assert.equal(answer.headers.get("stripe-version"), "2026-10-28.endive");
    },
  ),
];

const endpoints = [
  statement(21, "Forms, nested by brackets, literal or percent-encoded; JSON is refused.", async () => {
    const holder = await create();
    const headers = { authorization: `Bearer ${holder.apiKey}` };
    const form = { ...headers, "content-type": "application/x-www-form-urlencoded" };
    for (const name of ["pin[encrypted_number]", "pin%5Bencrypted_number%5D"]) {
      const body = `${name}=${await seal(holder, "0471")}`;
      assert.equal((await call("POST", holder.baseUrl + pathOf(holder), { body, headers: form })).status, 200);
    }
    const body = { pin: { encrypted_number: await seal(holder, "0471") } };
    assert.equal((await call("POST", holder.baseUrl + pathOf(holder), { body, headers })).status, 400);
  }),
  statement(25, "GET /v1/keys: key_id, jwk, pkcs8.", async () => {
    const key = await (await create()).pinKey();
    assert.deepEqual(Object.keys(key), ["key_id", "jwk", "pkcs8"]);
  }),
  statement(
    26,
    "POST /v1/issuing/cards: currency and type are required, status is inactive unless given.",
    async () => {
      const holder = await create();
      const given = { currency: "usd", type: "virtual" };
      const made = await holder.partner("POST", cards, { ...given, [encryptedNumber]: await seal(holder, "0471") });
      assert.deepEqual([made.status, made.body.status, made.body.object], [200, "inactive", "issuing.card"]);
      assert.equal((await holder.partner("POST", cards, { ...given, status: "active" })).body.status, "active");
      for (const [missing, others] of [
        ["currency", { type: "virtual" }],
        ["type", { currency: "usd" }],
      ] as const)
        assertRefused(await holder.partner("POST", cards, others), { code: "parameter_missing", param: missing });
    },
  ),
  statement(27, "POST /v1/issuing/cards/{id} with pin[encrypted_number] changes the PIN.", async () => {
    const holder = await create();
    assert.equal((await set(holder, "0471")).id, holder.cardId);
    await set(holder, "8264");
  }),
  statement(28, "status=active reactivates and unblocks the online PIN.", async () => {
    const holder = await create();
    await set(holder);
    await block(holder);
    assert.equal((await holder.update({ status: "active" })).body.status, "active");
    assert.equal((await holder.verify("0471")).body.result, "match");
  }),
  statement(29, "status=inactive stops; status=canceled with cancellation_reason lost or stolen cancels.", async () => {
    for (const cancellation_reason of ["lost", "stolen"]) {
      const holder = await create();
      assert.equal((await holder.update({ status: "inactive" })).body.status, "inactive");
      const { body } = await holder.update({ status: "canceled", cancellation_reason });
      assert.deepEqual([body.status, body.cancellation_reason], ["canceled", cancellation_reason]);
    }
  }),
  statement(30, "GET /v1/issuing/cards/{id} reads the card.", async () => {
    const holder = await create();
    assert.deepEqual(await set(holder), await read(holder));
  }),
  statement(32, "No answer holds the PIN, neither clear nor encrypted.", async () => {
    const holder = await create();
    const sealed = await seal(holder, "047182");
    const lax = await holder.inProgram({ policy: { maxLength: 6 } });
    const text = JSON.stringify((await lax.sendPin(sealed)).body);
    assert.ok(!text.includes("047182") && !text.includes(sealed.slice(-40)));
  }),
  statement(33, "The card has the members of the vendor's types; number and cvc never.", async () => {
    const card = await read(await create());
    const members = `id object brand cancellation_reason cardholder created currency exp_month exp_year last4
      latest_fraud_warning lifecycle_controls livemode metadata personalization_design replaced_by replacement_for
      replacement_reason second_line shipping spending_controls status type wallets`;
    for (const member of members.split(/\s+/)) assert.ok(member in card, member);
    for (const member of ["pin", "number", "cvc"]) assert.ok(!(member in card), member);
  }),
  statement(
    34,
    "An unknown parameter is refused; metadata and spending_controls come back; pin and status go together.",
    async () => {
      const holder = await create();
      assertRefused(await holder.update({ pins: "x" }), { code: "parameter_unknown", param: "pins" });
      const kept = { "metadata[a]": "1", "spending_controls[spending_limits][0][amount]": "500" };
      const { metadata, spending_controls } = (await holder.update(kept)).body;
      assert.deepEqual([metadata, spending_controls], [{ a: "1" }, { spending_limits: [{ amount: 500 }] }]);
      const both = { [encryptedNumber]: await seal(holder, "0471"), status: "inactive" };
      assert.equal((await holder.update(both)).body.status, "inactive");
      assert.equal((await holder.verify("0471")).body.result, "match");
    },
  ),
];

const cryptography = [
  statement(
    37,
    "The key is fetched for every PIN and kept nowhere; browsers read it; the one before stays accepted.",
    async () => {
      const holder = await create();
      const { headers } = await call("GET", `${holder.baseUrl}/v1/keys`);
      assert.deepEqual([headers.get("cache-control"), headers.get("access-control-allow-origin")], ["no-store", "*"]);
      const before = await seal(holder, "0471");
      const { key_id } = await holder.pinKey();
      await holder.operator("POST", "/keys/stripe-pin/rotate");
      assert.notEqual((await holder.pinKey()).key_id, key_id);
      assert.equal((await holder.sendPin(before)).status, 200);
    },
  ),
  statement(
    38,
    "jwk has kty, n, e, kid, use and alg; kid is key_id; pkcs8 is the same key as SPKI in PEM.",
    async () => {
      const { key_id, jwk, pkcs8 } = await (await create()).pinKey();
      const { n, e, ...others } = jwk;
      assert.deepEqual(others, { kty: "RSA", kid: key_id, use: "enc", alg: "RSA-OAEP" });
      assert.match(pkcs8, /^-----BEGIN PUBLIC KEY-----/);
      assert.partialDeepStrictEqual(createPublicKey(pkcs8).export({ format: "jwk" }), { n, e });
    },
  ),
  statement(41, "The plaintext is the PIN's ASCII digits and nothing else.", async () => {
    await set(await create(), "0471");
    const holder = await create();
    for (const plaintext of ['{"pin":"0471"}', '"0471"', "0471\n", " 0471", "٠٤٧١"])
      assertRefused(await holder.sendPin(await seal(holder, plaintext)), undecrypted);
  }),
  statement(42, "The header is alg RSA-OAEP with SHA-1, enc A128CBC-HS256 and kid.", async () => {
    const holder = await create();
    for (const wrong of [
      { alg: "RSA-OAEP-256", oaepHash: "sha256" },
      { alg: "RSA1_5", isPkcs1: true },
      { oaepHash: "sha256" },
      { enc: "A256CBC-HS512" },
      { enc: "A128GCM" },
    ])
      assertRefused(await holder.sendPin(await seal(holder, "0471", wrong)), undecrypted);
  }),
  statement(43, "The MAC key stands before the AES key, and the tag covers the header's text.", async () => {
    const holder = await create();
    for (const wrong of [{ isSwapped: true }, { aad: "another" }])
      assertRefused(await holder.sendPin(await seal(holder, "0471", wrong)), undecrypted);
  }),
  statement(44, "kid is required and names a key of this purpose; base64url is canonical.", async () => {
    const holder = await create();
    assertRefused(await holder.sendPin(await seal(holder, "0471", { kid: undefined })), undecrypted);
    const another = { code: "pin_key_expired", param: encryptedNumber };
    assertRefused(await holder.sendPin(await seal(holder, "0471", { kid: "another" })), another);
    assertRefused(await holder.sendPin(`${await seal(holder, "0471")}==`), undecrypted);
  }),
  statement(45, "A key that does not unwrap is answered as a wrong tag is.", async () => {
    const holder = await create();
    const [header, wrapped = "", ...others] = (await seal(holder, "0471")).split(".");
    const notUnwrapped = [header, `AAAA${wrapped.slice(4)}`, ...others].join(".");
    const [one, two] = [
      await holder.sendPin(notUnwrapped),
      await holder.sendPin(await seal(holder, "0471", { aad: "x" })),
    ];
    for (const answer of [one, two]) assertRefused(answer, undecrypted);
  }),
];

const states = [
  statement(51, "A card that is made without a PIN has 0000 in test mode until one is set.", async () => {
    const holder = await create();
    const made = await holder.partner("POST", cards, { currency: "usd", type: "virtual", status: "active" });
    const { cardId } = (await issuer.events()).at(-1) as unknown as { cardId: string };
    assert.equal(made.status, 200);
    assert.equal((await holder.verify("0000", cardId)).body.result, "match");
  }),
  statement(51, "A change to the present PIN works, also where the program refuses former ones.", async () => {
    const holder = await (await create()).inProgram({ policy: { formerPins: 5 } });
    await set(holder);
    await set(holder);
    await set(holder, "8264");
    const former = { code: "pin_not_allowed", param: encryptedNumber };
    assertRefused(await holder.sendPin(await seal(holder, "0471")), former);
  }),
  statement(54, "Three wrong PINs in a row: the card is inactive, and declined until status=active.", async () => {
    const holder = await create();
    await set(holder);
    await block(holder);
    assert.equal((await read(holder)).status, "inactive");
    assert.equal((await holder.verify("0471")).body.result, "blocked");
    assert.equal((await holder.update({ status: "active" })).body.status, "active");
    assert.equal((await holder.verify("0471")).body.result, "match");
  }),
  statement(
    55,
    "A change of a blocked PIN leaves the status; the operator's block is not the partner's to end.",
    async () => {
      const holder = await create();
      await set(holder);
      await block(holder);
      assert.equal((await set(holder, "8264")).status, "inactive");
      await holder.operator("PATCH", `/cards/${holder.issuerCardId}`, { state: "blocked" });
      assertRefused(await holder.update({ status: "active" }), { code: "card_blocked", param: "id" });
      await holder.operator("PATCH", `/cards/${holder.issuerCardId}`, { state: "terminated" });
      assert.equal((await read(holder)).status, "canceled");
      assertRefused(await holder.update({ status: "active" }), { code: "card_canceled", param: "id" });
    },
  ),
  statement(56, "A changed PIN is pending at the chip until it is synced.", async () => {
    const holder = await (await create()).inProgram({ chipKeepsPin: true });
    await set(holder);
    assert.equal((await holder.card()).pin.chip, "pending");
    await holder.operator("POST", `/cards/${holder.issuerCardId}/pin/chip-synced`, {});
    assert.equal((await holder.card()).pin.chip, "in_sync");
  }),
];

const replays = [
  statement(59, "An encrypted PIN is used once, on any card; what the policy refused spends nothing.", async () => {
    const [holder, other] = [await create(), await create()];
    const sealed = await seal(holder, "0471");
    assert.equal((await holder.sendPin(sealed)).status, 200);
    for (const each of [holder, other])
      assertRefused(await each.sendPin(sealed), { code: "pin_already_used", param: encryptedNumber });
    const sequence = await seal(holder, "1234");
    assertRefused(await holder.sendPin(sequence), { code: "pin_not_allowed", param: encryptedNumber });
    const lax = await holder.inProgram({ policy: { sequences: "allow" } });
    assert.equal((await lax.sendPin(sequence)).status, 200);
  }),
  statement(
    60,
    "The same Idempotency-Key and parameters get the stored answer, before the JWE counts as used.",
    async () => {
      const holder = await create();
      const headers = fresh();
      const sealed = await seal(holder, "0471");
      const [first, again] = [await holder.sendPin(sealed, headers), await holder.sendPin(sealed, headers)];
      assert.deepEqual([first.status, again.status, again.body], [200, 200, first.body]);
      assertRefused(await holder.update({ status: "active" }, headers), { type: "idempotency_error" });
      const invalid = fresh();
      assertRefused(await holder.update({ status: "blocked" }, invalid), { param: "status" });
      assert.equal((await holder.update({ status: "active" }, invalid)).status, 200);
    },
  ),
];

const errors = [
  statement(63, "Every error has error.type and error.message, and the header Request-Id.", async () => {
    const holder = await create();
    const { body, headers } = await holder.sendPin("0471");
    assert.equal(typeof body.error.message, "string");
    assert.match(headers.get("request-id") ?? "", /^req_/);
  }),
  statement(67, "401: no key, and a wrong one.", async () => {
    const holder = await create();
    for (const authorization of ["", "Bearer sk_test_wrong"])
      assertRefused(await holder.partner("GET", pathOf(holder), undefined, { authorization }), { status: 401 });
  }),
  statement(69, "404 resource_missing: no such card, and another partner's.", async () => {
    const holder = await create();
    const other = await holder.atAnotherPartner();
    const missing = { status: 404, code: "resource_missing", param: "id" };
    assertRefused(await holder.partner("GET", `${cards}/ic_none`), missing);
    assertRefused(await other.partner("GET", pathOf(holder)), missing);
  }),
  statement(70, "400: a parameter that is unknown, missing or empty, by its name.", async () => {
    const holder = await create();
    assertRefused(await holder.update({ encrypted_number: "x" }), {
      code: "parameter_unknown",
      param: "encrypted_number",
    });
    assertRefused(await holder.update({ "pin[other]": "x" }), { code: "parameter_missing", param: encryptedNumber });
    assertRefused(await holder.update({ [encryptedNumber]: "" }), {
      code: "parameter_invalid_empty",
      param: encryptedNumber,
    });
  }),
  statement(71, "400: a key that is retired.", async () => {
    const holder = await create();
    const sealed = await seal(holder, "0471");
    const { key_id } = await holder.pinKey();
    await holder.operator("POST", "/keys/stripe-pin/rotate");
    await holder.operator("POST", `/keys/${key_id}/retire`);
    assertRefused(await holder.sendPin(sealed), { code: "pin_key_expired", param: encryptedNumber });
  }),
  statement(82, "PIN 0123; the header begins as the published one.", async () => {
    const holder = await (await create()).inProgram({ policy: { sequences: "allow" } });
    const sealed = await seal(holder, "0123");
    assert.match(sealed, /^eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkExMjhDQkMtSFMyNTYiLCJraWQiOi/);
    assert.equal((await holder.sendPin(sealed)).status, 200);
    assert.equal((await holder.verify("0123")).body.result, "match");
  }),
  statement(92, "526 characters with a kid of 36, for PINs of every length.", async () => {
    const holder = await create();
    assert.equal((await holder.pinKey()).key_id.length, 36);
    for (const digits of ["0471", "047182645917"]) assert.equal((await seal(holder, digits)).length, 526);
  }),
];

testDocuments("stripe", [
  { name: "Authentication", statements: authentication },
  { name: "Endpoints", statements: endpoints },
  { name: "Key and cryptography", statements: cryptography },
  { name: "PIN rules and state", statements: states },
  { name: "Replay and idempotency", statements: replays },
  { name: "Errors, published values and sizes", statements: errors },
]);
