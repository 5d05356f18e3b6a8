export { noblePrimitives, type RandomSource } from "./noble-primitives.ts";
export { openStoredKeys, type SecretStorage } from "./stored-keys.ts";
