import type { ProtocolOpenapi } from "../../http/index.ts";

export const stripeOpenapi: ProtocolOpenapi = {
  answerHeaders: {
    "request-id": "the vendor's name of the request's id",
    "stripe-version": "the API version that the request asked for",
    "idempotent-replayed": "`true`: this is the answer to an earlier request of the same Idempotency-Key",
  },
  examples: {
    id: "ic_0f1e2d3c4b5a69788796a5b4",
    key_id: "key_1a2b3c4d5e6f7081",
    kid: "key_1a2b3c4d5e6f7081",
    n: "sXchDaQebHnPiGvyDOAT4saGEUetSyo9MKLOoWFsueri23bOdgWp4Dy1Wl…",
    e: "AQAB",
    pkcs8: "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA…\n-----END PUBLIC KEY-----",
    currency: "eur",
    cardholder: "ich_0f1e2d3c4b5a69788796a5b4",
    encrypted_number: "eyJhbGciOiJSU0EtT0FFUCJ9.example.example.example.example",
    created: 1795356000,
    exp_month: 11,
    exp_year: 2029,
    last4: "4242",
    metadata: { order: "6735" },
    code: "parameter_invalid",
    param: "pin",
    message: "The PIN is not valid",
  },
};
