import { LinchpinError } from "@linchpin/core";
import { type Context, openMessage, type Protocol, type SandboxFactory } from "@linchpin/server/issuer";
import type { OutboxEntry } from "@linchpin/store";
import type { ListedKey } from "@linchpin/vault";
import { type SandboxDescription, sandboxProtocols } from "../protocol-table.ts";
import { readRoots, withPan } from "../read-origin.ts";
import { describeSandbox } from "../routes.ts";
import type { DescribedCard } from "../sandbox-protocol.ts";
import { sandboxCard } from "../seed.ts";
import { Fault, Faults } from "./faults.ts";
import { Journal, type JournalEntry, JournalFilter } from "./journal.ts";
import { CardState, makeCardInState, type SandboxDevice } from "./make-card.ts";
import { RequestsUnderWay } from "./requests-under-way.ts";
import { resetStore } from "./reset-store.ts";
import type { SandboxClock } from "./sandbox-clock.ts";
import type { SandboxRandom } from "./sandbox-random.ts";
import { requireShape } from "./shapes.ts";

type Background = NonNullable<Parameters<SandboxFactory["open"]>[1]["background"]>;

interface ControlParts {
  readonly clock: SandboxClock;
  readonly random: SandboxRandom;
  readonly protocols: readonly Protocol[];
  /** The key records at the start; null: the keys are in a token. */
  readonly keys: readonly ListedKey[] | null;
  readonly background: Background | undefined;
  /** Forgets what the process keeps beside the store. */
  readonly forget: () => void;
  readonly isOneOfSeveral: boolean;
}

/** A message to a person, as it would have gone out. */
export interface SandboxMessage {
  readonly to: string;
  /** `sms` or `letter`. */
  readonly channel: string;
  readonly text: string;
  readonly sentAt: string;
}

/** An event for the operator's systems, as the issuer posts it to `LINCHPIN_EVENTS_URL`; further members by its type. */
export interface SandboxOutboxEvent {
  readonly id: string;
  readonly type: string;
  readonly occurredAt: string;
  readonly [member: string]: unknown;
}

const maxListed = 1000;
/** A reset does not wait longer for a request that a fault delays, or whose body does not come. */
const maxDrainMs = 2000;

/** What a test asks of a running sandbox. `/sandbox/…` and `@linchpin/testing` are two ways to it. */
export class SandboxControl {
  readonly clock: SandboxClock;
  readonly faults: Faults;
  readonly journal: Journal;
  readonly #context: Context;
  readonly #parts: ControlParts;
  /** The card that is always there; a reset may give it another number. */
  #card: DescribedCard;
  /** Done, whatever became of it. */
  #lastReset: Promise<void> = Promise.resolve();
  /** Those of the protocols and the issuer API. */
  readonly underWay = new RequestsUnderWay();
  /** Lets go of the connections that faults hold. */
  releaseHeld: () => void = () => {};

  constructor(context: Context, card: DescribedCard, parts: ControlParts) {
    this.#context = context;
    this.#card = card;
    this.#parts = parts;
    this.clock = parts.clock;
    this.journal = new Journal(context.clock);
    const names = [...parts.protocols.map(({ name }) => name), "issuer"];
    this.faults = new Faults((protocol) => names.includes(protocol), pathsOf);
  }

  /**
   * Clock, faults, journal and what a reset forgets are this process's: of several workers each would have its own.
   * @throws LinchpinError `conflict`: this is one of several workers
   */
  requireOneProcess(): void {
    if (this.#parts.isOneOfSeveral)
      throw new LinchpinError("conflict", { reason: "this sandbox runs in several workers: run one" });
  }

  /** Addresses and credentials of every protocol, and the card that is always there. */
  describe(): SandboxDescription {
    return describeSandbox(this.#context, this.#parts.protocols, this.#card);
  }

  /** The same with a fresh card, and its device where one is asked for. @throws LinchpinError `request_invalid` */
  async makeCard(state: CardState = {}): Promise<SandboxDescription & { readonly device?: SandboxDevice }> {
    requireShape(CardState, state);
    const { card, device } = await makeCardInState(this.#context, this.#parts.random, state);
    await readRoots(this.#context);
    const described = await withPan(this.#context, card);
    const description = describeSandbox(this.#context, this.#parts.protocols, described);
    return device === null ? description : { ...description, device };
  }

  /** @throws LinchpinError `request_invalid` */
  addFault(fault: Fault): void {
    requireShape(Fault, fault);
    this.faults.add(fault);
  }

  /** The requests that were received, oldest first. @throws LinchpinError `request_invalid` */
  requests(filter: JournalFilter = {}): JournalEntry[] {
    requireShape(JournalFilter, filter);
    return this.journal.list(filter);
  }

  /** Advances the clock, and does what is due by then. @throws LinchpinError `request_invalid` */
  async advance(duration: string): Promise<Date> {
    this.clock.advance(duration);
    await this.#parts.background?.runNow();
    return this.clock.now();
  }

  /** @param to a mobile number; null: those to everyone. The newest thousand, oldest of them first. */
  async messages(to: string | null): Promise<SandboxMessage[]> {
    const entries = await this.#context.store.listMessages(to, maxListed);
    return Promise.all(entries.map((entry) => this.#describeMessage(entry)));
  }

  /** The newest thousand, oldest of them first. */
  async events(): Promise<SandboxOutboxEvent[]> {
    const entries = await this.#context.store.listEvents(maxListed);
    return entries.map(({ payload }) => JSON.parse(payload ?? "null"));
  }

  /**
   * As after the start on an empty store: store, clock, limits, faults, journal, and the values of the seed. What is under
   * way is answered first, and resets come one after the other.
   */
  reset(): Promise<void> {
    const reset = this.#lastReset.then(() => this.#reset());
    this.#lastReset = reset.catch(() => {});
    return reset;
  }

  /** Resolves when no reset is under way: until then, cards and credentials are gone. */
  untilReset(): Promise<void> {
    return this.#lastReset;
  }

  async #reset(): Promise<void> {
    const { background, keys, random, forget } = this.#parts;
    this.faults.clear();
    this.releaseHeld();
    await this.underWay.untilNone(maxDrainMs);
    const reset = async () => {
      this.clock.reset();
      random.reset();
      await resetStore(this.#context, keys, forget);
      this.#card = await withPan(this.#context, sandboxCard);
      this.journal.clear();
    };
    await (background === undefined ? reset() : background.pauseDuring(reset));
  }

  async #describeMessage(entry: OutboxEntry): Promise<SandboxMessage> {
    const bytes = await openMessage(this.#context, entry);
    // A string, as the sandbox shows it to whoever asks.
    const text = new TextDecoder().decode(bytes);
    bytes.fill(0);
    const { recipient, channel, createdAt } = entry;
    return { to: recipient ?? "", channel: channel ?? "", text, sentAt: createdAt.toISOString() };
  }
}

/** `unavailable` and `pending` are answers of a protocol's own, to some requests. */
function pathsOf({ protocol, status }: Fault): RegExp | null {
  if (status !== "unavailable" && status !== "pending") return /^/;
  return sandboxProtocols.find(({ name }) => name === protocol)?.answerFaults?.path ?? null;
}
