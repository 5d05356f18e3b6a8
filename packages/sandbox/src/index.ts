import type { Context, Protocol, Sandbox, SandboxFactory } from "@linchpin/server/issuer";
import type { KeyPairSource } from "@linchpin/vault";
import { controlRoutes } from "./control/control-routes.ts";
import { countRequests } from "./control/count-requests.ts";
import { SandboxClock } from "./control/sandbox-clock.ts";
import { SandboxControl } from "./control/sandbox-control.ts";
import { SandboxRandom } from "./control/sandbox-random.ts";
import { watchForControl } from "./control/watch-for-control.ts";
import { SandboxEvents } from "./events/events.ts";
import { protocolOfUrl } from "./events/protocol-of.ts";
import { explainRefusal, hintAt } from "./explain.ts";
import { pageRoutes } from "./page.ts";
import { partnerRoutes } from "./partner.ts";
import { sandboxProtocols } from "./protocol-table.ts";
import { readRoots, withPan } from "./read-origin.ts";
import { sandboxRoutes } from "./routes.ts";
import { makeSandboxOtp, sandboxMaxOtpsPerHour } from "./sandbox-otp.ts";
import { sandboxCard, seedSandbox } from "./seed.ts";

export type { Fault, FaultStatus } from "./control/faults.ts";
export type { JournalEntry, JournalFilter } from "./control/journal.ts";
export type { CardState, SandboxDevice } from "./control/make-card.ts";
export type { SandboxControl, SandboxMessage, SandboxOutboxEvent } from "./control/sandbox-control.ts";
export type { SandboxDescription } from "./protocol-table.ts";

export interface SandboxOptions {
  /** What time it is before it is advanced; the system's clock if absent. */
  readonly clock?: () => Date;
  /** Makes what is random in cards and codes come again; null or absent: it is random. */
  readonly seed?: string | null;
  /** Where the software vault has its key pairs from. Absent: it makes fresh ones. */
  readonly keyPairs?: KeyPairSource;
  /** True: other workers serve the same port, and what this process alone would know or change is refused. */
  readonly isOneOfSeveral?: boolean;
}

export interface SandboxFactoryWithControl extends SandboxFactory {
  /** Once the sandbox is open. */
  readonly control: () => SandboxControl;
}

/** A sandbox: `serve` runs as one when it is handed this. One for each server. */
export function makeSandboxFactory(options: SandboxOptions = {}): SandboxFactoryWithControl {
  const clock = new SandboxClock(options.clock ?? (() => new Date()));
  const random = new SandboxRandom(options.seed ?? null);
  const forgetters: (() => void)[] = [];
  let control: SandboxControl | undefined;
  return {
    clock: clock.now,
    ...(options.keyPairs === undefined ? {} : { keyPairs: options.keyPairs }),
    onReset: (forget) => forgetters.push(forget),
    makeOtp: (mobileNumber) => makeSandboxOtp(mobileNumber, random),
    maxOtpsPerHour: sandboxMaxOtpsPerHour,
    open: async (context, { protocols, masterKey, background }) => {
      await seedSandbox(context);
      await readRoots(context);
      const keys = masterKey === null ? null : await context.keyring.list();
      const forget = () => {
        for (const each of forgetters) each();
      };
      const card = await withPan(context, sandboxCard);
      const { isOneOfSeveral = false } = options;
      const parts = { clock, random, protocols, keys, background, forget, isOneOfSeveral };
      control = new SandboxControl(context, card, parts);
      return openSandbox(context, { protocols, masterKey, control });
    },
    control: () => {
      if (control === undefined) throw new Error("the sandbox is not open yet");
      return control;
    },
  };
}

async function openSandbox(
  context: Context,
  {
    protocols,
    masterKey,
    control,
  }: { protocols: readonly Protocol[]; masterKey: Uint8Array | null; control: SandboxControl },
): Promise<Sandbox> {
  const protocolOf = protocolOfUrl(protocols);
  const events = new SandboxEvents(protocolOf);
  const opened = sandboxProtocols.flatMap(({ name, open }) => (open === undefined ? [] : [{ name, ...open(context) }]));
  const issuers = () => control.describe();
  return {
    watchStep: events.watchStep,
    watchRequests: (app) => {
      events.watchRequests(app);
      watchForControl(app, control, protocolOf);
      app.addHook("onSend", async (request, reply) => {
        const hint = reply.statusCode === 200 ? await hintAt({ ...context, masterKey }, request) : null;
        if (hint !== null) reply.header("linchpin-hint", hint);
      });
    },
    requestCounts: countRequests(context),
    routes: async (app) => {
      await app.register(pageRoutes, { context });
      await app.register(sandboxRoutes, { prefix: "/sandbox", context, protocols });
      await app.register(controlRoutes, { prefix: "/sandbox", control });
      for (const { routes } of opened) if (routes !== undefined) await app.register(routes, { prefix: "/sandbox" });
      await app.register(events.routes, { prefix: "/sandbox" });
      await app.register(partnerRoutes, { prefix: "/sandbox", context, events, issuers });
    },
    explain: (error, request) => explainRefusal({ ...context, masterKey }, error, request),
    protocols: Object.fromEntries(opened.map(({ name, forIssuer }) => [name, forIssuer])),
  };
}
