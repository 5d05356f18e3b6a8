import assert from "node:assert/strict";
import {
  constants,
  createCipheriv,
  createHash,
  createPublicKey,
  publicEncrypt,
  randomBytes,
  randomUUID,
} from "node:crypto";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { type Answer, call } from "@linchpin/testing/call";
import { contradiction, type Statement, statement, testDocuments } from "./statements.ts";

let issuer: SandboxIssuer;
let venly: Record<string, string>;
let token: string;
let user: User;

interface User {
  readonly id: string;
  readonly methodId: string;
  readonly pin: string;
}

before(async () => {
  issuer = await startSandboxIssuer();
  venly = (await call("GET", `${issuer.url}/sandbox`)).body.venly;
  const form = {
    grant_type: "client_credentials",
    client_id: venly["clientId"] ?? "",
    client_secret: venly["clientSecret"] ?? "",
  };
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  token = (await call("POST", venly["tokenUrl"] ?? "", { headers, body: new URLSearchParams(form).toString() })).body
    .access_token;
  user = await makeUser();
});
after(() => issuer.stop());

function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return call(method, `${venly["baseUrl"]}${path}`, { bearer: token, body, headers });
}

async function makeUser(pin = "123456"): Promise<User> {
  const { status, body } = await send("POST", "/api/users", creationPayload(pin));
  assert.equal(status, 200, JSON.stringify(body));
  return { id: body.result.id, methodId: body.result.signingMethods[0].id, pin };
}

const creationPayload = (value: string) => ({ reference: "Test User Venly", signingMethod: { type: "PIN", value } });
const plainHeader = (by = user) => ({ "signing-method": `${by.methodId}:${by.pin}` });
const keys = async (): Promise<Record<string, string>[]> =>
  (await call("GET", `${venly["baseUrl"]}/api/security`)).body.result.encryptionKeys;

/** What the guide has one do, one thing of it other than it says. */
interface Sealing {
  readonly keyBytes: number;
  readonly ivBytes: number;
  readonly padding: number;
  readonly oaepHash: string;
  readonly type: string;
  readonly encryptionKeyId: string;
  readonly encoding: "base64" | "hex";
}

async function seal(content: unknown, other: Partial<Sealing> = {}) {
  const [{ id = "", publicKey = "" } = {}] = await keys();
  const { keyBytes, ivBytes, padding, oaepHash, type, encryptionKeyId, encoding }: Sealing = {
    keyBytes: 32,
    ivBytes: 12,
    padding: constants.RSA_PKCS1_OAEP_PADDING,
    oaepHash: "sha256",
    type: "AES/GCM/NoPadding",
    encryptionKeyId: id,
    encoding: "base64",
    ...other,
  };
  const key = randomBytes(keyBytes);
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv(keyBytes === 32 ? "aes-256-gcm" : "aes-128-gcm", key, iv);
  const text = typeof content === "string" ? content : JSON.stringify(content);
  const value = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
  const rsa = createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" });
  const encryptedValue = publicEncrypt({ key: rsa, padding, oaepHash }, key).toString(encoding);
  return {
    encryption: { type, key: { encryptedValue, encryptionKeyId }, iv: iv.toString(encoding) },
    value: value.toString(encoding),
  };
}

const base64Of = (envelope: unknown) => Buffer.from(JSON.stringify(envelope)).toString("base64");
const sha256 = (text: string, encoding: "hex" | "base64" = "hex") => createHash("sha256").update(text).digest(encoding);

const transfer = `{
  "transactionRequest": {
    "type" : "TRANSFER",
    "secretType" : "MATIC",
    "walletId": "56137f2d-b4e9-42de-943b-cee828eb222a",
    "to" : "0x8D6331D6C5ba3306961F0b4Ea13ff13aa43560b9",
    "value": 1
  }
}`;

/** The Signing-Method body of step 5. */
const methodBody = (body: string, other: Record<string, unknown> = {}) => ({
  id: user.methodId,
  value: user.pin,
  idempotencyKey: randomUUID(),
  signature: { type: "sha256", value: sha256(body) },
  ...other,
});

const execute = async (header: string, body = transfer) =>
  send("POST", "/api/transactions/execute", body, { "encrypted-signing-method": header });
const executes = async (other: Record<string, unknown> = {}) => {
  const { status, body } = await execute(base64Of(await seal(methodBody(transfer, other))));
  assert.equal(status, 200, JSON.stringify(body));
};
const assertRefused = (answer: Answer, status: number, code: string) =>
  assert.deepEqual([answer.status, answer.body?.errors?.[0]?.code], [status, code], JSON.stringify(answer.body));
const refusesSealing = async (other: Partial<Sealing>, code = "encryption.invalid") =>
  assertRefused(await execute(base64Of(await seal(methodBody(transfer), other))), 400, code);
const refusesContent = async (other: Record<string, unknown>) =>
  assertRefused(await execute(base64Of(await seal(methodBody(transfer, other)))), 400, "encryption.invalid");
const refusesEnvelope = async (change: (envelope: Awaited<ReturnType<typeof seal>>) => unknown) =>
  assertRefused(await execute(base64Of(change(await seal(methodBody(transfer))))), 400, "encryption.invalid");
const isOfKey = (name: string, value: string | RegExp) => async () =>
  assert.match((await keys())[0]?.[name] ?? "", new RegExp(value));

async function addMethod(method: object, by?: User): Promise<Answer> {
  const owner = by ?? (await makeUser());
  return send("POST", `/api/users/${owner.id}/signing-methods`, method, plainHeader(owner));
}

/** Sends the header of a method of this type that was just made. */
async function executesWith(method: object, other: Record<string, unknown> = {}): Promise<void> {
  const { body } = await addMethod(method);
  const content = methodBody(transfer, { id: body.result.id, value: (method as { value: string }).value, ...other });
  const answer = await execute(base64Of(await seal(content)));
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
}

const emergencyCode = { type: "EMERGENCY_CODE", value: "UvHSS5SCYek3U2W9h4gEUa9VZ" };
const physicalDeviceId = "312b26a0-e6de-4d33-a011-c17cd5fb5e7f";
const biometric = { type: "BIOMETRIC", value: "2f08ae38-b3b9-4857-b46e-3b20e1a936f8", physicalDeviceId };

/** The body flow of an endpoint: plain, sealed, and sealed wrongly. */
function bodyFlow(
  at: Record<"plain" | "value" | "type" | "encryptedValue" | "encryptionKeyId" | "iv" | "unsigned", number>,
  what: string,
  run: (body: unknown) => Promise<Answer>,
  payload: () => object,
): Statement[] {
  return [
    statement(at.plain, `${what}: the plain request body.`, async () =>
      assert.equal((await run(payload())).status, 200),
    ),
    statement(at.value, `${what}: the payload, encrypted and in base64, stands in value.`, async () =>
      assert.equal((await run(await seal(payload()))).status, 200),
    ),
    statement(at.type, `${what}: encryption.type.`, async () =>
      assertRefused(await run(await seal(payload(), { type: "AES" })), 400, "encryption.invalid"),
    ),
    statement(at.encryptedValue, `${what}: encryption.key.encryptedValue in base64.`, async () =>
      assertRefused(await run(await seal(payload(), { encoding: "hex" })), 400, "encryption.invalid"),
    ),
    statement(at.encryptionKeyId, `${what}: encryption.key.encryptionKeyId.`, async () =>
      assertRefused(await run(await seal(payload(), { encryptionKeyId: randomUUID() })), 400, "encryption.unknown-key"),
    ),
    statement(at.iv, `${what}: encryption.iv.`, async () =>
      assertRefused(await run(await seal(payload(), { ivBytes: 16 })), 400, "encryption.invalid"),
    ),
    statement(at.unsigned, `${what}: no signature and no idempotencyKey is needed.`, async () => {
      const signed = { ...payload(), idempotencyKey: randomUUID() };
      assertRefused(await run(await seal(signed)), 400, "encryption.invalid");
    }),
  ];
}

const guide = [
  statement(7, "Only for requests that accept the Signing-Method header.", async () => {
    const header = base64Of(await seal(methodBody("")));
    assert.equal(
      (await send("GET", `/api/users/${user.id}`, undefined, { "encrypted-signing-method": header })).status,
      200,
    );
    await executes();
  }),
  statement(11, "The value is not visible on the way: the envelope holds ciphertext alone.", async () => {
    const envelope = JSON.stringify(await seal(methodBody(transfer)));
    assert.ok(!envelope.includes(user.pin) && !envelope.includes(user.methodId));
  }),
  statement(13, "The body can not be tampered with.", async () => {
    const header = base64Of(await seal(methodBody(transfer)));
    assertRefused(await execute(header, transfer.replace('"value": 1', '"value": 2')), 400, "signature.mismatch");
  }),
  statement(13, "Duplicate transactions are avoided.", async () => {
    const idempotencyKey = randomUUID();
    await executes({ idempotencyKey });
    const again = base64Of(await seal(methodBody(transfer, { idempotencyKey })));
    assertRefused(await execute(again), 409, "idempotency-key.already-used");
  }),
  statement(27, "The AES key is random and has 256 bits.", () => refusesSealing({ keyBytes: 16 })),
  statement(31, "The IV has 12 bytes.", () => refusesSealing({ ivBytes: 16 })),
  statement(35, "The AES key is encrypted by the RSA-2048 public key.", () =>
    refusesSealing({ padding: constants.RSA_PKCS1_PADDING }),
  ),
  statement(35, "The key's endpoint is public.", async () => {
    assert.equal((await call("GET", `${venly["baseUrl"]}/api/security`)).status, 200);
  }),
  statement(44, "success is true.", async () => {
    assert.equal((await call("GET", `${venly["baseUrl"]}/api/security`)).body.success, true);
  }),
  statement(46, "result.encryptionKeys is a list.", async () => assert.ok((await keys()).length > 0)),
  statement(48, "id: a UUID.", isOfKey("id", "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")),
  statement(49, "keyspec: RSA_2048.", isOfKey("keyspec", "^RSA_2048$")),
  statement(
    50,
    "publicKey: base64 of an RSA key.",
    isOfKey("publicKey", "^MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA"),
  ),
  statement(51, "encryptionAlgorithm: RSAES_OAEP_SHA_256.", isOfKey("encryptionAlgorithm", "^RSAES_OAEP_SHA_256$")),
  statement(51, "OAEP with another hash is refused.", () => refusesSealing({ oaepHash: "sha1" })),
  contradiction(51, "The example's object ends with a comma.", "valid JSON", async () => {
    assert.ok(Array.isArray(await keys()));
  }),
  statement(60, "The SHA-256 is of the request body.", () => executes()),
  statement(60, "Of its bytes: white space counts.", async () => {
    const header = base64Of(await seal(methodBody(JSON.stringify(JSON.parse(transfer)))));
    assertRefused(await execute(header), 400, "signature.mismatch");
  }),
  statement(65, "The example's body, with its white space, is a request.", () => executes()),
  contradiction(
    76,
    "The example's hash is of the example's body.",
    "it is not, in any form of that body; what counts is the hash of the bytes as sent",
    async () => {
      const value = "9ad9900886a75c33c327168ed6b0f8892eeffab26369e74082bc120887653762";
      const header = base64Of(await seal(methodBody(transfer, { signature: { type: "sha256", value } })));
      const answer = await execute(header);
      assertRefused(answer, 400, "signature.mismatch");
      assert.match(answer.body.errors[0].message, new RegExp(`the ${transfer.length} bytes of the body as sent`));
    },
  ),
  statement(80, "The Signing-Method body is encrypted by the raw AES key.", () => executes()),
  statement(83, "id: the method's identifier.", async () => {
    const header = base64Of(await seal(methodBody(transfer, { id: randomUUID() })));
    assertRefused(await execute(header), 404, "signing-method.not-found");
  }),
  statement(84, "value: the method's value.", async () => {
    const owner = await makeUser();
    const header = base64Of(await seal(methodBody(transfer, { id: owner.methodId, value: "654321" })));
    assertRefused(await execute(header), 403, "pincode.incorrect");
  }),
  statement(85, "physicalDeviceId: for BIOMETRIC alone.", async () => {
    await executesWith(biometric, { physicalDeviceId });
    const { body } = await addMethod(biometric);
    const content = methodBody(transfer, { id: body.result.id, value: biometric.value });
    assertRefused(await execute(base64Of(await seal(content))), 400, "request.invalid");
  }),
  statement(85, "Beside another type it has no meaning.", () => executes({ physicalDeviceId })),
  statement(86, "idempotencyKey: a unique UUID for every request.", () => refusesContent({ idempotencyKey: "1" })),
  statement(87, "signature.type: sha256.", () =>
    refusesContent({ signature: { type: "sha512", value: sha256(transfer) } }),
  ),
  statement(88, "signature.value: the hash of step 4, in hex.", () => executes()),
  statement(88, "As the TypeScript example has it, in base64.", () =>
    executes({ signature: { type: "sha256", value: sha256(transfer, "base64") } }),
  ),
  statement(90, "id is a string.", () => refusesContent({ id: 5 })),
  statement(91, "value is a string: a number is none.", () => refusesContent({ value: 123456 })),
  statement(92, "idempotencyKey is a string.", () => refusesContent({ idempotencyKey: undefined })),
  statement(93, "signature is an object.", () => refusesContent({ signature: sha256(transfer) })),
  statement(95, "signature.value is a string.", () => refusesContent({ signature: { type: "sha256" } })),
  statement(101, "The example with a PIN.", () => executes()),
  statement(113, "The example with an emergency code of 25 characters.", () => executesWith(emergencyCode)),
  statement(125, "The example with a biometric and its device.", () => executesWith(biometric, { physicalDeviceId })),
  statement(143, "encryption.type: AES/GCM/NoPadding.", () => refusesSealing({ type: "AES/CBC/PKCS5Padding" })),
  statement(144, "encryption.key.encryptedValue: the encrypted AES key.", () =>
    refusesEnvelope(({ encryption, value }) => ({
      encryption: { ...encryption, key: { encryptionKeyId: "k" } },
      value,
    })),
  ),
  statement(145, "encryption.key.encryptionKeyId: the id of the key.", () =>
    refusesSealing({ encryptionKeyId: randomUUID() }, "encryption.unknown-key"),
  ),
  statement(146, "encryption.iv: the IV.", () =>
    refusesEnvelope(({ encryption: { iv: _iv, ...encryption }, value }) => ({ encryption, value })),
  ),
  statement(147, "value: the encrypted body.", () => refusesEnvelope(({ encryption }) => ({ encryption }))),
  statement(147, "An altered one does not open.", () =>
    refusesEnvelope(({ encryption, value }) => ({
      encryption,
      value: `${value.startsWith("A") ? "B" : "A"}${value.slice(1)}`,
    })),
  ),
  statement(150, "Its parts are base64.", () => refusesSealing({ encoding: "hex" })),
  statement(162, "The JSON is base64 in the header.", async () => {
    assertRefused(await execute(JSON.stringify(await seal(methodBody(transfer)))), 400, "encryption.invalid");
  }),
  statement(170, "The header is Encrypted-Signing-Method.", () => executes()),
  statement(174, "Signing-Method is passed as usual where nothing is encrypted.", async () => {
    const answer = await send("POST", "/api/transactions/execute", transfer, plainHeader());
    assert.equal(answer.status, 200);
  }),
  statement(174, "As usual: a biometric too.", async () => {
    const { body } = await addMethod(biometric);
    const headers = { "signing-method": `${body.result.id}:${biometric.value}` };
    assert.equal((await send("POST", "/api/transactions/execute", transfer, headers)).status, 200);
  }),
  statement(174, "As usual: an emergency code too.", async () => {
    const { body } = await addMethod(emergencyCode);
    const headers = { "signing-method": `${body.result.id}:${emergencyCode.value}` };
    assert.equal((await send("POST", "/api/transactions/execute", transfer, headers)).status, 200);
  }),
  statement(190, "Its form is id:value.", async () => {
    const headers = { "signing-method": `${user.methodId}${user.pin}` };
    assertRefused(await send("POST", "/api/transactions/execute", transfer, headers), 400, "request.invalid");
  }),
  statement(192, "id: the signing method's.", async () => {
    const headers = { "signing-method": `${randomUUID()}:${user.pin}` };
    assertRefused(await send("POST", "/api/transactions/execute", transfer, headers), 404, "signing-method.not-found");
  }),
  statement(193, "value: the signing method's.", async () => {
    const owner = await makeUser();
    const headers = { "signing-method": `${owner.methodId}:654321` };
    assertRefused(await send("POST", "/api/transactions/execute", transfer, headers), 403, "pincode.incorrect");
  }),
  statement(199, "A transaction is executed with the header and the body.", () => executes()),
  contradiction(
    199,
    "The guide has /api/transactions/execute, the vendor's TypeScript example /api/transactions.",
    "both are protected unless the operator says otherwise",
    async () => {
      assert.equal((await send("POST", "/api/transactions", transfer, plainHeader())).status, 200);
    },
  ),
  statement(219, "The SHA-256 signature is not required where the body is encrypted.", async () => {
    assert.equal((await send("POST", "/api/users", await seal(creationPayload("123456")))).status, 200);
  }),
  statement(221, "AES key, IV and RSA encryption are the same.", async () => {
    const sealed = await seal(creationPayload("123456"), { oaepHash: "sha1" });
    assertRefused(await send("POST", "/api/users", sealed), 400, "encryption.invalid");
  }),
  ...bodyFlow(
    { plain: 252, value: 264, type: 277, encryptedValue: 279, encryptionKeyId: 280, iv: 282, unsigned: 274 },
    "Create User",
    (body) => send("POST", "/api/users", body),
    () => creationPayload("123456"),
  ),
  ...bodyFlow(
    { plain: 295, value: 304, type: 314, encryptedValue: 316, encryptionKeyId: 317, iv: 319, unsigned: 311 },
    "Create Signing Method",
    (body) => makeUserWithoutMethod().then((id) => send("POST", `/api/users/${id}/signing-methods`, body)),
    () => ({ type: "PIN", value: "123456" }),
  ),
  ...bodyFlow(
    { plain: 332, value: 340, type: 349, encryptedValue: 351, encryptionKeyId: 352, iv: 354, unsigned: 346 },
    "Update Signing Method",
    (body) =>
      makeUser().then((owner) =>
        send("PUT", `/api/users/${owner.id}/signing-methods/${owner.methodId}`, body, plainHeader(owner)),
      ),
    () => ({ value: "654321" }),
  ),
  statement(364, "PIN: a numeric PIN.", async () => {
    assertRefused(await send("POST", "/api/users", creationPayload("12345a")), 400, "signing-method.invalid-value");
  }),
  statement(365, "EMERGENCY_CODE: an alphanumeric recovery code.", async () => {
    const wrong = { ...emergencyCode, value: "UvHSS5SCYek3U2W9h4gEUa9V-" };
    assertRefused(await addMethod(wrong), 400, "signing-method.invalid-value");
    assert.equal((await addMethod(emergencyCode)).status, 200);
  }),
  statement(366, "BIOMETRIC: an identifier tied to a physical device.", async () => {
    const { physicalDeviceId: _device, ...without } = biometric;
    assertRefused(await addMethod(without), 400, "request.invalid");
    assert.equal((await addMethod(biometric)).status, 200);
  }),
];

async function makeUserWithoutMethod(): Promise<string> {
  return (await send("POST", "/api/users", { reference: "Test User Venly" })).body.result.id;
}

const remove = (path: string, headers: Record<string, string> = {}) => send("DELETE", path, undefined, headers);

const updateUser = [
  statement(7, "PUT /api/users/{userId} updates the reference.", async () => {
    const { id } = await makeUser();
    assert.equal((await send("PUT", `/api/users/${id}`, { reference: "Updated reference" })).status, 200);
    assert.equal((await send("GET", `/api/users/${id}`)).body.result.reference, "Updated reference");
  }),
  statement(9, "userId: the user whose reference is updated.", async () => {
    assertRefused(await send("PUT", `/api/users/${randomUUID()}`, { reference: "r" }), 404, "user.not-found");
  }),
  statement(10, "reference: the new reference text.", async () => {
    const { id } = await makeUser();
    assertRefused(await send("PUT", `/api/users/${id}`, { reference: 5 }), 400, "request.invalid");
  }),
  statement(16, "The answer has success, and id, reference and createdAt in result.", async () => {
    const { id } = await makeUser();
    const { body } = await send("PUT", `/api/users/${id}`, { reference: "Updated reference" });
    assert.deepEqual([body.success, body.result.id, body.result.reference], [true, id, "Updated reference"]);
    assert.ok(Date.parse(body.result.createdAt));
  }),
];

const deleteUser = [
  contradiction(5, "The user's wallets are deleted softly.", "the issuer has no wallets", async () => {
    const { id, ...by } = await makeUser();
    assert.equal((await remove(`/api/users/${id}`, plainHeader({ id, ...by }))).status, 200);
  }),
  statement(9, "DELETE /api/users/{userId}.", async () => {
    const owner = await makeUser();
    await remove(`/api/users/${owner.id}`, plainHeader(owner));
    assertRefused(await send("GET", `/api/users/${owner.id}`), 404, "user.not-found");
  }),
  statement(11, "Signing-Method: id:value, a signing method.", async () => {
    const owner = await makeUser();
    assertRefused(await remove(`/api/users/${owner.id}`), 403, "signing-method.required");
    const wrong = { "signing-method": `${owner.methodId}:000000` };
    assertRefused(await remove(`/api/users/${owner.id}`, wrong), 403, "pincode.incorrect");
    assertRefused(await remove(`/api/users/${owner.id}`, plainHeader(user)), 404, "signing-method.not-found");
  }),
  statement(22, 'The answer is {"success": true}.', async () => {
    const owner = await makeUser();
    assert.deepEqual((await remove(`/api/users/${owner.id}`, plainHeader(owner))).body, { success: true });
  }),
];

/** A user with a further method, and the path of that one. */
const withMethod = async (method: object) => {
  const owner = await makeUser();
  const { body } = await send("POST", `/api/users/${owner.id}/signing-methods`, method, plainHeader(owner));
  return { owner, method: body.result, path: `/api/users/${owner.id}/signing-methods/${body.result.id}` };
};

const deleteMethod = [
  statement(5, "The PIN can not be deleted.", async () => {
    const { owner, method } = await withMethod({ type: "EMERGENCY_CODE" });
    const byCode = { "signing-method": `${method.id}:${method.value}` };
    const path = `/api/users/${owner.id}/signing-methods/${owner.methodId}`;
    for (const headers of [byCode, plainHeader(owner)])
      assertRefused(await remove(path, headers), 400, "request.invalid");
  }),
  statement(5, "EMERGENCY_CODE, BIOMETRIC and PASSWORD can be.", async () => {
    for (const method of [{ type: "EMERGENCY_CODE" }, biometric, { type: "PASSWORD", value: "correct-horse" }]) {
      const { owner, path } = await withMethod(method);
      assert.equal((await remove(path, plainHeader(owner))).status, 200, method.type);
    }
  }),
  statement(9, "DELETE /api/users/{userId}/signing-methods/{signingMethodId}.", async () => {
    const { owner, path } = await withMethod({ type: "EMERGENCY_CODE" });
    await remove(path, plainHeader(owner));
    const { signingMethods } = (await send("GET", `/api/users/${owner.id}`)).body.result;
    assert.equal(signingMethods.length, 1);
  }),
  statement(19, "Signing-Method: a valid one, not the one that is to be deleted.", async () => {
    const { owner, method, path } = await withMethod({ type: "EMERGENCY_CODE" });
    const byItself = { "signing-method": `${method.id}:${method.value}` };
    assertRefused(await remove(path, byItself), 400, "request.invalid");
    assertRefused(await remove(path), 403, "signing-method.required");
    assert.equal((await remove(path, plainHeader(owner))).status, 200);
  }),
  statement(33, 'The answer is {"success": true}.', async () => {
    const { owner, path } = await withMethod({ type: "EMERGENCY_CODE" });
    assert.deepEqual((await remove(path, plainHeader(owner))).body, { success: true });
  }),
];

testDocuments("venly", [
  { name: "Venly, guide Encrypted PIN Transfer", statements: guide },
  { name: "Venly, guide Update a user", statements: updateUser },
  { name: "Venly, guide Delete a user", statements: deleteUser },
  { name: "Venly, guide Delete a signing method", statements: deleteMethod },
]);

describe("a hash over what an envelope holds", () => {
  it("is refused, and the sandbox says over which bytes it was expected", async () => {
    const owner = await makeUser();
    const content = JSON.stringify({ value: "654321" });
    const envelope = JSON.stringify(await seal(content));
    const method = { id: owner.methodId, value: owner.pin, idempotencyKey: randomUUID() };
    const signing = async (hashed: string) =>
      base64Of(await seal({ ...method, signature: { type: "sha256", value: sha256(hashed) } }));
    const path = `/api/users/${owner.id}/signing-methods/${owner.methodId}`;
    const wrong = await send("PUT", path, envelope, { "encrypted-signing-method": await signing(content) });
    assertRefused(wrong, 400, "signature.mismatch");
    assert.match(wrong.body.errors[0].message, /over what the envelope holds: hash the envelope/);
    assert.ok(wrong.body.errors[0].message.includes(sha256(envelope)));
    const right = await send("PUT", path, envelope, { "encrypted-signing-method": await signing(envelope) });
    assert.equal(right.status, 200);
  });
});
