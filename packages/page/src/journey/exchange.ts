import type { Answer, Attack, Relayed, Returned, SandboxEvent, Step } from "../wire/sandbox-event.ts";

/** One message and its answer, from hop to hop: a row of the journey. */
export interface Exchange {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  /** At the partner; undefined where somebody's own client called the issuer. */
  readonly relayed?: Relayed;
  readonly returned?: Returned;
  /** At the issuer; undefined until it arrives there. */
  readonly requestId?: string;
  readonly steps: readonly Step[];
  readonly answer?: Answer;
  /** What a partner that lies did with it. */
  readonly attack?: Attack;
  /** Whether the partner sent it without the phone: again, or late. */
  readonly isPartnersOwn?: boolean;
  /** How the phone's task ended, of which this was the last message: null, as it should; else the code of the error. */
  readonly conclusion?: string | null;
}

const keptExchanges = 40;

/** The journey after one more event. */
export function follow(journey: readonly Exchange[], event: SandboxEvent): readonly Exchange[] {
  const change = (isMeant: (exchange: Exchange) => boolean, changed: Partial<Exchange>) => {
    const index = journey.findLastIndex(isMeant);
    const meant = journey[index];
    return meant === undefined ? journey : journey.with(index, { ...meant, ...changed });
  };
  if (event.kind === "conclusion") {
    const last = ({ relayed, conclusion }: Exchange) => relayed !== undefined && conclusion === undefined;
    const isNew = journey.findLast(({ relayed }) => relayed !== undefined)?.conclusion === undefined;
    return isNew ? change(last, { conclusion: event.code }) : journey;
  }
  const ofRequest = ({ requestId }: Exchange) => requestId === event.id;
  if (event.kind === "attack") return change(({ id }) => id === event.id, { attack: event });
  if (event.kind === "returned") return change(({ id }) => id === event.id, { returned: event });
  if (event.kind === "answer") return change(ofRequest, { answer: event });
  if (event.kind === "step") {
    const steps = journey.findLast(ofRequest)?.steps ?? [];
    return change(ofRequest, { steps: [...steps, event] });
  }
  const { id, method, path } = event;
  if (event.kind === "relayed") return begin(journey, { id, method, path, relayed: event, steps: [] });
  if (event.relayedId !== undefined) {
    // A partner that lies may send it with another path, again, or late.
    const meant = ({ id, requestId }: Exchange) => id === event.relayedId && requestId === undefined;
    if (journey.some(meant)) return change(meant, { requestId: id });
    return begin(journey, { id, requestId: id, method, path, isPartnersOwn: true, steps: [] });
  }
  // A partner that sends twice makes two requests of one message: the second has a row of its own.
  const awaited = ({ relayed, requestId, ...sent }: Exchange) =>
    relayed !== undefined && requestId === undefined && sent.method === method && sent.path === path;
  if (journey.some(awaited)) return change(awaited, { requestId: id });
  return begin(journey, { id, requestId: id, method, path, steps: [] });
}

function begin(journey: readonly Exchange[], exchange: Exchange): readonly Exchange[] {
  return [...journey.slice(1 - keptExchanges), exchange];
}
