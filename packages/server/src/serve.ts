import { Server as TlsServer } from "node:tls";
import { LinchpinError } from "@linchpin/core";
import type { Store } from "@linchpin/store";
import type { Logger } from "pino";
import { createApp } from "./app.ts";
import { BackgroundWork } from "./background-work.ts";
import { type Context, sandboxPartnerId } from "./context/index.ts";
import { drainConnections, readTls, startCertificateRenewal, stopBeingReady } from "./http/index.ts";
import { publishManifest } from "./issuer-keys/index.ts";
import { drainTimeoutsMs } from "./longest-stop.ts";
import { startHealthServer } from "./monitoring/index.ts";
import { openContext } from "./open-context.ts";
import { openServerStore } from "./open-store.ts";
import { enabledProtocolsOf, type Protocol } from "./protocol.ts";
import { protocolTable } from "./protocol-table.ts";
import type { SandboxFactory } from "./sandbox-factory.ts";
import { isLoopback, type Settings } from "./settings/index.ts";

export interface Server {
  /** The origin it listens at. */
  readonly url: string;
  /**
   * Answers the requests in progress, then closes everything. Clients may send on connections that are open, and close
   * them, until `drainSignal` is aborted: in production after five seconds, in the sandbox at once.
   */
  close(drainSignal?: AbortSignal): Promise<void>;
}

export interface ServeOptions {
  readonly log: Logger;
  /** Needed where `settings.mode` is `sandbox`, and used nowhere else. */
  readonly sandbox?: SandboxFactory | null;
  readonly protocols?: readonly Protocol[];
}

/**
 * Starts the issuer: store, vault, HTTP. Ready when it resolves.
 * @throws LinchpinError `settings_invalid`, `storage_in_use`, `unavailable`
 */
export async function serve(
  settings: Settings,
  { log, sandbox = null, protocols: all = protocolTable }: ServeOptions,
): Promise<Server> {
  const protocols = enabledProtocolsOf(all, settings);
  const opened: { close(): Promise<void> }[] = [];
  const close = async () => {
    for (const part of opened.toReversed()) await part.close();
  };
  const keep = <Part extends { close(): Promise<void> }>(part: Part): Part => {
    opened.push(part);
    return part;
  };
  checkSandbox(settings.mode, sandbox);
  try {
    const store = keep(await openServerStore(settings));
    const clock = sandbox?.clock ?? (() => new Date());
    if (settings.mode === "production") await refuseSandboxData(store);
    let listeningUrl = "";
    const publicUrl = () => settings.publicUrl ?? listeningUrl;
    const parts = { log, protocols, clock, sandbox, publicUrl };
    const { context, masterKey } = keep(await openContext(store, settings, parts));
    // The background work makes the rest once the server listens.
    await context.keyring.ensure({ leavesSlowKeys: true });
    const onListening = (url: string) => {
      listeningUrl = url;
    };
    const listening = await listen(context, { settings, protocols, sandbox, masterKey, onListening });
    return { url: listening.url, close: (drainSignal) => listening.close(drainSignal).then(close) };
  } catch (error) {
    await close();
    throw error;
  }
}

interface ListenOptions {
  readonly settings: Settings;
  readonly protocols: readonly Protocol[];
  readonly sandbox: SandboxFactory | null;
  readonly masterKey: Uint8Array | null;
  /** Called with the origin that the server listens at. */
  readonly onListening: (url: string) => void;
}

async function listen(
  context: Context,
  { settings, protocols, sandbox: factory, masterKey, onListening }: ListenOptions,
): Promise<Server> {
  const background = new BackgroundWork(context, settings);
  const sandbox = (await factory?.open(context, { protocols, masterKey, background })) ?? null;
  const { tls, host, port } = settings;
  const tlsOptions = tls && (await readTls(tls));
  const app = await createApp(context, { protocols, settings, sandbox, tls: tlsOptions });
  const url = await app.listen({ host, port });
  onListening(url);
  const healthServer = await publishManifest(context)
    .then(() => startHealthServer(context, { host, port: settings.healthPort, of: app.server }))
    .catch(async (error) => {
      await app.close();
      throw error;
    });
  if (sandbox !== null && !isLoopback(host))
    context.log.warn({ host }, "whoever reaches this sandbox reads OTPs and PINs, and calls as anybody");
  background.start();
  const certificateRenewal =
    tls && tlsOptions && app.server instanceof TlsServer
      ? startCertificateRenewal(app.server, { tls, first: tlsOptions, log: context.log })
      : null;
  return {
    url,
    close: async (drainSignal) => {
      // With a signal, another process serves in its place, behind the same port.
      if (drainSignal === undefined) stopBeingReady(app.server);
      await drainConnections(app.server, drainSignal ?? AbortSignal.timeout(drainTimeoutsMs[settings.mode]));
      await app.close();
      await Promise.all([background.stop(), certificateRenewal?.stop()]);
      await healthServer?.close();
    },
  };
}

/** @throws LinchpinError `settings_invalid`: the sandbox is missing, or is there in production */
function checkSandbox(mode: Settings["mode"], sandbox: SandboxFactory | null): void {
  if ((mode === "sandbox") !== (sandbox !== null))
    throw new LinchpinError("settings_invalid", {
      reason: "LINCHPIN_MODE=sandbox needs @linchpin/sandbox, and production runs without it",
    });
}

/** The credentials that a sandbox seeds are published. */
async function refuseSandboxData(store: Store): Promise<void> {
  if ((await store.findPartner(sandboxPartnerId)) !== null)
    throw new LinchpinError("settings_invalid", {
      reason:
        "this database was a sandbox's and holds its well-known credentials: production needs a database of its own",
    });
}
