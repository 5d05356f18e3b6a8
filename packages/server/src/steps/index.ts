export { lookForReplay, refuseReplayed } from "./look-for-replay.ts";
export { retryOnConflict } from "./retry-on-conflict.ts";
export { signNamingKey } from "./sign-naming-key.ts";
export { unwrapBy } from "./unwrap-by.ts";
export { watched } from "./watch-steps.ts";
