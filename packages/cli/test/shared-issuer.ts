import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { type Issuer, startIssuer } from "@linchpin/test-fixtures/command/linchpin";
import type { Relay } from "./relay.ts";

/** One sandbox for every suite that needs a running issuer: its first start costs more than a suite. */
export class SharedIssuer {
  readonly dataFolder: string;
  /** Every `baseUrl` that the sandbox tells goes through it. */
  readonly relay: Relay;
  #running: Issuer | null = null;

  constructor(dataFolder: string, relay: Relay) {
    this.dataFolder = dataFolder;
    this.relay = relay;
  }

  get running(): Issuer {
    assert.ok(this.#running !== null, "the issuer is not started");
    return this.#running;
  }

  get url(): string {
    return this.running.url;
  }

  /** On the same data, each time. */
  async start(environment: Readonly<Record<string, string>> = {}): Promise<Issuer> {
    const { dataFolder, relay } = this;
    this.#running = await startIssuer({ LINCHPIN_DATA: dataFolder, LINCHPIN_PUBLIC_URL: relay.url, ...environment });
    relay.pointTo(this.url);
    return this.#running;
  }

  async end(): Promise<void> {
    this.relay.stop();
    await this.#running?.stop();
    await rm(this.dataFolder, { recursive: true, force: true });
  }
}
