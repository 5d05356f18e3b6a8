import { probeCapabilities } from "./capabilities.ts";
import { compute, type LoggedInToken } from "./compute.ts";
import { toFailure } from "./pkcs11-failure.ts";
import { Token } from "./token.ts";
import { TokenKeys } from "./token-keys.ts";
import type { FromWorker, Operation, ToWorker } from "./worker-messages.ts";

// The program of a worker process of `worker-pool.ts`. Only this process loads the PKCS#11 module. The pool decides when
// the process ends: a signal to the whole process group (Ctrl-C) must not end it while requests are being finished.
let loggedIn: LoggedInToken | null = null;

process.on("message", async (message: ToWorker) => {
  if ("start" in message) await start(message);
  else await answer(message.callId, message.operation);
});
process.on("disconnect", () => process.exit());
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

async function start({ start: uri, capabilities }: Extract<ToWorker, { start: unknown }>): Promise<void> {
  try {
    const token = await Token.open(uri, () => send({ state: "logging_in" }));
    loggedIn = {
      token,
      keys: new TokenKeys(token),
      capabilities: capabilities ?? (await probeCapabilities(token)),
    };
    send({ state: "ready", capabilities: loggedIn.capabilities });
  } catch (error) {
    send({ state: "failed", failure: toFailure(error) });
  }
}

async function answer(callId: number, operation: Operation): Promise<void> {
  try {
    if (loggedIn === null) throw new Error("a worker was called before it was ready");
    const bytes = await compute(loggedIn, operation);
    send({ callId, answer: bytes });
    if (operation.method !== "makeKey") bytes?.fill(0);
  } catch (error) {
    send({ callId, failure: toFailure(error) });
  } finally {
    if (operation.method === "seal") operation.plaintext.fill(0);
    if (operation.method === "unwrap") operation.fallback?.fill(0);
  }
}

function send(message: FromWorker): void {
  process.send?.(message);
}
