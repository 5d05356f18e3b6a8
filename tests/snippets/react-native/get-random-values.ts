// In the place of react-native-get-random-values.
import type { PhoneInput } from "./globals.ts";

declare const input: PhoneInput;

let used = 0;

Object.assign(globalThis, {
  crypto: {
    getRandomValues: (target: Uint8Array) => {
      target.set(input.random.slice(used, used + target.length));
      used += target.length;
      return target;
    },
  },
});
