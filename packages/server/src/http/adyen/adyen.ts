import type { Protocol } from "../../protocol.ts";

export const adyen: Protocol = {
  name: "adyen",
  prefix: "/adyen/bcl/v2",
  routes: async () => {},
  keyPurposes: {},
  makeCardName: null,
};
