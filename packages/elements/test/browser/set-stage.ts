import { after, before } from "node:test";
import type { Browser } from "@linchpin/test-fixtures/browsers/browser";
import { type PageServer, startPageServer } from "./page-server.ts";

export interface Stage {
  readonly browser: Browser;
  readonly server: PageServer;
}

/** One browser and one page server for all tests of the suite around it. */
export function setStage(launch: () => Promise<Browser>): () => Stage {
  let stage: Stage;
  before(async () => {
    stage = { browser: await launch(), server: await startPageServer() };
  });
  after(async () => {
    await stage.browser.close();
    stage.server.close();
  });
  return () => stage;
}
