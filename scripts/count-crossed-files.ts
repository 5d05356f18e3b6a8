// Counts the source files whose functions run while the issuer answers one request of each operation, from V8's precise
// coverage. `node --conditions=linchpin-source scripts/count-crossed-files.ts [checkout] [--list]`: the issuer of that
// checkout, or of this one; `--list` names the files.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { AdyenCardholder } from "@linchpin/testing/adyen";
import { PlumeryClient } from "@linchpin/testing/plumery";
import { SolarisCardholder } from "@linchpin/testing/solaris";
import { transferBody, VenlyPartner } from "@linchpin/testing/venly";

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly { readonly functionName: string; readonly ranges: readonly { count: number }[] }[];
  }[];
}

/** What a production server does not run: the sandbox, its check of the host name, and what reports its steps. */
const ofSandboxAlone =
  /\/packages\/(sandbox|page)\/|\/server\/src\/(sandbox\/|http\/refuse-foreign-hosts|settings\/loopback|context\/step-rows)/;

const root = resolve(process.argv.slice(2).find((argument) => !argument.startsWith("--")) ?? ".");
const isListing = process.argv.includes("--list");
const folder = await mkdtemp(join(tmpdir(), "linchpin-crossed-"));
const issuer = spawn(
  process.execPath,
  ["--conditions=linchpin-source", "--inspect=127.0.0.1:0", "packages/cli/src/main.ts", "serve"],
  {
    cwd: root,
    env: { ...process.env, LINCHPIN_MODE: "sandbox", LINCHPIN_PORT: "0", LINCHPIN_DATA: folder },
    stdio: ["ignore", "pipe", "pipe"],
  },
);
let socket: WebSocket | undefined;
try {
  const inspector = await firstMatch(issuer.stderr, /ws:\/\/\S+/);
  const origin = await firstMatch(issuer.stdout, /http:\/\/[\d.]+:\d+/);
  socket = new WebSocket(inspector);
  const profiler = await connect(socket);
  await profiler("Profiler.enable");
  await profiler("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
  for (const [operation, prepare] of Object.entries(await operationsOn(origin))) {
    await (await prepare())(); // What is loaded, compiled or remembered at the first request is not counted.
    const send = await prepare();
    await profiler("Profiler.takePreciseCoverage");
    await send();
    const files = filesThatRan((await profiler("Profiler.takePreciseCoverage")) as Coverage);
    console.log(
      `${String(files.length).padStart(4)}  ${operation}${isListing ? `\n      ${files.join("\n      ")}` : ""}`,
    );
  }
} finally {
  // An issuer that ends waits for its debugger to go.
  socket?.close();
  issuer.kill();
  await once(issuer, "exit");
  await rm(folder, { recursive: true, force: true });
}

/** For each operation, what makes a request and returns how to send it. */
async function operationsOn(origin: string): Promise<Record<string, () => Promise<() => Promise<unknown>>>> {
  const holder = await SolarisCardholder.create(origin);
  const device = await holder.bindDevice();
  const adyen = await AdyenCardholder.create(origin);
  const plumery = await PlumeryClient.create(holder.sandbox);
  const venly = await VenlyPartner.create(origin);
  const user = await venly.makeUser();
  await holder.changePin("1928", device);
  await adyen.changePin("1928");
  let changes = 0;
  // Each passes the policy: no sequence, no digit three times.
  const next = () => ["2847", "5926", "8264", "1937"][changes++ % 4] ?? "";
  return {
    "solaris.pin_update_requests": async () => {
      const request = await holder.sealAndSign(next(), device);
      return () => holder.sendChange(request);
    },
    "solaris.sca_pin_update_requests": async () => {
      const request = await holder.seal(next());
      const path = `/v1/cards/${holder.sandbox.solaris.cardAccountId}/sca_pin_update_requests`;
      return () => holder.partner("POST", path, request);
    },
    "solaris.cards.order": async () => {
      const request = await holder.seal(next());
      const path = `/v1/persons/${holder.sandbox.solaris.personId}/accounts/an-account/cards`;
      return () => holder.partner("POST", path, request);
    },
    "adyen.pins.change": async () => {
      const request = await adyen.seal(next());
      return () => adyen.sendChange(request);
    },
    "adyen.pins.reveal": async () => {
      const { request } = await adyen.makeReveal();
      return () => adyen.sendReveal(request);
    },
    "adyen.paymentInstruments.reveal": async () => {
      const { request } = await adyen.makeReveal("panReveal");
      return () => adyen.sendPanReveal(request);
    },
    "plumery.cards.pin": async () => () => plumery.pin(),
    "plumery.cards": async () => () => plumery.card(),
    "venly.protected_request": async () => {
      const header = await user.sign(transferBody);
      return () => user.sendTransfer(transferBody, header);
    },
    "issuer.pin.verify": async () => {
      const request = await holder.seal("1928");
      return () => holder.operator("POST", `/cards/${holder.sandbox.issuer.cardId}/pin/verify`, request);
    },
  };
}

function filesThatRan({ result }: Coverage): string[] {
  const sources = `file://${root}/packages/`;
  return result
    .filter(({ url }) => url.startsWith(sources) && !ofSandboxAlone.test(url))
    .filter(({ functions }) => functions.some(({ functionName, ranges }) => functionName !== "" && ranges[0]?.count))
    .map(({ url }) => url.slice(sources.length))
    .toSorted();
}

async function firstMatch(stream: NodeJS.ReadableStream, pattern: RegExp): Promise<string> {
  for await (const line of createInterface({ input: stream })) {
    const [found] = pattern.exec(line) ?? [];
    if (found !== undefined) {
      stream.resume();
      return found;
    }
  }
  throw new Error("the issuer ended before it was ready");
}

/** The inspector protocol over its WebSocket: a method's name and parameters, for its result. */
async function connect(socket: WebSocket): Promise<(method: string, params?: object) => Promise<unknown>> {
  await once(socket, "open");
  const waiting = new Map<number, (result: unknown) => void>();
  socket.addEventListener("message", ({ data }) => {
    const { id, result } = JSON.parse(String(data));
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  let calls = 0;
  return (method, params = {}) =>
    new Promise((done) => {
      const id = ++calls;
      waiting.set(id, done);
      socket.send(JSON.stringify({ id, method, params }));
    });
}
