import { changePin, verifyPin } from "@linchpin/device/native";
import { revealPin } from "@linchpin/device/native-reveal";
import { CompactSign } from "jose";
import { altered, hash, headerOf, makeEcPair, payloadOf, sealHpke, sessionHash, signJwt } from "./crypto.ts";
import { answerOf, infoOf, sessionFor, thumbprintOfPhone } from "./native-messages.ts";
import { boundPhone, phoneWithPin } from "./native-phone.ts";
import { alteringReply, answering, parsed, passesOn, type Sent } from "./relay.ts";
import { addCard, type Cardholder, digitsOf, hasPin, pans, pinOf, type Scene, toldBy } from "./stage.ts";
import type { Trial } from "./trials.ts";

// What the relay does with messages and answers that others made: it moves, forges, repeats, delays and downgrades them.

const card = ({ sandbox }: Cardholder) => sandbox.native.cardId;

const moved = async (other: Cardholder, said: string) => ((await hasPin(other, "1928")) ? "succeeds" : said);

const moves: Trial[] = [
  ...(["another card of Alice's", "a card of its own"] as const).map((whose) => ({
    how: `by asking for a session for ${whose}, with the same last digits`,
    by: "session_refused",
    play: async (scene: Scene) => {
      const isAlices = whose !== "a card of its own";
      const other = isAlices ? await addCard(scene.alice, pans[1], { nativeOnly: true }) : await scene.mallory();
      const phone = await boundPhone(scene);
      const wish = isAlices ? {} : { op: "bind", auth: "code", device: undefined, key: makeEcPair().jwk };
      scene.relay.conduct = (sent, pass) => {
        if (!sent.path.includes("/sessions")) return pass(sent);
        return pass({ ...sent, body: JSON.stringify({ ...parsed(sent.body), ...wish, card: card(other) }) });
      };
      return moved(other, await toldBy(changePin({ ...phone.confirmed, pin: pinOf("1928") })));
    },
  })),
  {
    how: "by what Alice sealed and signed, in a session for another card of hers",
    by: "signature_invalid",
    play: async (scene) => {
      const other = await addCard(scene.alice, pans[1], { nativeOnly: true });
      await phoneWithPin(scene);
      const sent = parsed(scene.relay.last("/operations").body);
      const wish = { op: "pin-change", auth: "device", device: thumbprintOfPhone(scene) };
      const { session } = (await sessionFor(scene, wish, other)).body;
      const said = answerOf(await scene.relay.ask("POST", "/native/operations", { ...sent, session }));
      return moved(other, said);
    },
  },
];

/** An answer that the relay makes up and signs, to what the device sent. */
function forgedAnswer({ body }: Sent, outcome: object, pair = makeEcPair(), kid = pair.thumbprint) {
  const { session, message } = parsed(body);
  const { iss, sid, op } = payloadOf(session);
  const r = hash(Buffer.from(message, "base64url")).toString("base64url");
  const claims = { iss, sid, h: sessionHash(session).toString("base64url"), r, iat: payloadOf(session).iat, op };
  return signJwt({ typ: "linchpin-answer+jwt", kid }, { ...claims, ...outcome }, pair.privateKey);
}

const forged = (scene: Scene, make: (sent: Sent) => Promise<unknown>, status = 200) => {
  scene.relay.conduct = answering("/operations", async (sent) => ({ status, body: JSON.stringify(await make(sent)) }));
};

const changed = { result: "changed", version: 1 };

const forgeries: Trial[] = [
  {
    how: "that a change was made, signed by a key of its own",
    by: "outcome_unknown",
    play: async (scene) => {
      const phone = await boundPhone(scene);
      forged(scene, async (sent) => ({ answer: await forgedAnswer(sent, changed) }));
      const told = await toldBy(changePin({ ...phone.confirmed, pin: pinOf("1928") }));
      return told === "done" ? "succeeds" : told;
    },
  },
  {
    how: "that a change was made, in the name of the issuer's key",
    by: "outcome_unknown",
    play: async (scene) => {
      const phone = await boundPhone(scene);
      const issuersKid = headerOf(parsed(scene.relay.last("/operations").reply.body).answer).kid;
      forged(scene, async (sent) => ({ answer: await forgedAnswer(sent, changed, makeEcPair(), issuersKid) }));
      const told = await toldBy(changePin({ ...phone.confirmed, pin: pinOf("1928") }));
      return told === "done" ? "succeeds" : told;
    },
  },
  {
    how: "that a change was made, unsigned",
    by: "outcome_unknown",
    play: async (scene) => {
      const phone = await boundPhone(scene);
      forged(scene, async () => ({ ...changed, answer: changed }));
      const told = await toldBy(changePin({ ...phone.confirmed, pin: pinOf("1928") }));
      return told === "done" ? "succeeds" : told;
    },
  },
  {
    how: "that a change was refused, which was made",
    by: "outcome_unknown",
    play: async (scene) => {
      const phone = await boundPhone(scene);
      scene.relay.conduct = async (sent, pass) => {
        const reply = await pass(sent);
        if (!sent.path.includes("/operations")) return reply;
        return { status: 422, body: JSON.stringify({ code: "pin_refused", title: "pin_refused", status: 422 }) };
      };
      const told = await toldBy(changePin({ ...phone.confirmed, pin: pinOf("1928") }));
      return told === "pin_refused" ? "succeeds" : told;
    },
  },
  {
    how: "that a PIN is right which is wrong",
    by: "outcome_unknown",
    play: async (scene) => {
      const phone = await phoneWithPin(scene);
      scene.relay.conduct = alteringReply("/operations", ({ answer }) => ({
        answer: answer && altered(answer, 1, { result: "match" }),
      }));
      const told = await toldBy(verifyPin({ ...phone.confirmed, pin: pinOf("2846") }));
      return told === "done" ? "succeeds" : told;
    },
  },
  {
    how: "with PIN 6666, sealed to the device's key",
    by: "outcome_unknown",
    play: async (scene) => {
      const phone = await phoneWithPin(scene);
      forged(scene, async (sent) => {
        const { session, message } = parsed(sent.body);
        const point = Buffer.from(message, "base64url");
        const info = infoOf("linchpin/v1 answer", sessionHash(session), hash(point));
        const field = Buffer.from(`446666${"a".repeat(10)}${"0".repeat(16)}`, "hex");
        const answer = await sealHpke(point, info, field);
        return { answer: await forgedAnswer(sent, { result: "revealed", sealed: answer.toString("base64url") }) };
      });
      let shown = "";
      const showing = revealPin(phone.confirmed).then((pin) => {
        shown = digitsOf(pin);
      });
      const told = await toldBy(showing);
      return shown === "6666" ? "succeeds" : told;
    },
  },
];

const answersOfOthers: Trial[] = [
  {
    how: "the same PIN was right in an earlier session",
    by: "outcome_unknown",
    play: async (scene) => {
      const phone = await phoneWithPin(scene);
      await verifyPin({ ...phone.confirmed, pin: pinOf("1928") });
      const { reply } = scene.relay.last("/operations");
      scene.relay.conduct = answering("/operations", () => reply);
      const told = await toldBy(verifyPin({ ...phone.confirmed, pin: pinOf("2846") }));
      return told === "done" ? "succeeds" : told;
    },
  },
  {
    how: "an earlier change was made",
    by: "outcome_unknown",
    play: async (scene) => {
      const phone = await phoneWithPin(scene);
      const { reply } = scene.relay.last("/operations");
      scene.relay.conduct = answering("/operations", () => reply);
      const told = await toldBy(changePin({ ...phone.confirmed, pin: pinOf("2846") }));
      return told === "done" ? "succeeds" : told;
    },
  },
  {
    how: "an earlier session in the place of a new one",
    by: "session_refused",
    play: async (scene) => {
      const phone = await phoneWithPin(scene);
      const { reply } = scene.relay.last("/sessions");
      scene.relay.conduct = answering("/sessions", () => reply);
      const told = await toldBy(changePin({ ...phone.confirmed, pin: pinOf("2846") }));
      return told === "done" ? "succeeds" : told;
    },
  },
  {
    how: "an answer in the place of a session",
    by: "signature_invalid",
    play: async (scene) => {
      const phone = await phoneWithPin(scene);
      const { answer } = parsed(scene.relay.last("/operations").reply.body);
      scene.relay.conduct = alteringReply("/sessions", (body) => ({ ...body, session: answer }));
      const told = await toldBy(changePin({ ...phone.confirmed, pin: pinOf("2846") }));
      return told === "done" ? "succeeds" : told;
    },
  },
];

const replays: Trial[] = [
  {
    how: "once another PIN was set",
    by: "changed, version 2",
    play: async (scene) => {
      const phone = await phoneWithPin(scene);
      const first = scene.relay.last("/operations");
      await changePin({ ...phone.confirmed, pin: pinOf("2846") });
      const { body } = await scene.relay.pass(first);
      const { result, spent } = payloadOf(parsed(body).answer);
      const { version } = (await scene.alice.native.card()).pin;
      if (await hasPin(scene.alice, "1928")) return "succeeds";
      return `${result === "spent" ? spent.result : result}, version ${version}`;
    },
  },
  {
    how: "in a session of its own for the same card",
    by: "signature_invalid",
    play: async (scene) => {
      const phone = await phoneWithPin(scene);
      const first = parsed(scene.relay.last("/operations").body);
      await changePin({ ...phone.confirmed, pin: pinOf("2846") });
      const wish = { op: "pin-change", auth: "device", device: thumbprintOfPhone(scene) };
      const { session } = (await sessionFor(scene, wish)).body;
      const said = answerOf(await scene.relay.ask("POST", "/native/operations", { ...first, session }));
      return (await hasPin(scene.alice, "1928")) ? "succeeds" : said;
    },
  },
];

const late: Trial[] = [
  {
    how: "a change of which the device knows no outcome",
    by: "session_stale",
    play: async (scene) => {
      const phone = await boundPhone(scene);
      scene.relay.conduct = answering("/operations", () => ({ status: 502, body: "" }));
      await toldBy(changePin({ ...phone.confirmed, pin: pinOf("1928") }));
      const held = scene.relay.last("/operations");
      scene.relay.conduct = passesOn;
      await changePin({ ...phone.confirmed, pin: pinOf("2846") });
      const said = answerOf({ body: parsed((await scene.relay.pass(held)).body) });
      return (await hasPin(scene.alice, "1928")) ? "succeeds" : said;
    },
  },
  {
    how: "a comparison, which would cost a try of the newer PIN",
    by: "session_stale, 3",
    play: async (scene) => {
      const phone = await phoneWithPin(scene);
      scene.relay.conduct = answering("/operations", () => ({ status: 502, body: "" }));
      await toldBy(verifyPin({ ...phone.confirmed, pin: pinOf("1928") }));
      const held = scene.relay.last("/operations");
      scene.relay.conduct = passesOn;
      await changePin({ ...phone.confirmed, pin: pinOf("2846") });
      const said = answerOf({ body: parsed((await scene.relay.pass(held)).body) });
      return `${said}, ${(await scene.alice.native.card()).pin.remainingAttempts}`;
    },
  },
];

/** Alice changes her PIN; the session that the relay made of the issuer's is in its place. */
async function changeBySession(scene: Scene, make: (session: string) => string | Promise<string>): Promise<string> {
  const phone = await boundPhone(scene);
  scene.relay.conduct = alteringReply("/sessions", async ({ session, ...body }) => ({
    ...body,
    session: await make(session),
  }));
  const told = await toldBy(changePin({ ...phone.confirmed, pin: pinOf("1928") }));
  return told === "done" ? "succeeds" : told;
}

const downgrades: Trial[] = [
  {
    how: "to a session with alg none",
    by: "signature_invalid",
    play: (scene) => changeBySession(scene, (session) => altered(session, 0, { alg: "none" }).replace(/[^.]*$/, "")),
  },
  {
    how: "to a session with an HMAC by a public key",
    by: "signature_invalid",
    play: (scene) =>
      changeBySession(scene, (session) => {
        const { manifest } = parsed(scene.relay.last("/sessions").reply.body);
        const { keys } = payloadOf(manifest);
        const { x } = keys.find(({ kid }: { kid: string }) => kid === headerOf(session).kid);
        return new CompactSign(Buffer.from(session.split(".")[1] ?? "", "base64url"))
          .setProtectedHeader({ ...headerOf(session), alg: "HS256" })
          .sign(Buffer.from(x, "base64url"));
      }),
  },
  {
    how: "to another operation than was asked for",
    by: "session_refused",
    play: async (scene) => {
      const phone = await boundPhone(scene);
      scene.relay.conduct = (sent, pass) => {
        if (!sent.path.includes("/sessions")) return pass(sent);
        return pass({ ...sent, body: JSON.stringify({ ...parsed(sent.body), op: "card-reveal" }) });
      };
      const told = await toldBy(changePin({ ...phone.confirmed, pin: pinOf("1928") }));
      return told === "done" ? "succeeds" : told;
    },
  },
  {
    how: "to an earlier list of keys",
    by: "manifest_refused",
    play: async (scene) => {
      const phone = await boundPhone(scene);
      const early = parsed(scene.relay.last("/sessions").reply.body).manifest;
      assertOk(await scene.alice.native.operator("POST", "/keys/native-hpke/rotate"));
      await changePin({ ...phone.confirmed, pin: pinOf("2846") });
      scene.relay.conduct = async (sent, pass) =>
        sent.path.includes("/issuer-keys")
          ? { status: 200, body: early, type: "application/jwk-set+jwt" }
          : alteringReply("/sessions", (body) => ({ ...body, manifest: early }))(sent, pass);
      const told = await toldBy(changePin({ ...phone.confirmed, pin: pinOf("1928") }));
      return told === "done" ? "succeeds" : told;
    },
  },
  {
    how: "to a version of the protocol that there is not",
    by: "404",
    play: async ({ relay, alice }) => {
      const request = { op: "pin-reveal", auth: "device", card: card(alice), nonce: "A".repeat(22) };
      const { status } = await relay.ask("POST", "/native/../v0/sessions", request);
      return status < 400 ? "succeeds" : `${status}`;
    },
  },
];

function assertOk({ status }: { status: number }): void {
  if (status >= 300) throw new Error(`the issuer answered ${status}`);
}

export { answersOfOthers, downgrades, forgeries, late, moves, replays };
