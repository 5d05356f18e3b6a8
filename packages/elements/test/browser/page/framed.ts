// The operator's page. `parent` is in the query for the test's sake; a real one has it from its server.
import { relayThroughParent } from "../../../src/frame.ts";
import { PinChangeElement } from "../../../src/index.ts";

type Message = { body: string; signal?: AbortSignal };

const parentOrigin = String(new URLSearchParams(location.search).get("parent"));
const relay = relayThroughParent<Message, { status: number }>({ parentOrigin, timeoutMs: 500 });
const element = new PinChangeElement();
element.change = async (_pin, { signal }) => {
  const answer = await relay.send({ body: "sealed", signal });
  if (answer.status !== 204) throw new Error("refused");
};
document.querySelector("main")?.append(element);
