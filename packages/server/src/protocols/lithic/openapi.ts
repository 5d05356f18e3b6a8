import type { ProtocolOpenapi } from "../../http/index.ts";

const uuid = "7ef7d65c-9023-4da3-b113-3b8583fd7951";

export const lithicOpenapi: ProtocolOpenapi = {
  answerHeaders: {
    "x-should-retry": "`true`: a request of the same Idempotency-Key is under way, and may be sent again",
  },
  examples: {
    token: uuid,
    card_token: uuid,
    account_token: "5e9483eb8103411cb9923ab4d2ddd7f4cper",
    card_program_token: "f42f8a0b-1c5e-4d0a-9a6e-3f0c7f5d9b21",
    created: "2026-11-22T12:00:00.000Z",
    memo: "Travel",
    pin: "BfXX5BvNY7u+JSGe5RKIidYP9QQ4CX+Yd71Roi6nUwANHZK45j9n…R3xlSXHfNvQUzcvzCj7dNgZM=",
    pin_status: "OK",
    spend_limit: 1000,
    message: "Could not decrypt PIN",
    debugging_request_id: "0199f3a2-5c1d-7c4e-9d3a-6f2b8e1a4c70",
    conflicts_with: uuid,
  },
};
