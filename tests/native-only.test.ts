import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import { makeBindDeviceRequest } from "@linchpin/protocols/solaris/device";
import { makePinGet } from "@linchpin/protocols/spritz/device";
import { acceptKeySet, makePinDisplayRequest } from "@linchpin/protocols/worldline/device";
import { protocolTable } from "@linchpin/server";
import { openTestPostgres, type TestPostgres } from "@linchpin/test-fixtures/databases/postgres";
import { execute } from "@linchpin/test-fixtures/databases/postgres-cluster";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { AdyenCardholder } from "@linchpin/testing/adyen";
import type { Answer } from "@linchpin/testing/call";
import { LithicCardholder } from "@linchpin/testing/lithic";
import { PlumeryClient } from "@linchpin/testing/plumery";
import { SolarisCardholder } from "@linchpin/testing/solaris";
import { SpritzCardholder } from "@linchpin/testing/spritz";
import { StripeCardholder } from "@linchpin/testing/stripe";
import { WorldlineCardholder } from "@linchpin/testing/worldline";

/** A request that is ready to be sent, once to be refused and once to be carried out. */
interface Ready {
  readonly send: () => Promise<Answer>;
  /** The card as the issuer API has it. Absent: the request makes one, or is about the person. */
  readonly card?: () => Promise<Answer["body"]>;
}

interface VendorRequest {
  /** The status of the refusal, by the protocol's own words for a card, or a program, that is not there. */
  readonly refused: number;
  readonly prepare: (origin: string) => Promise<Ready>;
}

/** By the column of the step table. */
const columns: Readonly<Record<string, VendorRequest>> = {
  "adyen.pins.change": ofAdyen(async (holder) => {
    const request = await holder.seal("2846");
    return () => holder.sendChange(request);
  }),
  "adyen.pins.reveal": ofAdyen(async (holder) => {
    const { request } = await holder.makeReveal();
    return () => holder.sendReveal(request);
  }),
  "adyen.paymentInstruments.reveal": ofAdyen(async (holder) => {
    const { request } = await holder.makeReveal("panReveal");
    return () => holder.sendPanReveal(request);
  }),
  "lithic.cards.pin": ofLithic(async (holder) => {
    const pin = await holder.seal("2846");
    return () => holder.sendPin(pin);
  }),
  "lithic.cards.create": {
    refused: 404,
    prepare: async (origin) => {
      const holder = await LithicCardholder.create(origin);
      const pin = await holder.seal("2846");
      return { send: () => holder.partner("POST", "/v1/cards", { type: "VIRTUAL", pin }) };
    },
  },
  "plumery.cards": ofPlumery((client) => client.card()),
  "plumery.cards.pin": ofPlumery((client) => client.pin()),
  "solaris.cards.order": ofPerson(404, async (holder) => {
    const request = await holder.seal("2846");
    const path = `/v1/persons/${holder.sandbox.solaris.personId}/accounts/an-account/cards`;
    return () => holder.partner("POST", path, { ...request, type: "VISA_DEBIT", line_1: "A B", reference: "r" });
  }),
  "solaris.pin_update_requests": ofSolaris(async (holder) => {
    const request = await holder.sealAndSign("2846", await holder.bindDevice());
    return () => holder.sendChange(request);
  }),
  "solaris.sca_pin_update_requests": ofSolaris(async (holder) => {
    const path = `/v1/cards/${holder.sandbox.solaris.cardAccountId}/sca_pin_update_requests`;
    const request = await holder.seal("2846");
    return () => holder.partner("POST", path, request);
  }),
  "solaris.change_requests.confirm": ofSolaris(async (holder) => {
    const { path, authorization } = await changeRequestOf(holder);
    assert.equal((await holder.partner("POST", `${path}/authorize`, authorization)).status, 201);
    const confirmation = { person_id: authorization.person_id, tan: await holder.newestOtp() };
    return () => holder.partner("POST", `${path}/confirm`, confirmation);
  }),
  "spritz.pin.set": ofSpritz(async (holder) => {
    const message = await holder.seal("2846");
    return () => holder.sendSet(message);
  }),
  "spritz.pin.get": ofSpritz(async (holder) => {
    const { encryptedKey } = await makePinGet(primitives, holder.issuerKey());
    return () => holder.sendGet(encryptedKey);
  }),
  "stripe.cards.pin": ofStripe(async (holder) => {
    const pin = await holder.seal("2846");
    return () => holder.sendPin(pin);
  }),
  "stripe.cards.create": {
    refused: 404,
    prepare: async (origin) => {
      const holder = await StripeCardholder.create(origin);
      const card = { currency: "usd", type: "virtual", "pin[encrypted_number]": await holder.seal("2846") };
      return { send: () => holder.partner("POST", "/v1/issuing/cards", card) };
    },
  },
  "worldline.pin.set": ofWorldline(async (holder) => {
    const request = await holder.seal("2846");
    return () => holder.card("pin", request);
  }),
  "worldline.pin.display": ofWorldline(async (holder) => {
    const issuerKey = acceptKeySet({ keyId: "01", publicKey: await holder.keySet() });
    const { request } = await makePinDisplayRequest(primitives, issuerKey);
    return () => holder.card("display-pin", request);
  }),
};

/** What else a vendor's protocol does with a card, or tells of it. */
const others: Readonly<Record<string, VendorRequest>> = {
  "Lithic's state of a card, which sets the PIN try counter back": ofLithic(
    async (holder) => () => holder.update({ pin_status: "OK" }),
  ),
  "Lithic's card": ofLithic(async (holder) => () => holder.partner("GET", `/v1/cards/${holder.cardToken}`)),
  "Solaris' key for a card": ofSolaris(
    async (holder) => () => holder.partner("GET", `/v1/cards/${holder.sandbox.solaris.cardAccountId}/pin_keys/latest`),
  ),
  "Rain's set": ofSpritz(async (holder) => {
    const message = await holder.seal("2846", holder.issuerKey("rain"));
    return () => holder.sendRainSet(message);
  }),
  "Spritz' card": ofSpritz(async (holder) => () => holder.partner("GET", `/v1/cards/${holder.access.cardId}`)),
  "Stripe's status of a card, which sets the PIN try counter back": ofStripe(
    async (holder) => () => holder.update({ status: "active" }),
  ),
  "Stripe's card": ofStripe(async (holder) => () => holder.partner("GET", `/v1/issuing/cards/${holder.cardId}`)),
  "Worldline's set by the issuer's own id": ofWorldline(async (holder) => {
    const request = await holder.seal("2846");
    return () => holder.bank(`/external-cards/${holder.issuerCardId}/pin`, request);
  }),
  "Worldline's set by PAN": ofWorldline(async (holder) => {
    const request = await holder.seal("2846");
    return () => holder.bank("/pin", { pan: holder.access.pan, panSequenceNumber: "01", ...request });
  }),
  "Worldline's state of a PIN": ofWorldline(
    async (holder) => () => holder.bank("/pin-state", { cardReference: holder.access.cardReference }),
  ),
  "Worldline's reset of the PIN try counter": ofWorldline(
    async (holder) => () => holder.card("reset-pin-try-counter", {}),
  ),
};

/** Requests that send the person a code. */
const codes: Readonly<Record<string, VendorRequest>> = {
  "a TAN for a change request": ofSolaris(async (holder) => {
    const { path, authorization } = await changeRequestOf(holder);
    return () => holder.partner("POST", `${path}/authorize`, authorization);
  }),
  "an OTP to bind a device": ofPerson(403, async (holder) => {
    const key = await primitives.makeSigningKey();
    const request = makeBindDeviceRequest({ personId: holder.sandbox.solaris.personId, key });
    return () => holder.partner("POST", "/v1/mfa/devices", request);
  }),
  "an OTP to confirm a number that the partner registered": ofPerson(403, async (holder) => {
    const { id: personId } = (await holder.operator("POST", "/persons", { partnerId: "sandbox" })).body;
    assert.equal((await holder.operator("POST", "/cards", { personId, programId: "sandbox" })).status, 201);
    const path = `/v1/persons/${personId}/mobile_number`;
    const body = { number: "+4915112345678" };
    assert.equal((await holder.partner("POST", path, body)).status, 201);
    return () => holder.partner("POST", `${path}/authorize`, body);
  }),
  "an activation code by letter": ofPerson(403, async (holder) => {
    const asked = { origin: "MOBILE_APP", purpose: "DEVICE_BINDING", delivery_method: "SNAILMAIL" } as const;
    const request = { ...asked, person_id: holder.sandbox.solaris.personId };
    return () => holder.partner("POST", "/v1/mfa/challenges/activation", request);
  }),
};

async function changeRequestOf(holder: SolarisCardholder) {
  const { status, body } = await holder.requestChange("2846");
  assert.equal(status, 200);
  const authorization = { person_id: holder.sandbox.solaris.personId, delivery_method: "mobile_number" };
  return { path: `/v1/change_requests/${body.id}`, authorization };
}

type Prepare<Holder> = (holder: Holder) => Promise<() => Promise<Answer>>;

function ofSolaris(prepare: Prepare<SolarisCardholder>): VendorRequest {
  return {
    refused: 404,
    prepare: async (origin) => {
      const holder = await SolarisCardholder.create(origin);
      return { send: await prepare(holder), card: () => holder.card() };
    },
  };
}

function ofPerson(refused: number, prepare: Prepare<SolarisCardholder>): VendorRequest {
  return { ...ofSolaris(prepare), refused };
}

function ofAdyen(prepare: Prepare<AdyenCardholder>): VendorRequest {
  return {
    refused: 422,
    prepare: async (origin) => {
      const holder = await AdyenCardholder.create(origin);
      assert.equal((await holder.changePin("1928")).status, 200);
      return { send: await prepare(holder), card: () => holder.card() };
    },
  };
}

function ofLithic(prepare: Prepare<LithicCardholder>): VendorRequest {
  return {
    refused: 404,
    prepare: async (origin) => {
      const holder = await LithicCardholder.create(origin);
      return { send: await prepare(holder), card: () => holder.card() };
    },
  };
}

function ofPlumery(send: (client: PlumeryClient) => Promise<Answer>): VendorRequest {
  return {
    refused: 400,
    prepare: async (origin) => {
      const holder = await SolarisCardholder.create(origin);
      assert.equal((await holder.changePin("1928", await holder.bindDevice())).status, 204);
      const client = await PlumeryClient.create(holder.sandbox);
      return { send: () => send(client), card: () => holder.card() };
    },
  };
}

function ofSpritz(prepare: Prepare<SpritzCardholder>): VendorRequest {
  return {
    refused: 404,
    prepare: async (origin) => {
      const holder = await SpritzCardholder.create(origin);
      assert.equal((await holder.changePin("1928")).status, 200);
      return { send: await prepare(holder), card: () => holder.card() };
    },
  };
}

function ofStripe(prepare: Prepare<StripeCardholder>): VendorRequest {
  return {
    refused: 404,
    prepare: async (origin) => {
      const holder = await StripeCardholder.create(origin);
      return { send: await prepare(holder), card: () => holder.card() };
    },
  };
}

function ofWorldline(prepare: Prepare<WorldlineCardholder>): VendorRequest {
  return {
    refused: 404,
    prepare: async (origin) => {
      const holder = await WorldlineCardholder.create(origin);
      assert.equal((await holder.setPin("1928")).status, 200);
      return { send: await prepare(holder), card: () => holder.issuerCard() };
    },
  };
}

describe("while its program is for the native protocol alone, a card", () => {
  let postgres: TestPostgres;
  let database: string;
  let issuer: SandboxIssuer;
  before(async () => {
    postgres = await openTestPostgres();
    database = await postgres.createMigratedDatabase();
    issuer = await startSandboxIssuer({ environment: { LINCHPIN_DATABASE_URL: database } });
  });
  after(async () => {
    await issuer.stop();
    await postgres.stop();
  });

  /** The issuer API has no way to change a program: who can, writes to the database. */
  const setNativeOnly = (value: boolean) =>
    execute(database, `update programs set settings = settings || '{"nativeOnly":${value}}' where id = 'sandbox'`);

  /** The same request, and nothing else, is carried out once the program is an ordinary one. */
  async function assertClosed({ refused, prepare }: VendorRequest): Promise<void> {
    const { send, card } = await prepare(issuer.url);
    const told = (await issuer.messages()).length;
    const present = await card?.();
    await setNativeOnly(true);
    try {
      const { status, body } = await send();
      assert.equal(status, refused, JSON.stringify(body));
      assert.deepEqual(await card?.(), present);
      assert.equal((await issuer.messages()).length, told);
    } finally {
      await setNativeOnly(false);
    }
    const { status, body } = await send();
    assert.ok(status < 300, `${status} ${JSON.stringify(body)}`);
  }

  for (const [name, request] of Object.entries(columns)) it(`is unknown to ${name}`, () => assertClosed(request));
  for (const [name, request] of Object.entries(others)) it(`is unknown to ${name}`, () => assertClosed(request));
  for (const [name, request] of Object.entries(codes))
    it(`brings its person no code of a vendor's: ${name}`, () => assertClosed(request));

  it("is held against every vendor's column of the step table that has a card", () => {
    const vendors = protocolTable.filter(({ name }) => name !== "native");
    const withCard = vendors.flatMap(({ operations }) => operations).filter(({ card }) => card != null);
    assert.deepEqual(withCard.map(({ name }) => name).sort(), Object.keys(columns).sort());
  });
});
