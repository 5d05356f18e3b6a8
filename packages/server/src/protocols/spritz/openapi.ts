import type { ProtocolOpenapi } from "../../http/index.ts";

export const spritzOpenapi: ProtocolOpenapi = {
  errorMediaType: "application/problem+json",
  answerHeaders: {
    "idempotency-key": "of Rain's set: the request's",
    "idempotency-cached": "`true`: this is the answer to an earlier request of the same Idempotency-Key",
  },
  examples: {
    encryptedKey: "q83vEjRWeJCrze8S…",
    iv: "AAECAwQFBgcICQoLDA0ODw==",
    data: "i0sK2G0OhlqquHEYO2WZ77OBZt16A8l/zZuoLTif4sM=",
    id: "7d0c8a7e-52ae-4f60-9a3e-0c2fd3f0b1a9",
    country: "US",
    currency: "USD",
    last4: "6784",
    renderSecret: "",
    createdAt: "2026-11-29T12:00:00.000Z",
    type: "about:blank",
    title: "the session key or the PIN block could not be opened",
    status: 400,
    code: "pin_decryption_failed",
    field: "encryptedPin",
    statusCode: 400,
    error: "Bad Request",
    message: "Failed to Decrypt Session ID, RSA Public key Not Matching",
    errorMessageCodes: ["pin_decryption_failed"],
  },
};
