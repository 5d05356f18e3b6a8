import assert from "node:assert/strict";
import { createHmac, createPublicKey } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { call } from "@linchpin/testing/call";
import { auditTrail } from "@linchpin/testing/venly";
import {
  assertRefused,
  type DeviceByHand,
  handMadeJwe,
  ReceiverByHand,
  SolarisByHand,
  signHex,
} from "./solaris-by-hand.ts";
import { contradiction, statement, testDocuments } from "./statements.ts";

let issuer: SandboxIssuer;
let card: SolarisByHand;
let device: DeviceByHand;
let receiver: ReceiverByHand;
let unrestricted: DeviceByHand;

before(async () => {
  issuer = await startSandboxIssuer();
  card = await SolarisByHand.create(issuer.url);
  device = await card.bindDevice();
  unrestricted = await card.bindDevice("unrestricted");
  receiver = new ReceiverByHand();
  await receiver.listen();
});
after(async () => {
  await issuer.stop();
  receiver.close();
});

const latest = "/v1/cards/pin_keys/latest";
const ofCard = () => `/v1/cards/${card.cardId}/pin_keys/latest`;
const pinJson = (digits: string) => `{"pin": "${digits}"}`;

const changes = async (digits: string) => {
  const { status } = await card.sendChange(await card.change(device, pinJson(digits)));
  assert.equal(status, 204);
  assert.equal(await card.verify(digits), "match");
};
const refusesDigits = async (...pins: string[]) => {
  for (const digits of pins)
    assertRefused(await card.sendChange(await card.change(device, pinJson(digits))), 422, "invalid_pin", "pin");
};
const refusesSealedBy = async (header: object) => {
  const { kid } = await card.pinKey();
  const change = await card.change(device, pinJson("2846"), { header: { kid, ...header } });
  assertRefused(await card.sendChange(change), 422, "invalid_encrypted_pin");
};
const explains = async (change: object, code: string, sentence: RegExp) => {
  const answer = await card.sendChange(change);
  assertRefused(answer, 422, code);
  assert.match(answer.body.errors[0].detail, sentence);
};
const hasMember =
  (path: () => string, name: "kid" | "kty" | "use" | "alg" | "n" | "e", value: string | RegExp) => async () => {
    const { body } = await card.send("GET", path());
    typeof value === "string" ? assert.equal(body[name], value) : assert.match(body[name], value);
  };
const requires = (send: (body: object) => Promise<{ status: number }>, name: string) => async () => {
  const { [name]: _left, ...others }: Record<string, string> = await card.change(device, pinJson("2846"));
  const { signature, device_id, ...sca } = others;
  const answer = await send(send === scaSender ? sca : others);
  assertRefused(answer as Awaited<ReturnType<typeof call>>, 400, "validation_error", name);
  const typed = await send({ ...(send === scaSender ? sca : others), [name]: 1 });
  assertRefused(typed as Awaited<ReturnType<typeof call>>, 400, "type_error", name);
};
const signedSender = (body: object) => card.sendChange(body);
const scaSender = (body: object) => card.sendScaChange(body);
const sca = async (digits = "2846") => {
  const { encrypted_pin, key_id } = await card.change(device, pinJson(digits));
  return { encrypted_pin, key_id };
};
const base64urlBytes = (text: string) => Buffer.from(text, "base64url");

const guide = [
  statement(3, "There are encrypted endpoints for changing the PIN of a card.", () => changes("1928")),
  statement(6, "Device binding is needed: the device has a key pair of its own.", async () => {
    const stranger = { id: "0".repeat(32), privateKey: device.privateKey };
    assertRefused(await card.sendChange(await card.change(stranger, pinJson("2846"))), 404, "model_not_found");
  }),
  statement(10, "The PIN is exactly four digits.", () => refusesDigits("284", "28461", "284619")),
  statement(10, "Each digit is 0 to 9, the first too.", () => changes("0193")),
  statement(11, "The digits are not sequential, up or down.", () => refusesDigits("1234", "4321", "0123", "9876")),
  statement(12, "A digit does not stand there three times or more.", () =>
    refusesDigits("1111", "1112", "2111", "1211"),
  ),
  statement(12, "A digit may stand there twice.", () => changes("1122")),
  statement(13, "PINs are not changed at ATMs: there is no such route.", async () => {
    const { body } = await call("GET", `${issuer.url}/openapi.json`);
    assert.deepEqual(
      Object.keys(body.paths).filter((path) => /atm/i.test(path)),
      [],
    );
  }),
  statement(17, "The backend retrieves the latest public key as a JWK.", async () => {
    const { kid: _kid, alg: _alg, use: _use, ...jwk } = await card.pinKey();
    assert.equal(createPublicKey({ key: jwk, format: "jwk" }).asymmetricKeyType, "rsa");
  }),
  statement(18, 'What is encrypted is a JSON object in a string: {"pin": "<NEW_PIN>"}.', () => changes("5937")),
  statement(20, "It is encrypted as a JWE.", async () => {
    const change = await card.change(device, pinJson("2846"));
    assertRefused(await card.sendChange({ ...change, encrypted_pin: pinJson("2846") }), 422, "invalid_encrypted_pin");
  }),
  statement(21, "Algorithm: RSA-OAEP-256.", () => refusesSealedBy({ alg: "RSA-OAEP", enc: "A256CBC-HS512" })),
  statement(22, "Encryption method: A256CBC-HS512.", () => refusesSealedBy({ alg: "RSA-OAEP-256", enc: "A256GCM" })),
  statement(23, "Key ID: the kid of the JWK.", async () => {
    const change = await card.change(device, pinJson("2846"));
    assertRefused(await card.sendChange({ ...change, key_id: "another" }), 422, "invalid_key_id");
  }),
  statement(25, "It is serialized compactly.", async () => {
    const change = await card.change(device, pinJson("2846"));
    const [protectedText, encrypted_key, iv, ciphertext, tag] = change.encrypted_pin.split(".");
    const json = JSON.stringify({ protected: protectedText, encrypted_key, iv, ciphertext, tag });
    assertRefused(await card.sendChange({ ...change, encrypted_pin: json }), 422, "invalid_encrypted_pin");
  }),
  statement(26, "The signature is over the serialized JWE.", async () => {
    const change = await card.change(device, pinJson("2846"));
    const signature = signHex(device.privateKey, `${change.encrypted_pin} `);
    assertRefused(await card.sendChange({ ...change, signature }), 422, "invalid_signature");
  }),
  statement(26, "The key is the restricted one.", async () => {
    const change = await card.change(unrestricted, pinJson("2846"));
    assertRefused(await card.sendChange(change), 422, "device_key_missing");
  }),
  statement(27, "The values go through the backend: the device needs no credentials of its own.", () =>
    changes("6172"),
  ),
  statement(28, "The backend calls the endpoint.", () => changes("1928")),
  statement(33, "Java: a key has the members kid, kty, use, alg, n and e.", async () => {
    assert.deepEqual(Object.keys(await card.pinKey()), ["kid", "kty", "use", "alg", "n", "e"]);
  }),
  contradiction(
    42,
    "Java: the request has the members encrypted_data and id.",
    "`encrypted_pin` and `key_id`, as in the reference and the other samples; the sandbox names the members that are missing",
    async () => {
      const { encrypted_pin, key_id, ...others } = await card.change(device, pinJson("2846"));
      const answer = await card.sendChange({ ...others, encrypted_data: encrypted_pin, id: key_id });
      assertRefused(answer, 400, "validation_error", "encrypted_pin");
      assertRefused(answer, 400, "validation_error", "key_id");
    },
  ),
  statement(44, "Java: it has signature and device_id.", requires(signedSender, "signature")),
  statement(48, "Java: the key is retrieved below the card's id.", async () => {
    assert.equal((await card.send("GET", ofCard())).status, 200);
  }),
  statement(50, 'Java: the payload is {"pin":"1928"}, without white space.', async () => {
    const { status } = await card.sendChange(await card.change(device, '{"pin":"1928"}'));
    assert.equal(status, 204);
  }),
  statement(54, "Java, Kotlin: the header has alg and enc, and no kid; the request names the key.", async () => {
    const header = { enc: "A256CBC-HS512", alg: "RSA-OAEP-256" };
    assert.equal((await card.sendChange(await card.change(device, '{"pin":"1928"}', { header }))).status, 204);
  }),
  statement(61, "The path is /v1/cards/{id}/pin_update_requests.", async () => {
    const change = await card.change(device, pinJson("2846"));
    assertRefused(await card.send("POST", "/v1/cards/1234567mcrd/pin_update_requests", change), 404, "model_not_found");
  }),
  statement(63, "Kotlin: the request is encrypted_pin, key_id, signature and device_id.", () => changes("2846")),
  statement(80, "Ruby: the members of the key are its JSON members.", hasMember(ofCard, "kty", "RSA")),
  statement(82, "Ruby: the payload is the JSON of {pin}.", async () => {
    assert.equal((await card.sendChange(await card.change(device, JSON.stringify({ pin: "1928" })))).status, 204);
  }),
  statement(87, "Ruby: the header is alg, enc and kid, in this order.", async () => {
    const header = JSON.stringify({ alg: "RSA-OAEP-256", enc: "A256CBC-HS512", kid: (await card.pinKey()).kid });
    assert.equal((await card.sendChange(await card.change(device, '{"pin":"2846"}', { header }))).status, 204);
  }),
  statement(94, "Ruby: the request's members.", () => changes("1928")),
  statement(101, "Ruby: ECDSA over SHA-256 of the JWE, as ASN.1, in hex.", async () => {
    const change = await card.change(device, '{"pin":"2846"}');
    assert.equal((await card.sendChange({ ...change, signature: change.signature.toUpperCase() })).status, 204);
    const again = await card.change(device, '{"pin":"1928"}');
    const base64 = Buffer.from(again.signature, "hex").toString("base64");
    assertRefused(await card.sendChange({ ...again, signature: base64 }), 400, "validation_error", "signature");
  }),
  contradiction(
    111,
    'Swift: the key says "alg": "RS256", a signature algorithm.',
    "published so, and used for RSA-OAEP-256 as all samples do",
    hasMember(() => latest, "alg", "RS256"),
  ),
  statement(112, "Swift: the modulus has 2048 bits.", async () => {
    assert.equal(base64urlBytes((await card.pinKey()).n).length, 256);
  }),
  statement(
    113,
    "Swift: the exponent is AQAB.",
    hasMember(() => latest, "e", "AQAB"),
  ),
  statement(115, 'Swift: the payload is {"pin":"1928"} in UTF-8.', async () => {
    const utf16 = Buffer.from('{"pin":"1928"}', "utf16le").toString("latin1");
    assertRefused(await card.sendChange(await card.change(device, utf16)), 422, "invalid_encrypted_pin");
  }),
  statement(122, "Swift: the header's kid is the key's.", async () => {
    const header = { alg: "RSA-OAEP-256", enc: "A256CBC-HS512", kid: "another" };
    const change = await card.change(device, pinJson("2846"), { header });
    assertRefused(await card.sendChange(change), 422, "invalid_key_id");
  }),
  contradiction(
    129,
    "Swift: the device signs payloadToEncrypt, the clear JSON.",
    "refused: the signature is over the JWE (line 26); the sandbox says what was signed",
    async () => {
      const change = await card.change(device, '{"pin":"2846"}');
      const signature = signHex(device.privateKey, '{"pin":"2846"}');
      await explains({ ...change, signature }, "invalid_signature", /over the clear JSON/);
    },
  ),
  contradiction(
    131,
    "Swift: the values of the request stand in its JSON without quotes.",
    "refused: it is no JSON",
    async () => {
      const { encrypted_pin, key_id, signature, device_id } = await card.change(device, pinJson("2846"));
      const text = `{"encrypted_pin": ${encrypted_pin}, "key_id": ${key_id}, "signature": ${signature}, "device_id": ${device_id}}`;
      assertRefused(await card.sendChange(text), 400, "invalid_json");
    },
  ),
];

const keyStatements = (first: number, path: () => string) => [
  statement(first, "The public key was fetched: 200.", async () => {
    assert.equal((await card.send("GET", path())).status, 200);
  }),
  statement(first + 2, "The body is application/json.", async () => {
    assert.match((await card.send("GET", path())).headers.get("content-type") ?? "", /^application\/json/);
  }),
  statement(first + 3, "kid: a string, the value for the JWE's kid.", hasMember(path, "kid", /^.+$/)),
  statement(first + 7, 'kty: "RSA".', hasMember(path, "kty", "RSA")),
  statement(first + 12, 'use: "enc".', hasMember(path, "use", "enc")),
  statement(first + 17, 'alg: "RS256".', hasMember(path, "alg", "RS256")),
  statement(first + 22, "n: the modulus, base64url, big-endian.", hasMember(path, "n", /^[A-Za-z0-9_-]{342}$/)),
  statement(first + 26, "e: the exponent, base64url, big-endian.", hasMember(path, "e", "AQAB")),
  statement(first + 32, "The example's members, and no other.", async () => {
    assert.deepEqual(Object.keys((await card.send("GET", path())).body), ["kid", "kty", "use", "alg", "n", "e"]);
  }),
];

const reference = [
  statement(14, "GET returns the latest public RSA key as a JWK.", async () => {
    assert.deepEqual(await card.pinKey(), await card.pinKey());
  }),
  statement(16, "The request has no payload.", async () => {
    assert.equal((await card.send("GET", latest)).status, 200);
  }),
  ...keyStatements(20, () => latest),
  statement(56, "The PIN of the card in the URL is changed.", () => changes("1928")),
  statement(59, 'The plaintext is {"pin": "<NEW_PIN>"}.', () => changes("2846")),
  statement(62, "Algorithm: RSA-OAEP-256.", () => refusesSealedBy({ alg: "RSA1_5", enc: "A256CBC-HS512" })),
  statement(63, "Encryption method: A256CBC-HS512.", () =>
    refusesSealedBy({ alg: "RSA-OAEP-256", enc: "A128CBC-HS256" }),
  ),
  statement(64, "Key ID: the kid of the JWK.", () => changes("1928")),
  statement(65, "Compact serialization: five segments.", async () => {
    const change = await card.change(device, pinJson("2846"));
    const four = change.encrypted_pin.split(".").slice(0, 4).join(".");
    const signature = signHex(device.privateKey, four);
    assertRefused(await card.sendChange({ ...change, encrypted_pin: four, signature }), 422, "invalid_encrypted_pin");
  }),
  statement(66, "The signature is by the bound device's key; it must be the restricted one.", async () => {
    const change = await card.change(device, pinJson("2846"));
    const signature = signHex(unrestricted.privateKey, change.encrypted_pin);
    await explains({ ...change, signature }, "invalid_signature", /./);
  }),
  statement(68, "The backend calls.", async () => {
    const change = await card.change(device, pinJson("2846"));
    const url = `${issuer.url}/solaris/v1/cards/${card.cardId}/pin_update_requests`;
    assertRefused(await call("POST", url, { body: change }), 401, "token_required");
  }),
  statement(70, "card_account_id: required, the card's identifier.", async () => {
    const change = await card.change(device, pinJson("2846"));
    const path = `/v1/cards/${"0".repeat(32)}mcrd/pin_update_requests`;
    assertRefused(await card.send("POST", path, change), 404, "model_not_found");
  }),
  statement(74, "Its form is 32 hex digits and mcrd.", async () => assert.match(card.cardId, /^[0-9a-f]{32}mcrd$/)),
  statement(76, "device_id: string, required.", requires(signedSender, "device_id")),
  statement(80, "encrypted_pin: string, required.", requires(signedSender, "encrypted_pin")),
  statement(84, "key_id: string, required.", requires(signedSender, "key_id")),
  statement(88, "signature: string, required.", requires(signedSender, "signature")),
  statement(92, "device_data: string, optional.", async () => {
    const device_data = "Web;179ac83968ab42f79e960c1753a4078fdcon;jVl14emA+OcyALb9F+CMFg==";
    assert.equal((await card.sendChange({ ...(await card.change(device, pinJson("5937"))), device_data })).status, 204);
    const without = { ...(await card.change(device, pinJson("1928"))), device_data: null };
    assert.equal((await card.sendChange(without)).status, 204);
  }),
  contradiction(
    97,
    "The example's encrypted_pin is a device fingerprint, Web;179ac839….",
    "refused: it is no JWE (lines 80 to 82)",
    async () => {
      const encrypted_pin = "Web;179ac83968ab42f79e960c1753a4078fdcon;jVl14emA+OcyALb9F+CMFg==";
      const change = await card.change(device, pinJson("2846"));
      const signature = signHex(device.privateKey, encrypted_pin);
      await explains({ ...change, encrypted_pin, signature }, "invalid_encrypted_pin", /not a compact JWE/);
    },
  ),
  statement(101, "The PIN was changed.", () => changes("2846")),
  statement(104, "No content.", async () => {
    const { status, body } = await card.sendChange(await card.change(device, pinJson("1928")));
    assert.deepEqual([status, body], [204, null]);
  }),
  statement(
    110,
    "Changes the PIN by the change request process: nothing is applied before it is confirmed.",
    async () => {
      assert.equal((await card.sendScaChange(await sca("5937"))).status, 200);
      assert.equal(await card.verify("1928"), "match");
    },
  ),
  statement(113, 'The plaintext is {"pin": "<NEW_PIN>"}, judged at once.', async () => {
    assertRefused(await card.sendScaChange(await sca("1234")), 422, "invalid_pin", "pin");
  }),
  statement(116, "Algorithm: RSA-OAEP-256.", async () => {
    const header = { alg: "RSA-OAEP", enc: "A256CBC-HS512", kid: (await card.pinKey()).kid };
    const { encrypted_pin, key_id } = await card.change(device, pinJson("2846"), { header });
    assertRefused(await card.sendScaChange({ encrypted_pin, key_id }), 422, "invalid_encrypted_pin");
  }),
  statement(117, "Encryption method: A256CBC-HS512.", async () => {
    const header = { alg: "RSA-OAEP-256", enc: "A256GCM", kid: (await card.pinKey()).kid };
    const { encrypted_pin, key_id } = await card.change(device, pinJson("2846"), { header });
    assertRefused(await card.sendScaChange({ encrypted_pin, key_id }), 422, "invalid_encrypted_pin");
  }),
  statement(118, "Key ID: the kid of the JWK.", async () => {
    assertRefused(await card.sendScaChange({ ...(await sca()), key_id: "another" }), 422, "invalid_key_id");
  }),
  statement(119, "Nothing is signed.", async () => {
    const change = await card.change(device, pinJson("2846"));
    assertRefused(await card.sendScaChange(change), 400, "validation_error");
  }),
  statement(122, "card_account_id: required.", async () => {
    const path = `/v1/cards/${"0".repeat(32)}mcrd/sca_pin_update_requests`;
    assertRefused(await card.send("POST", path, await sca()), 404, "model_not_found");
  }),
  statement(128, "encrypted_pin: string, required.", requires(scaSender, "encrypted_pin")),
  statement(132, "key_id: string, required.", requires(scaSender, "key_id")),
  statement(137, "The example's JWE has the header alg, enc, kid and the sizes of ours.", async () => {
    const { encrypted_pin } = await sca();
    const [header = Buffer.of(), ...parts] = encrypted_pin.split(".").map(base64urlBytes);
    assert.deepEqual(Object.keys(JSON.parse(header.toString())), ["alg", "enc", "kid"]);
    assert.deepEqual(
      parts.map(({ length }) => length),
      [256, 16, 16, 32],
    );
  }),
  statement(141, "The request was accepted: 200.", async () => {
    assert.equal((await card.sendScaChange(await sca())).status, 200);
  }),
  statement(144, "id: a string of hex digits and csc.", async () => {
    assert.match((await card.sendScaChange(await sca())).body.id, /^[0-9a-f]{32}csc$/);
  }),
  contradiction(
    149,
    'status: the example has "CONFIRMATION_REQUIRED" in the answer to the request.',
    "`AUTHORIZATION_REQUIRED` until the request is authorized at its `url`, `CONFIRMATION_REQUIRED` then",
    async () => {
      const { body } = await card.sendScaChange(await sca());
      assert.equal(body.status, "AUTHORIZATION_REQUIRED");
      const authorization = { person_id: card.personId, delivery_method: "mobile_number" };
      const authorized = await card.send("POST", `/v1/change_requests/${body.id}/authorize`, authorization);
      assert.equal(authorized.body.status, "CONFIRMATION_REQUIRED");
    },
  ),
  statement(153, "status: one of five, COMPLETED once it is confirmed.", async () => {
    const { body } = await card.sendScaChange(await sca("7283"));
    const path = `/v1/change_requests/${body.id}`;
    const { personId: person_id } = card;
    await card.send("POST", `${path}/authorize`, { person_id, delivery_method: "mobile_number" });
    const confirmed = await card.send("POST", `${path}/confirm`, { person_id, tan: await card.otp() });
    assert.equal(confirmed.body.status, "COMPLETED");
    assert.equal(await card.verify("7283"), "match");
  }),
  statement(155, "updated_at: UTC, as 2022-04-21T13:59:52+00:00.", async () => {
    const { body } = await card.sendScaChange(await sca());
    assert.match(body.updated_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
  }),
  statement(160, "url: where the change request is authorized.", async () => {
    const { body } = await card.sendScaChange(await sca());
    assert.equal(body.url, `${issuer.url}/solaris/v1/change_requests/${body.id}/authorize`);
  }),
  statement(167, "The example's members, and no other.", async () => {
    const { body } = await card.sendScaChange(await sca());
    assert.deepEqual(Object.keys(body), ["id", "status", "updated_at", "url"]);
  }),
  statement(169, "The key below a card is deprecated.", async () => {
    assert.match((await card.send("GET", ofCard())).headers.get("deprecation") ?? "", /^@\d+$/);
    const { body } = await call("GET", `${issuer.url}/openapi.json`);
    assert.equal(body.paths["/solaris/v1/cards/{card_account_id}/pin_keys/latest"].get.deprecated, true);
  }),
  statement(173, "It is the same key.", async () => {
    assert.deepEqual((await card.send("GET", ofCard())).body, await card.pinKey());
  }),
  statement(175, "card_account_id: required.", async () => {
    assertRefused(await card.send("GET", `/v1/cards/${"0".repeat(32)}mcrd/pin_keys/latest`), 404, "model_not_found");
  }),
  statement(181, "The request has no payload.", async () => {
    assert.equal((await card.send("GET", ofCard())).status, 200);
  }),
  ...keyStatements(185, ofCard),
];

const ordersPath = (personId = card.personId) =>
  `/v1/persons/${personId}/accounts/a5844f601567db9b59b3531245a58e96cacc/cards`;
const order = (body: object) => card.send("POST", ordersPath(), body);
const firstPin = async (digits: string, wrong: Parameters<typeof handMadeJwe>[2] = {}) => {
  const key = await card.pinKey();
  return { encrypted_pin: handMadeJwe(key, pinJson(digits), wrong), key_id: key.kid };
};
const refusesOrderSealedBy = async (header: object) => {
  const { kid } = await card.pinKey();
  assertRefused(await order(await firstPin("2846", { header: { kid, ...header } })), 422, "invalid_encrypted_pin");
};
const cardIdOf = async (name: string) =>
  (await auditTrail(issuer)).find(({ outcome, names }) => outcome === "done" && names?.solaris === name)?.cardId;

const cardOrders = [
  statement(1, "A card is made in the name of the person in the URL, and attached to the account.", async () => {
    const { status, body } = await order({});
    assert.deepEqual([status, body.person_id], [201, card.personId]);
    assert.equal(body.account_id, "a5844f601567db9b59b3531245a58e96cacc");
    assertRefused(await card.send("POST", ordersPath("nobody"), {}), 404, "model_not_found");
  }),
  statement(4, "line_1 is the cardholder's name, which the partner sends.", async () => {
    assert.equal((await order({ line_1: "ADAM AARON/SCHMIDT" })).body.representation.line_1, "ADAM AARON/SCHMIDT");
  }),
  statement(5, "line_1 and line_2 have at most 21 characters.", async () => {
    for (const line of ["line_1", "line_2"]) {
      assert.equal((await order({ [line]: "A".repeat(21) })).status, 201);
      assertRefused(await order({ [line]: "A".repeat(22) }), 400, "validation_error", line);
    }
  }),
  contradiction(6, "A / stands between first and last names.", "kept as it is sent, and not checked", async () => {
    assert.equal((await order({ line_1: "ADAM SCHMIDT" })).status, 201);
  }),
  statement(7, "Their characters are A to Z, 0 to 9, space, - / and . alone.", async () => {
    assert.equal((await order({ line_1: "AZ 09-/." })).status, 201);
    for (const line_1 of ["Adam/Schmidt", "ADÖM/SCHMIDT", "ADAM_SCHMIDT"])
      assertRefused(await order({ line_1 }), 400, "validation_error", "line_1");
  }),
  contradiction(8, "A card can be activated 24 hours after it was made.", "it is `ACTIVE` at once", async () => {
    assert.equal((await order({})).body.status, "ACTIVE");
  }),
  statement(10, "The card may be made with an encrypted PIN.", async () => {
    const { status, body } = await order(await firstPin("2846"));
    assert.equal(status, 201);
    assert.equal(await card.verify("2846", await cardIdOf(body.id)), "match");
  }),
  statement(12, "The key is that of a PIN change, as a JWK.", async () => {
    const change = await sca();
    assert.equal((await order(change)).status, 201);
  }),
  statement(13, 'What is encrypted is a JSON object in a string: {"pin": "<NEW_PIN>"}.', async () => {
    const { kid: key_id, ...jwk } = await card.pinKey();
    const encrypted_pin = handMadeJwe({ kid: key_id, ...jwk }, '"2846"');
    assertRefused(await order({ encrypted_pin, key_id }), 422, "invalid_encrypted_pin");
    assertRefused(await order(await firstPin("1234")), 422, "invalid_pin", "pin");
  }),
  statement(16, "Algorithm: RSA-OAEP-256.", () => refusesOrderSealedBy({ alg: "RSA-OAEP", enc: "A256CBC-HS512" })),
  statement(17, "Encryption method: A256CBC-HS512.", () =>
    refusesOrderSealedBy({ alg: "RSA-OAEP-256", enc: "A256GCM" }),
  ),
  statement(18, "Key ID: the kid of the JWK.", async () => {
    assertRefused(await order({ ...(await firstPin("2846")), key_id: "another" }), 422, "invalid_key_id");
  }),
  statement(19, "The compact serialization is encrypted_pin.", async () => {
    const { encrypted_pin: _left, ...others } = await firstPin("2846");
    assertRefused(await order(others), 400, "validation_error", "encrypted_pin");
  }),
  statement(20, "The kid of the JWK is key_id.", async () => {
    const { key_id: _left, ...others } = await firstPin("2846");
    assertRefused(await order(others), 400, "validation_error", "key_id");
  }),
];

const event_type = "CARD_LIFECYCLE_EVENT";
const subscribe = (url = receiver.url) => card.send("POST", "/v1/webhooks", { event_type, url });
/** Makes a webhook, changes the card's state, and returns what came of it. */
const notified = async (state: "blocked" | "active") => {
  receiver.received.length = 0;
  const { body: webhook } = await subscribe();
  assert.equal((await card.setCardState(state)).status, 200);
  await receiver.waitFor(2);
  await card.send("DELETE", `/v1/webhooks/${webhook.id}`);
  const { headers, body } = receiver.received[1] ?? assert.fail("a notification came");
  return { webhook, headers, body, json: JSON.parse(body) };
};
const afterAnswering = async (status: number) => {
  receiver.received.length = 0;
  const { body: webhook } = await subscribe();
  receiver.status = status;
  await card.setCardState("blocked");
  await receiver.waitFor(2);
  receiver.status = 200;
  return `/v1/webhooks/${webhook.id}`;
};

const webhooks = [
  statement(7, "A POST is sent to the partner's HTTPS URL.", async () => {
    assertRefused(await subscribe("http://hooks.partner.example/hooks"), 400, "validation_error", "url");
    assert.equal((await notified("blocked")).json.status, "BLOCKED");
    await card.setCardState("active");
  }),
  statement(8, "Payloads are signed with HMAC SHA-256.", async () => {
    const { webhook, headers, body } = await notified("blocked");
    const hmac = createHmac("sha256", webhook.secret).update(body).digest("hex");
    assert.equal(headers["solaris-webhook-signature"], `sha256=${hmac}`);
    await card.setCardState("active");
  }),
  contradiction(
    20,
    "event_type may be BOOKING and others.",
    "`CARD_LIFECYCLE_EVENT` alone: the issuer has no other",
    async () => {
      const booking = await card.send("POST", "/v1/webhooks", { event_type: "BOOKING", url: receiver.url });
      assertRefused(booking, 400, "validation_error", "event_type");
    },
  ),
  statement(21, "url is required.", async () => {
    assertRefused(await card.send("POST", "/v1/webhooks", { event_type }), 400, "validation_error", "url");
  }),
  statement(27, "The URL is asked first, by the header Solaris-Webhook-Event-Type: WEBHOOK-SUBSCRIPTION.", async () => {
    receiver.received.length = 0;
    const { body } = await subscribe();
    await card.send("DELETE", `/v1/webhooks/${body.id}`);
    assert.equal(receiver.received[0]?.headers["solaris-webhook-event-type"], "WEBHOOK-SUBSCRIPTION");
  }),
  statement(28, "That request has no body.", async () => {
    receiver.received.length = 0;
    const { body } = await subscribe();
    await card.send("DELETE", `/v1/webhooks/${body.id}`);
    assert.deepEqual([receiver.received[0]?.body, receiver.received[0]?.headers["content-length"]], ["", "0"]);
  }),
  contradiction(31, "The URL answers 200 OK.", "any 2xx: the reference of the call says 2XX", async () => {
    receiver.status = 204;
    const made = await subscribe();
    receiver.status = 404;
    assertRefused(await subscribe(), 400, "validation_error", "url");
    receiver.status = 200;
    assert.equal(made.status, 201);
    await card.send("DELETE", `/v1/webhooks/${made.body.id}`);
  }),
  statement(34, "The secret is in the answer that makes the webhook, and in no other.", async () => {
    const { body } = await subscribe();
    assert.match(body.secret, /^[0-9a-f]{32}$/);
    assert.equal((await card.send("GET", `/v1/webhooks/${body.id}`)).body.secret, null);
    assert.deepEqual(
      (await card.send("GET", "/v1/webhooks")).body.map(({ secret }: { secret: null }) => secret),
      [null],
    );
    assert.equal((await card.send("DELETE", `/v1/webhooks/${body.id}`)).status, 204);
  }),
  statement(38, "A webhook is never modified: it is deleted, and made anew.", async () => {
    const { body } = await subscribe();
    const path = `/v1/webhooks/${body.id}`;
    for (const method of ["PUT", "PATCH"])
      assert.equal((await card.send(method, path, { url: receiver.url })).status, 404);
    assert.equal((await card.send("DELETE", path)).status, 204);
    assert.equal((await card.send("GET", path)).status, 404);
  }),
  statement(54, "2xx: the notification is delivered.", async () => {
    assert.equal((await notified("blocked")).headers["solaris-webhook-attempt"], "1");
    await card.setCardState("active");
  }),
  statement(55, "410: the subscription is cancelled.", async () => {
    const path = await afterAnswering(410);
    while ((await card.send("GET", path)).status !== 404) await new Promise((resolve) => setTimeout(resolve, 20));
    await card.setCardState("active");
  }),
  statement(56, "422: the notification is rejected and not sent again.", async () => {
    const path = await afterAnswering(422);
    await card.setCardState("active");
    await receiver.waitFor(3);
    assert.deepEqual(
      receiver.received.slice(1).map(({ body }) => JSON.parse(body).status),
      ["BLOCKED", "ACTIVE"],
    );
    await card.send("DELETE", path);
  }),
  statement(57, "Any other answer: it is sent again.", async () => {
    const path = await afterAnswering(500);
    await receiver.waitFor(3);
    const [, first, second] = receiver.received;
    assert.equal(second?.body, first?.body);
    assert.equal(second?.headers["solaris-webhook-id"], first?.headers["solaris-webhook-id"]);
    await card.send("DELETE", path);
    await card.setCardState("active");
  }),
];

const lifecycleEvent = [
  statement(1, "The status of a customer's card has changed.", async () => {
    assert.equal((await notified("blocked")).json.status, "BLOCKED");
    assert.equal((await notified("active")).json.status, "ACTIVE");
  }),
  statement(4, "id: the card's, and person_id: the cardholder's.", async () => {
    const { json } = await notified("blocked");
    assert.deepEqual([json.id, json.person_id], [card.cardId, card.personId]);
    await card.setCardState("active");
  }),
  statement(8, "reference, type, account_id, business_id and representation are of the order.", async () => {
    const { json } = await notified("blocked");
    const members = ["account_id", "business_id", "id", "person_id", "reference", "representation", "status", "type"];
    assert.deepEqual(Object.keys(json).sort(), members);
    await card.setCardState("active");
  }),
  contradiction(
    14,
    "expiration_date, masked_pan, formatted_expiration_date.",
    "not sent: a notification holds nothing of the card's number",
    async () => {
      const { body } = await notified("blocked");
      assert.doesNotMatch(body, /expiration|pan/);
      await card.setCardState("active");
    },
  ),
];

testDocuments("solaris", [
  { name: "Solaris, guide PIN change", statements: guide },
  { name: "Solaris, API reference Encrypted PIN change", statements: reference },
  { name: "Solaris, API reference Create a card", statements: cardOrders },
  { name: "Solaris, Webhooks", statements: webhooks },
  { name: "Solaris, webhook CARD_LIFECYCLE_EVENT", statements: lifecycleEvent },
]);

describe("the guide's samples, transliterated", () => {
  it("Java and Kotlin: a header of enc and alg, as Nimbus writes it", async () => {
    const key = await card.pinKey();
    const encrypted_pin = handMadeJwe(key, '{"pin":"1928"}', { header: { enc: "A256CBC-HS512", alg: "RSA-OAEP-256" } });
    const update = {
      encrypted_pin,
      key_id: key.kid,
      signature: signHex(device.privateKey, encrypted_pin),
      device_id: device.id,
    };
    assert.equal((await card.sendChange(update)).status, 204);
  });

  it("Ruby and Swift up to its signature: a header of alg, enc and kid", () => changes("2846"));
});
