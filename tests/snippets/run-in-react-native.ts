import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { buildForHermes, runInHermes } from "../hermes/engine.ts";
import type { PhoneRequest } from "../hermes/react-native-fetch.ts";
import type { PhoneInput } from "./react-native/globals.ts";

const folder = join(import.meta.dirname, "react-native");

/**
 * Runs a module as a React Native app does, then `afterwards`, and resolves to what they printed. Each request ends a
 * run; the next goes on where it stopped, with the answer: the same input makes the same requests.
 */
export async function runInReactNative(module: string, afterwards: string): Promise<string> {
  const code = await buildForHermes({
    stdin: { contents: contents(module, afterwards), resolveDir: folder, loader: "ts" },
    inject: [join(folder, "globals.ts")],
    alias: {
      "react-native-get-random-values": join(folder, "get-random-values.ts"),
      "react-native-keychain": join(folder, "keychain.ts"),
    },
  });
  const input: PhoneInput = { random: [...randomBytes(8192)], answers: [] };
  for (;;) {
    const { request, printed, error } = await runInHermes(code, input);
    if (error !== undefined) throw new Error(`${error}\n${printed}`);
    if (request === undefined) return printed;
    input.answers.push(await send(request));
  }
}

const contents = (module: string, afterwards: string) => `
import { end } from "./globals.ts";
${module}
(async () => {
${afterwards}
})().then(() => end(), end);`;

async function send({ url, ...request }: PhoneRequest) {
  const response = await fetch(url, request);
  const type = response.headers.get("content-type") ?? undefined;
  return { status: response.status, text: await response.text(), type };
}
