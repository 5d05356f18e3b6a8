import cluster from "node:cluster";
import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";

/**
 * Runs `serve` in `WORKERS` processes (default 2), all with one RSA-2048 key, once `prepare` has run in this one. They
 * end at SIGTERM.
 */
export async function startWorkers(
  serve: (rsaKey: KeyObject) => void | Promise<void>,
  prepare: () => Promise<void> = async () => {},
): Promise<void> {
  if (!cluster.isPrimary) return serve(createPrivateKey(process.env["RSA_KEY"] ?? ""));
  await prepare();
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const RSA_KEY = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  for (let worker = 0; worker < Number(process.env["WORKERS"] ?? 2); worker++) cluster.fork({ RSA_KEY });
  process.on("SIGTERM", () => {
    for (const worker of Object.values(cluster.workers ?? {})) worker?.kill("SIGTERM");
    cluster.disconnect(() => process.exit(0));
  });
}
