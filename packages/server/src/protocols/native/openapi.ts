import { mediaType, type ProtocolOpenapi } from "../../http/index.ts";

export const nativeOpenapi: ProtocolOpenapi = {
  errorMediaType: mediaType,
  examples: {
    client_id: "3a5c7e9f1b2d4f60",
    client_secret: "qYw0l6J5m3v9b2c8x4z7a1s6d5f3g2h9",
    access_token: "qYw0l6J5m3v9b2c8x4z7a1s6d5f3g2h9",
    expires_in: 3600,
    title: "the card is unknown",
    status: 404,
    code: "card_unknown",
    card: "f2b9e0d4-6c1a-4b7e-8d35-9a0c1e2f3b4d",
    nonce: "q83vEjRWeJCrze8SNFZ4kA",
    device: "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg",
    x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    session: "eyJhbGciOiJFUzI1NiJ9.example.example",
    manifest: "eyJhbGciOiJFUzI1NiJ9.example.example",
    message: "A".repeat(172),
    signature: "B".repeat(86),
    answer: "eyJhbGciOiJFUzI1NiJ9.example.example",
  },
};
