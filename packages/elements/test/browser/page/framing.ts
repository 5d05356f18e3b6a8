// The partner's page: `frame` is the origin of the operator's page; `trusts`, the one it believes that to be.
import { relayForFrame } from "../../../src/frame.ts";

declare global {
  /** All that reached this page: messages, keys and clicks. */
  var heard: unknown[];
  var relayed: unknown[];
}

const query = new URLSearchParams(location.search);
const frameOrigin = String(query.get("frame"));
globalThis.heard = [];
globalThis.relayed = [];
globalThis.eventsOfOurs = [];
window.addEventListener("message", ({ data, origin }) => heard.push({ data, origin }));
for (const type of ["keydown", "keyup", "click", "pointerdown", "pointermove"])
  window.addEventListener(type, (event) => heard.push(`${type} ${(event as KeyboardEvent).key}`), true);

const frame = document.createElement("iframe");
frame.addEventListener("pin-changed", () => eventsOfOurs.push("pin-changed"));
frame.addEventListener("pin-change-failed", (event) => eventsOfOurs.push((event as CustomEvent).detail.code));
relayForFrame(frame, {
  frameOrigin: query.get("trusts") ?? frameOrigin,
  relay: {
    async send(message: { body: string }) {
      relayed.push(message);
      if (query.has("offline")) throw new TypeError("Failed to fetch");
      return { status: 204 };
    },
  },
});
frame.src = `${frameOrigin}/framed?parent=${query.get("parent") ?? location.origin}`;
frame.width = "390";
frame.height = "700";
document.querySelector("main")?.append(frame);
