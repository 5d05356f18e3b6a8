import type { Protocol } from "../../protocol.ts";

export const plumery: Protocol = {
  name: "plumery",
  prefix: "/plumery",
  routes: async () => {},
  keyPurposes: {},
  makeCardName: null,
};
