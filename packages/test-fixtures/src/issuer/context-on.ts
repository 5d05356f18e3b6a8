import { makeSandboxFactory } from "@linchpin/sandbox";
import { openContext, protocolTable, type Settings } from "@linchpin/server";
import type { Context } from "@linchpin/server/issuer";
import type { Store } from "@linchpin/store";
import pino from "pino";
import { sharedKeyPairs } from "./shared-key-pairs.ts";

/** A context without HTTP, on a new store: an OTP is always `000000`, and three go out an hour. */
export async function contextOn(
  store: Store,
  settings: Settings,
  clock = () => new Date(),
): Promise<{ context: Context; close(): Promise<void> }> {
  const log = pino({ level: "silent" });
  const sandbox = makeSandboxFactory({ clock, keyPairs: sharedKeyPairs() });
  const opened = await openContext(store, settings, { log, protocols: protocolTable, clock, sandbox });
  const context = { ...opened.context, makeOtp: () => "000000", maxOtpsPerHour: 3, emitsEvents: true };
  return { context, close: () => opened.close() };
}
