import type { PinAccess } from "./pin-access.ts";

/** A signing PIN of Venly's is a user's secret: no card has it. */
export const writers: PinAccess["writers"] = {};

export const readers: PinAccess["readers"] = {};
