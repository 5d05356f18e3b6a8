import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { all, ElementPage, host, part } from "./element-page.ts";
import type { Stage } from "./set-stage.ts";

const change = { element: "pin-change" };
const threeRules = ["4 digits", "Not in a row, such as 1234 or 4321", "No digit more than 2 times"];

/** What `<linchpin-pin-change>` does in every browser. */
export function testPinChange(stage: () => Stage): void {
  const open = (query: object, roots?: "closed" | "open") => {
    const { browser, server } = stage();
    server.received.length = 0;
    return ElementPage.open(browser, server, { ...change, ...query }, roots);
  };
  const openAndFocus = async (query: object = {}) => {
    const element = await open(query);
    await element.focusField();
    return element;
  };

  describe("a PIN is changed", () => {
    it("by keyboard", async () => {
      const element = await openAndFocus();
      await element.type("1928");
      await element.page.press("Enter");
      assert.equal(await element.text("title"), "Repeat your new PIN");
      await element.type("1928");
      await element.page.press("Enter");
      await element.untilTitle("Your PIN has been changed");
      assert.deepEqual(stage().server.received, ["1928"]);
      assert.deepEqual(await element.events(), ["pin-changed null"]);
      assert.equal(await element.page.evaluate("isWiped()"), true);
      await element.close();
    });

    it("by pad, with a digit taken back", async () => {
      const element = await open({});
      await element.tap("19");
      await element.tap("5");
      await element.click(`${all("quiet-key")}.at(-1)`);
      await element.tap("28");
      await element.click(part("submit"));
      await element.tap("1928");
      await element.click(part("submit"));
      await element.untilTitle("Your PIN has been changed");
      assert.deepEqual(stage().server.received, ["1928"]);
      await element.close();
    });

    it("by a shuffled pad", async () => {
      const element = await open({ shuffled: "" });
      for (const _ of ["choose", "repeat"]) {
        await element.tap("1928");
        await element.click(part("submit"));
      }
      await element.untilTitle("Your PIN has been changed");
      assert.deepEqual(stage().server.received, ["1928"]);
      await element.close();
    });

    it("by arrow keys and Enter on the pad, with the digit that is read out", async () => {
      const element = await open({});
      await element.page.evaluate(`void ${part("key")}.focus()`);
      const pressed = [];
      for (const key of ["Enter", "ArrowRight", "ArrowDown", "Enter", "ArrowDown", "ArrowRight", "Enter"]) {
        await element.page.press(key);
        if (key === "Enter") pressed.push(await element.page.evaluate(`${host}.shadowRoot.activeElement.textContent`));
      }
      assert.deepEqual(pressed, ["1", "5", "9"]);
      assert.equal(await element.count("full"), 3);
      await element.close();
    });

    it("of six digits where the program asks for six to eight", async () => {
      const policy = JSON.stringify({
        minLength: 6,
        maxLength: 8,
        sequences: "refuse_any_order",
        wrapAround: false,
        maxSameDigit: 1,
        denyList: ["192837"],
        pinHistory: 3,
      });
      const element = await openAndFocus({ policy });
      assert.equal(
        await element.text("rule"),
        [
          "6 to 8 digits",
          "No neighbouring digits, such as 1234 or 3142",
          "Every digit only once",
          "None that is easy to guess",
          "None that you have used before",
        ].join(" | "),
      );
      await element.type("192837");
      await element.page.press("Enter");
      assert.equal(await element.text("notice"), "This PIN is too easy to guess.");
      for (const _ of ["choose", "repeat"]) {
        await element.type("192846");
        await element.page.press("Enter");
      }
      await element.untilTitle("Your PIN has been changed");
      assert.deepEqual(stage().server.received, ["192846"]);
      await element.close();
    });

    it("once, however often one clicks or presses Enter", async () => {
      const element = await openAndFocus({ answer: "wait" });
      await element.type("1928");
      await element.click(part("submit"), 2);
      assert.equal(await element.text("notice"), "", "the second click is none of the next step's");
      await element.tap("1928");
      await element.click(part("submit"), 2);
      for (const _ of "again") await element.page.press("Enter");
      await element.page.evaluate(`void ${host}.reset()`);
      await element.until("calls > 0");
      assert.equal(await element.text("title"), "Changing your PIN");
      assert.equal(await element.page.evaluate("isWiped()"), false);
      await element.page.evaluate("settle()");
      await element.untilTitle("Your PIN has been changed");
      await element.page.press("Enter");
      assert.equal(await element.page.evaluate("calls"), 1);
      assert.deepEqual(stage().server.received, ["1928"]);
      await element.close();
    });
  });

  describe("the policy is shown as one types", () => {
    it("open, then met", async () => {
      const element = await openAndFocus();
      await element.type("192");
      assert.equal(await element.text("rule"), threeRules.join(" | "));
      await element.type("8");
      assert.equal(await element.text("rule"), threeRules.map((rule) => `${rule}: met`).join(" | "));
      await element.close();
    });

    for (const { pin, broken, notice } of [
      { pin: "1234", broken: threeRules[1], notice: "Digits in a row are too easy to guess." },
      { pin: "9876", broken: threeRules[1], notice: "Digits in a row are too easy to guess." },
      { pin: "7377", broken: threeRules[2], notice: "The same digit was used too often." },
    ])
      it(`${pin} is refused before anything is sent`, async () => {
        const element = await openAndFocus();
        await element.type(pin);
        assert.equal(await element.text("broken"), `${broken}: not met`);
        await element.page.press("Enter");
        assert.equal(await element.text("notice"), notice);
        assert.equal(await element.text("title"), "Choose your new PIN");
        assert.equal(await element.count("full"), 0);
        assert.equal(await element.page.evaluate("calls"), 0);
        await element.close();
      });

    it("too few digits are refused, too many are not taken", async () => {
      const element = await openAndFocus();
      await element.type("192");
      await element.page.press("Enter");
      assert.equal(await element.text("notice"), "Enter at least 4 digits.");
      await element.type("8777");
      assert.equal(await element.count("full"), 4);
      await element.close();
    });
  });

  describe("what is typed", () => {
    it("letters and shortcuts are none of it", async () => {
      const element = await openAndFocus();
      for (const key of ["a", " ", "-", "."]) await element.page.press(key);
      assert.equal(await element.count("full"), 0);
      await element.close();
    });

    it("counts in any script, and by an input method", async () => {
      const element = await openAndFocus();
      const dispatch = (event: string) => element.page.evaluate(`void ${part("field")}.dispatchEvent(${event})`);
      const options = "bubbles: true, cancelable: true, composed: true";
      await dispatch(`new KeyboardEvent('keydown', { key: '１', ${options} })`);
      await dispatch(`new KeyboardEvent('keydown', { key: '९', ${options} })`);
      await dispatch(`new KeyboardEvent('keydown', { key: 'Process', isComposing: true, ${options} })`);
      await dispatch(
        `new InputEvent('beforeinput', { inputType: 'insertCompositionText', data: '２', isComposing: true, ${options} })`,
      );
      assert.equal(await element.count("full"), 2, "what is composed still changes");
      await dispatch(`new CompositionEvent('compositionend', { data: '２', ${options} })`);
      await dispatch(`new InputEvent('beforeinput', { inputType: 'insertText', data: '٨', ${options} })`);
      await element.page.press("Enter");
      await element.type("1928");
      await element.page.press("Enter");
      await element.untilTitle("Your PIN has been changed");
      assert.deepEqual(stage().server.received, ["1928"]);
      await element.close();
    });

    it("on the pad, a second thumb may be down before the first is up", async () => {
      const element = await open({});
      const keyOf = (digit: number) => `${all("key")}.find((key) => key.textContent === '${digit}')`;
      const point = (type: string, digit: number, pointerId: number) =>
        element.page.evaluate(
          `void ${keyOf(digit)}.dispatchEvent(new PointerEvent('${type}', { pointerId: ${pointerId}, pointerType: 'touch', isPrimary: ${pointerId === 1}, button: 0, bubbles: true, composed: true }))`,
        );
      await point("pointerdown", 1, 1);
      await point("pointerdown", 9, 2);
      await point("pointerup", 1, 1);
      await point("pointerdown", 2, 1);
      await point("pointerup", 9, 2);
      await point("pointerup", 2, 1);
      assert.equal(await element.count("full"), 3);
      // A screen reader presses a key by a click alone; a mouse, by both, which is one digit.
      await element.page.evaluate(`void ${keyOf(2)}.click()`);
      assert.equal(await element.count("full"), 4);
      await element.click(`${all("quiet-key")}.at(-1)`);
      assert.equal(await element.count("full"), 3);
      await element.tap("8");
      await element.click(part("submit"));
      await element.tap("1928");
      await element.click(part("submit"));
      await element.untilTitle("Your PIN has been changed");
      assert.deepEqual(stage().server.received, ["1928"]);
      await element.close();
    });

    it("a mismatch keeps the first PIN and asks for the repetition", async () => {
      const element = await openAndFocus();
      await element.type("1928");
      await element.page.press("Enter");
      await element.type("1929");
      await element.page.press("Enter");
      assert.match(await element.text("notice"), /not the same/);
      assert.equal(await element.text("title"), "Repeat your new PIN");
      await element.type("1928");
      await element.page.press("Enter");
      await element.untilTitle("Your PIN has been changed");
      assert.deepEqual(stage().server.received, ["1928"]);
      await element.close();
    });

    it("is gone after `start again`, after `pagehide`, and out of the page", async () => {
      const element = await openAndFocus();
      for (const leave of [
        () => element.click(`${all("quiet-key")}.at(0)`),
        () => element.page.evaluate("window.dispatchEvent(new Event('pagehide'))"),
        () => element.page.evaluate(outAndIn),
      ]) {
        await element.focusField();
        await element.type("1928");
        await element.page.press("Enter");
        await element.type("19");
        await leave();
        assert.equal(await element.text("title"), "Choose your new PIN");
        assert.equal(await element.count("full"), 0);
      }
      await element.close();
    });

    it("stays where a page moves the element, however it does", async () => {
      const element = await openAndFocus();
      await element.type("1928");
      await element.page.press("Enter");
      await element.type("19");
      for (const move of moves) {
        await element.page.evaluate(move);
        assert.equal(await element.text("title"), "Repeat your new PIN", move);
        assert.equal(await element.count("full"), 2, move);
      }
      await element.focusField();
      await element.type("28");
      await element.page.press("Enter");
      await element.untilTitle("Your PIN has been changed");
      assert.deepEqual(stage().server.received, ["1928"]);
      await element.close();
    });

    const underWay = async () => {
      const element = await openAndFocus({ answer: "wait" });
      for (const _ of ["choose", "repeat"]) {
        await element.type("1928");
        await element.page.press("Enter");
      }
      await element.until("calls === 1");
      return element;
    };

    it("a move does not end the call that is under way, and its outcome is shown", async () => {
      const element = await underWay();
      for (const move of moves) await element.page.evaluate(move);
      assert.equal(await element.text("title"), "Changing your PIN");
      assert.equal(await element.page.evaluate("abortCount"), 0);
      await element.page.evaluate("settle()");
      await element.untilTitle("Your PIN has been changed");
      assert.deepEqual(await element.events(), ["pin-changed null"]);
      await element.close();
    });

    it("out of the page, the call is aborted, and its outcome is shown on the element and when it comes back", async () => {
      const element = await underWay();
      await element.page.evaluate(
        `void (globalThis.kept = ${host}, globalThis.heard = [],
          kept.addEventListener('pin-change-failed', ({ detail }) => heard.push(detail.code)), kept.remove())`,
      );
      await element.until("abortCount === 1");
      await element.page.evaluate("settle('outcome_unknown')");
      await element.until("heard.length === 1");
      assert.deepEqual(await element.page.evaluate("heard"), ["outcome_unknown"]);
      await element.page.evaluate("void document.querySelector('main').append(kept)");
      assert.equal(await element.text("title"), "We could not confirm the change");
      await element.page.evaluate(outAndIn);
      assert.equal(await element.text("title"), "Choose your new PIN", "it was told");
      await element.close();
    });
  });

  it("the live region counts and never names a digit", async () => {
    const element = await openAndFocus();
    await element.type("9");
    assert.equal(await element.spoken(), "1 of 4 digits entered");
    await element.type("87");
    assert.equal(await element.spoken(), "3 of 4 digits entered");
    await element.close();
  });

  it("speaks German and Portuguese, other languages that are brought, and English for what is missing", async () => {
    for (const [lang, title, language] of [
      ["de-AT", "Neue PIN wählen", "de"],
      ["pt-BR", "Escolha o novo PIN", "pt"],
      ["ar", "اختر رقمك السري الجديد", "ar"],
      ["fr", "Choose your new PIN", "en"],
    ]) {
      const element = await open({ lang });
      assert.equal(await element.text("title"), title);
      assert.equal(await element.page.evaluate(`${part("panel")}.lang`), language);
      await element.close();
    }
  });

  it("from right to left, text turns and pad and digits do not", async () => {
    const element = await open({ lang: "ar", dir: "rtl" });
    const x = async (expression: string) => (await element.placeOf(expression)).x;
    const key = (digit: number) => `${all("key")}.find((key) => key.textContent === '${digit}')`;
    assert.ok((await x(key(1))) < (await x(key(3))));
    assert.ok((await x(`${all("cell")}[0]`)) < (await x(`${all("cell")}[3]`)));
    const bullet = `${host}.shadowRoot.querySelector('.bullet')`;
    assert.ok((await x(bullet)) > (await x(`${bullet}.nextElementSibling`)));
    await element.close();
  });

  it("from right to left, a sentence that is not translated is read from left to right", async () => {
    const element = await open({ lang: "fr", dir: "rtl" });
    const rule = `${host}.shadowRoot.querySelector('.bullet').nextElementSibling.firstChild`;
    const x = (at: number) =>
      element.page.evaluate(`(() => {
        const range = document.createRange();
        range.setStart(${rule}, ${at});
        range.setEnd(${rule}, ${at + 1});
        return range.getBoundingClientRect().x;
      })()`);
    assert.equal(await element.page.evaluate(`${rule}.data`), "4 digits");
    assert.ok(Number(await x(0)) < Number(await x(2)));
    await element.close();
  });

  describe("a script in the page", () => {
    // At the places where the pad stands in a page that can be looked into.
    const placesOnPad = async () => {
      const element = await open({});
      const keyOf = (digit: string) => `${all("key")}.find((key) => key.textContent === '${digit}')`;
      const places = new Map<string, { x: number; y: number }>();
      for (const digit of "4706") places.set(digit, await element.placeOf(keyOf(digit)));
      places.set("submit", await element.placeOf(part("submit")));
      await element.close();
      return places;
    };

    it("finds no digit in document, attributes, events, storage or address", async () => {
      const places = await placesOnPad();
      const element = await open({}, "closed");
      await element.page.evaluate(spyOnEverything);
      const read = async () => JSON.stringify(await element.page.evaluate(everythingReadable));
      for (const _ of ["choose", "repeat"]) {
        for (const digit of "4706") {
          const { x, y } = places.get(digit) ?? assert.fail();
          await element.page.click(x, y);
          assert.doesNotMatch(await read(), /4706|4, ?7|7, ?0|0, ?6|"[4706]"|>[4706]</);
        }
        const { x, y } = places.get("submit") ?? assert.fail();
        await element.page.click(x, y);
      }
      await element.until("calls === 1");
      await element.until("eventsOfOurs.length === 1");
      const readable = await read();
      assert.match(readable, /pin-changed/, "the net was out");
      assert.doesNotMatch(readable, /4706|4, ?7|7, ?0|0, ?6|"[4706]"|>[4706]</);
      assert.deepEqual(stage().server.received, ["4706"]);
      await element.close();
    });

    it("does not hear keys that bubble, nor clicks on the pad", async () => {
      const element = await openAndFocus();
      await element.page.evaluate(
        `void (globalThis.heard = [], ['keydown', 'keypress', 'keyup', 'click', 'mousedown', 'pointerdown', 'input'].forEach(
          (type) => document.addEventListener(type, (event) => heard.push(type + event.key))))`,
      );
      await element.type("19");
      await element.tap("2");
      assert.equal(await element.count("full"), 3);
      assert.deepEqual(await element.page.evaluate("heard"), []);
      await element.close();
    });

    it("finds no input, and no root", async () => {
      const element = await open({}, "closed");
      assert.equal(await element.page.evaluate(`${host}.shadowRoot`), null);
      assert.equal(await element.page.evaluate("document.querySelectorAll('input, [contenteditable]').length"), 0);
      assert.deepEqual(await element.page.evaluate(`Reflect.ownKeys(${host})`), []);
      await element.close();
    });
  });
}

/** Ways in which pages and frameworks move an element. Where a browser has `moveBefore`, that too. */
const moves = [
  `void ${host}.after(${host})`,
  `void (() => { const element = ${host}; element.remove(); document.querySelector('main').append(element); })()`,
  `void document.querySelector('main').moveBefore?.(${host}, null)`,
];

/** Taken out of the page, and put back later. */
const outAndIn = `(async () => {
  const element = ${host};
  element.remove();
  await new Promise((resolve) => setTimeout(resolve));
  document.querySelector('main').append(element);
})()`;

// Key events are left out: at the window a script hears the user's keyboard before any element does.
const spyOnEverything = `void (() => {
  globalThis.heard = [];
  const types = ['click', 'pointerdown', 'mousedown', 'beforeinput', 'input', 'change', 'focusin', 'selectionchange'];
  for (const type of [...types, 'pin-changed', 'pin-change-failed'])
    window.addEventListener(type, (event) => {
      const path = event.composedPath().map((node) => node.nodeName + (node.parentNode?.parentNode ? node.textContent : ''));
      heard.push([type, event.data ?? '', event.detail?.code ?? '', path.join()]);
    }, true);
  for (const method of ['log', 'info', 'warn', 'error', 'debug'])
    console[method] = (...things) => heard.push(things.map(String));
})()`;

const everythingReadable = `
(async () => ({
  html: document.documentElement.outerHTML,
  attributes: [...document.querySelectorAll('main *')].flatMap((node) => [...node.attributes].map(({ name, value }) => name + value)),
  text: document.body.innerText,
  fields: JSON.stringify(Object.fromEntries(Object.entries(${host}))),
  selection: (document.execCommand('selectAll'), getSelection().toString()),
  found: ['4706', '470', '47'].filter((text) => window.find(text)),
  active: document.activeElement.outerHTML,
  storage: JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
  databases: JSON.stringify(await indexedDB.databases?.()),
  address: location.pathname + location.hash + JSON.stringify(history.state),
  heard,
}))()`;
