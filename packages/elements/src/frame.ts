// For a page whose scripts are not to be trusted with key events and clicks: the elements stand in an iframe from the
// operator's own origin. Out of it come sealed messages and outcomes alone; the partner's page relays the ones and
// hears the others. What it still can do: show a pad of its own instead of the frame.
import { LinchpinError } from "@linchpin/core";
import { originOf } from "./origin.ts";

/** The relay of `@linchpin/device`, or another that takes and gives what can be cloned. */
interface Relay<Message, Answer> {
  send(message: Message): Promise<Answer>;
}

/**
 * In the operator's page: a relay that sends through the page around it, which must be of `parentOrigin` (have the
 * operator's server say which; a query could be anybody's). It also passes the events of the elements to that page.
 * `send` throws LinchpinError `unreachable` if the page around it has no answer within `timeoutMs`, `aborted` by the
 * message's signal.
 * @throws TypeError where `parentOrigin` is no origin
 */
export function relayThroughParent<Message extends { readonly signal?: AbortSignal | undefined }, Answer>({
  parentOrigin: parent,
  timeoutMs = 60_000,
}: {
  parentOrigin: string;
  timeoutMs?: number;
}): Relay<Message, Answer> {
  const parentOrigin = originOf("parentOrigin", parent);
  for (const type of outcomes)
    document.addEventListener(type, (event) => {
      window.parent.postMessage({ linchpin: type, detail: (event as CustomEvent).detail }, parentOrigin);
    });
  return {
    async send({ signal, ...message }) {
      // The port reaches a window of parentOrigin or none: whoever answers is who was asked.
      const { port1, port2 } = new MessageChannel();
      const answer = Promise.withResolvers<Answer>();
      port1.onmessage = ({ data }) =>
        "answer" in data ? answer.resolve(data.answer) : answer.reject(new LinchpinError("unreachable"));
      const timer = setTimeout(() => answer.reject(new LinchpinError("unreachable")), timeoutMs);
      signal?.addEventListener("abort", () => answer.reject(new LinchpinError("aborted")));
      window.parent.postMessage({ linchpin: "send", message }, parentOrigin, [port2]);
      return answer.promise.finally(() => {
        clearTimeout(timer);
        port1.close();
      });
    },
  };
}

/**
 * In the partner's page: passes on what the operator's page in `frame` sends, and dispatches the events of its elements
 * (`pin-changed` …) on `frame`. Until `signal` aborts; messages of any other window or origin are left alone.
 * @throws TypeError where `frameOrigin` is no origin
 */
export function relayForFrame<Message, Answer>(
  frame: HTMLIFrameElement,
  {
    frameOrigin: origin,
    relay,
    signal,
  }: { frameOrigin: string; relay: Relay<Message, Answer>; signal?: AbortSignal | undefined },
): void {
  const frameOrigin = originOf("frameOrigin", origin);
  const onMessage = async ({ source, origin, data, ports }: MessageEvent) => {
    if (source !== frame.contentWindow || origin !== frameOrigin) return;
    if (outcomes.includes(data.linchpin))
      frame.dispatchEvent(new CustomEvent(data.linchpin, { bubbles: true, detail: data.detail }));
    if (data.linchpin !== "send") return;
    const reply = await relay.send(data.message).then(
      (answer) => ({ answer }),
      () => ({}),
    );
    ports[0]?.postMessage(reply);
  };
  window.addEventListener("message", onMessage, signal && { signal });
}

const outcomes = ["pin-changed", "pin-change-failed", "pin-shown", "pin-hidden", "pin-reveal-failed"];
