import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as wire from "@linchpin/protocols/solaris/wire";
import type { TSchema } from "typebox";
import { Value } from "typebox/value";
import reference from "../../solaris/vectors/pin-change-reference.json" with { type: "json" };

const signature = "3006020101020101";
const key = `04${"ab".repeat(64)}`;

const shapes: Record<
  string,
  { schema: TSchema; valid: readonly object[]; invalid: Readonly<Record<string, unknown>> }
> = {
  TokenRequest: {
    schema: wire.TokenRequest,
    valid: [{ grant_type: "client_credentials" }, { grant_type: "client_credentials", scope: "partners" }],
    invalid: {
      "another grant": { grant_type: "password" },
      "another scope": { grant_type: "client_credentials", scope: "admin" },
    },
  },
  PinUpdateRequest: {
    schema: wire.PinUpdateRequest,
    valid: [
      { ...reference.request, device_id: "d-1", signature },
      { ...reference.request, device_id: "d-1", signature: signature.toUpperCase(), device_data: "Web;1" },
    ],
    invalid: {
      "no signature": { ...reference.request, device_id: "d-1" },
      "no device": { ...reference.request, signature },
      "a signature in base64": { ...reference.request, device_id: "d-1", signature: "MAYCAQECAQE=" },
      "a signature with a line end": { ...reference.request, device_id: "d-1", signature: `${signature}\n` },
      "an empty signature": { ...reference.request, device_id: "d-1", signature: "" },
      "a signature of 1 kB": { ...reference.request, device_id: "d-1", signature: "30".repeat(500) },
      "a PIN of 10 kB": { ...reference.request, device_id: "d-1", signature, encrypted_pin: "a".repeat(10_000) },
      "a PIN that is a number": { ...reference.request, device_id: "d-1", signature, encrypted_pin: 1928 },
      "a device with a slash": { ...reference.request, device_id: "../d", signature },
      "the member names of the guide's Java example": {
        encrypted_data: reference.request.encrypted_pin,
        id: reference.request.key_id,
        signature,
        device_id: "d-1",
      },
    },
  },
  ScaPinUpdateRequest: {
    schema: wire.ScaPinUpdateRequest,
    valid: [reference.request],
    invalid: {
      "no key id": { encrypted_pin: reference.request.encrypted_pin },
      "an empty key id": { ...reference.request, key_id: "" },
      "no PIN": { key_id: reference.request.key_id },
      "an empty PIN": { ...reference.request, encrypted_pin: "" },
    },
  },
  BindDeviceRequest: {
    schema: wire.BindDeviceRequest,
    valid: [
      { person_id: "1cper", key_type: "ecdsa-p256", key },
      {
        person_id: "ec3d16cbc106f481b72d881d90c89cc5cper",
        key_type: "ecdsa-p256",
        key,
        challenge_type: "sms",
        key_purpose: "unrestricted",
        name: "Test device",
        sms_challenge: { app_signature: "e2e-e2e-e2e" },
        language: "en",
        device_data: "Web;1",
      },
    ],
    invalid: {
      "another key type": { person_id: "1cper", key_type: "rsa", key },
      "no key": { person_id: "1cper", key_type: "ecdsa-p256" },
      "a key that is no hex": { person_id: "1cper", key_type: "ecdsa-p256", key: "04zz" },
      "another language": { person_id: "1cper", key_type: "ecdsa-p256", key, language: "es" },
      "another challenge": { person_id: "1cper", key_type: "ecdsa-p256", key, challenge_type: "email" },
      "another purpose": { person_id: "1cper", key_type: "ecdsa-p256", key, key_purpose: "admin" },
      "fingerprint of 17 kB": { person_id: "1cper", key_type: "ecdsa-p256", key, device_data: "a".repeat(17_000) },
    },
  },
  AddDeviceKeyRequest: {
    schema: wire.AddDeviceKeyRequest,
    valid: [
      {
        key,
        key_type: "ecdsa-p256",
        key_purpose: "restricted",
        device_signature: { signature_key_purpose: "unrestricted", signature },
      },
    ],
    invalid: {
      "no proof": { key, key_type: "ecdsa-p256", key_purpose: "restricted" },
      "no purpose": {
        key,
        key_type: "ecdsa-p256",
        device_signature: { signature_key_purpose: "unrestricted", signature },
      },
    },
  },
  SignatureAnswer: {
    schema: wire.SignatureAnswer,
    valid: [{ signature }],
    invalid: { "no signature": {}, "a signature that is no text": { signature: 30 } },
  },
  DeviceChallengeRequest: {
    schema: wire.DeviceChallengeRequest,
    valid: [{ device_id: "d-1", key_purpose: "restricted" }],
    invalid: { "no purpose": { device_id: "d-1" } },
  },
  ActivationRequest: {
    schema: wire.ActivationRequest,
    valid: [{ person_id: "1cper", origin: "MOBILE_APP", purpose: "DEVICE_BINDING", delivery_method: "SNAILMAIL" }],
    invalid: {
      "another way": { person_id: "1cper", origin: "MOBILE_APP", purpose: "DEVICE_BINDING", delivery_method: "SMS" },
    },
  },
  AuthorizeRequest: {
    schema: wire.AuthorizeRequest,
    valid: [
      { person_id: "1cper", delivery_method: "mobile_number" },
      { device_id: "d-1", delivery_method: "device_signing" },
    ],
    invalid: { "another way": { person_id: "1cper", delivery_method: "email" }, "no way": { person_id: "1cper" } },
  },
  ConfirmRequest: {
    schema: wire.ConfirmRequest,
    valid: [
      { person_id: "1cper", tan: "212212" },
      { device_id: "d-1", signature },
    ],
    invalid: {
      "a TAN that is a number": { person_id: "1cper", tan: 212212 },
      "a TAN of 17": { person_id: "1cper", tan: "2".repeat(17) },
    },
  },
  MobileNumberRequest: {
    schema: wire.MobileNumberRequest,
    valid: [{ number: "+15550101" }],
    invalid: { "no number": {}, "a long number": { number: "1".repeat(41) } },
  },
};

for (const [name, { schema, valid, invalid }] of Object.entries(shapes))
  suite(name, () => {
    test("what the reference shows is accepted, and nothing beside it", () => {
      for (const value of valid) {
        assert.ok(Value.Check(schema, value));
        // RFC 6749 §3.2: unknown parameters of a token request are ignored.
        assert.equal(Value.Check(schema, { ...value, unknown: 1 }), name === "TokenRequest");
      }
    });

    for (const [what, value] of Object.entries({ ...invalid, "an array": [], "a text": "{}", null: null }))
      test(`refused: ${what}`, () => {
        assert.equal(Value.Check(schema, value), false);
      });
  });

test("the reference's reply to a change request has our shape", () => {
  assert.ok(Value.Check(wire.ChangeRequestReply, reference.reply));
  assert.equal(Value.Check(wire.ChangeRequestReply, { ...reference.reply, status: "DONE" }), false);
});

test("the reference's key has our shape", () => {
  assert.ok(Value.Check(wire.PinKey, reference.key));
  assert.equal(Value.Check(wire.PinKey, { ...reference.key, alg: "RSA-OAEP-256" }), false);
});

test("timestamps are the reference's: whole seconds, offset in digits", () => {
  assert.equal(wire.formatTimestamp(new Date("2022-04-21T13:59:52.999Z")), reference.reply.updated_at);
});
