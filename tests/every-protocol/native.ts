import assert from "node:assert/strict";
import { NativeCardholder } from "@linchpin/testing/native";
import type { PinAccess } from "./pin-access.ts";

export const writers: PinAccess["writers"] = {
  "the native protocol": async ({ sandbox }, digits) => {
    const holder = await NativeCardholder.of(sandbox);
    assert.equal((await holder.changePin(digits, await holder.bind())).outcome?.result, "changed");
    return digits;
  },
};

export const readers: PinAccess["readers"] = {
  "verified by a native device": async ({ sandbox }, guess) => {
    const holder = await NativeCardholder.of(sandbox);
    return (await holder.verifyPin(guess, await holder.bind())).outcome?.result === "match";
  },
  "revealed by a native device": async ({ sandbox }, guess) => {
    const holder = await NativeCardholder.of(sandbox);
    return (await holder.revealedPin(await holder.bind())) === guess;
  },
};
