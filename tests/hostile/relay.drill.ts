import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { bindDevice, changePin as changeNatively } from "@linchpin/device/native";
import { pinRoots } from "@linchpin/device/roots";
import { sealPin } from "@linchpin/device/stripe";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { adyen } from "./relay/adyen-column.ts";
import { lithic } from "./relay/lithic-column.ts";
import { native } from "./relay/native-column.ts";
import { playWithRootsOfTheRelay } from "./relay/native-keys.ts";
import { plumery } from "./relay/plumery-column.ts";
import { alteringReply, parsed } from "./relay/relay.ts";
import { solaris } from "./relay/solaris-column.ts";
import { solarisSca } from "./relay/solaris-sca-column.ts";
import { spritz } from "./relay/spritz-column.ts";
import { phoneOf, pinOf, setScene, toldBy } from "./relay/stage.ts";
import { stripe } from "./relay/stripe-column.ts";
import { attacks, type Column, type Trial, type Verdict } from "./relay/trials.ts";
import { venly } from "./relay/venly-column.ts";
import { worldline } from "./relay/worldline-column.ts";

const columns: readonly Column[] = [
  native,
  solaris,
  solarisSca,
  adyen,
  venly,
  plumery,
  stripe,
  spritz,
  worldline,
  lithic,
];

/** What a relay gets that lies, by SECURITY.md's table: each cell is played against a running issuer. */
describe("a hostile relay", () => {
  let issuer: SandboxIssuer;
  before(async () => {
    issuer = await startSandboxIssuer();
  });
  after(() => issuer.stop());

  async function play({ play: trial }: Trial, column: Column, isPinned: boolean): Promise<string> {
    const scene = await setScene(issuer, column === native ? "native only" : "vendor");
    try {
      return await trial(scene, isPinned);
    } finally {
      scene.relay.stop();
    }
  }

  for (const column of columns)
    describe(`by ${column.name}`, () => {
      for (const attack of attacks) {
        const { verdict = "n/a", ways = [] } = column.trials[attack] ?? {};
        for (const way of ways)
          test(`${attack}, ${way.how}: ${verdict}`, async () => {
            assert.equal(await play(way, column, true), verdict === "succeeds" ? "succeeds" : way.by);
            if (verdict === "stopped by roots") assert.equal(await play(way, column, false), "succeeds");
          });
      }
    });

  describe("before a device whose clock is wrong", () => {
    const wrongBy = (days: number) => () => new Date(Date.now() + days * 86_400_000);

    test("by a year behind: all is done natively, and an earlier list of keys is refused", async () => {
      const scene = await setScene(issuer, "native only");
      const phone = phoneOf(scene);
      const clock = wrongBy(-365);
      await bindDevice({ ...phone.byCode, clock });
      await changeNatively({ ...phone.confirmed, clock, pin: pinOf("1928") });
      const early = parsed(scene.relay.last("/sessions").reply.body).manifest;
      await scene.alice.native.operator("POST", "/keys/native-hpke/rotate");
      const playedBack = { status: 200, body: early, type: "application/jwk-set+jwt" };
      scene.relay.conduct = async (sent, pass) =>
        sent.path.includes("/issuer-keys")
          ? playedBack
          : alteringReply("/sessions", (body) => ({ ...body, manifest: early }))(sent, pass);
      // Another phone, that has seen no list.
      const told = await toldBy(bindDevice({ ...phoneOf(scene).byCode, clock }));
      assert.equal(told, "manifest_refused");
      scene.relay.stop();
    });

    test("by a year ahead: it says so, and sends nothing sealed", async () => {
      const scene = await setScene(issuer, "native only");
      const told = await toldBy(bindDevice({ ...phoneOf(scene).byCode, clock: wrongBy(365) }));
      assert.equal(told, "manifest_expired");
      assert.ok(scene.relay.seen.every(({ path }) => !path.includes("/operations")));
      scene.relay.stop();
    });

    test("by two days behind: an earlier list is played back to a device of a vendor's protocol without seqStore", async () => {
      const before = await setScene(issuer, "vendor");
      const list = await before.relay.pass({ method: "GET", path: "/issuer-keys", body: "" });
      const key = await before.relay.pass({ method: "GET", path: "/stripe/v1/keys", body: "" });
      await issuer.clock.advance("48h");
      const scene = await setScene(issuer, "vendor");
      scene.relay.conduct = async (sent, pass) =>
        sent.path.includes("/issuer-keys") ? list : sent.path.includes("/v1/keys") ? key : pass(sent);
      const task = { ...scene.way, pin: pinOf("1928") };
      assert.equal(await toldBy(sealPin({ ...task, roots: pinRoots(scene.pins) })), "done");
      const pin = pinOf("1928");
      const rightClock = pinRoots({ ...scene.pins, clock: wrongBy(2) });
      assert.equal(await toldBy(sealPin({ ...task, pin, roots: rightClock })), "manifest_expired");
      for (const { relay } of [before, scene]) relay.stop();
    });
  });

  test("reads what is sealed by the native protocol too, where the device takes the roots from it", async () => {
    const scene = await setScene(issuer, "native only");
    try {
      assert.equal(await playWithRootsOfTheRelay(scene), "succeeds");
    } finally {
      scene.relay.stop();
    }
  });

  test("gets what SECURITY.md says, and nothing else", () => {
    const paper = readFileSync(new URL("../../SECURITY.md", import.meta.url), "utf8");
    const [head, ...rows] = tableOf(paper, "The relay …");
    assert.deepEqual(
      head?.slice(1),
      columns.map(({ name }) => name),
    );
    const written = Object.fromEntries(rows.map(([attack = "", ...verdicts]) => [attack, verdicts]));
    const verdictOf = (column: Column, attack: (typeof attacks)[number]): Verdict =>
      column.trials[attack]?.verdict ?? "n/a";
    const played = attacks.map((attack) => [attack, columns.map((column) => verdictOf(column, attack))]);
    assert.deepEqual(written, Object.fromEntries(played));
  });
});

/** The cells of the table whose first head is this. */
function tableOf(paper: string, firstHead: string): string[][] {
  const lines = paper.slice(paper.indexOf(`| ${firstHead} |`)).split("\n");
  const end = lines.findIndex((line) => !line.startsWith("|"));
  const cellsOf = (line: string) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
  return lines
    .slice(0, end)
    .filter((line) => !/^\|[-|]+\|$/.test(line))
    .map(cellsOf);
}
