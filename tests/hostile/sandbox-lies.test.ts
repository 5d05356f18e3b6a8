import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { changePin as changeByAdyen } from "@linchpin/device/adyen";
import type { DeviceBinding } from "@linchpin/device/keys";
import { changePin as changeByLithic } from "@linchpin/device/lithic";
import { bindDevice as bindNatively, changePin as changeNatively, type NativeBinding } from "@linchpin/device/native";
import { revealPin } from "@linchpin/device/plumery";
import { fetchRelay, type Relay } from "@linchpin/device/relay";
import { type PinnedRoots, pinRoots } from "@linchpin/device/roots";
import { bindDevice, changePin, Pin, proveBinding } from "@linchpin/device/solaris";
import { createUser, sendProtected, updateSigningMethod } from "@linchpin/device/venly";
import type { SandboxEvent } from "@linchpin/page";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { memoryKeys, toldBy } from "./relay/stage.ts";

type Attack = Extract<SandboxEvent, { kind: "attack" }>;

/** The partner of the sandbox's page that lies, by protocols in which the page's browser tests play few of its lies. */
describe("the sandbox's partner lies", () => {
  let issuer: SandboxIssuer;
  let roots: PinnedRoots;
  // biome-ignore lint/suspicious/noExplicitAny: the shape of /sandbox/cardholder
  let cardholder: any;
  before(async () => {
    issuer = await startSandboxIssuer();
    roots = pinRoots(await (await fetch(`${issuer.url}/sandbox/pins`)).json());
    cardholder = await (await fetch(`${issuer.url}/sandbox/cardholder`, { method: "POST" })).json();
  });
  after(() => issuer.stop());

  const by = (lie: string): { relay: Relay } => ({
    relay: fetchRelay({ baseUrl: `${issuer.url}/sandbox/relay/${lie}`, pausesMs: [] }),
  });
  /** What the partner reports of its lies while `act` runs. */
  const reportsOf = async (act: () => Promise<unknown>): Promise<Attack[]> => {
    const ending = new AbortController();
    const { body } = await fetch(`${issuer.url}/sandbox/events`, { signal: ending.signal });
    const reports: Attack[] = [];
    const seen = Promise.withResolvers<void>();
    const reading = (async () => {
      for await (const text of body?.pipeThrough(new TextDecoderStream()) ?? [])
        for (const [, json = ""] of text.matchAll(/^data: (.*)$/gm)) {
          const event: SandboxEvent = JSON.parse(json);
          if (event.kind === "attack") reports.push(event);
          if (event.kind === "conclusion") seen.resolve();
        }
    })().catch(() => {});
    await act();
    // Events come in order: what was reported stands before this one.
    const headers = { "content-type": "application/json" };
    await fetch(`${issuer.url}/sandbox/conclusions`, { method: "POST", headers, body: '{"code":null}' });
    await seen.promise;
    ending.abort();
    await reading;
    return reports;
  };
  const newestCode = async (mobileNumber: string) => {
    const url = `${issuer.url}/sandbox/messages?to=${encodeURIComponent(mobileNumber)}`;
    const messages: { text: string }[] = await (await fetch(url)).json();
    return /\b\d{6}\b/.exec(messages.at(-1)?.text ?? "")?.[0] ?? "";
  };
  const outcomesOf = (reports: Attack[]) => reports.map(({ outcome, text }) => `${outcome}: ${text}`).join("\n");
  const bytes = (digits: string) => Buffer.from(digits);

  it("Solaris: binds a device of its own, with roots too", async () => {
    const { personId, mobileNumber, names } = cardholder;
    const keys = memoryKeys<DeviceBinding>();
    const task = { ...by("binds-own-device"), keys, personId };
    const reports = await reportsOf(async () => {
      await bindDevice(task);
      await proveBinding({ ...task, otp: await newestCode(mobileNumber) });
    });
    assert.match(outcomesOf(reports), /^tried: asks to bind a key.*\nsucceeded: has found the code/);
    assert.match(reports.at(-1)?.limit ?? "", /six digits/);
    const change = { ...by("honest"), roots, keys, personId, cardId: names.solaris, pin: new Pin(bytes("1928")) };
    assert.equal(await toldBy(changePin(change)), "signature_invalid");
  });

  it("Solaris: a wrong code binds nobody", async () => {
    const { personId } = cardholder;
    const task = { ...by("binds-own-device"), keys: memoryKeys<DeviceBinding>(), personId };
    const reports = await reportsOf(async () => {
      await bindDevice(task);
      assert.equal(await toldBy(proveBinding({ ...task, otp: "000000" })), "signature_invalid");
    });
    assert.match(outcomesOf(reports), /^tried: [^\n]*$/);
  });

  it("Plumery: reads and makes up what is shown, as no root stands behind it", async () => {
    const { cardId, names } = cardholder;
    const headers = { authorization: `Bearer ${cardholder.operatorApiKey}` };
    await fetch(`${issuer.url}/issuer/v1/cards/${cardId}/pin/generate`, { method: "POST", headers });
    const shown = async (lie: string) =>
      Buffer.from((await revealPin({ ...by(lie), cardToken: names.plumery })).asciiDigits()).toString();
    const pin = await shown("honest");
    const read = await reportsOf(async () => assert.equal(await shown("reads-by-swapped-key"), pin));
    assert.match(outcomesOf(read), new RegExp(`^succeeded: .* now knows the PIN: it is ${pin}$`));
    assert.match(read[0]?.limit ?? "", /no key of the issuer's/);
    const forged = await reportsOf(async () => assert.equal(await shown("forges-answers"), "6666"));
    assert.match(outcomesOf(forged), /^tried: sends nothing on/);
    assert.match(forged[0]?.believed ?? "", /^shows 6666/);
  });

  const changeLithic = (lie: string, digits: string, pinned: { roots?: PinnedRoots } = {}) =>
    changeByLithic({ ...by(lie), ...pinned, cardToken: cardholder.names.lithic, pin: new Pin(bytes(digits)) });

  it("Lithic: reads the PIN by a swapped key in PEM, and none where roots are pinned", async () => {
    const lie = "reads-by-swapped-key";
    const read = await reportsOf(() => changeLithic(lie, "1928"));
    assert.match(outcomesOf(read), /^tried: puts a key of its own.*\nsucceeded: now knows the PIN: it is 1928$/);
    const stopped = await reportsOf(async () =>
      assert.equal(await toldBy(changeLithic(lie, "2846", { roots })), "manifest_refused"),
    );
    assert.ok(stopped.length > 0 && stopped.every(({ outcome }) => outcome === "tried"));
    assert.equal(await toldBy(changeLithic("swaps-keys", "2846")), "decryption_failed");
    assert.equal(await toldBy(changeLithic("swaps-keys", "2846", { roots })), "issuer_key_unvouched");
  });

  it("Lithic: moves the PIN to a card of its own, forges the answer, and sends nothing twice", async () => {
    const moved = await reportsOf(() => changeLithic("moves-to-another-card", "2846"));
    assert.match(
      outcomesOf(moved),
      /^tried: puts a card of its own.*\nsucceeded: has put the PIN on a card of its own/,
    );
    const forged = await reportsOf(() => changeLithic("forges-answers", "2846"));
    assert.match(outcomesOf(forged), /^tried: sends nothing on/);
    const replayed = await reportsOf(() => changeLithic("replays", "2846"));
    assert.match(outcomesOf(replayed), /^stopped: sent the sealed PIN a second time/);
  });

  it("reads by its own role what another protocol set, but for a card of the native protocol alone", async () => {
    const ordinary = await reportsOf(() =>
      changeByAdyen({
        ...by("reads-by-own-role"),
        roots,
        paymentInstrumentId: cardholder.names.adyen,
        pin: new Pin(bytes("7406")),
      }),
    );
    assert.match(outcomesOf(ordinary), /^succeeded: has asked for the PIN by its own role, .*: it is 7406$/);
    const made = await fetch(`${issuer.url}/sandbox/cardholder/native-only`, { method: "POST" });
    const { isNativeOnly, names, lastDigits: digits, mobileNumber } = await made.json();
    assert.equal(isNativeOnly, true);
    const pins = await (await fetch(`${issuer.url}/sandbox/pins`)).json();
    const task = { ...by("reads-by-own-role"), pins, keys: memoryKeys<NativeBinding>(), card: names.native };
    await bindNatively({ ...task, askForCode: async () => ({ code: await newestCode(mobileNumber), digits }) });
    const native = await reportsOf(() => changeNatively({ ...task, pin: new Pin(bytes("7406")), confirm: () => true }));
    assert.match(outcomesOf(native), /^stopped: asked for the PIN by its own role: to other protocols/);
    const refused = changeByAdyen({ ...by("honest"), paymentInstrumentId: names.adyen, pin: new Pin(bytes("1928")) });
    assert.equal(await toldBy(refused), "card_unknown");
  });

  const makeUser = (lie: string, pinned: { roots?: PinnedRoots } = {}) =>
    createUser({ ...by(lie), ...pinned, reference: randomUUID(), pin: bytes("192837") });
  const update = (lie: string, user: Awaited<ReturnType<typeof makeUser>>, from: string, to: string) =>
    updateSigningMethod({
      ...by(lie),
      ...user,
      value: bytes(to),
      known: { id: user.signingMethodId, value: bytes(from) },
    });
  const pay = (lie: string, { signingMethodId: id }: { signingMethodId: string }, digits: string, pinned = {}) =>
    sendProtected({
      ...by(lie),
      ...pinned,
      path: "/api/transactions/execute",
      body: {},
      known: { id, value: bytes(digits) },
    });

  it("Venly: reads each signing PIN by a swapped key, and none where roots are pinned", async () => {
    const lie = "reads-by-swapped-key";
    const reports = await reportsOf(async () => {
      const user = await makeUser(lie);
      await update(lie, user, "192837", "564738");
      await pay(lie, user, "564738");
      assert.equal(await toldBy(pay("honest", user, "192837")), "signing_method_incorrect");
    });
    const read = reports.filter(({ outcome }) => outcome === "succeeded").map(({ text }) => text.slice(-6));
    assert.deepEqual(read, ["192837", "564738", "564738"]);
    const user = await makeUser("honest");
    const stopped = await reportsOf(async () => {
      assert.equal(await toldBy(makeUser(lie, { roots })), "manifest_refused");
      assert.equal(await toldBy(pay(lie, user, "192837", { roots })), "manifest_refused");
    });
    assert.ok(stopped.length > 0 && stopped.every(({ outcome }) => outcome === "tried"));
  });

  it("Venly: moves no signing PIN to a user of its own, uses none twice, delivers none late", async () => {
    const user = await makeUser("honest");
    const moved = await reportsOf(() => toldBy(update("moves-to-another-card", user, "192837", "564738")));
    assert.match(outcomesOf(moved), /^tried: puts a user.*\nstopped: tried to put the PIN on a user of its own$/);
    const replayed = await reportsOf(() => pay("replays", user, "192837"));
    assert.match(outcomesOf(replayed), /^stopped: sent the sealed PIN a second time/);
    const late = await reportsOf(async () => {
      assert.equal(await toldBy(update("delivers-late", user, "192837", "564738")), "outcome_unknown");
      await update("delivers-late", user, "192837", "920817");
    });
    assert.match(outcomesOf(late), /\nstopped: delivered the earlier change after this one$/);
    await pay("honest", user, "920817");
  });

  it("Venly: says that a PIN is changed which is not", async () => {
    const user = await makeUser("honest");
    const reports = await reportsOf(() => update("forges-answers", user, "192837", "564738"));
    assert.match(reports[0]?.believed ?? "", /^believes it/);
    await pay("honest", user, "192837");
  });
});
