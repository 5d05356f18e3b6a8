import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { all, ElementPage, host, part } from "./element-page.ts";
import type { Stage } from "./set-stage.ts";

const reveal = { element: "pin-reveal", pin: "4706" };

/** What `<linchpin-pin-reveal>` does in every browser. */
export function testPinReveal(stage: () => Stage): void {
  const open = (query: object = {}, roots?: "closed" | "open") =>
    ElementPage.open(stage().browser, stage().server, { ...reveal, ...query }, roots);
  const openAndShow = async (query: object = {}) => {
    const element = await open(query);
    await element.click(part("toggle"));
    await element.until("eventsOfOurs.includes('pin-shown null')");
    return element;
  };
  const isDrawn = (element: ElementPage) => element.page.evaluate(canvasHasInk);
  const named = (element: ElementPage) =>
    element.page.evaluate(`${host}.shadowRoot.querySelector('#spoken-digits').textContent`);

  it("is hidden, and asks nobody, until it is asked for", async () => {
    const element = await open();
    assert.equal(await element.count("dot"), 4);
    assert.equal(await element.page.evaluate("calls"), 0);
    assert.equal(await named(element), "");
    await element.close();
  });

  it("shows the PIN to the eye, and names it to a screen reader that asks, not by a live region", async () => {
    const element = await openAndShow();
    assert.equal(await isDrawn(element), true);
    assert.equal(await named(element), "4 7 0 6 ");
    assert.equal(await element.page.evaluate("isWiped()"), true);
    assert.equal(await element.spoken(), "Your PIN is on the screen. It will be hidden in 15 seconds.");
    assert.match(await element.text("countdown"), /^Hidden in 1[45] s$/);
    await element.close();
  });

  describe("hides the PIN", () => {
    for (const [when, act] of [
      ["when asked to", pressToggle],
      [
        "on blur of the window",
        (element: ElementPage) => element.page.evaluate("window.dispatchEvent(new Event('blur'))"),
      ],
      [
        "on a change of visibility",
        (element: ElementPage) => element.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))"),
      ],
      ["on page hide", (element: ElementPage) => element.page.evaluate("window.dispatchEvent(new Event('pagehide'))")],
      [
        "before it is printed",
        (element: ElementPage) => element.page.evaluate("window.dispatchEvent(new Event('beforeprint'))"),
      ],
      ["by its method", (element: ElementPage) => element.page.evaluate(`void ${host}.hide()`)],
      [
        "out of the page",
        (element: ElementPage) =>
          element.page.evaluate(`(async () => {
            const element = ${host};
            element.remove();
            await new Promise((resolve) => setTimeout(resolve));
            document.querySelector('main').append(element);
          })()`),
      ],
    ] as const)
      it(when, async () => {
        const element = await openAndShow();
        await act(element);
        await element.until(
          "eventsOfOurs.at(-1) === 'pin-hidden null' || document.querySelector('main > :last-child')",
        );
        await element.until(`${all("digits")}[0].hidden`);
        assert.equal(await isDrawn(element), false);
        assert.equal(await named(element), "");
        assert.equal(await element.count("dot"), 4);
        await element.close();
      });

    it("after a set time", async () => {
      const element = await openAndShow({ "hide-after": "1" });
      await element.until("eventsOfOurs.at(-1) === 'pin-hidden null'");
      assert.equal(await isDrawn(element), false);
      assert.equal(await element.spoken(), "Your PIN is hidden.");
      await element.close();
    });

    it("when the focus leaves the element", async () => {
      const element = await open();
      await pressToggle(element);
      await element.until("eventsOfOurs.includes('pin-shown null')");
      await element.page.evaluate(`void ${part("toggle")}.blur()`);
      await element.until("eventsOfOurs.at(-1) === 'pin-hidden null'");
      await element.close();
    });
  });

  it("shows the PIN after a question of the page's own took the focus, as the native protocol's does", async () => {
    const element = await open({ answer: "wait" });
    await element.click(part("toggle"));
    await element.until("calls > 0");
    await element.page.evaluate(`(() => {
      const answer = Object.assign(document.createElement("button"), { id: "answer", textContent: "It is my card" });
      answer.onclick = () => { answer.remove(); settle(); };
      document.querySelector("main").append(answer);
      answer.focus();
    })()`);
    assert.equal(await element.page.evaluate("abortCount"), 0, "the reveal goes on");
    await element.page.evaluate("document.querySelector('#answer').click()");
    await element.until("eventsOfOurs.includes('pin-shown null')");
    assert.equal(await isDrawn(element), true);
    await element.close();
  });

  const underWay = async () => {
    const element = await open({ answer: "wait" });
    await element.click(part("toggle"));
    await element.until("calls === 1");
    return element;
  };

  it("what arrives after it was hidden is not shown", async () => {
    const element = await underWay();
    await element.page.evaluate(`void ${host}.hide()`);
    assert.equal(await element.page.evaluate("abortCount"), 1);
    await element.page.evaluate("settle()");
    await element.until("globalThis.isWiped?.()");
    assert.equal(await isDrawn(element), false);
    assert.deepEqual(await element.events(), []);
    await element.close();
  });

  it("goes on while the dialog of a passkey has the focus, and is shown when that comes back", async () => {
    const element = await underWay();
    await element.page.evaluate("window.dispatchEvent(new Event('blur'))");
    assert.equal(await element.page.evaluate("abortCount"), 0);
    await element.page.evaluate("settle()");
    await element.until("globalThis.isWiped !== undefined");
    assert.equal(await isDrawn(element), false, "nobody looks at the page");
    assert.equal(await element.text("toggle"), "Hide PIN");
    await element.page.evaluate("window.dispatchEvent(new Event('focus'))");
    await element.until("eventsOfOurs.includes('pin-shown null')");
    assert.equal(await isDrawn(element), true);
    await element.close();
  });

  it("does not wait for the focus longer than it would be shown", async () => {
    const element = await open({ answer: "wait", "hide-after": "1" });
    await element.click(part("toggle"));
    await element.until("calls === 1");
    await element.page.evaluate("window.dispatchEvent(new Event('blur'))");
    await element.page.evaluate("settle()");
    await element.until("globalThis.isWiped?.()");
    assert.equal(await element.text("toggle"), "Show PIN");
    assert.deepEqual(await element.events(), []);
    await element.close();
  });

  it("goes on where a page moves the element", async () => {
    const element = await underWay();
    await element.page.evaluate(`void ${host}.after(${host})`);
    await element.page.evaluate(`void document.querySelector('main').moveBefore?.(${host}, null)`);
    assert.equal(await element.page.evaluate("abortCount"), 0);
    await element.page.evaluate("settle()");
    await element.until("eventsOfOurs.includes('pin-shown null')");
    assert.equal(await isDrawn(element), true);
    await element.close();
  });

  it("out of the page, the call is aborted, and listeners on the element receive the outcome", async () => {
    const element = await underWay();
    await element.page.evaluate(
      `void (globalThis.heard = [], ${host}.addEventListener('pin-reveal-failed', ({ detail }) => heard.push(detail.code)), ${host}.remove())`,
    );
    await element.until("heard.length === 1");
    assert.deepEqual(await element.page.evaluate("[abortCount, heard]"), [1, ["aborted"]]);
    await element.close();
  });

  it("a double click asks once", async () => {
    const element = await open({ answer: "wait" });
    await element.click(part("toggle"), 2);
    await element.until("calls === 1");
    assert.equal(await element.page.evaluate("abortCount"), 0);
    assert.equal(await element.text("toggle"), "Hide PIN");
    await element.close();
  });

  it("speaks German and Portuguese", async () => {
    for (const [lang, title] of [
      ["de", "Ihre PIN"],
      ["pt", "O seu PIN"],
    ]) {
      const element = await open({ lang });
      assert.equal(await element.text("title"), title);
      await element.close();
    }
  });

  it("a script in the page finds no digit, selects none, and finds none by the page's search", async () => {
    const inside = await open();
    const { x, y } = await inside.placeOf(part("toggle"));
    await inside.close();
    const element = await open({}, "closed");
    await element.page.evaluate(
      "void (history.replaceState(null, '', '/'), document.querySelectorAll('script').forEach((script) => script.remove()))",
    );
    await element.page.click(x, y);
    await element.until("eventsOfOurs.includes('pin-shown null')");
    const readable = JSON.stringify(await element.page.evaluate(everythingReadable));
    assert.match(readable, /pin-shown/, "the net was out");
    assert.doesNotMatch(readable, /4706|4 7 0 6|"4"|"7"/);
    await element.close();
  });
}

async function pressToggle(element: ElementPage): Promise<void> {
  await element.page.evaluate(`void ${part("toggle")}.focus()`);
  await element.page.press("Enter");
}

const canvasHasInk = `(() => {
  const canvas = ${all("digits")}[0];
  if (canvas.width === 0 || !canvas.checkVisibility()) return false;
  return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0);
})()`;

const everythingReadable = `({
  html: document.documentElement.outerHTML,
  text: document.body.innerText,
  fields: JSON.stringify(Object.fromEntries(Object.entries(${host}))),
  selection: (document.execCommand('selectAll'), getSelection().toString()),
  found: ['4706', '4 7 0 6', '4', '7'].filter((text) => window.find(text)),
  storage: JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
  eventsOfOurs,
})`;
