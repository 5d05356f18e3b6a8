import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { auditShardOf } from "@linchpin/store";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { type Answer, call } from "@linchpin/testing/call";
import { SolarisCardholder } from "@linchpin/testing/solaris";
import { protocolTable } from "../../src/protocol-table.ts";

describe("issuer API", () => {
  let issuer: SandboxIssuer;
  let holder: SolarisCardholder;

  before(async () => {
    issuer = await startSandboxIssuer();
    holder = await SolarisCardholder.create(issuer.url);
  });
  after(() => issuer.stop());

  const get = (path: string) => holder.operator("GET", path);
  const post = (path: string, body?: unknown) => holder.operator("POST", path, body);

  /** RFC 9457: what was refused, in the words of the issuer API. */
  function assertProblem(answer: Answer, status: number, code: string, field?: string): void {
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/);
    const { title, detail, ...rest } = answer.body;
    assert.deepEqual(rest, { type: "about:blank", status, code, ...(field === undefined ? {} : { field }) });
    assert.equal(typeof title, "string");
  }

  async function make(path: string, body: unknown): Promise<Answer["body"]> {
    const made = await post(path, body);
    assert.equal(made.status, 201, JSON.stringify(made.body));
    return made.body;
  }

  const makePartner = () => make("/partners", { name: "Partner" });

  async function fetchToken(client: { clientId: string; clientSecret: string }): Promise<Answer> {
    const form = { grant_type: "client_credentials", client_id: client.clientId, client_secret: client.clientSecret };
    return call("POST", `${issuer.url}/solaris/oauth2/token`, {
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(form).toString(),
    });
  }

  describe("callers", () => {
    const url = () => `${issuer.url}/issuer/v1/keys`;

    test("no credentials", async () => {
      assertProblem(await call("GET", url()), 401, "credentials_missing");
    });

    test("an unknown key", async () => {
      assertProblem(await call("GET", url(), { bearer: "not-a-key" }), 401, "caller_unknown");
    });

    test("the right key by another scheme", async () => {
      const authorization = `Basic ${btoa(`operator:${holder.sandbox.issuer.apiKey}`)}`;
      assertProblem(await call("GET", url(), { headers: { authorization } }), 401, "caller_unknown");
    });

    test("a partner's token", async () => {
      assertProblem(await call("GET", url(), { bearer: holder.token }), 401, "caller_unknown");
    });

    test("where nothing is: who may call is asked first", async () => {
      assertProblem(await call("GET", `${issuer.url}/issuer/v1/nothing`), 401, "credentials_missing");
      assertProblem(await get("/nothing"), 404, "not_found");
      assertProblem(await holder.operator("PUT", "/keys"), 404, "not_found");
    });

    test("an operator lets another in, whose key is theirs alone", async () => {
      const made = await post("/operators", { name: "second" });
      assert.equal(made.status, 201);
      assert.equal(made.headers.get("cache-control"), "no-store");
      assert.equal(made.body.name, "second");
      assert.equal((await call("GET", url(), { bearer: made.body.apiKey })).status, 200);
      assert.equal((await call("GET", url(), { bearer: `${made.body.apiKey}A` })).status, 401);
    });

    test("an operator without a name", async () => {
      assertProblem(await post("/operators", {}), 400, "request_invalid", "name");
      assertProblem(await post("/operators", { name: "" }), 400, "request_invalid", "name");
    });

    const remove = (name: string) => holder.operator("DELETE", `/operators/${encodeURIComponent(name)}`);

    test("two operators of one name", async () => {
      assert.equal((await post("/operators", { name: "twice" })).status, 201);
      assertProblem(await post("/operators", { name: "twice" }), 409, "conflict", "name");
    });

    test("an operator whose key was taken away", async () => {
      const name = `Zoë / night shift ${"x".repeat(46)}`;
      const { apiKey: bearer } = await make("/operators", { name });
      const listed = (await get("/operators")).body.find((operator: { name: string }) => operator.name === name);
      assert.deepEqual(Object.keys(listed), ["name", "createdAt"]);
      assert.equal((await remove(name)).status, 204);
      assertProblem(await call("GET", url(), { bearer }), 401, "caller_unknown");
      assertProblem(await remove(name), 404, "not_found");
    });

    test("the last operator stays", async () => {
      const another = await startSandboxIssuer();
      const { sandbox } = await SolarisCardholder.create(another.url);
      const { apiKey: bearer, baseUrl } = sandbox.issuer;
      assertProblem(await call("DELETE", `${baseUrl}/operators/sandbox`, { bearer }), 409, "conflict");
      assert.equal((await call("GET", `${baseUrl}/operators`, { bearer })).status, 200);
      await another.stop();
    });
  });

  describe("partners", () => {
    test("are made, read and listed", async () => {
      const partner = await makePartner();
      assert.deepEqual(Object.keys(partner).sort(), ["createdAt", "id", "mayRegisterMobileNumbers", "name"]);
      assert.deepEqual((await get(`/partners/${partner.id}`)).body, partner);
      const listed = (await get("/partners")).body;
      assert.deepEqual(
        listed.filter(({ id }: { id: string }) => id === partner.id),
        [partner],
      );
    });

    test("may register mobile numbers only where an operator says so, which the audit has", async () => {
      const { id, ...made } = await makePartner();
      assert.equal(made.mayRegisterMobileNumbers, false);
      const told = await make("/partners", { name: "Partner", mayRegisterMobileNumbers: true });
      assert.equal(told.mayRegisterMobileNumbers, true);
      const change = (body: unknown) => holder.operator("PATCH", `/partners/${id}`, body);
      const changed = await change({ mayRegisterMobileNumbers: true });
      assert.deepEqual([changed.status, changed.body], [200, { id, ...made, mayRegisterMobileNumbers: true }]);
      assert.deepEqual((await get(`/partners/${id}`)).body, changed.body);
      const shard = auditShardOf(id, 16);
      const events = (await get(`/audit-events?shard=${shard}&limit=1000`)).body;
      const ofPartner = events.filter(({ partnerId }: { partnerId: string }) => partnerId === id);
      assert.deepEqual(
        ofPartner.map((event: Answer["body"]) => [event.operation, event.mayRegisterMobileNumbers]),
        [
          ["issuer.partner.make", false],
          ["issuer.partner.update", true],
        ],
      );
      for (const body of [{}, { mayRegisterMobileNumbers: "yes" }])
        assertProblem(await change(body), 400, "request_invalid", "mayRegisterMobileNumbers");
      assertProblem(await change({ mayRegisterMobileNumbers: true, name: "" }), 400, "request_invalid");
    });

    test("an unknown one", async () => {
      assertProblem(await get("/partners/nobody"), 404, "not_found");
      const change = { mayRegisterMobileNumbers: true };
      assertProblem(await holder.operator("PATCH", "/partners/nobody", change), 404, "not_found");
    });

    test("a member too many, a name that is none, a body that is none", async () => {
      assertProblem(await post("/partners", { name: "Partner", id: "mine" }), 400, "request_invalid");
      assertProblem(await post("/partners", { name: 7 }), 400, "request_invalid", "name");
      assertProblem(await post("/partners", "{"), 400, "json_invalid");
      assertProblem(await post("/partners"), 400, "request_invalid");
    });

    test("another content type", async () => {
      const { apiKey: bearer, baseUrl } = holder.sandbox.issuer;
      const answer = await call("POST", `${baseUrl}/partners`, {
        bearer,
        headers: { "content-type": "text/plain" },
        body: '{"name":"Partner"}',
      });
      assertProblem(answer, 415, "media_type_unsupported");
    });

    test("a credential opens its protocol, and nothing else", async () => {
      const { id } = await makePartner();
      const made = await post(`/partners/${id}/credentials`, { protocol: "solaris" });
      assert.equal(made.status, 201);
      assert.equal(made.headers.get("cache-control"), "no-store");
      assert.deepEqual(Object.keys(made.body), ["protocol", "clientId", "clientSecret"]);
      const token = await fetchToken(made.body);
      assert.equal(token.status, 200);
      const bearer = token.body.access_token;
      assert.equal((await call("GET", `${issuer.url}/solaris/v1/cards/pin_keys/latest`, { bearer })).status, 200);
      const { clientId } = made.body;
      assert.equal((await fetchToken({ clientId, clientSecret: "another-secret" })).status, 401);
    });

    test("one partner's token does not show another's card", async () => {
      const { id } = await makePartner();
      const { body } = await fetchToken(await make(`/partners/${id}/credentials`, { protocol: "solaris" }));
      const path = `/v1/cards/${holder.sandbox.solaris.cardAccountId}/pin_keys/latest`;
      const answer = await call("GET", `${issuer.url}/solaris${path}`, { bearer: body.access_token });
      assert.equal(answer.status, 404);
    });

    test("a revoked credential and its tokens end", async () => {
      const { id } = await makePartner();
      const credential = await make(`/partners/${id}/credentials`, { protocol: "solaris", roles: ["pin"] });
      const bearer = (await fetchToken(credential)).body.access_token;
      const path = `/partners/${id}/credentials/${credential.clientId}`;
      const revoked = await holder.operator("DELETE", path);
      assert.deepEqual([revoked.status, revoked.body], [204, null]);
      assert.equal((await call("GET", `${issuer.url}/solaris/v1/cards/pin_keys/latest`, { bearer })).status, 401);
      assert.equal((await fetchToken(credential)).status, 401);
      assertProblem(await holder.operator("DELETE", path), 404, "not_found");
    });

    test("credentials are listed without secrets, those that end no more", async () => {
      const { id } = await makePartner();
      const path = `/partners/${id}/credentials`;
      const [first, second] = [await make(path, { protocol: "solaris" }), await make(path, { protocol: "plumery" })];
      await make(`/partners/${(await makePartner()).id}/credentials`, { protocol: "solaris" });
      const { body } = await get(path);
      assert.deepEqual(
        body.map(({ createdAt, ...credential }: { createdAt: string }) => credential),
        [
          { protocol: "solaris", clientId: first.clientId, roles: [] },
          { protocol: "plumery", clientId: second.clientId, roles: [] },
        ],
      );
      await holder.operator("DELETE", `${path}/${first.clientId}`);
      assert.deepEqual((await get(path)).body, [body[1]]);
      assertProblem(await get("/partners/nobody/credentials"), 404, "not_found");
    });

    test("another partner's credential is not revoked", async () => {
      const [mine, theirs] = [await makePartner(), await makePartner()];
      const credential = await make(`/partners/${theirs.id}/credentials`, { protocol: "solaris" });
      const answer = await holder.operator("DELETE", `/partners/${mine.id}/credentials/${credential.clientId}`);
      assertProblem(answer, 404, "not_found");
      assert.equal((await fetchToken(credential)).status, 200);
    });

    test("a credential of no partner, of no protocol", async () => {
      const { id } = await makePartner();
      assertProblem(await post("/partners/nobody/credentials", { protocol: "solaris" }), 404, "not_found");
      assertProblem(await post(`/partners/${id}/credentials`, { protocol: "x" }), 400, "request_invalid", "protocol");
      assertProblem(await post(`/partners/${id}/credentials`, {}), 400, "request_invalid", "protocol");
    });
  });

  describe("programs", () => {
    test("what is left out is as Solaris has it", async () => {
      const program = await make("/programs", { name: "Debit" });
      assert.deepEqual(program.settings, {
        policy: {
          minLength: 4,
          maxLength: 4,
          sequences: "refuse_up_and_down",
          wrapAround: false,
          maxSameDigit: 2,
          denyList: [],
          formerPins: 0,
        },
        triesAllowed: 3,
        changeUnblocks: true,
        chipKeepsPin: false,
        changesPerDay: 10,
      });
      assert.deepEqual((await get(`/programs/${program.id}`)).body, program);
    });

    test("what is given stands", async () => {
      const policy = { minLength: 6, maxLength: 8, denyList: ["280384"] };
      const { id, settings } = await make("/programs", { name: "Six", settings: { policy, triesAllowed: 5 } });
      assert.deepEqual({ ...settings.policy, ...policy }, settings.policy);
      assert.equal(settings.triesAllowed, 5);
      const listed = (await get("/programs")).body;
      assert.ok(listed.some((program: { id: string }) => program.id === id));
    });

    const refused: readonly [string, unknown, string?][] = [
      ["minLength above maxLength", { policy: { minLength: 8, maxLength: 6 } }, "settings.policy.maxLength"],
      ["minLength above the default of maxLength", { policy: { minLength: 6 } }, "settings.policy.maxLength"],
      [
        "more digits than different ones",
        { policy: { minLength: 11, maxLength: 12, maxSameDigit: 1 } },
        "settings.policy.maxSameDigit",
      ],
      ["three digits", { policy: { minLength: 3 } }, "settings.policy.minLength"],
      ["thirteen digits", { policy: { maxLength: 13 } }, "settings.policy.maxLength"],
      ["a number as text", { triesAllowed: "3" }, "settings.triesAllowed"],
      ["no tries", { triesAllowed: 0 }, "settings.triesAllowed"],
      ["a denied PIN that is none", { policy: { denyList: ["12a4"] } }, "settings.policy.denyList.0"],
      ["an unknown setting", { tries: 3 }, "settings"],
      ["an unknown rule", { policy: { maxDigits: 3 } }, "settings.policy"],
    ];
    for (const [what, settings, field] of refused)
      test(what, async () => {
        assertProblem(await post("/programs", { name: "Wrong", settings }), 400, "request_invalid", field);
      });

    test("an unknown one", async () => {
      assertProblem(await get("/programs/none"), 404, "not_found");
    });
  });

  describe("persons", () => {
    test("with a number, which counts as verified, and without", async () => {
      const { id: partnerId } = await makePartner();
      const person = await make("/persons", { partnerId, mobileNumber: "+4915112345678" });
      assert.match(person.id, /^[0-9a-f]{32}cper$/);
      assert.equal(person.partnerId, partnerId);
      assert.deepEqual(person.mobileNumber, { number: "+4915112345678", verified: true });
      assert.deepEqual((await get(`/persons/${person.id}`)).body, person);
      assert.equal((await make("/persons", { partnerId })).mobileNumber, null);
    });

    for (const mobileNumber of ["4915112345678", "+0915112345678", "+49 151 12345678", "+123456", "+1234567890123456"])
      test(`a number that is none: ${mobileNumber}`, async () => {
        const answer = await post("/persons", { partnerId: "sandbox", mobileNumber });
        assertProblem(answer, 400, "request_invalid", "mobileNumber");
      });

    const setNumber = (id: string, body: unknown) => holder.operator("PATCH", `/persons/${id}`, body);

    test("another number replaces a verified one, and OTPs go there alone", async () => {
      const person = await SolarisCardholder.create(issuer.url);
      const { personId, mobileNumber: former } = person.sandbox.solaris;
      const { challengeId, key } = await person.beginBinding();
      const formerOtp = await person.newestOtp();
      const mobileNumber = `+1557${personId.replace(/\D/g, "").slice(0, 9).padEnd(9, "0")}`;
      const { status, body } = await setNumber(personId, { mobileNumber });
      assert.deepEqual([status, body.mobileNumber], [200, { number: mobileNumber, verified: true }]);
      assert.deepEqual((await get(`/persons/${personId}`)).body, body);
      await person.beginBinding();
      assert.equal((await person.messages(former)).length, 1);
      assert.equal((await person.messages(mobileNumber)).length, 1);
      assert.equal((await person.proveBinding(challengeId, key, formerOtp)).status, 204);
    });

    test("a number that is none, no number, another member, for nobody", async () => {
      const { id } = await make("/persons", { partnerId: "sandbox", mobileNumber: "+4915112345678" });
      assertProblem(await setNumber(id, { mobileNumber: "015112345678" }), 400, "request_invalid", "mobileNumber");
      assertProblem(await setNumber(id, { mobileNumber: null }), 400, "request_invalid", "mobileNumber");
      assertProblem(await setNumber(id, {}), 400, "request_invalid", "mobileNumber");
      assertProblem(await setNumber(id, { mobileNumber: "+15550102", partnerId: "me" }), 400, "request_invalid");
      assertProblem(await setNumber("nobody", { mobileNumber: "+15550102" }), 404, "person_unknown");
      assert.equal((await get(`/persons/${id}`)).body.mobileNumber.number, "+4915112345678");
    });

    test("of no partner", async () => {
      assertProblem(await post("/persons", { partnerId: "nobody" }), 404, "not_found", "partnerId");
    });

    test("an unknown one", async () => {
      assertProblem(await get("/persons/nobody"), 404, "person_unknown");
    });
  });

  describe("cards", () => {
    const makeCard = async (names?: Record<string, string>) => {
      const person = await make("/persons", { partnerId: "sandbox" });
      return make("/cards", { personId: person.id, programId: "sandbox", ...(names === undefined ? {} : { names }) });
    };
    const setState = (id: string, state: unknown) => holder.operator("PATCH", `/cards/${id}`, { state });
    const fresh = { status: "not_set", remainingAttempts: 3, version: 0, chip: "in_sync" };

    test("a fresh one has no PIN, and a name in each protocol", async () => {
      const { id, state, pin, names, ...rest } = await makeCard();
      assert.match(names.solaris, /^[0-9a-f]{32}mcrd$/);
      assert.deepEqual(Object.keys(rest).sort(), ["personId", "programId"]);
      assert.deepEqual((await get(`/cards/${id}`)).body, { id, state, pin });
      assert.deepEqual({ state, pin }, { state: "active", pin: fresh });
    });

    test("a given name is the card's, and no other's", async () => {
      const solaris = `given-${Date.now()}`;
      assert.equal((await makeCard({ solaris })).names.solaris, solaris);
      const person = await make("/persons", { partnerId: "sandbox" });
      const again = await post("/cards", { personId: person.id, programId: "sandbox", names: { solaris } });
      assertProblem(again, 409, "conflict", "names");
    });

    test("a card that is named in a protocol already is not named again", async () => {
      const { id } = await makeCard();
      assertProblem(await post(`/cards/${id}/names`, { protocol: "solaris" }), 409, "conflict");
      const { outcome, code, operation } = (await get(`/audit-events?cardId=${id}`)).body.at(-1);
      assert.deepEqual([operation, outcome, code], ["issuer.card.name", "refused", "conflict"]);
      for (const protocol of ["venly", "constructor", "__proto__"])
        assertProblem(await post(`/cards/${id}/names`, { protocol }), 404, "not_found", "protocol");
      assertProblem(await post("/cards/none/names", { protocol: "solaris" }), 404, "card_unknown");
    });

    test("of no person, of no program", async () => {
      const person = await make("/persons", { partnerId: "sandbox" });
      const ofNobody = await post("/cards", { personId: "nobody", programId: "sandbox" });
      assertProblem(ofNobody, 404, "person_unknown", "personId");
      const ofNoProgram = await post("/cards", { personId: person.id, programId: "none" });
      assertProblem(ofNoProgram, 404, "not_found", "programId");
    });

    test("a name in no protocol, a name that is none, a member too many", async () => {
      const card = { personId: "nobody", programId: "sandbox" };
      assertProblem(await post("/cards", { ...card, names: { visa: "a" } }), 400, "request_invalid", "names");
      assertProblem(await post("/cards", { ...card, names: { solaris: "" } }), 400, "request_invalid", "names.solaris");
      assertProblem(await post("/cards", { ...card, pin: "1928" }), 400, "request_invalid");
    });

    test("an unknown one", async () => {
      assertProblem(await get("/cards/none"), 404, "card_unknown");
      assertProblem(await setState("none", "blocked"), 404, "card_unknown");
      for (const operation of ["unblock", "generate", "chip-synced"])
        assertProblem(await post(`/cards/none/pin/${operation}`), 404, "card_unknown");
    });

    test("is blocked, and active again", async () => {
      const { id, pin } = await makeCard();
      assert.deepEqual((await setState(id, "blocked")).body, { id, state: "blocked", pin });
      assert.equal((await get(`/cards/${id}`)).body.state, "blocked");
      assert.deepEqual((await setState(id, "active")).body, { id, state: "active", pin });
    });

    test("the state that it has is no change", async () => {
      const { id } = await makeCard();
      const before = (await get(`/audit-events?cardId=${id}`)).body;
      assert.equal((await setState(id, "active")).status, 200);
      assert.deepEqual((await get(`/audit-events?cardId=${id}`)).body, before);
    });

    test("terminated is final", async () => {
      const { id } = await makeCard();
      assert.equal((await setState(id, "terminated")).body.state, "terminated");
      for (const state of ["active", "blocked", "terminated"])
        assertProblem(await setState(id, state), 409, "card_terminated");
      for (const operation of ["unblock", "generate", "chip-synced"])
        assertProblem(await post(`/cards/${id}/pin/${operation}`), 409, "card_terminated");
      assert.equal((await get(`/cards/${id}`)).body.state, "terminated");
      const outcomes = (await get(`/audit-events?cardId=${id}`)).body.map(
        ({ operation, outcome, code }: Record<string, string>) => [operation, outcome, code],
      );
      assert.deepEqual(outcomes, [
        ["issuer.card.make", "done", undefined],
        ["issuer.card.set_state", "done", undefined],
        ["issuer.card.set_state", "refused", "card_terminated"],
        ["issuer.card.set_state", "refused", "card_terminated"],
        ["issuer.card.set_state", "refused", "card_terminated"],
        ["issuer.pin.unblock", "refused", "card_terminated"],
        ["issuer.pin.generate", "refused", "card_terminated"],
        ["issuer.pin.chip_synced", "refused", "card_terminated"],
      ]);
    });

    test("a state that is none", async () => {
      const { id } = await makeCard();
      assertProblem(await setState(id, "lost"), 400, "request_invalid", "state");
      const answer = await holder.operator("PATCH", `/cards/${id}`, { state: "blocked", reason: "lost" });
      assertProblem(answer, 400, "request_invalid");
      assert.equal((await get(`/cards/${id}`)).body.state, "active");
    });
  });

  describe("keys", () => {
    const keysOf = async (purpose: string): Promise<Answer["body"][]> =>
      (await get("/keys")).body.filter((key: { purpose: string }) => key.purpose === purpose);

    test("are listed by name, never by value", async () => {
      const keys = (await get("/keys")).body;
      const purposes = new Set(keys.map(({ purpose }: { purpose: string }) => purpose));
      for (const purpose of ["solaris-pin", "card-pin", "secret"]) assert.ok(purposes.has(purpose));
      const members = ["id", "purpose", "version", "state", "algorithm", "vault", "atHome", "publicKey"];
      const times = ["createdAt", "currentFrom", "acceptedUntil", "destroyedAt"];
      for (const key of keys) assert.deepEqual(Object.keys(key), [...members, ...times]);
    });

    test("a rotated key is published, and the one before accepted for a day", async () => {
      const [before] = await keysOf("solaris-pin");
      const rotated = await post("/keys/solaris-pin/rotate");
      assert.equal(rotated.status, 201);
      const [current, previous] = await keysOf("solaris-pin");
      assert.deepEqual(rotated.body, current);
      assert.deepEqual([current.version, current.state], [before.version + 1, "current"]);
      assert.deepEqual([previous.id, previous.state], [before.id, "accepted"]);
      assert.equal(Date.parse(previous.acceptedUntil) - Date.parse(current.currentFrom), 24 * 60 * 60 * 1000);
      assert.equal((await holder.partner("GET", "/v1/cards/pin_keys/latest")).body.kid, current.id);
    });

    test("of no purpose", async () => {
      assertProblem(await post("/keys/anything/rotate"), 404, "not_found");
    });

    test("with a body that nobody asked for", async () => {
      const before = (await keysOf("secret")).length;
      assertProblem(await post("/keys/secret/rotate", { overlap: 0 }), 400, "request_invalid");
      assert.equal((await keysOf("secret")).length, before);
    });
  });

  describe("/openapi.json", () => {
    test("describes every route of the issuer API, parameters, bodies and answers", async () => {
      const { body: api } = await call("GET", `${issuer.url}/openapi.json`);
      assert.match(api.openapi, /^3\.1\.\d+$/);
      assert.deepEqual(Object.keys(api.info).sort(), ["description", "title", "version"]);
      assert.deepEqual(api.servers, [{ url: issuer.url }]);
      const routes = Object.keys(api.paths).filter((path) => path.startsWith("/issuer/v1/"));
      assert.deepEqual(
        routes.flatMap((path) => Object.keys(api.paths[path]).map((method) => `${method} ${path.slice(10)}`)).sort(),
        [
          "delete /operators/{name}",
          "delete /partners/{id}/credentials/{clientId}",
          "delete /persons/{id}/keys/{thumbprint}",
          "get /audit-checkpoints",
          "get /audit-events",
          "get /audit-shards",
          "get /cards/{id}",
          "get /keys",
          "get /keys/{id}",
          "get /operators",
          "get /partners",
          "get /partners/{id}",
          "get /partners/{id}/credentials",
          "get /persons/{id}",
          "get /programs",
          "get /programs/{id}",
          "patch /cards/{id}",
          "patch /partners/{id}",
          "patch /persons/{id}",
          "post /cards",
          "post /cards/{id}/names",
          "post /cards/{id}/pin/chip-synced",
          "post /cards/{id}/pin/generate",
          "post /cards/{id}/pin/unblock",
          "post /cards/{id}/pin/verify",
          "post /keys/{id}/destroy",
          "post /keys/{id}/retire",
          "post /keys/{purpose}/make",
          "post /keys/{purpose}/reseal",
          "post /keys/{purpose}/rotate",
          "post /operators",
          "post /partners",
          "post /partners/{id}/credentials",
          "post /persons",
          "post /persons/{id}/codes/allow",
          "post /programs",
          "put /cards/{id}/data",
          "put /persons/{id}/name",
        ],
      );
    });

    test("holds together, for every protocol", async () => {
      const { body: api } = await call("GET", `${issuer.url}/openapi.json`);
      for (const [path, item] of Object.entries<Record<string, Answer["body"]>>(api.paths))
        for (const [method, operation] of Object.entries(item)) assertOperation(`${method} ${path}`, operation);
    });

    test("says what the vendors' documents state: headers, bodies of protected requests, every protocol's errors", async () => {
      const { body: api } = await call("GET", `${issuer.url}/openapi.json`);
      const headersOf = (operation: Answer["body"]) =>
        (operation.parameters ?? []).flatMap((parameter: { in: string; name: string; required?: boolean }) =>
          parameter.in === "header" ? [[parameter.name, parameter.required ?? false]] : [],
        );
      assert.deepEqual(headersOf(api.paths["/plumery/internal/v1/cards/{token}/pin"].get), [
        ["x-client-public-key", true],
      ]);
      const signing = [
        ["signing-method", false],
        ["encrypted-signing-method", false],
      ];
      const transfer = api.paths["/venly/api/transactions/execute"].post;
      assert.deepEqual(headersOf(transfer), signing);
      assert.ok(transfer.requestBody.content["application/json"]);
      assert.deepEqual(headersOf(api.paths["/venly/api/users/{userId}/signing-methods"].post), signing);
      for (const [path, item] of Object.entries<Record<string, Answer["body"]>>(api.paths))
        for (const operation of Object.values(item))
          if (protocolTable.some(({ prefix }) => path.startsWith(`${prefix}/`)))
            assert.ok(operation.responses.default, path);
    });

    test("says who speaks where, and by what callers identify there", async () => {
      const { body: api } = await call("GET", `${issuer.url}/openapi.json`);
      const schemes: Record<string, string[]> = {};
      for (const [path, item] of Object.entries<Record<string, Answer["body"]>>(api.paths))
        for (const { tags, security = [{}] } of Object.values(item)) {
          assert.equal(tags.length, 1, path);
          assert.ok(tags[0] === path.split("/")[1], `${path} is tagged ${tags}`);
          schemes[tags[0]] = [...(schemes[tags[0]] ?? []), ...security.flatMap(Object.keys)];
        }
      const used = Object.entries(schemes).map(([tag, names]) => [tag, [...new Set(names)].sort().join()]);
      const byTag = Object.fromEntries(used);
      assert.deepEqual(
        Object.keys(byTag).toSorted(),
        ["health", "issuer", "issuer-keys", "sandbox", ...protocolTable.map(({ name }) => name)].toSorted(),
      );
      assert.partialDeepStrictEqual(byTag, {
        health: "",
        "issuer-keys": "",
        solaris: "basic,bearer",
        adyen: "apiKey,basic",
        venly: "basic,bearer",
        plumery: "bearer",
        issuer: "bearer",
        sandbox: "",
      });
      for (const { name, security = ["bearer"] } of protocolTable)
        for (const scheme of security) assert.ok(schemes[name]?.includes(scheme), name);
      assert.deepEqual(api.paths["/venly/api/security"].get.security, []);
      for (const names of Object.values(schemes))
        for (const name of names) assert.ok(name in api.components.securitySchemes);
      assert.ok(used.every(([tag]) => api.tags.some(({ name }: { name: string }) => name === tag)));
    });

    function assertOperation(name: string, operation: Answer["body"]): void {
      const templated = [...name.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
      const inPath = (operation.parameters ?? []).filter((parameter: { in: string }) => parameter.in === "path");
      assert.deepEqual(inPath.map((parameter: { name: string }) => parameter.name).sort(), templated.sort(), name);
      assert.ok(
        inPath.every((parameter: { required: boolean }) => parameter.required),
        name,
      );
      const answers = Object.entries<{ description: string }>(operation.responses);
      assert.ok(answers.length > 0, name);
      for (const [status, answer] of answers) {
        assert.match(status, /^([1-5](\d\d|XX)|default)$/, name);
        assert.equal(typeof answer.description, "string", name);
      }
      const { content } = operation.requestBody ?? { content: { "application/json": { schema: {} } } };
      for (const { schema } of Object.values<{ schema: unknown }>(content)) assert.equal(typeof schema, "object", name);
    }
  });
});
