import { setTimeout as sleep } from "node:timers/promises";
import { answerOf, sealedBy } from "./answer-of.ts";
import type { Answered, Attempt } from "./history.ts";
import { type CardUnderLoad, type Message, makeCard, makeTransferSender, type Sender } from "./senders.ts";

/** A steady load on several servers, by clients that turn to the next one when the one they asked is at a loss. */
export interface Load {
  /** Every request and answer so far. */
  readonly history: readonly Attempt[];
  readonly cards: readonly CardUnderLoad[];
  readonly userIds: readonly string[];
  /** Ends it: what was sent is sent again until an answer leaves nothing open, for as long as `settleWithinMs`. Throws a mistake of the load itself. */
  stop(): Promise<void>;
  /** Sends everything that took effect once more. Nothing of it may take effect again. */
  sendAllAgain(): Promise<void>;
}

const cardCount = 5;
const userCount = 2;
const pauseMs = 250;
const settleWithinMs = 20_000;

/** `origins`: the servers. Resolves when it runs. */
export async function startLoad(origins: readonly string[]): Promise<Load> {
  const history: Attempt[] = [];
  const messages = new Map<string, Message>();
  let giveUpAtMs = Number.POSITIVE_INFINITY;
  const isStopping = () => giveUpAtMs < Number.POSITIVE_INFINITY;
  const originOf = (index: number) => origins[index % origins.length] ?? "";

  const attempt = async (message: Message, origin: string): Promise<Answered> => {
    messages.set(message.name, message);
    const startedAtMs = performance.now();
    const answered = await answerOf(message, origin);
    const { subject, name, asked } = message;
    history.push({ subject, message: name, asked, startedAtMs, endedAtMs: performance.now(), answered });
    return answered;
  };

  /** As a client does that must know: to one server after the other, the same bytes. */
  const send = async (message: Message, first: number): Promise<number> => {
    for (let server = first; ; server++) {
      const answered = await attempt(message, originOf(server));
      if (!isOpen(answered) || performance.now() > giveUpAtMs) return server;
      await sleep(retryAfterMs);
    }
  };

  const work = async (sender: Sender, first: number): Promise<void> => {
    for (let server = first; !isStopping(); ) {
      const message = await sealedBy(sender, originOf(server));
      server = message === null ? server + 1 : await send(message, server);
      await sleep(message === null ? retryAfterMs : pauseMs * (0.5 + Math.random()));
    }
  };

  const cards = await Promise.all(Array.from({ length: cardCount }, (_, index) => makeCard(originOf(index))));
  for (const card of cards) await send(await card.changeBySolaris(originOf(0)), 0);
  const users = await Promise.all(Array.from({ length: userCount }, (_, index) => makeTransferSender(originOf(index))));
  const senders = [
    ...cards.flatMap(({ changeBySolaris, changes, verify, reveals }) => [
      inTurn(changeBySolaris, ...changes),
      verify,
      inTurn(verify, inTurn(...reveals)),
    ]),
    ...users.map(({ transfer }) => transfer),
  ];
  const working = Promise.all(senders.map((sender, index) => work(sender, index)));
  working.catch(() => {}); // `stop` throws it.

  return {
    history,
    cards,
    userIds: users.map(({ userId }) => userId),
    stop: async () => {
      giveUpAtMs = performance.now() + settleWithinMs;
      await working;
    },
    sendAllAgain: async () => {
      const used = new Set(history.filter((one) => !isUnused(one)).map(({ message }) => message));
      for (const [index, name] of [...used].entries()) {
        const message = messages.get(name);
        if (message !== undefined) await send(message, index);
      }
    },
  };
}

const retryAfterMs = 150;

function inTurn(...senders: Sender[]): Sender {
  let turn = 0;
  return (origin) => {
    const sender = senders[turn++ % senders.length];
    if (sender === undefined) throw new TypeError("there is a sender");
    return sender(origin);
  };
}

/** A token that ended is renewed, and the message sent again. */
function isOpen(answered: Answered): boolean {
  return answered.says === "unknown" || (answered.says === "refused" && answered.why.startsWith("401"));
}

function isUnused({ asked, answered: { says } }: Attempt): boolean {
  return says === "refused" || (says === "blocked" && asked.to === "reveal");
}
