// npm run screenshots [-- FOLDER [JOURNEY …]]: every state of the sandbox's page, or those of some journeys, at the widths
// of a phone and of a desktop, light and dark, to be looked at; and docs/images/sandbox-page.png, by the journey `solaris`.
// It needs Debian's package chromium.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launchDebians } from "@linchpin/test-fixtures/browsers/puppeteer-browser";
import { startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { SandboxPage } from "./sandbox-page.ts";

const folder = process.argv[2] ?? join(import.meta.dirname, "../../../screenshots");
const image = join(import.meta.dirname, "../../../docs/images/sandbox-page.png");
const changed = "Your PIN has been changed";
const terminal = ".terminal sandbox-pin-entry";
const onPhone = ".screen sandbox-pin-entry";
const [pin, signingPin] = ["9073", "907351"];

/** Takes pictures of what the page shows now, under this name. `again`: shows it once more, in the colours of now. */
type Picture = (state: string, again?: () => Promise<void>) => Promise<void>;

const setUp = async (page: SandboxPage, protocol: "Solaris" | "Native") => {
  await page.choose(protocol, "Set up this phone");
  await page.press("Make a key");
  await page.until("document.querySelector('.sms')");
  if (protocol === "Native") await page.fillInDigits();
};
const wrong = (code: string) => (code === "000000" ? "000001" : "000000");
const verifyNatively = async (page: SandboxPage, digits: string) => {
  await page.type(onPhone, digits);
  await page.press("It is my card");
};

/** What a cardholder does and sees, by protocol. */
const journeys: Readonly<Record<string, (page: SandboxPage, picture: Picture) => Promise<void>>> = {
  async solaris(page, picture) {
    await picture("start");
    await page.choose("Solaris", "Change the PIN");
    await picture("no-key");
    await setUp(page, "Solaris");
    await picture("code");
    await page.fillIn(wrong(await page.code()));
    await page.untilSaid("not the code");
    await picture("wrong-code");
    await page.press("Begin anew");
    await page.until("document.querySelector('input[name=code]')");
    await page.fillIn(await page.code());
    await page.untilSaid("This phone is yours");
    await picture("bound");
    await page.choose("Solaris", "Change the PIN");
    await page.type("linchpin-pin-change", "1234");
    await picture("pin-against-rules");
    await page.choose("Solaris", "Change the PIN");
    await page.chooseAndRepeat(pin);
    await page.untilSaid(changed);
    await picture("changed");
    await page.choose("Solaris", "Change the PIN by code");
    await page.chooseAndRepeat("4826");
    await page.until("document.querySelector('.sms')");
    const tan = await page.code();
    await page.fillIn(wrong(tan));
    await page.untilSaid("not the code");
    await picture("wrong-tan");
    await page.fillIn(tan);
    await page.untilSaid(changed);
    await picture("confirmed");
    await page.press("Block the card");
    await page.choose("Solaris", "Change the PIN");
    await page.chooseAndRepeat(pin);
    await page.untilSaid("Your PIN was not changed");
    await picture("card-blocked");
  },
  async adyen(page, picture) {
    await changesAndShows(page, picture, "Adyen", ["Change the PIN", "Show the PIN"]);
    await page.type(terminal, pin);
    await page.untilSaid("Approved");
    await picture("terminal-approves");
    for (const words of ["2 tries left", "1 try left", "the PIN is blocked"]) {
      await page.type(terminal, "1111");
      await page.untilSaid(words);
    }
    await page.unfold("Keys");
    await page.unfold("Audit chain");
    await picture("blocked-keys-audit");
    await page.choose("Adyen", "Show the PIN");
    await page.reveal();
    await page.untilSaid("cannot be shown");
    await picture("blocked-not-shown");
  },
  async plumery(page, picture) {
    await page.choose("Plumery", "Show the PIN");
    await page.reveal();
    await page.untilSaid("cannot be shown");
    await picture("no-pin");
    await page.choose("Adyen", "Change the PIN");
    await page.chooseAndRepeat(pin);
    await page.untilSaid(changed);
    await picture("shown", () => shows(page, "Plumery", "Show the PIN"));
  },
  async venly(page, picture) {
    await page.choose("Venly", "Pay 20.00 €");
    await picture("no-signing-pin");
    await page.choose("Venly", "Choose a signing PIN");
    await page.chooseAndRepeat(signingPin);
    await page.untilSaid(changed);
    await picture("chosen");
    await page.choose("Venly", "Pay 20.00 €");
    await picture("pay");
    await page.type(onPhone, "111111");
    await page.untilSaid("Wrong PIN.");
    await picture("wrong-pin");
    await page.type(onPhone, signingPin);
    await page.untilSaid("Paid.");
    await picture("paid");
    await page.choose("Venly", "Change the signing PIN");
    await page.type(onPhone, "111111");
    await page.chooseAndRepeat("846210");
    await page.untilSaid("Wrong PIN.");
    await picture("wrong-old-pin");
  },
  stripe: (page, picture) => changesAndShows(page, picture, "Stripe", ["Change the PIN"]),
  lithic: (page, picture) => changesAndShows(page, picture, "Lithic", ["Change the PIN"]),
  spritz: (page, picture) => changesAndShows(page, picture, "Spritz", ["Change the PIN", "Show the PIN"]),
  worldline: (page, picture) => changesAndShows(page, picture, "Worldline", ["Set the PIN", "Display the PIN"]),
  async native(page, picture) {
    await setUp(page, "Native");
    await picture("code");
    await page.fillIn(wrong(await page.code()));
    await page.untilSaid("The code or the digits are wrong");
    await picture("wrong-code");
    await setUp(page, "Native");
    await page.fillIn(await page.code());
    await page.untilSaid("This phone is yours");
    await picture("bound");
    await page.choose("Native", "Change the PIN");
    await page.chooseAndRepeat(pin);
    await page.untilSaid("Robin Example");
    await picture("whose-card");
    await page.press("It is my card");
    await page.untilSaid(changed);
    await picture("changed");
    await picture("shown", () => shows(page, "Native", "Show the PIN"));
    await page.choose("Native", "Check the PIN");
    await verifyNatively(page, "1111");
    await page.untilSaid("2 tries left.");
    await picture("wrong-pin");
    await verifyNatively(page, pin);
    await page.untilSaid("That is the PIN.");
    await picture("right-pin");
    await page.chooseRelayFault("replays");
    await page.choose("Native", "Change the PIN");
    await page.chooseAndRepeat("4826");
    await page.press("It is my card");
    await page.untilSaid(changed);
    await page.until("document.querySelector('.attack.stopped')");
    await picture("lie-stopped");
  },
  async lies(page, picture) {
    await page.chooseTrust("none");
    await page.chooseRelayFault("reads-by-swapped-key");
    await page.choose("Adyen", "Change the PIN");
    await page.chooseAndRepeat(pin);
    await page.untilAttack("succeeded", "now knows the PIN");
    await picture("pin-read");
    await page.chooseTrust("roots");
    await page.choose("Adyen", "Change the PIN");
    await page.chooseAndRepeat(pin);
    await page.untilSaid("could not be protected");
    await picture("roots-stop-it");
    await page.page.select(".choice select", "ar");
    await page.choose("Adyen", "Change the PIN");
    await picture("arabic");
  },
};

/** A change that succeeds, one that the partner spoils, and what is shown, where a protocol shows anything. */
async function changesAndShows(
  page: SandboxPage,
  picture: Picture,
  protocol: string,
  [change, show]: readonly [change: string, show?: string],
): Promise<void> {
  if (show !== undefined) {
    await page.choose(protocol, show);
    await page.reveal();
    await page.untilSaid("cannot be shown");
    await picture("no-pin");
  }
  await page.choose(protocol, change);
  await page.chooseAndRepeat(pin);
  await page.untilSaid(changed);
  await picture("changed");
  await page.chooseRelayFault("alters-messages");
  await page.choose(protocol, change);
  await page.chooseAndRepeat("4826");
  await page.untilSaid("was not changed");
  await picture("refused");
  await page.chooseRelayFault("honest");
  if (show !== undefined) await picture("shown", () => shows(page, protocol, show));
}

/** The digits are drawn, in the colours and for the width that there are then. */
async function shows(page: SandboxPage, protocol: string, task: string): Promise<void> {
  await page.choose(protocol, task);
  await page.reveal();
  if (protocol === "Native") await page.press("It is my card");
  await page.untilSaid("Hidden in");
}

const desktop = { width: 1440, height: 1258 };
const views = [desktop, { width: 390, height: 844 }].flatMap((size) =>
  (["light", "dark"] as const).map((scheme) => ({ size, scheme })),
);

/** What does not fit: elements beyond the edge of the page, and texts that are cut off. */
const misfits = `(() => {
  const name = (one) => one.tagName + "." + one.className + " " + one.textContent.slice(0, 40);
  const all = [...document.querySelectorAll("body *")].filter((one) => one.checkVisibility() && !one.closest(".spoken, .party"));
  const wide = all.filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5 && !one.closest("pre"));
  const cut = all.filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX === "hidden");
  const empty = [...document.querySelectorAll(".row .cell > p:empty")];
  return [...wide.map((one) => "too wide: " + name(one)), ...cut.map((one) => "cut off: " + name(one)),
    ...empty.map((one) => "says nothing: " + one.closest(".row").textContent.slice(0, 80))];
})()`;

mkdirSync(folder, { recursive: true });
const only = process.argv.slice(3);
const issuer = await startSandboxIssuer();
const { browser, close } = await launchDebians("chromium");
try {
  for (const [protocol, journey] of Object.entries(journeys)) {
    if (only.length > 0 && !only.includes(protocol)) continue;
    const page = await SandboxPage.open(browser, issuer.url);
    let number = 0;
    const picture: Picture = async (state, again) => {
      const name = `${protocol}-${`${++number}`.padStart(2, "0")}-${state}`;
      for (const { size, scheme } of views) {
        await page.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
        await page.page.setViewport(size);
        await again?.();
        await page.page.screenshot({
          path: join(folder, `${name}-${size.width}-${scheme}.png`) as `${string}.png`,
          fullPage: true,
        });
        for (const misfit of (await page.page.evaluate(misfits)) as string[])
          process.stdout.write(`${name} ${size.width} ${scheme}: ${misfit}\n`);
      }
      await page.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
      await page.page.setViewport(desktop);
      if (protocol === "solaris" && state === "changed") await page.page.screenshot({ path: image as `${string}.png` });
    };
    await journey(page, picture);
    for (const error of page.errors()) process.stdout.write(`${protocol}: ${error}\n`);
    await page.close();
  }
} finally {
  await close();
  await issuer.stop();
}
