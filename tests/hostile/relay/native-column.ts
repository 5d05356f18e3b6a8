import { revealPin } from "@linchpin/device/native-reveal";
import { readPinByAdyen, setPinByAdyen } from "./adyen-column.ts";
import { makeEcPair } from "./crypto.ts";
import { setPinByLithic } from "./lithic-column.ts";
import { binds } from "./native-bindings.ts";
import { swaps } from "./native-keys.ts";
import { answerOf, messageBy, sealed, sessionFor, thumbprintOfPhone } from "./native-messages.ts";
import { answersOfOthers, downgrades, forgeries, late, moves, replays } from "./native-order.ts";
import { boundPhone, phoneWithPin } from "./native-phone.ts";
import { readPinByPlumery } from "./plumery-column.ts";
import { parsed } from "./relay.ts";
import { askForTan } from "./solaris-sca-column.ts";
import { readPinBySpritz, setPinBySpritz } from "./spritz-column.ts";
import { hasPin, type Scene, toldBy } from "./stage.ts";
import { setPinByStripe } from "./stripe-column.ts";
import { type Column, stopped, type Trial } from "./trials.ts";
import { externalPathOf, readPinByWorldline, setPinByWorldline } from "./worldline-column.ts";

const reads: Trial[] = [
  {
    how: "by a session for Alice's device, and a signature of its own",
    by: "signature_invalid",
    play: async (scene) => {
      await phoneWithPin(scene);
      const wish = { op: "pin-reveal", auth: "device", device: thumbprintOfPhone(scene) };
      const { session } = (await sessionFor(scene, wish)).body;
      const message = messageBy(makeEcPair(), session, makeEcPair().point);
      const said = answerOf(await scene.relay.ask("POST", "/native/operations", message));
      return said === "revealed" ? "succeeds" : said;
    },
  },
  {
    how: "by a code",
    by: "request_invalid",
    play: async (scene) => {
      await phoneWithPin(scene);
      const { status, body } = await sessionFor(scene, { op: "pin-reveal", auth: "code" });
      return status === 200 ? "succeeds" : body.code;
    },
  },
  {
    how: "by the device of a person of its own",
    by: "device_unknown",
    play: async (scene) => {
      await phoneWithPin(scene);
      await boundPhone({ ...scene, alice: await scene.mallory() });
      const wish = { op: "pin-reveal", auth: "device", device: thumbprintOfPhone(scene) };
      const { status, body } = await sessionFor(scene, wish);
      return status === 200 ? "succeeds" : body.code;
    },
  },
  {
    how: "by its key in the place of the one of Alice's own reveal",
    by: "signature_invalid",
    play: async (scene) => {
      const phone = await phoneWithPin(scene);
      let said = "";
      scene.relay.conduct = async (sent, pass) => {
        if (!sent.path.includes("/operations")) return pass(sent);
        const message = makeEcPair().point.toString("base64url");
        const reply = await pass({ ...sent, body: JSON.stringify({ ...parsed(sent.body), message }) });
        said = answerOf({ body: parsed(reply.body) });
        return reply;
      };
      const told = await toldBy(revealPin(phone.confirmed));
      return told === "done" || said === "revealed" ? "succeeds" : said;
    },
  },
  {
    how: "by Adyen's protocol",
    by: "422",
    play: async (scene) => {
      await phoneWithPin(scene);
      const read = await readPinByAdyen(scene.relay, scene.alice);
      return read === "1928" ? "succeeds" : read;
    },
  },
  {
    how: "by Plumery's protocol",
    by: "urn:plmr:cards:connector:CARD_NOT_FOUND",
    play: async (scene) => {
      await phoneWithPin(scene);
      const read = await readPinByPlumery(scene.relay, scene.alice);
      return read === "1928" ? "succeeds" : read;
    },
  },
  ...(["spritz", "rain"] as const).map((form) => ({
    how: `by the protocol of ${form === "rain" ? "Rain" : "Spritz"}`,
    by: "404",
    play: async (scene: Scene) => {
      await phoneWithPin(scene);
      const read = await readPinBySpritz(scene.relay, scene.alice, form);
      return read === "1928" ? "succeeds" : read;
    },
  })),
  {
    how: "by Worldline's protocol, by its reference and by the issuer's",
    by: "404, 404",
    play: async (scene) => {
      await phoneWithPin(scene);
      const { relay, alice } = scene;
      const paths = [undefined, externalPathOf(alice, "display-pin")];
      const read = await Promise.all(paths.map((path) => readPinByWorldline(relay, alice, path)));
      return read.includes("1928") ? "succeeds" : read.join(", ");
    },
  },
];

/** Whether the card has the relay's PIN; else what was said. */
const unlessSet = async ({ alice }: Scene, said: unknown) => ((await hasPin(alice, "2846")) ? "succeeds" : `${said}`);

const sets: Trial[] = [
  {
    how: "by a session for Alice's device, and a signature of its own",
    by: "signature_invalid",
    play: async (scene) => {
      await phoneWithPin(scene);
      const wish = { op: "pin-change", auth: "device", device: thumbprintOfPhone(scene) };
      const { session } = (await sessionFor(scene, wish)).body;
      const message = messageBy(makeEcPair(), session, await sealed(scene.relay, session, { pin: "2846" }));
      return unlessSet(scene, answerOf(await scene.relay.ask("POST", "/native/operations", message)));
    },
  },
  {
    how: "by a code, which the program does not allow",
    by: "caller_not_allowed",
    play: async (scene) => unlessSet(scene, (await sessionFor(scene, { op: "pin-change", auth: "code" })).body.code),
  },
  {
    how: "by Adyen's protocol",
    by: "422",
    play: async (scene) => unlessSet(scene, await setPinByAdyen(scene.relay, scene.alice, "2846")),
  },
  {
    how: "by Stripe's protocol",
    by: "404",
    play: async (scene) => unlessSet(scene, await setPinByStripe(scene.relay, scene.alice, "2846")),
  },
  {
    how: "by Lithic's protocol",
    by: "404",
    play: async (scene) => unlessSet(scene, await setPinByLithic(scene.relay, scene.alice, "2846")),
  },
  ...(["spritz", "rain"] as const).map((form) => ({
    how: `by the protocol of ${form === "rain" ? "Rain" : "Spritz"}`,
    by: "404",
    play: async (scene: Scene) => unlessSet(scene, await setPinBySpritz(scene.relay, scene.alice, form, "2846")),
  })),
  {
    how: "by Worldline's protocol, by its reference and by the issuer's",
    by: "404, 404",
    play: async (scene) => {
      const { relay, alice } = scene;
      const paths = [undefined, externalPathOf(alice)];
      const said = await Promise.all(paths.map((path) => setPinByWorldline(relay, alice, "2846", path)));
      return unlessSet(scene, said.join(", "));
    },
  },
  {
    how: "by a TAN of Solaris' protocol",
    by: "model_not_found",
    play: async (scene) => unlessSet(scene, await askForTan(scene.relay, scene.alice, "2846")),
  },
];

/** Cards of a program with `nativeOnly`. */
export const native: Column = {
  name: "native",
  trials: {
    "swaps the issuer's key": stopped(...swaps),
    "reads a PIN by its own credentials": stopped(...reads),
    "sets a PIN of its own choice": stopped(...sets),
    "binds a device of its own": stopped(...binds.own),
    "moves a sealed PIN to another card": stopped(...moves),
    "forges an answer": stopped(...forgeries),
    "presents the answer to another message": stopped(...answersOfOthers),
    "sends a message again": stopped(...replays),
    "delivers a message late, after a newer one": stopped(...late),
    "downgrades algorithm or version": stopped(...downgrades),
    "gets a code for another purpose than the person thinks": stopped(...binds.byCodeOfOthers),
  },
};
