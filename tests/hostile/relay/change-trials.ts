import type { KeyObject } from "node:crypto";
import { rsa, shortRsa } from "./crypto.ts";
import { alteringReply, answering, passesOn, type Reply, type Sent } from "./relay.ts";
import { addCard, type Cardholder, hasPin, pans, type Scene, toldBy } from "./stage.ts";
import { type Column, stopped, stoppedByRoots, succeeds } from "./trials.ts";

/** How a vendor's protocol changes a PIN: where the messages are in which the attacks lie. */
interface PinChange {
  readonly change: (scene: Scene, digits: string, isPinned: boolean) => Promise<unknown>;
  /** Part of the path by which the issuer hands on its key, and of the one by which the sealed PIN goes. */
  readonly keyPath: string;
  readonly changePath: string;
  /** The message by which the change is made, where it is not the one with the sealed PIN. */
  readonly lastPath?: string;
  /** What the issuer answers to a change that is made. */
  readonly done: Reply;
  /** The reply with another key in it. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read what the wire holds
  readonly withKey: (reply: any, key: KeyObject) => object | string;
  /** The PIN of a message that was sealed to the relay's key. */
  readonly open: (sent: Sent) => Promise<string>;
  readonly toCard: (sent: Sent, card: Cardholder) => Sent;
  /** What the issuer answers to a message that it took before. */
  readonly replayed: string;
}

/** The attacks that go alike against each vendor's change of a PIN. */
export function changeTrials(protocol: PinChange): Column["trials"] {
  const { change, keyPath, changePath, done, withKey } = protocol;
  const lastPath = protocol.lastPath ?? changePath;

  /** What is sealed to the relay's key stays with the relay. */
  async function changeWithKey(scene: Scene, isPinned: boolean, key: KeyObject): Promise<string> {
    const swapping = alteringReply(keyPath, (body) => withKey(body, key));
    scene.relay.conduct = async (sent, pass) =>
      sent.path.includes(changePath) || sent.path.includes(lastPath) ? done : swapping(sent, pass);
    return toldBy(change(scene, "1928", isPinned));
  }

  return {
    "swaps the issuer's key": stoppedByRoots({
      how: "for a key pair of its own",
      by: "issuer_key_unvouched",
      play: async (scene, isPinned) => {
        const told = await changeWithKey(scene, isPinned, rsa.publicKey);
        const sent = scene.relay.seen.findLast(({ path }) => path.includes(changePath));
        return sent && (await protocol.open(sent)).includes("1928") ? "succeeds" : told;
      },
    }),
    "moves a sealed PIN to another card": succeeds({
      how: "of the same person",
      play: async (scene, isPinned) => {
        const other = await addCard(scene.alice, pans[1], {});
        scene.relay.conduct = (sent, pass) =>
          pass(sent.path.includes(changePath) ? protocol.toCard(sent, other) : sent);
        await change(scene, "1928", isPinned);
        return (await hasPin(other, "1928")) ? "succeeds" : "not moved";
      },
    }),
    "forges an answer": succeeds({
      how: "that a change was made",
      play: async (scene, isPinned) => {
        scene.relay.conduct = answering(lastPath, () => done);
        const told = await toldBy(change(scene, "1928", isPinned));
        return told === "done" && (await scene.alice.solaris.card()).pin.version === 0 ? "succeeds" : told;
      },
    }),
    "presents the answer to another message": succeeds({
      how: "of an earlier change",
      play: async (scene, isPinned) => {
        await change(scene, "1928", isPinned);
        const { reply } = scene.relay.last(lastPath);
        scene.relay.conduct = answering(lastPath, () => reply);
        const told = await toldBy(change(scene, "2846", isPinned));
        return told === "done" && (await hasPin(scene.alice, "1928")) ? "succeeds" : told;
      },
    }),
    "sends a message again": stopped({
      how: "once another PIN was set",
      by: protocol.replayed,
      play: async (scene, isPinned) => {
        await change(scene, "1928", isPinned);
        const first = scene.relay.last(changePath);
        await change(scene, "2846", isPinned);
        const { status } = await scene.relay.pass(first);
        return (await hasPin(scene.alice, "1928")) ? "succeeds" : `${status}`;
      },
    }),
    "delivers a message late, after a newer one": succeeds({
      how: "a change of which the device knows no outcome",
      play: async (scene, isPinned) => {
        scene.relay.conduct = answering(lastPath, () => ({ status: 502, body: "" }));
        await toldBy(change(scene, "1928", isPinned));
        const held = scene.relay.last(lastPath);
        scene.relay.conduct = passesOn;
        await change(scene, "2846", isPinned);
        await scene.relay.pass(held);
        return (await hasPin(scene.alice, "1928")) ? "succeeds" : "not reverted";
      },
    }),
    "downgrades algorithm or version": stopped({
      how: "to an RSA key of 1024 bits",
      by: "public_key_unusable",
      play: async (scene, isPinned) => {
        const told = await changeWithKey(scene, isPinned, shortRsa.publicKey);
        return told === "done" ? "succeeds" : told;
      },
    }),
  };
}
