import { PlumeryClient } from "@linchpin/testing/plumery";
import type { PinAccess } from "./pin-access.ts";

export const writers: PinAccess["writers"] = {};

export const readers: PinAccess["readers"] = {
  "revealed by Plumery": async (holder, guess) => {
    const client = await PlumeryClient.create(holder.sandbox);
    return JSON.stringify(await client.revealedPin()) === JSON.stringify({ pin: guess });
  },
};
