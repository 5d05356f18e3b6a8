import { type LookupAddress, lookup } from "node:dns";
import { request as requestByHttp } from "node:http";
import { request as requestByHttps } from "node:https";
import { BlockList, type LookupFunction } from "node:net";
import { namesAddress } from "./allowed-hosts.ts";

/**
 * POSTs to the URL of a webhook, on a connection of its own, and returns the status of the answer. A redirect is an answer
 * like any other: it is not followed. The body of the answer is not read. Where the host is a name, every address that
 * it resolves to must be public, and the connection goes to one of those that were checked.
 * @param resolve the resolver of names
 * @throws the reason of `signal` where it is aborted; an error with a `code`: the connection failed, or the name leads to an address that is not public
 */
export function postWebhook(
  url: URL,
  { headers, body, signal }: { headers: Record<string, string>; body: Uint8Array; signal: AbortSignal },
  resolve: typeof lookup = lookup,
): Promise<number> {
  const request = url.protocol === "https:" ? requestByHttps : requestByHttp;
  return new Promise((done, fail) => {
    const sent = request(url, {
      method: "POST",
      headers: { ...headers, "content-length": String(body.length) },
      agent: false,
      signal,
      ...(namesAddress(url.hostname) ? {} : { lookup: publicLookup(resolve) }),
    });
    sent.on("error", (error) => fail(signal.aborted ? signal.reason : error));
    sent.on("response", (response) => {
      response.destroy();
      done(response.statusCode ?? 0);
    });
    // Without a listener, Node would destroy the connection, and neither an error nor the signal would be noticed.
    sent.on("upgrade", (response, socket) => {
      socket.destroy();
      done(response.statusCode ?? 0);
    });
    sent.on("close", () => fail(Object.assign(new Error("closed without an answer"), { code: "ECONNRESET" })));
    sent.end(body);
  });
}

/** Resolves a name as `resolve` does, and refuses it where one of its addresses is not public. */
export function publicLookup(resolve: typeof lookup): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return done(error, []);
      const isPublic = !addresses.some(isReserved);
      const [first] = addresses;
      if (!isPublic || first === undefined)
        return done(Object.assign(new Error("not public"), { code: "ENOTPUBLIC" }), []);
      return options.all ? done(null, addresses) : done(null, first.address, first.family);
    });
  };
}

// What is not globally reachable by the IANA special-purpose registries, and multicast; of IPv6 all that is outside of
// 2000::/3, the one block of global unicast addresses. Two lists: an IPv4 address is in a list of both families where its
// IPv6-mapped form is.
const reservedIpv4 = blockList("ipv4", [
  "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24",
  "192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4",
]);
const reservedIpv6 = blockList("ipv6", ["::/3 4000::/2 8000::/1 2001::/23 2001:db8::/32 2002::/16 3fff::/20"]);

function blockList(family: "ipv4" | "ipv6", networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks.flatMap((line) => line.split(" "))) {
    const [address = "", prefix] = network.split("/");
    list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

function isReserved({ address, family }: LookupAddress): boolean {
  return family === 6 ? reservedIpv6.check(address, "ipv6") : reservedIpv4.check(address, "ipv4");
}
