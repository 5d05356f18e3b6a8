import type { Protocol } from "../../protocol.ts";

export const venly: Protocol = {
  name: "venly",
  prefix: "/venly",
  routes: async () => {},
  keyPurposes: {},
  makeCardName: null,
};
