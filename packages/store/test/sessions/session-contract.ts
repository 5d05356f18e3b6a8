import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { before, describe, test } from "node:test";
import type { Card, SessionMessage, Store } from "@linchpin/store";
import {
  addCard,
  addCardWithPin,
  eventsOf,
  freshId,
  later,
  now,
  readCard,
  sealedText,
  written,
} from "../fresh-records.ts";
import {
  bindByPin,
  bindEffect,
  challengeOf,
  changeTo,
  codeOf,
  limits,
  messageTo,
  thumbprintOf,
  verifyAs,
} from "./session-messages.ts";

const tomorrow = new Date(now.getTime() + 24 * 3_600_000);

/** What every store must do with sessions of the native protocol. */
export function sessionContract(storeOf: () => Store): void {
  describe("sessions", () => {
    let store: Store;
    before(() => {
      store = storeOf();
    });

    async function sendCode(card: Card, at = now): Promise<{ id: string; result: string }> {
      const challenge = challengeOf(card, at);
      const result = await store.sendSessionCode(challenge, limits, written("code", card.id));
      return { id: challenge.id, result };
    }

    async function bind(card: Card, thumbprint = thumbprintOf(), message: Partial<SessionMessage> = {}) {
      const code = codeOf(freshId("session"), true);
      return store.spendSession(messageTo(card, { code, effect: bindEffect(thumbprint), ...message }));
    }

    test("each is spent once: the first message decides, and is found again", async () => {
      const card = await addCard(store);
      const first = messageTo(card);
      assert.equal(await store.findSpentSession(first.sessionHash), null);
      const decided = await store.spendSession(first);
      assert.deepEqual([decided.isFirst, decided.outcome, decided.remaining], [true, "revealed", null]);
      const other = { ...first, messageHash: randomBytes(32), refusal: "pin_refused" };
      assert.equal((await store.spendSession(other)).isFirst, false);
      const spent = await store.findSpentSession(first.sessionHash);
      assert.deepEqual(
        { ...spent, messageHash: Buffer.from(spent?.messageHash ?? []) },
        { messageHash: Buffer.from(first.messageHash), outcome: "revealed", remaining: null },
      );
      assert.deepEqual(await eventsOf(store, card.id), ["card", "revealed"]);
    });

    test("of messages that arrive together one is first", async () => {
      const card = await addCard(store);
      const shared = messageTo(card, { version: 0, effect: changeTo("1928") });
      const decisions = await Promise.all(
        Array.from({ length: 8 }, () => store.spendSession({ ...shared, messageHash: randomBytes(32) })),
      );
      assert.equal(decisions.filter(({ isFirst }) => isFirst).length, 1);
      assert.equal((await readCard(store, card.id)).pin.version, 1);
      assert.deepEqual(await eventsOf(store, card.id), ["card", "changed"]);
    });

    test("go once they have expired", async () => {
      const message = messageTo(await addCard(store));
      await store.spendSession(message);
      await store.deleteSpentSessions(later);
      assert.notEqual(await store.findSpentSession(message.sessionHash), null);
      assert.ok((await store.deleteSpentSessions(new Date(later.getTime() + 1))) > 0);
      assert.equal(await store.findSpentSession(message.sessionHash), null);
    });

    test("a change writes PIN and history, and only onto the version that it demands", async () => {
      const card = await addCardWithPin(store);
      const change = () => messageTo(card, { version: 1, effect: changeTo("8264") });
      assert.equal((await store.spendSession(change())).outcome, "changed");
      assert.equal((await store.spendSession(change())).outcome, "session_stale");
      const { pin } = await readCard(store, card.id);
      assert.deepEqual([pin.version, pin.sealed], [2, sealedText("8264")]);
      assert.deepEqual(await store.listPinHistory(card.id, 5), [{ version: 1, sealed: sealedText("PIN 1") }]);
    });

    test("comparisons count tries, however many arrive at once, and block", async () => {
      const card = await addCardWithPin(store);
      const wrong = () => messageTo(card, { version: 1, effect: verifyAs(false) });
      const first = await store.spendSession(wrong());
      assert.deepEqual([first.outcome, first.remaining], ["mismatch", 2]);
      assert.equal(
        (await store.spendSession(messageTo(card, { version: 1, effect: verifyAs(true) }))).outcome,
        "match",
      );
      const decisions = await Promise.all(Array.from({ length: 8 }, () => store.spendSession(wrong())));
      const remaining = decisions.filter(({ outcome }) => outcome === "mismatch").map((each) => each.remaining);
      assert.deepEqual(remaining.toSorted(), [0, 1, 2]);
      assert.equal(decisions.filter(({ outcome }) => outcome === "blocked").length, 5);
      assert.equal((await readCard(store, card.id)).pin.status, "blocked");
      assert.equal((await eventsOf(store, card.id)).filter((what) => what === "blocking").length, 1);
      const reveal = await store.spendSession(messageTo(card, { effect: { type: "revealPin", version: 1 } }));
      assert.equal(reveal.outcome, "pin_blocked");
    });

    test("a present PIN that is wrong binds nothing and takes a try, however many arrive at once; a right one gives them back", async () => {
      const card = await addCardWithPin(store);
      const present = (matched: boolean, message: Partial<SessionMessage> = {}) =>
        bind(card, undefined, { version: 1, effect: bindByPin(matched), ...message });
      const pinOf = async () => (await readCard(store, card.id)).pin;
      assert.equal((await present(false, { code: codeOf("none", false) })).outcome, "code_incorrect");
      assert.equal((await present(false, { version: 0 })).outcome, "session_stale");
      assert.equal((await pinOf()).failedTries, 0);
      assert.equal((await present(false)).outcome, "pin_refused");
      assert.equal((await pinOf()).failedTries, 1);
      assert.equal((await present(true)).outcome, "bound");
      assert.equal((await pinOf()).failedTries, 0);
      const decisions = await Promise.all(Array.from({ length: 6 }, () => present(false)));
      assert.equal(decisions.filter(({ outcome }) => outcome === "pin_refused").length, 3);
      assert.equal(decisions.filter(({ outcome }) => outcome === "pin_blocked").length, 3);
      assert.equal((await pinOf()).status, "blocked");
      assert.equal((await present(true)).outcome, "pin_blocked");
      assert.equal((await eventsOf(store, card.id)).filter((what) => what === "blocking").length, 1);
      assert.equal((await store.findSessionHolder(card.person.id, now))?.boundKeys, 1);
    });

    test("a card without a PIN has none to compare or reveal; one that is blocked does nothing", async () => {
      const card = await addCard(store);
      for (const effect of [verifyAs(true), { type: "revealPin", version: 0 } as const])
        assert.equal((await store.spendSession(messageTo(card, { effect }))).outcome, "pin_not_set");
      await store.setCardState(card.id, "blocked", written("blocked", card.id));
      assert.equal((await store.spendSession(messageTo(card))).outcome, "card_blocked");
    });

    test("a PIN is revealed only in the version that was read, which the audit names; else nothing is decided", async () => {
      const card = await addCardWithPin(store);
      const reveal = (version: number) => messageTo(card, { effect: { type: "revealPin", version } });
      await store.spendSession(messageTo(card, { version: 1, effect: changeTo("8264") }));
      const stale = reveal(1);
      await assert.rejects(store.spendSession(stale), { code: "conflict" });
      assert.equal(await store.findSpentSession(stale.sessionHash), null);
      assert.deepEqual(await eventsOf(store, card.id), ["card", "changed", "changed"]);
      assert.equal((await store.spendSession(reveal(2))).outcome, "revealed");
    });

    test("what came in is refused in this order: the card, the key, the code, the version, the content", async () => {
      const card = await addCardWithPin(store);
      const everything = {
        device: thumbprintOf(),
        failedToOpen: true,
        code: codeOf("none", false),
        version: 7,
        refusal: "pin_refused",
      };
      const rest: Partial<SessionMessage>[] = [
        {},
        { device: null },
        { device: null, failedToOpen: false },
        { device: null, failedToOpen: false, code: null },
        { device: null, failedToOpen: false, code: null, version: 1 },
      ];
      const found = [];
      for (const message of rest)
        found.push((await store.spendSession(messageTo(card, { ...everything, ...message }))).outcome);
      assert.deepEqual(found, [
        "device_unknown",
        "decryption_failed",
        "code_incorrect",
        "session_stale",
        "pin_refused",
      ]);
    });

    test("a key is bound once, is live for its person alone, and never again once it was unbound", async () => {
      const [card, other] = [await addCard(store), await addCard(store)];
      const thumbprint = thumbprintOf();
      assert.equal((await bind(card, thumbprint)).outcome, "bound");
      assert.equal((await bind(card, thumbprint)).outcome, "bound");
      assert.equal((await store.findSessionHolder(card.person.id, now))?.boundKeys, 1);
      assert.equal((await bind(other, thumbprint)).outcome, "device_unknown");
      assert.equal((await store.spendSession(messageTo(card, { device: thumbprint }))).outcome, "revealed");
      assert.equal((await store.spendSession(messageTo(other, { device: thumbprint }))).outcome, "device_unknown");
      const unbind = (personId: string) => store.unbindKey(thumbprint, personId, now, written("unbound"));
      assert.equal(await unbind(other.person.id), "unknown");
      assert.equal(await unbind(card.person.id), "unbound");
      assert.equal(await unbind(card.person.id), "unknown");
      assert.deepEqual((await store.findBoundKey(thumbprint))?.unboundAt, now);
      assert.equal((await store.findSessionHolder(card.person.id, now))?.boundKeys, 0);
      for (const message of [messageTo(card, { device: thumbprint })])
        assert.equal((await store.spendSession(message)).outcome, "device_unknown");
      assert.equal((await bind(card, thumbprint)).outcome, "device_unknown");
    });

    test("a key that an ordinary card bound serves no card that is for the native protocol alone; the reverse it does", async () => {
      const card = await addCard(store);
      const [ordinary, nativeOnly] = [thumbprintOf(), thumbprintOf()];
      assert.equal((await bind(card, ordinary)).outcome, "bound");
      assert.equal((await bind(card, nativeOnly, { isNativeOnly: true })).outcome, "bound");
      assert.equal((await store.findBoundKey(ordinary))?.byNativeOnly, false);
      assert.equal((await store.findBoundKey(nativeOnly))?.byNativeOnly, true);
      const outcomeBy = async (device: string, isNativeOnly: boolean) =>
        (await store.spendSession(messageTo(card, { device, isNativeOnly }))).outcome;
      assert.equal(await outcomeBy(ordinary, false), "revealed");
      assert.equal(await outcomeBy(ordinary, true), "device_unknown");
      assert.equal(await outcomeBy(nativeOnly, true), "revealed");
      assert.equal(await outcomeBy(nativeOnly, false), "revealed");
      assert.equal((await bind(card, ordinary, { isNativeOnly: true })).outcome, "bound");
      assert.equal(await outcomeBy(ordinary, true), "revealed");
      assert.equal((await bind(card, ordinary)).outcome, "bound");
      assert.equal(await outcomeBy(ordinary, true), "revealed");
      assert.equal((await store.findSessionHolder(card.person.id, now))?.boundKeys, 2);
    });

    test("a person has so many keys at most, however many are bound at once", async () => {
      const card = await addCard(store);
      const decisions = await Promise.all(
        Array.from({ length: 6 }, () => bind(card, undefined, { effect: bindEffect(undefined, 2) })),
      );
      assert.equal(decisions.filter(({ outcome }) => outcome === "bound").length, 2);
      assert.equal(decisions.filter(({ outcome }) => outcome === "too_many_devices").length, 4);
      const stale = await store.spendSession(
        messageTo(card, { demandsNoBoundKey: true, code: codeOf("none", true), version: 0, effect: changeTo("1928") }),
      );
      assert.equal(stale.outcome, "session_stale");
    });

    test("so many codes go to a person on a day, however many are asked for at once", async () => {
      const card = await addCard(store);
      const sent = await Promise.all(Array.from({ length: 6 }, () => sendCode(card)));
      assert.equal(sent.filter(({ result }) => result === "added").length, 2);
      assert.equal(sent.filter(({ result }) => result === "rate_limited").length, 4);
      assert.equal((await sendCode(card, tomorrow)).result, "added");
      // At midnight, by the clock of a server that is behind.
      assert.equal((await sendCode(card, now)).result, "added");
      for (const at of [now, tomorrow]) assert.equal((await sendCode(card, at)).result, "rate_limited");
      assert.equal((await eventsOf(store, card.id)).filter((what) => what === "code").length, 4);
    });

    test("a code is taken with its session, right or wrong", async () => {
      const card = await addCard(store);
      const { id } = await sendCode(card);
      assert.equal((await store.findChallenge(id))?.state, "open");
      const message = messageTo(card, { code: codeOf(id, false), effect: bindEffect() });
      assert.equal((await store.spendSession(message)).outcome, "code_incorrect");
      assert.equal((await store.findChallenge(id))?.state, "answered");
    });

    test("wrong codes in a row lock the person's, however many arrive at once; a right one forgets them", async () => {
      const card = await addCard(store);
      const ofPerson = { ...limits, wrongPerPartnerAndDay: 50 };
      const guess = (isRight: boolean) =>
        store.spendSession(
          messageTo(card, { code: { ...codeOf("none", isRight), limits: ofPerson }, effect: bindEffect() }),
        );
      for (const isRight of [false, false, true]) await guess(isRight);
      assert.equal((await store.findSessionHolder(card.person.id, now))?.wrongCodes, 0);
      const decisions = await Promise.all(Array.from({ length: 8 }, () => guess(false)));
      assert.equal(decisions.filter(({ outcome }) => outcome === "code_incorrect").length, 3);
      assert.equal(decisions.filter(({ outcome }) => outcome === "code_locked").length, 5);
      assert.equal((await guess(true)).outcome, "code_locked");
      assert.equal((await sendCode(card)).result, "locked");
      assert.equal(await store.allowSessionCodes(card.person.id, written("allowed")), "set");
      assert.equal((await guess(true)).outcome, "bound");
      assert.equal(await store.allowSessionCodes("nobody", written("allowed")), "unknown");
      for (const count of [3, 1])
        assert.equal(await store.countWrongSessionCodes(card.person.id, count, written("counted")), "set");
      assert.equal((await guess(true)).outcome, "code_locked");
      assert.equal(await store.countWrongSessionCodes("nobody", 3, written("counted")), "unknown");
    });

    test("wrong codes of one partner's persons lock all of them for the day", async () => {
      const cards = [await addCard(store), await addCard(store), await addCard(store)];
      const [{ partnerId }] = cards as [Card];
      const guess = (card: Card, isRight: boolean, at = now) =>
        store.spendSession(messageTo(card, { partnerId, at, code: codeOf("none", isRight), effect: bindEffect() }));
      const decisions = await Promise.all(cards.flatMap((card) => [guess(card, false), guess(card, false)]));
      assert.equal(decisions.filter(({ outcome }) => outcome === "code_incorrect").length, 5);
      const [card] = cards as [Card];
      assert.equal((await guess(card, true)).outcome, "code_locked");
      assert.equal((await store.findSessionHolder(card.person.id, now))?.partnersWrongCodes, 5);
      assert.equal((await store.findSessionHolder(card.person.id, tomorrow))?.partnersWrongCodes, 0);
      // A server whose clock is behind at midnight takes nothing away from the count of the new day, nor adds to the old one.
      const another = await addCard(store);
      for (const at of [tomorrow, now]) assert.equal((await guess(another, false, at)).outcome, "code_incorrect");
      assert.equal((await store.findSessionHolder(card.person.id, tomorrow))?.partnersWrongCodes, 2);
      assert.equal((await guess(card, true, tomorrow)).outcome, "bound");
    });

    test("a card is found with what a session is made of, or what its message is checked against, in one statement each", async () => {
      const { id } = await addCard(store);
      const name = freshId("native");
      await store.addCardName(id, { protocol: "native", name }, written("named", id));
      const card = await readCard(store, id);
      const bare = { ...card, holder: await store.findSessionHolder(card.person.id, now), boundKey: null, data: null };
      const last = await store.findLastKeyManifest();
      const manifest = last && { seq: last.seq, issuedAt: last.issuedAt };
      const asked = { name, device: null, at: now };
      assert.deepEqual(await store.findCardForSession(asked), { ...bare, manifest });
      assert.deepEqual(await store.findCardForMessage({ ...asked, sessionHash: randomBytes(32) }), {
        ...card,
        boundKey: null,
        spent: null,
      });

      const device = thumbprintOf();
      const partnersCodes = { code: codeOf("none", false), effect: bindEffect() };
      await store.spendSession(messageTo(card, partnersCodes));
      await bind(card, device);
      await store.nameSessionHolder(card.person.id, "Zoë Müller", written("named"));
      const data = { expiration: { month: 7, year: 2031 }, sealed: sealedText("data") };
      await store.setCardData(id, data, written("data", id));
      const spent = messageTo(card);
      await store.spendSession(spent);
      const [boundKey, holder] = await Promise.all([
        store.findBoundKey(device),
        store.findSessionHolder(card.person.id, now),
      ]);
      assert.deepEqual([holder?.boundKeys, holder?.partnersWrongCodes], [1, 1]);
      const found = await store.findCardForSession({ name, device, at: now });
      assert.deepEqual(found, { ...card, holder, boundKey, data, manifest });
      assert.equal((await store.findCardForSession({ name, device, at: tomorrow }))?.holder.partnersWrongCodes, 0);
      assert.deepEqual(await store.findCardForMessage({ name, device, sessionHash: spent.sessionHash }), {
        ...card,
        boundKey,
        spent: await store.findSpentSession(spent.sessionHash),
      });
      assert.equal(await store.findCardForSession({ name: "none", device, at: now }), null);
      const message = { name: "none", device, sessionHash: spent.sessionHash };
      assert.equal(await store.findCardForMessage(message), null);
    });

    test("a holder has the name that an operator set", async () => {
      const { person } = await addCard(store);
      assert.equal((await store.findSessionHolder(person.id, now))?.name, null);
      assert.equal(await store.nameSessionHolder(person.id, "Zoë Müller", written("named")), "set");
      assert.equal((await store.findSessionHolder(person.id, now))?.name, "Zoë Müller");
      assert.equal(await store.nameSessionHolder("nobody", "Zoë", written("named")), "unknown");
      assert.equal(await store.findSessionHolder("nobody", now), null);
    });
  });
}
