import assert from "node:assert/strict";
import { constants, createCipheriv, createPublicKey, publicEncrypt, randomBytes } from "node:crypto";
import { after, before } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { type Answer, call } from "@linchpin/testing/call";
import { statement, testDocuments } from "./statements.ts";

let issuer: SandboxIssuer;
// biome-ignore lint/suspicious/noExplicitAny: the shape of GET /sandbox
let sandbox: any;

before(async () => {
  issuer = await startSandboxIssuer();
  sandbox = (await call("POST", `${issuer.url}/sandbox/cards`)).body;
});
after(() => issuer.stop());

function send(method: string, path: string, body?: unknown): Promise<Answer> {
  const { baseUrl, apiKey } = sandbox.adyen;
  return call(method, `${baseUrl}${path}`, { body, headers: { "x-api-key": apiKey } });
}

const publicKey = async (): Promise<string> => (await send("GET", "/publicKey?purpose=pinChange")).body.publicKey;

/** What the guide has one make, step by step; one of them other than it says. */
interface Steps {
  readonly keyBytes: number;
  readonly tokenField: string;
  readonly token: string;
  readonly pinField: string;
  readonly padding: number;
  readonly xor: boolean;
  readonly encoding: "hex" | "base64";
}

const guideToken = "8374188662676926";
const right: Steps = {
  keyBytes: 32,
  token: guideToken,
  tokenField: `4${guideToken}${"0".repeat(15)}`,
  pinField: `445454${"A".repeat(10)}70cd3917e96891f8`,
  padding: constants.RSA_PKCS1_PADDING,
  xor: true,
  encoding: "hex",
};
const pinFieldOf = (digits: string) => `44${digits}${"A".repeat(10)}${randomBytes(8).toString("hex")}`;

async function change(other: Partial<Steps> = {}): Promise<Record<string, string>> {
  const { keyBytes, tokenField, token, pinField, padding, xor, encoding } = { ...right, ...other };
  const key = randomBytes(keyBytes);
  const spki = createPublicKey({ key: Buffer.from(await publicKey(), "base64"), format: "der", type: "spki" });
  const encryptEcb = (block: Buffer) => {
    const cipher = createCipheriv(`aes-${8 * keyBytes}-ecb`, key, null).setAutoPadding(false);
    return Buffer.concat([cipher.update(block), cipher.final()]);
  };
  const tokenData = Buffer.from(tokenField, "hex");
  const encryptedPin = encryptEcb(Buffer.from(pinField, "hex"));
  const combined = xor ? Buffer.from(encryptedPin.map((byte, index) => byte ^ (tokenData[index] ?? 0))) : encryptedPin;
  return {
    paymentInstrumentId: sandbox.adyen.paymentInstrumentId,
    encryptedKey: publicEncrypt({ key: spki, padding }, key).toString("hex"),
    token,
    encryptedPinBlock: encryptEcb(combined).toString(encoding),
  };
}

const changes = async (other: Partial<Steps> = {}) => {
  const { status, body } = await send("POST", "/pins/change", await change(other));
  assert.deepEqual([status, body], [200, { status: "completed" }]);
};
const refuses = async (other: Partial<Steps>, errorCode = "31_021") => {
  const { status, body } = await send("POST", "/pins/change", await change(other));
  assert.deepEqual([status, body.errorCode], [422, errorCode], body.detail);
};
const without = (name: string) => async () => {
  const { [name]: _left, ...others } = await change();
  const { status, body } = await send("POST", "/pins/change", others);
  assert.deepEqual([status, body.errorCode], [422, "00_422"]);
  assert.equal(body.invalidFields[0].name, name);
};

const guide = [
  statement(8, "The PIN can be changed within an app or website: by calls of the backend alone.", () => changes()),
  statement(10, "The public key is base64 of an RSA key.", async () => {
    const key = createPublicKey({ key: Buffer.from(await publicKey(), "base64"), format: "der", type: "spki" });
    assert.equal(key.asymmetricKeyType, "rsa");
  }),
  statement(12, "Session key and token make an encrypted PIN block, sent by POST /pins/change.", () => changes()),
  statement(12, "Adyen decrypts the block and registers the new PIN.", async () => {
    await changes({ pinField: pinFieldOf("2846") });
    const { baseUrl, apiKey: bearer, cardId } = sandbox.issuer;
    const { body } = await call("GET", `${baseUrl}/cards/${cardId}`, { bearer });
    assert.equal(body.pin.status, "active");
  }),
  statement(35, "GET /publicKey with purpose=pinChange.", async () => {
    assert.equal((await send("GET", "/publicKey?purpose=pinChange")).status, 200);
    const reveal = (await send("GET", "/publicKey?purpose=pinReveal")).body.publicKey;
    assert.notEqual(await publicKey(), reveal, "each purpose has a key of its own");
  }),
  statement(39, "The response contains the public key.", async () => assert.ok((await publicKey()).startsWith("MII"))),
  statement(40, "It contains the key's expiry date.", async () => {
    const { body } = await send("GET", "/publicKey?purpose=pinChange");
    assert.match(body.publicKeyExpiryDate, /^\d{4}-\d\d-\d\d$/);
  }),
  statement(41, "The key is passed to the front end as it is: nothing else is needed of the answer.", () => changes()),
  statement(45, "The AES key has 256 bits.", async () => {
    await changes();
    await refuses({ keyBytes: 16 });
    await refuses({ keyBytes: 24 });
  }),
  statement(45, "It is random: one that was used is refused.", async () => {
    const request = await change({ pinField: pinFieldOf("1928") });
    assert.equal((await send("POST", "/pins/change", request)).status, 200);
    const again = await send("POST", "/pins/change", request);
    assert.deepEqual([again.status, again.body.errorCode], [422, "31_022"]);
  }),
  statement(49, "The session key is the AES key, encrypted by the public key.", async () => {
    const request = { ...(await change()), encryptedKey: randomBytes(256).toString("hex") };
    const { status, body } = await send("POST", "/pins/change", request);
    assert.deepEqual([status, body.errorCode], [422, "31_021"]);
  }),
  statement(51, "The encryption is RSA with the padding that the key is for.", () =>
    refuses({ padding: constants.RSA_PKCS1_OAEP_PADDING }),
  ),
  statement(55, "The token has 16 digits.", () => refuses({ token: guideToken.slice(1) }, "00_422")),
  statement(55, "It contains no zeros.", () => refuses({ token: `0${guideToken.slice(1)}` }, "00_422")),
  statement(57, "The example's token: 8374188662676926.", () => changes({ pinField: pinFieldOf("2846") })),
  statement(61, "The block is of ISO format 4.", () => refuses({ pinField: "041928FFFFFFFFFF041928FFFFFFFFFF" })),
  statement(65, "The token's field has 32 hex characters.", async () => assert.equal(right.tokenField.length, 32)),
  statement(66, 'It begins with "4".', () => refuses({ tokenField: `0${guideToken}${"0".repeat(15)}` })),
  statement(67, "The token follows.", () => refuses({ tokenField: `4${"1".repeat(16)}${"0".repeat(15)}` })),
  statement(68, '"0" follows 15 times.', () => refuses({ tokenField: `4${guideToken}${"F".repeat(15)}` })),
  statement(69, "The example's field: 4 + 8374188662676926 + 000000000000000.", () =>
    changes({ tokenField: "48374188662676926000000000000000", pinField: pinFieldOf("1928") }),
  ),
  statement(70, "It is a 16-byte array.", async () => assert.equal(Buffer.from(right.tokenField, "hex").length, 16)),
  statement(71, "The PIN's field has 32 hex characters.", async () => assert.equal(right.pinField.length, 32)),
  statement(72, 'It begins with "44".', () => refuses({ pinField: `342846${"A".repeat(10)}70cd3917e96891f8` })),
  statement(73, "The new PIN follows.", () => refuses({ pinField: `44284B${"A".repeat(10)}70cd3917e96891f8` })),
  statement(74, '"A" follows ten times.', () => refuses({ pinField: `442846${"F".repeat(10)}70cd3917e96891f8` })),
  statement(75, "16 random hex characters follow: any.", async () => {
    await changes({ pinField: `442846${"A".repeat(10)}${"0".repeat(16)}` });
    await changes({ pinField: `441928${"A".repeat(10)}${"f".repeat(16)}` });
  }),
  statement(76, "The example's field: 44 + 5454 + AAAAAAAAAA + 70cd3917e96891f8.", () => changes()),
  statement(77, "It is a 16-byte array.", async () => assert.equal(Buffer.from(right.pinField, "hex").length, 16)),
  statement(78, "The PIN data is encrypted by AES in ECB mode.", () => changes({ pinField: pinFieldOf("2846") })),
  statement(79, "Token and encrypted PIN are combined by XOR.", () => refuses({ xor: false })),
  statement(80, "The combination is encrypted again.", () => changes({ pinField: pinFieldOf("1928") })),
  statement(81, "It is converted to hex.", () => refuses({ encoding: "base64" }, "00_422")),
  statement(83, "Hex of either case is the PIN block.", async () => {
    const request = await change({ pinField: pinFieldOf("2846") });
    const upper = { ...request, encryptedPinBlock: request["encryptedPinBlock"]?.toUpperCase() };
    assert.deepEqual((await send("POST", "/pins/change", upper)).body, { status: "completed" });
  }),
  statement(87, "POST /pins/change.", async () => {
    assert.equal((await send("GET", "/pins/change")).status, 404);
    await changes({ pinField: pinFieldOf("1928") });
  }),
  statement(90, "paymentInstrumentId: the card's identifier.", async () => {
    await without("paymentInstrumentId")();
    const request = { ...(await change()), paymentInstrumentId: "PI0000000000000000000000A" };
    const { status, body } = await send("POST", "/pins/change", request);
    assert.deepEqual([status, body.errorCode], [422, "30_031"]);
  }),
  statement(91, "encryptedKey: the session key.", without("encryptedKey")),
  statement(92, "token: the token of the PIN block.", without("token")),
  statement(93, "encryptedPinBlock: the PIN block.", without("encryptedPinBlock")),
  statement(97, "The response contains a status: completed.", () => changes({ pinField: pinFieldOf("2846") })),
  statement(97, "Or pending, where a chip keeps the PIN.", async () => {
    const { baseUrl, apiKey: bearer } = sandbox.issuer;
    const make = async (path: string, body: object) => (await call("POST", `${baseUrl}${path}`, { bearer, body })).body;
    const program = await make("/programs", { name: "Chip", settings: { chipKeepsPin: true } });
    const { names } = await make("/cards", { personId: sandbox.solaris.personId, programId: program.id });
    const request = { ...(await change()), paymentInstrumentId: names.adyen };
    assert.deepEqual((await send("POST", "/pins/change", request)).body, { status: "pending" });
  }),
  statement(97, "Or unavailable: `packages/server/test/adyen-failure.test.ts` takes the storage away.", async () => {
    const { body } = await call("GET", `${issuer.url}/openapi.json`);
    const { schema } = body.paths["/adyen/bcl/v2/pins/change"].post.responses["200"].content["application/json"];
    assert.deepEqual(schema.properties.status.enum, ["completed", "pending", "unavailable"]);
  }),
];

testDocuments("adyen", [{ name: "Adyen, guide Change PIN using standard encryption methods", statements: guide }]);
