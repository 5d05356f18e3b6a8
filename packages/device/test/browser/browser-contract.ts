import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "@linchpin/test-fixtures/browsers/browser";
import { assertUnseen, nativeCardholderOf, type Scene } from "@linchpin/test-fixtures/device/stage";
import { buildSync } from "esbuild";

/** The library in a browser, on its WebCrypto and IndexedDB, on the page of a partner whose origin is the relay's. */
export function testInBrowser(launch: () => Promise<Browser>, enter: () => Promise<Scene>): void {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());

  async function openPage({ partner }: Scene): Promise<Page> {
    partner.pages = {
      "/": ["text/html", '<!doctype html><script type="module" src="/page.js"></script>'],
      "/page.js": ["text/javascript", script],
    };
    const page = await browser.open(`${partner.url}/`);
    await page.evaluate(
      "new Promise((resolve) => (document.readyState === 'complete' ? resolve() : (onload = resolve)))",
    );
    return page;
  }

  test("a device is bound, and after a reload it still signs with a key that nobody can read", async () => {
    const scene = await enter();
    const { personId, cardAccountId: cardId } = scene.cardholder.sandbox.solaris;
    const bound = `relay, keys: openDeviceKeys(), personId: "${personId}"`;
    const first = await openPage(scene);
    await first.evaluate(`solaris.bindDevice({ ${bound} })`);
    await first.close();
    const page = await openPage(scene);
    const otp = await scene.cardholder.newestOtp();
    await page.evaluate(`solaris.proveBinding({ ${bound}, otp: "${otp}" })`);
    await page.evaluate(
      `solaris.changePin({ ${bound}, cardId: "${cardId}", pin: new solaris.Pin(Uint8Array.of(0x31, 0x39, 0x32, 0x38)) })`,
    );
    assert.equal((await scene.cardholder.verify("1928")).body.result, "match");
    const read = `new Promise((resolve) => {
      const request = indexedDB.open("linchpin");
      request.onsuccess = () => {
        const kept = request.result.transaction("bindings").objectStore("bindings").get("solaris.${personId}");
        kept.onsuccess = () => crypto.subtle.exportKey("jwk", kept.result.pair.privateKey).then(
          () => resolve("exported"), () => resolve(kept.result.pair.privateKey.extractable));
      };
    })`;
    assert.equal(await page.evaluate(read), false);
    await page.evaluate(`openDeviceKeys().forget("solaris.${personId}")`);
    const code = `solaris.changePin({ ${bound}, cardId: "x", pin: new solaris.Pin(Uint8Array.of(0x31, 0x39, 0x32, 0x38)) })
      .catch(({ code, message }) => [code, message])`;
    assert.deepEqual(await page.evaluate(code), ["device_unbound", "device_unbound"]);
    assertUnseen(scene, "1928");
    await page.close();
  });

  test("a PIN is changed by Adyen's protocol, and revealed by Adyen's and Plumery's", async () => {
    const scene = await enter();
    const { adyen, plumery } = scene.cardholder.sandbox;
    const card = `relay, paymentInstrumentId: "${adyen.paymentInstrumentId}"`;
    const page = await openPage(scene);
    await page.evaluate(`adyen.changePin({ ${card}, pin: new adyen.Pin(Uint8Array.of(0x30, 0x31, 0x39, 0x33)) })`);
    for (const reveal of [
      `adyen.revealPin({ ${card} })`,
      `plumery.revealPin({ relay, cardToken: "${plumery.cardToken}" })`,
    ])
      assert.deepEqual(
        await page.evaluate(`${reveal}.then((pin) => Array.from(pin.asciiDigits()))`),
        [0x30, 0x31, 0x39, 0x33],
      );
    assertUnseen(scene, "0193");
    await page.close();
  });

  test("a device is bound by the native protocol; after a reload it sets, checks and shows the PIN and shows the card", async () => {
    const scene = await enter();
    const holder = await nativeCardholderOf(scene);
    const { cardId, roots, issuerKeysUrl } = holder.sandbox.native;
    const pins = JSON.stringify({ issuer: new URL(issuerKeysUrl).origin, roots });
    const task = `relay, pins: ${pins}, keys: openDeviceKeys(), card: "${cardId}"`;
    const card = `${task}, confirm: ({ holder, last4 }) => holder !== "" && last4.length === 4`;
    const pinOf = (pin: string) => `new native.Pin(Uint8Array.from("${pin}", (digit) => 0x30 + Number(digit)))`;
    const digits = await holder.lastDigits();
    const first = await openPage(scene);
    const binding = first.evaluate(`native.bindDevice({ ${task}, askForCode: () =>
      new Promise((resolve) => { globalThis.answer = (code) => resolve({ code, digits: "${digits}" }); }) })`);
    await first.evaluate(`new Promise((resolve) => {
      const look = () => globalThis.answer ? resolve() : setTimeout(look, 20); look(); })`);
    await first.evaluate(`void answer("${await holder.newestCode()}")`);
    await binding;
    await first.close();
    const page = await openPage(scene);
    await page.evaluate(`native.changePin({ ${card}, pin: ${pinOf("1928")} })`);
    const verify = (pin: string) => page.evaluate(`native.verifyPin({ ${card}, pin: ${pinOf(pin)} })`);
    assert.deepEqual(await verify("1928"), { result: "match" });
    assert.deepEqual(await verify("4711"), { result: "mismatch", remaining: 2 });
    const shown = await page.evaluate(
      `nativeReveal.revealPin({ ${card} }).then((pin) => Array.from(pin.asciiDigits()))`,
    );
    assert.deepEqual(shown, [0x31, 0x39, 0x32, 0x38]);
    const { pan } = (await page.evaluate(`nativeReveal.revealCard({ ${card} })`)) as { pan: string };
    assert.equal(pan.slice(-8), digits);
    const refused = `native.changePin({ ${card}, confirm: () => false, pin: ${pinOf("8264")} }).catch(({ code }) => code)`;
    assert.equal(await page.evaluate(refused), "aborted");
    const swapped = JSON.stringify({ issuer: new URL(issuerKeysUrl).origin, roots: [{ ...roots[0], x: roots[0].y }] });
    const unpinned = `nativeReveal.revealPin({ ${card}, pins: ${swapped} }).catch(({ code }) => code)`;
    assert.equal(await page.evaluate(unpinned), "manifest_refused");
    for (const secret of ["1928", "4711", pan]) assertUnseen(scene, secret);
    await page.close();
  });

  test("a change is asked for by Solaris' other way, and a request protected by Venly's", async () => {
    const scene = await enter();
    const { personId, cardAccountId: cardId } = scene.cardholder.sandbox.solaris;
    const page = await openPage(scene);
    const pin = "new solaris.Pin(Uint8Array.of(0x31, 0x39, 0x32, 0x38))";
    const person = `relay, personId: "${personId}"`;
    const id = await page.evaluate(`solarisSca.requestPinChange({ ${person}, cardId: "${cardId}", pin: ${pin} })`);
    const tan = await scene.cardholder.newestOtp();
    await page.evaluate(`solarisSca.confirmPinChange({ ${person}, changeRequestId: "${id}", tan: "${tan}" })`);
    assert.equal((await scene.cardholder.verify("1928")).body.result, "match");
    const value = "Uint8Array.from([1, 9, 2, 8, 3, 7], (digit) => 0x30 + digit)";
    const answer = await page.evaluate(`venly.createUser({ relay, reference: "customer", pin: ${value} })
      .then(({ signingMethodId: id }) => venly.sendProtected({
        relay, path: "/api/transactions/execute", body: { to: "Zoë" }, known: { id, value: ${value} } }))`);
    assert.match(JSON.stringify(answer), /transactionHash/);
    assertUnseen(scene, "192837");
    await page.close();
  });
}

const script = bundle();

function bundle(): string {
  const { outputFiles } = buildSync({
    entryPoints: [join(import.meta.dirname, "page/page.ts")],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    conditions: ["linchpin-source"],
  });
  return outputFiles[0]?.text ?? assert.fail();
}
