import assert from "node:assert/strict";
import type { lookup } from "node:dns";
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { describe, it } from "node:test";
import { allowedHosts, allowedUrl } from "../../../src/protocols/solaris/webhooks/allowed-hosts.ts";
import { postWebhook, publicLookup } from "../../../src/protocols/solaris/webhooks/post-webhook.ts";

const name = "LINCHPIN_SOLARIS_WEBHOOK_HOSTS";

describe("the hosts that webhooks may be at", () => {
  it("are named with or without a port, and compared as a parsed URL has them", () => {
    const hosts = allowedHosts("Hooks.Partner.example, 10.0.0.5:8443, [::1]:80, 0x7f.1", name);
    for (const url of [
      "https://hooks.partner.example/a?b=c",
      "https://HOOKS.partner.example:9443",
      "https://10.0.0.5:8443/",
      "http://[::1]/",
      "http://[0:0:0:0:0:0:0:1]:80",
      "http://127.0.0.1:9000/",
    ])
      assert.equal(allowedUrl(url, hosts)?.href, new URL(url).href, url);
    for (const url of [
      "http://hooks.partner.example/",
      "https://hooks.partner.example./",
      "https://partner.example/",
      "https://a.hooks.partner.example/",
      "https://hooks.partner.example.evil.example/",
      "https://hooks.partner.example@evil.example/",
      "https://evil.example/?hooks.partner.example",
      "https://evil.example\\@hooks.partner.example/",
      "https://10.0.0.5/",
      "http://10.0.0.5:8443/",
      "http://[::1]:81/",
      "https://u@hooks.partner.example/",
      "",
    ])
      assert.equal(allowedUrl(url, hosts), null, url);
  });

  it("are none where the operator says so; another form is refused", () => {
    assert.deepEqual(allowedHosts("none", name), []);
    assert.equal(allowedUrl("https://hooks.partner.example/", []), null);
    for (const wrong of [
      "https://a.example",
      "a.example/path",
      "a b",
      "*",
      "a.example,",
      "u@a.example",
      "a:b",
      "[::g]",
    ])
      assert.throws(() => allowedHosts(wrong, name), { code: "settings_invalid" }, wrong);
  });
});

describe("a name of an allowed host", () => {
  const resolving = (...addresses: [address: string, family: number][]) =>
    ((_name: string, _options: object, done: (error: null, found: object[]) => void) =>
      done(
        null,
        addresses.map(([address, family]) => ({ address, family })),
      )) as unknown as typeof lookup;
  const look = (resolve: typeof lookup, all: boolean) =>
    new Promise((done, fail) =>
      publicLookup(resolve)("hooks.partner.example", { all }, (error, address) =>
        error ? fail(error) : done(address),
      ),
    );

  it("leads to public addresses alone", async () => {
    const answers: [string, number][] = [
      ["1.1.1.1", 4],
      ["2606:4700:4700::1111", 6],
    ];
    assert.equal(await look(resolving(...answers), false), "1.1.1.1");
    assert.deepEqual(await look(resolving(...answers), true), [
      { address: "1.1.1.1", family: 4 },
      { address: "2606:4700:4700::1111", family: 6 },
    ]);
  });

  for (const address of [
    "127.0.0.1",
    "10.1.2.3",
    "172.31.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b:1::7f00:1",
    "::127.0.0.1",
    "100::1",
    "100:0:0:1::1",
    "2001::1",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "5f00::1",
    "fec0::1",
    "fe80::1%lo",
    "fd00::1",
    "fe80::1",
    "ff02::1",
  ])
    it(`is refused where it leads to ${address}, also beside a public address`, async () => {
      const family = address.includes(":") ? 6 : 4;
      await assert.rejects(look(resolving([address, family]), false), { code: "ENOTPUBLIC" });
      await assert.rejects(look(resolving(["1.1.1.1", 4], [address, family]), true), { code: "ENOTPUBLIC" });
    });

  it("is connected to at no other address than was checked, and not at all where that is not public", async () => {
    let requests = 0;
    const server = createServer((_request, response) => {
      requests += 1;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const options = { headers: {}, body: new Uint8Array(0), signal: AbortSignal.timeout(5000) };
    const post = (host: string, resolve: typeof lookup) =>
      postWebhook(new URL(`http://${host}:${port}/`), options, resolve);
    await assert.rejects(post("hooks.partner.example", resolving(["127.0.0.1", 4])), { code: "ENOTPUBLIC" });
    await assert.rejects(post("hooks.partner.example", resolving()), { code: "ENOTPUBLIC" });
    assert.equal(requests, 0);
    assert.equal(await post("127.0.0.1", resolving()), 200);
    assert.equal(requests, 1);
    server.close();
    server.closeAllConnections();
  });

  it("gives up a server that does not answer in time, and needs no end of a slow body", async () => {
    const server = createServer((request, response) => {
      if (request.url === "/slow") response.writeHead(200).write("a body without an end");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const post = (path: string) =>
      postWebhook(new URL(`http://127.0.0.1:${port}${path}`), {
        headers: {},
        body: new Uint8Array(0),
        signal: AbortSignal.timeout(path === "/slow" ? 60_000 : 50),
      });
    await assert.rejects(post("/silent"), { name: "TimeoutError" });
    assert.equal(await post("/slow"), 200);
    server.close();
    server.closeAllConnections();
  });
});

describe("a receiver that is no good HTTP server", () => {
  for (const [what, answer, status] of [
    ["switches protocols", "HTTP/1.1 101 S\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n", 101],
    ["closes without an answer", "", null],
    ["closes within its headers", "HTTP/1.1 200 OK\r\nA:", null],
    ["speaks another language", "220 mail.example ESMTP\r\n", null],
  ] as const)
    it(`ends the attempt where it ${what}`, async () => {
      const receiver = createTcpServer((socket) => socket.once("data", () => socket.end(answer)).on("error", () => {}));
      await once(receiver.listen(0, "127.0.0.1"), "listening");
      const url = new URL(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`);
      const posted = postWebhook(url, { headers: {}, body: new Uint8Array(), signal: AbortSignal.timeout(30_000) });
      if (status === null)
        await assert.rejects(posted, (error: NodeJS.ErrnoException) => typeof error.code === "string");
      else assert.equal(await posted, status);
      receiver.close();
    });
});
