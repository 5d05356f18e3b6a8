import type { ProtocolOpenapi } from "../../http/index.ts";

export const adyenOpenapi: ProtocolOpenapi = {
  examples: {
    publicKey: "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA…\n-----END PUBLIC KEY-----",
    publicKeyExpiryDate: "2026-12-22T13:59:52+00:00",
    paymentInstrumentId: "PI32272223222B5G7TQ9XLGRW",
    encryptedKey: "9f".repeat(256),
    encryptedPinBlock: "3c".repeat(16),
    encryptedData: "5e".repeat(32),
    token: "4928173649182736",
    type: "https://docs.adyen.com/errors/validation",
    title: "Invalid data provided",
    status: 422,
    detail: "The data is not valid",
    errorCode: "30_112",
    requestId: "0199f3a2-5c1d-7c4e-9d3a-6f2b8e1a4c70",
    name: "encryptedKey",
    message: "The key is not valid",
  },
};
