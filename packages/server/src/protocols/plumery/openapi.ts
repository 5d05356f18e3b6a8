import type { ProtocolOpenapi } from "../../http/index.ts";

export const plumeryOpenapi: ProtocolOpenapi = {
  examples: {
    token: "7d0c8a7e-52ae-4f60-9a3e-0c2fd3f0b1a9",
    iv: "q83vEjRWeJCrze8S",
    ciphertext: "8Jc1b0PzqEw7u5nq1J9yqk3n5cI=",
    ephemeralPublicKey: "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE…",
    salt: "3q2+796tvu/erb7v3q2+796tvu/erb7v3q2+796tvu8=",
    field: "x-client-public-key",
    code: "CARD_NOT_FOUND",
    message: "The card was not found",
    requestId: "0199f3a2-5c1d-7c4e-9d3a-6f2b8e1a4c70",
    expirationDate: "2029-11",
  },
};
