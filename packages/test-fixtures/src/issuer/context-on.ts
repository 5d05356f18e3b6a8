import { openContext, protocolTable, type Settings } from "@linchpin/server";
import type { Context } from "@linchpin/server/issuer";
import type { Store } from "@linchpin/store";
import pino from "pino";

/** A context without HTTP, on a store that is open already: an OTP is always `000000`, and three go out an hour. */
export async function contextOn(
  store: Store,
  settings: Settings,
  clock = () => new Date(),
): Promise<{ context: Context; close(): Promise<void> }> {
  const log = pino({ level: "silent" });
  const opened = await openContext(store, settings, { log, protocols: protocolTable, clock, sandbox: null });
  const context = { ...opened.context, makeOtp: () => "000000", maxOtpsPerHour: 3, emitsEvents: true };
  return { context, close: () => opened.close() };
}
