import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { launchDebians, type PageOpener } from "@linchpin/test-fixtures/browsers/puppeteer-browser";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { SandboxPage } from "./sandbox-page.ts";

const run = promisify(execFile);
const changed = "Your PIN has been changed";
const pin = "9073";

/**
 * What the sandbox's page does, in a real browser against a running sandbox, and what nobody gets to see meanwhile.
 * `ways`: how digits are entered. `parts`: all of it, or only that one protocol works and that a PIN would be seen.
 */
export function testPage(
  name: "chromium" | "firefox",
  { ways, parts }: { ways: readonly ("type" | "tap")[]; parts: "each" | "first" },
): void {
  let issuer: SandboxIssuer;
  let browser: PageOpener;
  let closeBrowser = async () => {};
  before(async () => {
    issuer = await startSandboxIssuer();
    ({ browser, close: closeBrowser } = await launchDebians(name));
  });
  after(async () => {
    await closeBrowser();
    await issuer.stop();
  });

  /** Opens the page for one test, which must leave no error and no trace of the PIN. */
  const onPage = (title: string, test: (page: SandboxPage) => Promise<void>) =>
    it(title, async () => {
      const page = await SandboxPage.open(browser, issuer.url);
      try {
        await test(page);
        await page.assertUnseen(pin);
        assert.deepEqual(page.errors(), []);
      } finally {
        await page.close();
      }
    });

  const bind = async (page: SandboxPage) => {
    await page.choose("Solaris", "Set up this phone");
    await setUp(page);
  };
  const setUp = async (page: SandboxPage) => {
    await page.press("Make a key");
    await page.until("document.querySelector('.sms')");
    await page.fillIn(await page.code());
    await page.untilSaid("This phone is yours");
    await page.press("Done");
  };
  const bindNatively = async (page: SandboxPage) => {
    await page.choose("Native", "Set up this phone");
    await setUpNatively(page);
  };
  /** The code that it asks for, and the card's digits. */
  const typeCode = async (page: SandboxPage, button = "Make a key") => {
    await page.press(button);
    await page.until("document.querySelector('.sms')");
    await page.fillInDigits();
    await page.fillIn(await page.code());
  };
  const setUpNatively = async (page: SandboxPage) => {
    await typeCode(page);
    await page.untilSaid("This phone is yours");
    await page.press("Done");
  };
  const changeByAdyen = async (page: SandboxPage, way?: "type" | "tap") => {
    await page.choose("Adyen", "Change the PIN");
    await page.chooseAndRepeat(pin, way);
  };
  const version = async (page: SandboxPage) => (await page.card()).pin.version;
  const byVendors = [
    ["Solaris", bind],
    ["Adyen", async () => {}],
    ["Stripe", async () => {}],
    ["Lithic", async () => {}],
  ] as const;

  describe("every protocol", () => {
    for (const way of ways)
      onPage(`Adyen changes and shows (${way})`, async (page) => {
        await changeByAdyen(page, way);
        await page.untilSaid(changed);
        await page.choose("Adyen", "Show the PIN");
        await page.reveal();
        await page.untilSaid("Hidden in");
        await page.assertUnseen(pin);
      });
    if (parts === "first") return;

    for (const way of ways)
      onPage(`Solaris, signed by the phone (${way})`, async (page) => {
        await bind(page);
        await page.choose("Solaris", "Change the PIN");
        await page.chooseAndRepeat(pin, way);
        await page.untilSaid(changed);
        assert.equal(await version(page), 1);
      });

    for (const way of ways)
      onPage(`Solaris, confirmed by a code, the second one right (${way})`, async (page) => {
        await page.choose("Solaris", "Change the PIN by code");
        await page.chooseAndRepeat(pin, way);
        await page.until("document.querySelector('.sms')");
        const tan = await page.code();
        await page.fillIn(tan === "000000" ? "000001" : "000000");
        await page.untilSaid("not the code");
        assert.equal(await version(page), 0);
        await page.fillIn(tan);
        await page.untilSaid(changed);
        assert.equal(await version(page), 1);
      });

    // A relay logs in once: this test has to be Worldline's first.
    for (const [protocol, change, show, ofThePartner] of [
      ["Spritz", "Change the PIN", "Show the PIN", "sees a wrapped key"],
      ["Worldline", "Set the PIN", "Display the PIN", "logs in as the partner"],
    ] as const)
      onPage(`${protocol} changes and shows`, async (page) => {
        await page.choose(protocol, change);
        await page.chooseAndRepeat(pin);
        await page.untilSaid(changed);
        assert.equal(await version(page), 1);
        await page.choose(protocol, show);
        await page.reveal();
        await page.untilSaid("Hidden in");
        await page.assertUnseen(pin);
        await page.untilSaid(ofThePartner);
        assert.equal(await page.page.evaluate("document.body.textContent.includes('a client of your own')"), false);
      });

    for (const way of ways)
      onPage(`natively: set up, changed, shown and checked, each signed by the issuer (${way})`, async (page) => {
        await bindNatively(page);
        await page.untilCaption("this phone is the cardholder's, and the answer is signed");
        await page.choose("Native", "Change the PIN");
        await page.chooseAndRepeat(pin, way);
        await page.untilSaid("Robin Example");
        assert.equal(await version(page), 0, "nothing is sent before the cardholder has said whose card it is");
        await page.press("It is my card");
        await page.untilSaid(changed);
        await page.untilCaption("signs that it is changed");
        assert.equal(await version(page), 1);
        await page.choose("Native", "Show the PIN");
        await page.reveal();
        await page.press("It is my card");
        await page.untilSaid("Hidden in");
        await page.untilCaption("seals it to this call's key");
        await page.assertUnseen(pin);
        await page.choose("Native", "Check the PIN");
        await page[way](".screen sandbox-pin-entry", "1111");
        await page.press("It is my card");
        await page.untilSaid("That is not the PIN. 2 tries left.");
        await page.untilCaption("it is not the card's PIN, and the try is counted");
        await page.until("document.querySelector('.row.refused .steps li:last-child.refusal')");
        await page.noCaption("it is the card's PIN, and the answer is signed");
        await page[way](".screen sandbox-pin-entry", pin);
        await page.press("It is my card");
        await page.untilSaid("That is the PIN.");
        await page.untilCaption("it is the card's PIN, and the answer is signed");
      });

    onPage(
      "natively: a wrong code binds nothing, a card that is not the cardholder's changes nothing",
      async (page) => {
        await page.choose("Native", "Set up this phone");
        await page.press("Make a key");
        await page.until("document.querySelector('.sms')");
        const code = await page.code();
        await page.fillInDigits();
        await page.fillIn(code === "000000" ? "000001" : "000000");
        await page.untilSaid("The code or the digits are wrong");
        await page.untilCaption("refuses: the code, or the last digits of the card's number, are wrong");
        await page.until("document.querySelector('.row.refused .steps li:last-child.refusal')");
        await page.noCaption("this phone is the cardholder's");
        await page.choose("Native", "Change the PIN");
        await page.untilSaid("has no key yet");
        await page.press("Set up this phone first");
        await setUpNatively(page);
        await page.chooseAndRepeat(pin);
        await page.press("It is not");
        await page.untilSaid("Your PIN was not changed");
        assert.equal(await version(page), 0);
      },
    );

    onPage("Plumery has nothing to show before there is a PIN", async (page) => {
      await page.choose("Plumery", "Show the PIN");
      await page.reveal();
      await page.untilCaption("refuses: the card has no PIN yet");
      await page.untilSaid("and back a refusal");
      assert.equal(await page.page.evaluate("document.body.textContent.includes('a sealed PIN')"), false);
    });

    onPage("Plumery shows, and hides when one goes back", async (page) => {
      await changeByAdyen(page);
      await page.untilSaid(changed);
      await page.choose("Plumery", "Show the PIN");
      await page.reveal();
      await page.untilSaid("Hidden in");
      await page.assertUnseen(pin);
      await page.press("‹ Back");
      await page.until("document.querySelector('linchpin-pin-reveal') === null");
    });

    for (const way of ways)
      onPage(`Venly: choose, pay, change, and the old PIN pays no more (${way})`, async (page) => {
        await page.choose("Venly", "Pay 20.00 €");
        await page.untilSaid("no signing PIN yet");
        await page.choose("Venly", "Choose a signing PIN");
        await page.chooseAndRepeat("907351", way);
        await page.untilSaid(changed);
        await page.choose("Venly", "Pay 20.00 €");
        await page[way]("sandbox-pin-entry", "907351");
        await page.untilSaid("Paid.");
        await page.choose("Venly", "Change the signing PIN");
        await page[way](".screen sandbox-pin-entry", "907351");
        await page.chooseAndRepeat("846210", way);
        await page.untilSaid(changed);
        await page.choose("Venly", "Pay 20.00 €");
        await page[way](".screen sandbox-pin-entry", "907351");
        await page.untilSaid("Wrong PIN.");
        for (const secret of ["907351", "846210"]) await page.assertUnseen(secret);
      });

    for (const way of ways)
      onPage(`a terminal verifies; three wrong PINs block, the issuer unblocks (${way})`, async (page) => {
        await changeByAdyen(page);
        await page.untilSaid(changed);
        const terminal = ".terminal sandbox-pin-entry";
        await page[way](terminal, pin);
        await page.untilSaid("Approved");
        for (const words of ["2 tries left", "1 try left", "blocked"]) {
          await page[way](terminal, "1111");
          await page.untilSaid(words);
        }
        await page.choose("Plumery", "Show the PIN");
        await page.reveal();
        await page.untilSaid("cannot be shown");
        await page.press("Unblock the PIN");
        await page.untilCaption("unblocks the PIN");
        await page[way](terminal, pin);
        await page.untilSaid("Approved");
      });
  });

  describe("a PIN would be seen", () => {
    for (const [where, leak] of Object.entries({
      "in the markup": "document.body.setAttribute('data-pin', '9073')",
      "in a field": "document.body.append(Object.assign(document.createElement('input'), { value: '9073' }))",
      "in the storage": "localStorage.setItem('pin', '9073')",
      "in the console": "console.log('9073')",
      "in a request": "fetch('/sandbox?pin=9073').then(() => null)",
    }))
      it(where, async () => {
        const page = await SandboxPage.open(browser, issuer.url);
        await page.assertUnseen(pin);
        await page.page.evaluate(leak);
        await assert.rejects(page.assertUnseen(pin), /9073/);
        await page.page.evaluate("localStorage.removeItem('pin')");
        await page.close();
      });
  });

  if (parts === "first") return;

  describe("when something goes wrong, at most one change is made, and the cardholder sees what happened", () => {
    onPage("the network is pulled before the message goes out, and comes back", async (page) => {
      page.wire.fateOf = (_method, path) => (path.endsWith("/pins/change") ? "is pulled" : "arrives");
      await changeByAdyen(page);
      await page.untilSaid("could not confirm");
      page.wire.fateOf = () => "arrives";
      await page.wire.plugIn();
      assert.equal(await version(page), 0);
      await changeByAdyen(page);
      await page.untilSaid(changed);
      assert.equal(await version(page), 1);
    });

    onPage("every answer is lost", async (page) => {
      await page.chooseRelayFault("loses-answers");
      await changeByAdyen(page);
      await page.untilSaid("could not confirm");
      assert.equal(await version(page), 1);
      await page.chooseRelayFault("honest");
      await changeByAdyen(page);
      await page.untilSaid(changed);
    });

    onPage("the partner's backend answers 500", async (page) => {
      await page.chooseRelayFault("breaks-down");
      await changeByAdyen(page);
      await page.untilSaid("could not confirm");
      assert.equal(await version(page), 0);
    });

    onPage("the key is rotated between fetch and send", async (page) => {
      await bind(page);
      await page.chooseRelayFault("delays-until-rotation");
      await page.choose("Solaris", "Change the PIN");
      await page.chooseAndRepeat(pin);
      await page.untilSaid(changed);
      await page.unfold("Keys");
      await page.untilListed("solaris-pin2+1 accepted");
      assert.equal(await version(page), 1);
    });

    for (const [protocol, prepare] of byVendors.filter(([protocol]) => protocol !== "Stripe"))
      onPage(`${protocol}: the relay swaps the key for one of another purpose`, async (page) => {
        await prepare(page);
        await page.chooseTrust("none");
        await page.chooseRelayFault("swaps-keys");
        await page.choose(protocol, "Change the PIN");
        await page.chooseAndRepeat(pin);
        await page.untilSaid("Your PIN was not changed");
        assert.equal(await version(page), 0);
        // The other key is of 2048 bits, which the length tells.
        await page.untilSaid(protocol === "Lithic" ? "encoding_invalid" : "decryption_failed");
      });

    onPage("the relay alters the sealed message", async (page) => {
      await page.chooseRelayFault("alters-messages");
      await changeByAdyen(page);
      await page.untilSaid("Your PIN was not changed");
      assert.equal(await version(page), 0);
    });

    onPage("the relay sends it twice", async (page) => {
      await page.chooseRelayFault("sends-twice");
      await changeByAdyen(page);
      await page.untilSaid("could not confirm");
      assert.equal(await version(page), 1);
    });

    onPage("a double click", async (page) => {
      await page.choose("Adyen", "Change the PIN");
      await page.tap("linchpin-pin-change", pin);
      await page.tap("linchpin-pin-change", pin, 2);
      await page.untilSaid(changed);
      assert.equal(await version(page), 1);
      assert.equal(await page.sentChanges(), 3, "one key, the list that vouches for it, one change");
    });

    onPage("a reload while the change is on its way", async (page) => {
      page.wire.fateOf = (_method, path) => (path.endsWith("/pins/change") ? "is held" : "arrives");
      await changeByAdyen(page);
      await page.untilSaid("Changing your PIN");
      await page.page.reload();
      await page.untilSaid("no PIN yet");
      page.wire.fateOf = () => "arrives";
      assert.equal(await version(page), 0);
      await changeByAdyen(page);
      await page.untilSaid(changed);
      assert.equal(await version(page), 1);
    });
  });

  describe("a partner that lies", () => {
    /** As `onPage`, where the partner has read the PIN, and the page says so: the one place where it may stand. */
    const onPageThatShows = (title: string, test: (page: SandboxPage) => Promise<void>) =>
      it(title, async () => {
        const page = await SandboxPage.open(browser, issuer.url);
        try {
          await test(page);
          assert.deepEqual(page.errors(), []);
        } finally {
          await page.close();
        }
      });
    const changeBy = async (page: SandboxPage, protocol: string, digits = pin) => {
      await page.choose(protocol, "Change the PIN");
      await page.chooseAndRepeat(digits);
      if (protocol === "Native") await page.press("It is my card");
    };
    /** Whether this is the card's PIN, by the terminal. */
    const verifies = async (page: SandboxPage, digits: string) => {
      await page.chooseRelayFault("honest");
      await page.type(".terminal sandbox-pin-entry", digits);
      await page.untilSaid("Approved");
    };

    for (const [protocol, prepare] of byVendors)
      onPageThatShows(`${protocol}, no roots: it reads the PIN, and the page shows which`, async (page) => {
        await prepare(page);
        await page.chooseTrust("none");
        await page.untilSaid("one that lies can");
        await page.chooseRelayFault("reads-by-swapped-key");
        await changeBy(page, protocol);
        await page.untilAttack("succeeded", `now knows the PIN: it is ${pin}`);
        if (protocol !== "Solaris") await page.untilSaid(changed);
        // The signature is over what the phone sealed, and not over what the partner sealed anew.
        else await page.untilCaption("refuses: the signature does not verify");
        assert.equal(await version(page), protocol === "Solaris" ? 0 : 1);
      });

    for (const [protocol, prepare] of byVendors)
      onPage(`${protocol}, roots pinned: the phone seals nothing to its key`, async (page) => {
        await prepare(page);
        await page.untilSaid("nobody in between can open what the phone seals");
        await page.chooseRelayFault("reads-by-swapped-key");
        await changeBy(page, protocol);
        await page.untilSaid("Your PIN could not be protected here");
        await page.untilAttack("stopped", "no root that it has pinned signed this list");
        await page.noAttack("succeeded");
        assert.equal(await version(page), 0);
      });

    onPageThatShows("Adyen, no roots: it reads a PIN that is shown", async (page) => {
      await changeByAdyen(page);
      await page.untilSaid(changed);
      await page.chooseTrust("none");
      await page.chooseRelayFault("reads-by-swapped-key");
      await page.choose("Adyen", "Show the PIN");
      await page.reveal();
      await page.untilSaid("Hidden in");
      await page.untilAttack("succeeded", `now knows the PIN: it is ${pin}`);
    });

    onPage("natively: it reads nothing, whatever list of keys it hands on", async (page) => {
      await page.chooseTrust("none");
      await bindNatively(page);
      await page.untilSaid("Nobody in between can read it, move it or make up an answer.");
      await page.chooseRelayFault("reads-by-swapped-key");
      await page.choose("Native", "Change the PIN");
      await page.chooseAndRepeat(pin);
      await page.untilSaid("Your PIN could not be protected here");
      await page.untilAttack("tried", "puts a key of its own in the place of the issuer's");
      await page.untilAttack("stopped", "no root that it has pinned signed this list");
      await page.noAttack("succeeded");
      assert.equal(await version(page), 0);
    });

    onPage("natively: it binds no device of its own", async (page) => {
      await page.chooseRelayFault("binds-own-device");
      await page.choose("Native", "Set up this phone");
      await page.press("Make a key");
      await page.untilSaid("Something on the way to the bank is lying. Nothing was sent.");
      await page.untilAttack("tried", "asks to bind a key of its own");
      await page.untilAttack("stopped", "the issuer's session is not for what it asked");
      await page.noAttack("succeeded");
    });

    onPageThatShows("Solaris: it binds a device of its own, roots or not, and the phone's is none", async (page) => {
      await page.chooseRelayFault("binds-own-device");
      await bind(page);
      await page.untilAttack("tried", "asks to bind a key of its own");
      await page.untilAttack("succeeded", "bound a device of its own: it can change the PIN");
      await page.untilAttack("succeeded", "believes that its own key is bound");
      await page.untilSaid("Roots do not stop this: a signature over six digits");
      await page.chooseRelayFault("honest");
      await page.choose("Solaris", "Change the PIN");
      await page.chooseAndRepeat(pin);
      await page.untilSaid("Your PIN was not changed");
      await page.untilCaption("refuses: the signature does not verify");
      assert.equal(await version(page), 0);
    });

    onPage(
      "a card for the native protocol alone: no vendor's task or prompt is there, no role reads the PIN",
      async (page) => {
        await page.chooseProgram("native");
        await page.untilSaid("To the others the card is unknown, and the app asks for no code of theirs.");
        const offered =
          "[...document.querySelectorAll('.protocols label')].map(({ textContent }) => textContent).join()";
        assert.equal(await page.page.evaluate(offered), "Native");
        await bindNatively(page);
        await changeBy(page, "Native");
        await page.untilSaid(changed);
        await page.choose("Native", "Set up this phone");
        await typeCode(page);
        await page.type(".screen sandbox-pin-entry", "1111");
        await page.untilSaid("That is not the card's PIN");
        await typeCode(page, "Begin anew");
        await page.type(".screen sandbox-pin-entry", pin);
        await page.untilSaid("This phone is yours");
        await page.press("Done");
        await page.chooseRelayFault("reads-by-own-role");
        await changeBy(page, "Native");
        await page.untilSaid(changed);
        await page.untilAttack("stopped", "asked for the PIN by its own role: to other protocols the card is unknown");
        await page.untilCaption("refuses: ");
        await page.noAttack("succeeded");
        assert.equal(await version(page), 2);
      },
    );

    // Each vendor's lies are played without a browser too: tests/hostile/sandbox-lies.test.ts.
    onPageThatShows("Plumery: it reads a PIN that is shown by a key of its own, roots or not", async (page) => {
      await changeByAdyen(page);
      await page.untilSaid(changed);
      await page.chooseRelayFault("reads-by-swapped-key");
      await page.choose("Plumery", "Show the PIN");
      await page.reveal();
      await page.untilSaid("Hidden in");
      await page.untilAttack("succeeded", `now knows the PIN: it is ${pin}`);
      await page.untilSaid("Roots do not stop this: this answer is sealed with no key of the issuer's");
    });

    onPageThatShows("Plumery: it makes up the PIN that is shown", async (page) => {
      await page.chooseRelayFault("forges-answers");
      await page.choose("Plumery", "Show the PIN");
      await page.reveal();
      await page.untilSaid("Hidden in");
      await page.untilAttack("succeeded", "shows 6666, which the issuer never sent");
      await page.untilSaid("Roots do not stop this: the issuer's answers are not signed");
    });

    const chooseSigningPin = async (page: SandboxPage) => {
      await page.choose("Venly", "Choose a signing PIN");
      await page.chooseAndRepeat("907351");
    };
    const changeSigningPin = async (page: SandboxPage, digits = "846210") => {
      await page.choose("Venly", "Change the signing PIN");
      await page.type(".screen sandbox-pin-entry", "907351");
      await page.chooseAndRepeat(digits);
    };

    onPageThatShows("Venly, no roots: it reads the signing PIN, as it is chosen and as it pays", async (page) => {
      await page.chooseTrust("none");
      await page.chooseRelayFault("reads-by-swapped-key");
      await chooseSigningPin(page);
      await page.untilSaid(changed);
      await page.untilAttack("succeeded", "now knows the PIN: it is 907351");
      await changeSigningPin(page);
      await page.untilSaid(changed);
      await page.untilAttack("succeeded", "now knows the PIN: it is 846210");
      await page.press("Clear");
      await page.choose("Venly", "Pay 20.00 €");
      await page.type(".screen sandbox-pin-entry", "846210");
      await page.untilSaid("Paid.");
      await page.untilAttack("succeeded", "now knows the PIN: it is 846210");
    });

    onPage("Venly, roots pinned: the phone seals neither a signing PIN nor a payment to its key", async (page) => {
      await page.chooseRelayFault("reads-by-swapped-key");
      await chooseSigningPin(page);
      await page.untilSaid("Your PIN could not be protected here");
      await page.untilAttack("stopped", "no root that it has pinned signed this list");
      await page.chooseRelayFault("honest");
      await chooseSigningPin(page);
      await page.untilSaid(changed);
      await page.press("Clear");
      await page.chooseRelayFault("reads-by-swapped-key");
      await page.choose("Venly", "Pay 20.00 €");
      await page.type(".screen sandbox-pin-entry", "907351");
      await page.untilSaid("Something on the way to the bank is lying. Nothing was sent.");
      await page.untilAttack("stopped", "no root that it has pinned signed this list");
      await page.noAttack("succeeded");
    });

    onPage("Venly: it moves no signing PIN to a user of its own, and uses none twice", async (page) => {
      await chooseSigningPin(page);
      await page.untilSaid(changed);
      await page.chooseRelayFault("moves-to-another-card");
      await changeSigningPin(page);
      await page.untilSaid("Your PIN was not changed");
      await page.untilAttack("stopped", "tried to put the PIN on a user of its own");
      await page.press("Clear");
      await page.chooseRelayFault("replays");
      await page.choose("Venly", "Pay 20.00 €");
      await page.type(".screen sandbox-pin-entry", "907351");
      await page.untilSaid("Paid.");
      await page.untilAttack("stopped", "sent the sealed PIN a second time");
      await page.noAttack("succeeded");
    });

    onPage(
      "Venly: the phone believes a forged answer, roots or not; a change that is late changes nothing",
      async (page) => {
        await chooseSigningPin(page);
        await page.untilSaid(changed);
        await page.chooseRelayFault("forges-answers");
        await changeSigningPin(page);
        await page.untilSaid(changed);
        await page.untilAttack("succeeded", "believes it: it says that the PIN is changed, and it is not");
        await page.untilSaid("Roots do not stop this: the issuer's answers are not signed");
        await page.press("Clear");
        await page.chooseRelayFault("delivers-late");
        await changeSigningPin(page, "551934");
        await page.untilSaid("could not confirm");
        await changeSigningPin(page);
        await page.untilSaid(changed);
        await page.untilAttack("stopped", "delivered the earlier change after this one");
        await page.noAttack("succeeded");
      },
    );

    for (const [protocol] of byVendors.filter(([protocol]) => protocol !== "Solaris"))
      onPage(`${protocol}: it moves the PIN to a card of its own, roots or not`, async (page) => {
        await page.chooseRelayFault("moves-to-another-card");
        await changeBy(page, protocol);
        await page.untilSaid(changed);
        await page.untilAttack("succeeded", "has put the PIN on a card of its own");
        await page.untilSaid("Roots do not stop this: what the phone sealed names no card");
        assert.equal(await version(page), 0);
      });

    for (const [protocol, prepare, why] of [
      ["Solaris", bind, "refuses: the device is not bound to the cardholder"],
      ["Native", bindNatively, "refuses: no such device"],
    ] as const)
      onPage(`${protocol}: it moves no PIN to a card of its own`, async (page) => {
        await prepare(page);
        await page.chooseRelayFault("moves-to-another-card");
        await page.choose(protocol, "Change the PIN");
        await page.chooseAndRepeat(pin);
        await page.untilSaid("Your PIN was not changed");
        await page.untilAttack("stopped", "tried to put the PIN on a card of its own");
        await page.untilCaption(why);
        await page.noAttack("succeeded");
        assert.equal(await version(page), 0);
      });

    for (const [protocol, prepare] of byVendors)
      onPage(`${protocol}: the phone believes a forged answer, roots or not`, async (page) => {
        await prepare(page);
        await page.chooseRelayFault("forges-answers");
        await changeBy(page, protocol);
        await page.untilSaid(changed);
        await page.untilAttack("succeeded", "believes it: it says that the PIN is changed, and it is not");
        assert.equal(await version(page), 0);
      });

    onPage("natively: the phone believes no forged answer", async (page) => {
      await bindNatively(page);
      await page.chooseRelayFault("forges-answers");
      await changeBy(page, "Native");
      await page.untilSaid("could not confirm");
      await page.untilAttack("stopped", "does not believe the answer: the issuer did not sign it");
      await page.noAttack("succeeded");
      assert.equal(await version(page), 0);
    });

    for (const [protocol, prepare] of [...byVendors, ["Native", bindNatively] as const]) {
      onPage(`${protocol}: it replays nothing`, async (page) => {
        await prepare(page);
        await page.chooseRelayFault("replays");
        await changeBy(page, protocol);
        await page.untilSaid(changed);
        await page.untilAttack("stopped", "sent the sealed PIN a second time");
        await page.untilSaid("the partner, without the phone");
        await page.noAttack("succeeded");
        assert.equal(await version(page), 1);
      });

      const isNative = protocol === "Native";
      const title = isNative
        ? "a change that it delivers late changes nothing"
        : "it delivers a change late, roots or not";
      onPage(`${protocol}: ${title}`, async (page) => {
        await prepare(page);
        await page.chooseRelayFault("delivers-late");
        await changeBy(page, protocol, "4826");
        await page.untilSaid("could not confirm");
        await page.untilAttack("tried", "holds the change back");
        assert.equal(await version(page), 0);
        await changeBy(page, protocol);
        await page.untilSaid(changed);
        if (isNative) {
          await page.untilAttack("stopped", "delivered the earlier change after this one");
          await page.untilCaption("refuses: the PIN was changed since the session was made");
          await page.noAttack("succeeded");
        } else await page.untilAttack("succeeded", "the card has the earlier PIN, not this one");
        assert.equal(await version(page), isNative ? 1 : 2);
        await verifies(page, isNative ? pin : "4826");
      });
    }
  });

  describe("the page teaches", () => {
    onPage("one task stands in front, and the next one after it", async (page) => {
      const inFront = () => page.page.evaluate("document.querySelector('.tasks .next').textContent");
      assert.match(String(await inFront()), /^Start here.*Set up this phone/);
      await bind(page);
      assert.match(String(await inFront()), /^Start here.*Change the PIN.*signed/);
      await page.choose("Solaris", "Change the PIN");
      await page.chooseAndRepeat(pin);
      await page.untilSaid(changed);
      await page.press("‹ Back");
      await page.until("document.querySelector('.tasks .next').textContent.startsWith('Next')");
    });

    onPage("a phone without a key is set up before a PIN is typed", async (page) => {
      await page.choose("Solaris", "Change the PIN");
      await page.untilSaid("has no key yet");
      assert.equal(await page.page.evaluate("document.querySelector('linchpin-pin-change')"), null);
      await page.press("Set up this phone first");
      await setUp(page);
      await page.chooseAndRepeat(pin);
      await page.untilSaid(changed);
    });

    onPage("another code takes the place of the one before, and a wrong one is told as wrong", async (page) => {
      await page.choose("Solaris", "Set up this phone");
      await page.press("Make a key");
      await page.until("document.querySelector('.sms')");
      const first = await page.code();
      await page.fillIn(first === "000000" ? "000001" : "000000");
      await page.untilSaid("not the code");
      await page.untilCaption("refuses: the signature does not verify");
      await page.noCaption("this phone is the cardholder's");
      await page.press("Begin anew");
      await page.until(
        `document.querySelector('.sms') && !document.querySelector('.sms').textContent.includes('${first}')`,
      );
      await page.fillIn(await page.code());
      await page.untilSaid("This phone is yours");
      await page.untilCaption("this phone is the cardholder's");
    });

    onPage("the focus goes where one goes on", async (page) => {
      const focused = () => page.page.evaluate("document.activeElement.textContent || document.activeElement.name");
      await page.choose("Solaris", "Set up this phone");
      assert.equal(await focused(), "‹ Back");
      await page.press("Make a key");
      await page.until("document.activeElement.name === 'code'");
      await page.fillIn(await page.code());
      await page.until("document.activeElement.textContent === 'Done'");
      await page.press("Done");
      await page.until("document.activeElement.textContent.includes('Set up this phone')");
    });

    onPage("a wrong PIN, a blocked one and an unblocked one are told as such", async (page) => {
      await changeByAdyen(page);
      await page.untilSaid(changed);
      const terminal = ".terminal sandbox-pin-entry";
      for (const words of ["2 tries left", "1 try left"]) {
        await page.type(terminal, "1111");
        await page.untilSaid(words);
      }
      await page.untilCaption("it is not the card's PIN");
      await page.type(terminal, "1111");
      await page.untilSaid("Declined: the PIN is blocked");
      await page.type(terminal, pin);
      await page.untilCaption("does not compare: the PIN is blocked");
      await page.noCaption("it is the card's PIN");
      await page.press("Unblock the PIN");
      await page.untilCaption("unblocks the PIN");
      await page.untilSaid("an operator, at the issuer API");
      await page.untilSaid("enter the card's PIN");
      await page.type(terminal, pin);
      await page.untilCaption("it is the card's PIN");
      await page.unfold("Audit chain");
      await page.untilSaid("mismatch · link");
      const links = "[...document.querySelectorAll('.chain li')].map((one) => one.className + one.textContent)";
      for (const link of (await page.page.evaluate(links)) as string[])
        assert.match(link, /^(refused.*(mismatch|blocked) ·|done.*(match|done) ·)/);
    });

    onPage("what a terminal says stays there when the page learns later that the PIN is unblocked", async (page) => {
      await changeByAdyen(page);
      await page.untilSaid(changed);
      const terminal = ".terminal sandbox-pin-entry";
      for (const words of ["2 tries left", "1 try left", "blocked"]) {
        await page.type(terminal, "1111");
        await page.untilSaid(words);
      }
      const saysOfPin = (status: string) =>
        page.until(`document.querySelector('.issuer-view dl').textContent.includes('PIN${status}')`);
      await saysOfPin("blocked");
      await page.stopReadingCard();
      await page.press("Unblock the PIN");
      await page.untilCaption("unblocks the PIN");
      await page.type(terminal, pin);
      await page.untilSaid("Approved");
      await saysOfPin("blocked");
      await page.goOnReadingCard();
      await fetch(`${issuer.url}/plumery/internal/v1/cards/unknown/pin`); // a message, after which the page reads anew
      await saysOfPin("active");
      await page.untilSaid("Approved");
    });

    onPage("a wrong old PIN at Venly is told as such, and asked for again", async (page) => {
      await page.choose("Venly", "Choose a signing PIN");
      await page.chooseAndRepeat("907351");
      await page.untilSaid(changed);
      await page.choose("Venly", "Change the signing PIN");
      await page.type(".screen sandbox-pin-entry", "111111");
      await page.chooseAndRepeat("846210");
      await page.untilSaid("Wrong PIN.");
      await page.type(".screen sandbox-pin-entry", "907351");
      await page.chooseAndRepeat("846210");
      await page.untilSaid(changed);
    });

    onPage("a refusal is told with its reason, and by whom it was asked", async (page) => {
      await page.chooseRelayFault("alters-messages");
      await changeByAdyen(page);
      await page.untilSaid("Your PIN was not changed");
      await page.untilCaption("refuses: ");
      await page.noCaption("unwraps the key in the vault");
      const url = `${issuer.url}/issuer/v1/cards/unknown/pin/unblock`;
      await fetch(url, { method: "POST", headers: { authorization: "Bearer sandbox-operator-key" } });
      await page.untilCaption("refuses: ");
      await fetch(`${issuer.url}/adyen/bcl/v2/pins/change`, { method: "POST" });
      await page.untilSaid("a client of your own");
    });

    onPage("a message is copied as curl, which the issuer takes, and as a program, which runs", async (page) => {
      await changeByAdyen(page);
      await page.untilSaid(changed);
      const [keyCommand] = await page.copied("curl");
      assert.match(keyCommand ?? "", /^curl -X GET '.*publicKey/);
      const { adyen } = await (await fetch(`${issuer.url}/sandbox`)).json();
      const env = { ...process.env, API_KEY: String(adyen.apiKey) };
      const { stdout } = await run("sh", ["-c", `${keyCommand} -s -w '%{http_code}'`], { env });
      assert.match(stdout, /200$/);
      const [program = ""] = await page.copied("code");
      const importing = ["--conditions=linchpin-source", "--input-type=module", "--eval", program];
      await run(process.execPath, importing, { cwd: import.meta.dirname });
      assert.equal(await version(page), 2);
    });

    onPage("on a telephone nothing is left out of the header, and nothing is wider than the page", async (page) => {
      await page.page.setViewport({ width: 390, height: 844 });
      await page.choose("Solaris", "Set up this phone");
      await page.press("Make a key");
      await page.until("document.querySelector('.sms')");
      const isVisible = (words: string) =>
        page.page.evaluate(
          `[...document.querySelectorAll('.page-header a, .page-header button')].some((one) => one.textContent === '${words}' && one.checkVisibility())`,
        );
      for (const words of ["New cardholder", "API", "Credentials"]) assert.equal(await isVisible(words), true, words);
      await page.unfold("Keys");
      const tooWide = `[...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > 390.5 && !one.closest('.spoken')).map(({ className, tagName }) => tagName + ' ' + className)`;
      assert.deepEqual(await page.page.evaluate(tooWide), []);
      const isInForm = `document.querySelector('[name=code]').getBoundingClientRect().right <= document.querySelector('.code-entry').getBoundingClientRect().right`;
      assert.equal(await page.page.evaluate(isInForm), true);
    });

    onPage("in Arabic the phone turns, and what is not translated is in English", async (page) => {
      await page.page.select(".choice select", "ar");
      await page.choose("Native", "Set up this phone");
      await page.press("Make a key");
      await page.until("document.querySelector('.sms')");
      const sms = "getComputedStyle(document.querySelector('.sms span')).direction";
      assert.equal(await page.page.evaluate(sms), "ltr", "an English message is read from the left");
      await page.choose("Adyen", "Change the PIN");
      await page.untilSaid("اختر رقمك السري الجديد");
      await page.untilSaid("4 digits");
      assert.equal(
        await page.page.evaluate("getComputedStyle(document.querySelector('linchpin-pin-change')).direction"),
        "rtl",
      );
      assert.equal(await page.page.evaluate("getComputedStyle(document.querySelector('.journey')).direction"), "ltr");
    });
  });

  describe("beside the phone", () => {
    onPage("the journey shows each hop, for messages of other clients too", async (page) => {
      await changeByAdyen(page);
      await page.untilSaid(changed);
      for (const words of ["wraps a fresh AES key", "ISO 9564 format 4", "opened by the vault", "one transaction"])
        await page.untilSaid(words);
      await fetch(`${issuer.url}/plumery/internal/v1/cards/unknown/pin`);
      await page.untilSaid("a client of your own");
    });

    onPage("keys are rotated, the audit chain is verified", async (page) => {
      await page.unfold("Keys");
      await page.unfold("Audit chain");
      await page.press("Rotate");
      await page.untilListed("adyen-pan-reveal2+1 accepted");
      await page.press("Verify the chains");
      await page.untilSaid("links hold");
    });

    onPage("a reload keeps the cardholder", async (page) => {
      const before = await page.cardholder();
      await page.page.reload();
      await page.until("document.querySelector('.panel dl')");
      assert.deepEqual(await page.cardholder(), before);
      await changeByAdyen(page);
      await page.untilSaid(changed);
    });
  });
}
