import { probeCapabilities } from "./capabilities.ts";
import { compute, type Workplace } from "./compute.ts";
import { toFailure } from "./pkcs11-failure.ts";
import { Token } from "./token.ts";
import { TokenKeys } from "./token-keys.ts";
import type { FromWorker, Operation, ToWorker } from "./worker-messages.ts";

// A process of the pool in `worker-pool.ts`: the module is loaded here and nowhere else. It ends with the pool, which
// decides when; a signal to the whole group (Ctrl-C) must not take it away while requests are being finished.
let workplace: Workplace | null = null;

process.on("message", async (message: ToWorker) => {
  if ("start" in message) await start(message);
  else await answer(message.callId, message.operation);
});
process.on("disconnect", () => process.exit());
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

async function start({ start: uri, capabilities }: Extract<ToWorker, { start: unknown }>): Promise<void> {
  try {
    const token = await Token.open(uri, () => tell({ state: "logging_in" }));
    workplace = {
      token,
      keys: new TokenKeys(token),
      capabilities: capabilities ?? (await probeCapabilities(token)),
    };
    tell({ state: "ready", capabilities: workplace.capabilities });
  } catch (error) {
    tell({ state: "failed", failure: toFailure(error) });
  }
}

async function answer(callId: number, operation: Operation): Promise<void> {
  try {
    if (workplace === null) throw new Error("a worker was asked before it was ready");
    const bytes = await compute(workplace, operation);
    tell({ callId, answer: bytes });
    if (operation.method !== "makeKey") bytes?.fill(0);
  } catch (error) {
    tell({ callId, failure: toFailure(error) });
  } finally {
    if (operation.method === "seal") operation.plaintext.fill(0);
    if (operation.method === "unwrap") operation.fallback?.fill(0);
  }
}

function tell(message: FromWorker): void {
  process.send?.(message);
}
