import { writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { join } from "node:path";
import process from "node:process";
import type { Browser } from "@linchpin/test-fixtures/browsers/browser";
import { placeEmptyDatabase } from "@linchpin/test-fixtures/databases/empty-database";
import { Partner } from "@linchpin/test-fixtures/device/partner";
import { freePort } from "@linchpin/test-fixtures/system/free-port";
import { SolarisCardholder } from "@linchpin/testing/solaris";
import { serveSite } from "../../examples/web/serve.ts";
import { PageVisitor } from "./page-visitor.ts";
import { runInReactNative } from "./run-in-react-native.ts";
import { ShellSession } from "./shell-session.ts";

export interface Surroundings {
  /** A sandbox that runs; null: the paper starts an issuer itself. */
  readonly issuerPort: number | null;
  /** PostgreSQL, where the paper needs one. */
  readonly databaseUrl: string | null;
  readonly browser: Browser | null;
}

interface Ports {
  readonly issuer: number;
  readonly partner: number;
  readonly frame: number;
  /** A copy of the issuer. */
  readonly copy: number;
}

/** Where one paper is worked through, with this desk's ports, folder and database in the place of those it writes. */
export class Desk {
  readonly #shell: ShellSession;
  readonly #ports: Ports;
  readonly #names: Readonly<Record<string, string>>;
  readonly #browser: Browser | null;
  #framed: string | null = null;

  private constructor(ports: Ports, { databaseUrl, browser }: Surroundings) {
    const { issuer, partner, frame, copy } = ports;
    const environment: NodeJS.ProcessEnv = {
      ...process.env,
      NODE_TEST_CONTEXT: undefined,
      LINCHPIN_PORT: `${issuer}`,
      LINCHPIN_URL: `http://127.0.0.1:${issuer}`,
      PORT: `${partner}`,
    };
    this.#shell = new ShellSession(environment);
    this.#ports = ports;
    this.#browser = browser;
    this.#names = {
      "127.0.0.1:8420": `127.0.0.1:${issuer}`,
      "127.0.0.1:8421": `127.0.0.1:${partner}`,
      "listen(8421": `listen(${partner}`,
      "127.0.0.1:8422": `127.0.0.1:${frame}`,
      "LINCHPIN_PORT=8422": `LINCHPIN_PORT=${frame}`,
      "127.0.0.1:8423": `127.0.0.1:${copy}`,
      "LINCHPIN_PORT=8423": `LINCHPIN_PORT=${copy}`,
      "/etc/linchpin": this.#shell.folder,
      "postgres://linchpin@127.0.0.1/linchpin": `${databaseUrl}`,
      "postgres://linchpin@127.0.0.1/restored": String(databaseUrl).replace(/\w+$/, "restored"),
    };
  }

  static async open(surroundings: Surroundings): Promise<Desk> {
    const fresh = [freePort(), freePort(), freePort()] as const;
    const [issuer, partner, frame, copy] = await Promise.all([surroundings.issuerPort ?? freePort(), ...fresh]);
    const desk = new Desk({ issuer, partner, frame, copy }, surroundings);
    if (surroundings.issuerPort === null) await placeEmptyDatabase(join(desk.#shell.folder, "linchpin/store"));
    return desk;
  }

  close(): void {
    this.#shell.close();
  }

  runInNode(code: string): Promise<string> {
    const flags = ["--conditions=linchpin-source", "--input-type=module-typescript", "--eval"];
    return this.#shell.runProgram([process.execPath, ...flags, this.#localize(code)]);
  }

  runInShell(code: string): Promise<string> {
    return this.#shell.run(this.#localize(code));
  }

  async startInShell(code: string): Promise<string> {
    await this.#shell.start(this.#localize(code), Object.values(this.#ports));
    return "";
  }

  /** For the next page. */
  async putIntoFrame(html: string): Promise<string> {
    this.#framed = html;
    return "";
  }

  /** Serves the page to a cardholder with a fresh card, who does `afterwards`. */
  visitPage(html: string, afterwards: string): Promise<string> {
    const browser = this.#browser;
    if (browser === null) throw new Error("there is no browser");
    return inTurn(browser, () => this.#visitPage(browser, html, afterwards));
  }

  async #visitPage(browser: Browser, html: string, afterwards: string): Promise<string> {
    const { partner, frame } = this.#ports;
    const [page, framed] = [`http://127.0.0.1:${partner}`, `http://127.0.0.1:${frame}`];
    const cardholder = await SolarisCardholder.create(`http://127.0.0.1:${this.#ports.issuer}`);
    const sites = [await this.#serve(html, { port: partner, frames: framed }, cardholder)];
    if (this.#framed !== null) sites.push(await this.#serve(this.#framed, { port: frame, framedBy: page }, cardholder));
    this.#framed = null;
    const visitor = await PageVisitor.open(browser, `${page}/`, cardholder);
    try {
      await new Function("cardholder", `return (async () => {${afterwards}})()`)(visitor);
    } finally {
      await visitor.leaves();
      for (const site of sites) close(site);
    }
    return "";
  }

  /** To its end, while the cardholder does `afterwards`. */
  runInPage(module: string, afterwards: string): Promise<string> {
    const html = `<!doctype html><body><script type="module">${module}\ndocument.title = "done";</script>`;
    return this.visitPage(html, `${afterwards}\nawait cardholder.hasSeenPageEnd();`);
  }

  /** Through a partner whose cardholder is logged in. */
  async runOnPhone(module: string, afterwards: string): Promise<string> {
    const cardholder = await SolarisCardholder.create(`http://127.0.0.1:${this.#ports.issuer}`);
    const partner = await Partner.start(cardholder.sandbox);
    const localize = (code: string) =>
      this.#localize(code).replaceAll(`http://127.0.0.1:${this.#ports.partner}`, partner.url);
    try {
      return await runInReactNative(localize(module), localize(afterwards));
    } finally {
      partner.stop();
    }
  }

  async #serve(
    html: string,
    where: { port: number; frames?: string; framedBy?: string },
    { sandbox }: SolarisCardholder,
  ) {
    const file = join(this.#shell.folder, "page.html");
    writeFileSync(file, this.#localize(html));
    const { issuerKeysUrl, roots } = sandbox.native;
    const pins = { issuer: new URL(issuerKeysUrl).origin, roots };
    writeFileSync(join(this.#shell.folder, "roots.json"), JSON.stringify(pins));
    const { publicKey } = sandbox.spritz;
    writeFileSync(join(this.#shell.folder, "spritz-key.json"), JSON.stringify({ publicKey }));
    return serveSite({ file, ...where, cardholder: sandbox });
  }

  #localize(code: string): string {
    let localized = code;
    for (const [written, here] of Object.entries(this.#names)) localized = localized.replaceAll(written, here);
    return localized;
  }
}

function close(site: Server): void {
  site.closeAllConnections();
  site.close();
}

const visits = new WeakMap<Browser, Promise<unknown>>();

/** A keyboard types into one page at a time. */
function inTurn<Result>(browser: Browser, visit: () => Promise<Result>): Promise<Result> {
  const result = Promise.resolve(visits.get(browser)).then(visit);
  visits.set(
    browser,
    result.catch(() => {}),
  );
  return result;
}
