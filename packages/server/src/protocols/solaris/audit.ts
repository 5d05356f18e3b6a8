import { auditCatalogue } from "../../audit/index.ts";

const personId = "id of the person";
const deviceId = "id of the device";
const challengeId = "id of the challenge";
const mobileNumberId = "id of the mobile number";
const keyPurpose = "`restricted` or `unrestricted`: purpose of the device's key";
const deviceDataHmac = "digest of `device_data` as it was sent";
const pinVersion = "version of the card's new PIN";
const keyId = "id of the key that the PIN was sealed for";
const webhookId = "id of the webhook";
const changeRequestId = "id of the change request";

/** The audit events of Solaris' operations. */
export const solarisAudit = auditCatalogue({
  "solaris.pin_update_requests": {
    when: "A PIN is changed by a message that a device of the cardholder signed.",
    facts: { deviceId, keyId, deviceDataHmac, pinVersion },
  },
  "solaris.sca_pin_update_requests": {
    when: "A PIN is kept in a change request until the cardholder confirms it.",
    facts: { keyId, changeRequestId },
  },
  "solaris.change_requests.authorize": {
    when: "A cardholder is asked to confirm a change request.",
    facts: {
      changeRequestId,
      deliveryMethod: "`static`, `mobile_number` or `device_signing`",
      deviceId,
      deviceDataHmac,
    },
  },
  "solaris.change_requests.confirm": {
    when: "A cardholder confirms a change request, which changes the PIN.",
    facts: {
      changeRequestId,
      deviceId,
      deviceDataHmac,
      pinVersion,
      change: "`change request failed`: after its last attempt, or because the card's program refuses the PIN",
    },
  },
  "solaris.cards.order": {
    when: "A partner orders a card for a person, with its first PIN where one is sent. A refusal names a card that was not made.",
    facts: {
      personId,
      programId: "id of the card's program",
      keyId,
      pinVersion: "1 where the order has a PIN",
      names: "the card's identifiers by the names of protocols",
    },
  },
  "solaris.webhooks.make": {
    when: "A partner subscribes to an event, and its URL answers.",
    facts: { webhookId, eventType: "type of the event", host: "host of the URL, which the operator allows" },
  },
  "solaris.webhooks.delete": { when: "A partner deletes a webhook.", facts: { webhookId } },
  "solaris.webhooks.cancel": {
    when: "A webhook is deleted because its URL answered 410 to a notification.",
    facts: { webhookId },
  },
  "solaris.mobile_number.register": {
    when: "A partner registers a mobile number of a person.",
    facts: { personId, deviceDataHmac, mobileNumberId },
  },
  "solaris.mobile_number.authorize": {
    when: "An OTP is sent to a mobile number, to verify it.",
    facts: { personId, deviceDataHmac, mobileNumberId },
  },
  "solaris.mobile_number.confirm": {
    when: "A person verifies a mobile number by the OTP.",
    facts: { personId, deviceDataHmac, mobileNumberId },
  },
  "solaris.mobile_number.delete": {
    when: "A partner deletes a mobile number that was not verified.",
    facts: { personId, mobileNumberId },
  },
  "solaris.mfa.devices.bind": {
    when: "A device is added, unverified, and its challenge is sent.",
    facts: { personId, deviceDataHmac, deviceId, challengeId },
  },
  "solaris.mfa.devices.keys": {
    when: "A device gets its second key.",
    facts: { personId, deviceId, keyPurpose, deviceDataHmac, deviceKeyId: "id of the new key" },
  },
  "solaris.mfa.devices.delete": { when: "A device is deleted.", facts: { personId, deviceId } },
  "solaris.mfa.challenges.signatures": {
    when: "A device proves its binding by a signature. Each write has an event.",
    facts: {
      challengeId,
      personId,
      deviceId,
      deviceDataHmac,
      change: "`activation code used`, `device verified` or `challenge answered`",
    },
  },
  "solaris.mfa.challenges.devices": {
    when: "A string is made for a device to sign.",
    facts: { personId, deviceId, keyPurpose, deviceDataHmac, challengeId },
  },
  "solaris.mfa.challenges.devices.answer": {
    when: "A device answers with the signature of its string.",
    facts: { personId, deviceId, challengeId, deviceDataHmac },
  },
  "solaris.mfa.challenges.activation": {
    when: "An activation code is sent to a person by letter.",
    facts: { personId, challengeId },
  },
});
