import { bindDevice } from "@linchpin/device/native";
import { type EcPair, makeEcPair } from "./crypto.ts";
import { answerOf, messageBy, sealed, sessionFor } from "./native-messages.ts";
import { boundPhone, phoneWithPin } from "./native-phone.ts";
import { type HostileRelay, parsed } from "./relay.ts";
import { addCard, boundKeys, type Cardholder, pans, phoneOf, type Scene, toldBy } from "./stage.ts";
import type { Trial } from "./trials.ts";

/** Whether a device of the relay's was bound to Alice; else what was said. */
async function unlessBound({ alice }: Scene, own: EcPair, said: string): Promise<string> {
  return (await boundKeys(alice)).includes(own.thumbprint) ? "succeeds" : said;
}

const bindWish = ({ jwk }: EcPair) => ({ op: "bind", auth: "code", key: jwk });

/** A binding of the relay's key, with what it has of code and digits. */
async function bindAs(relay: HostileRelay, own: EcPair, session: string, secrets: Parameters<typeof sealed>[2]) {
  const message = messageBy(own, session, await sealed(relay, session, secrets));
  return answerOf(await relay.ask("POST", "/native/operations", { ...message, key: own.jwk }));
}

/** A code that is none of this person's. */
const wrongCode = (code: string) => (code === "123456" ? "654321" : "123456");

const own: Trial[] = [
  {
    how: "by a guessed code, with the card's digits; a session has one guess",
    by: "code_incorrect, then spent",
    play: async (scene) => {
      const { relay, alice } = scene;
      const pair = makeEcPair();
      const { session } = (await sessionFor(scene, bindWish(pair))).body;
      const code = await alice.native.newestCode();
      const { digits } = alice;
      const said = await bindAs(relay, pair, session, { code: wrongCode(code), digits });
      const again = await bindAs(relay, pair, session, { code, digits });
      return unlessBound(scene, pair, `${said}, then ${again}`);
    },
  },
  {
    how: "by a code that leaked, without the card's digits",
    by: "code_incorrect",
    play: async (scene) => {
      const { relay, alice } = scene;
      const pair = makeEcPair();
      const { session } = (await sessionFor(scene, bindWish(pair))).body;
      const secrets = { code: await alice.native.newestCode(), digits: "00000000" };
      return unlessBound(scene, pair, await bindAs(relay, pair, session, secrets));
    },
  },
  {
    how: "by its key in Alice's request for a session",
    by: "session_refused",
    play: async (scene) => {
      const pair = makeEcPair();
      scene.relay.conduct = (sent, pass) => {
        if (!sent.path.includes("/sessions")) return pass(sent);
        return pass({ ...sent, body: JSON.stringify({ ...parsed(sent.body), key: pair.jwk }) });
      };
      return unlessBound(scene, pair, await toldBy(bindDevice(phoneOf(scene).byCode)));
    },
  },
  {
    how: "by its key and signature beside what Alice sealed",
    by: "session_mismatch",
    play: async (scene) => {
      const pair = makeEcPair();
      let said = "";
      scene.relay.conduct = async (sent, pass) => {
        if (!sent.path.includes("/operations")) return pass(sent);
        const { session, message } = parsed(sent.body);
        const taken = messageBy(pair, session, Buffer.from(message, "base64url"));
        const reply = await pass({ ...sent, body: JSON.stringify({ ...taken, key: pair.jwk }) });
        said = answerOf({ body: parsed(reply.body) });
        return reply;
      };
      await toldBy(bindDevice(phoneOf(scene).byCode));
      return unlessBound(scene, pair, said);
    },
  },
  {
    how: "by what Alice sealed, in a session for its key",
    by: "decryption_failed",
    play: async (scene) => {
      const { relay } = scene;
      const pair = makeEcPair();
      const { session } = (await sessionFor(scene, bindWish(pair))).body;
      await boundPhone(scene);
      const message = Buffer.from(parsed(relay.last("/operations").body).message, "base64url");
      const taken = messageBy(pair, session, message);
      const said = answerOf(await relay.ask("POST", "/native/operations", { ...taken, key: pair.jwk }));
      return unlessBound(scene, pair, said);
    },
  },
  {
    how: "by ten guesses in a row, and then the right code",
    by: "code_locked",
    play: async (scene) => {
      const { relay, alice } = scene;
      const { digits } = alice;
      const pairs = Array.from({ length: 11 }, makeEcPair);
      let said = "";
      const asked = [];
      for (const pair of pairs) {
        const { session } = (await sessionFor(scene, bindWish(pair))).body;
        asked.push({ pair, session, code: await alice.native.newestCode() });
      }
      for (const [index, { pair, session, code }] of asked.entries())
        said = await bindAs(relay, pair, session, { code: index < 10 ? wrongCode(code) : code, digits });
      return unlessBound(scene, pairs.at(-1) ?? makeEcPair(), said);
    },
  },
  ...(["", "2846"] as const).map((pin) => ({
    how: `by a code and digits that it has, naming a card whose program asks for no PIN, ${pin === "" ? "without one" : "with one"}`,
    by: pin === "" ? "decryption_failed" : "pin_refused",
    play: async (scene: Scene) => {
      const { relay, alice } = scene;
      await phoneWithPin(scene);
      await phoneWithPin({
        ...scene,
        alice: await addCard(alice, pans[1], { nativeOnly: true, presentPinToBind: true }),
      });
      const pair = makeEcPair();
      const { session } = (await sessionFor(scene, bindWish(pair))).body;
      const secrets = { code: await alice.native.newestCode(), digits: alice.digits, pin };
      return unlessBound(scene, pair, await bindAs(relay, pair, session, secrets));
    },
  })),
];

/** Alice binds her phone, and gets a message that has the code of a session of the relay's. */
async function bindUnderSpoofedMessage(scene: Scene, card: Cardholder, pair: EcPair) {
  const { session } = (await sessionFor(scene, bindWish(pair), card)).body;
  const spoofed = await card.native.newestCode();
  const phone = phoneOf(scene);
  const askForCode = async () => ({ code: spoofed, digits: scene.alice.digits });
  return { session, told: await toldBy(bindDevice({ ...phone.task, askForCode })) };
}

const byCodeOfOthers: Trial[] = [
  {
    how: "of a session for its key on Alice's card, typed into her own device",
    by: "code_incorrect",
    play: async (scene) => {
      const pair = makeEcPair();
      const { told } = await bindUnderSpoofedMessage(scene, scene.alice, pair);
      return unlessBound(scene, pair, told);
    },
  },
  {
    how: "of a session for its own card with the same last eight digits, typed into her own device",
    by: "code_incorrect",
    play: async (scene) => {
      const { told } = await bindUnderSpoofedMessage(scene, await scene.mallory(), makeEcPair());
      return told === "done" ? "succeeds" : told;
    },
  },
  {
    how: "by showing Alice's device a session for its own card with the same digits",
    by: "session_refused",
    play: async (scene) => {
      const mallory = await scene.mallory();
      scene.relay.conduct = (sent, pass) => {
        if (!sent.path.includes("/sessions")) return pass(sent);
        const request = { ...parsed(sent.body), card: mallory.sandbox.native.cardId };
        return pass({ ...sent, body: JSON.stringify(request) });
      };
      const phone = phoneOf(scene);
      const told = await toldBy(
        bindDevice({
          ...phone.task,
          askForCode: async () => ({ code: await mallory.native.newestCode(), digits: scene.alice.digits }),
        }),
      );
      return (await boundKeys(mallory)).length > 0 ? "succeeds" : told;
    },
  },
  {
    how: "by naming its own card to Alice's app, whose person looks at what is shown",
    by: "aborted",
    play: async (scene) => {
      const mallory = await scene.mallory();
      const phone = phoneOf(scene);
      const told = await toldBy(bindDevice({ ...phone.byCode, card: mallory.sandbox.native.cardId }));
      return (await boundKeys(mallory)).length > 0 ? "succeeds" : told;
    },
  },
  {
    how: "typed as a TAN into an app of Solaris' protocol: the digits of the card are lacking",
    by: "code_incorrect",
    play: async (scene) => {
      const { relay, alice } = scene;
      const pair = makeEcPair();
      const { session } = (await sessionFor(scene, bindWish(pair))).body;
      // Alice types the newest code that she got where her app asks for a TAN: it passes in clear.
      const code = await alice.native.newestCode();
      return unlessBound(scene, pair, await bindAs(relay, pair, session, { code, digits: "12345678" }));
    },
  },
  {
    how: "by a prompt of Solaris' protocol, whose codes its person is not used to",
    by: "unauthorized_action",
    play: async ({ relay, alice }) => {
      const { personId } = alice.sandbox.solaris;
      const told = (await alice.native.messages()).length;
      const request = { person_id: personId, challenge_type: "sms", key: makeEcPair().point.toString("hex") };
      const { status, body } = await relay.ask("POST", "/solaris/v1/mfa/devices", {
        ...request,
        key_type: "ecdsa-p256",
      });
      const isSent = status < 400 || (await alice.native.messages()).length > told;
      return isSent ? "succeeds" : body.errors[0].code;
    },
  },
];

export const binds = { own, byCodeOfOthers };
