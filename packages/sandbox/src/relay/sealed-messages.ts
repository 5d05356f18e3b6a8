import { sandboxProtocols } from "../protocol-table.ts";

/** What is sealed to a key of which purpose, in every protocol, and how a partner that lies opens it. */
export const sealedMessages = sandboxProtocols.flatMap(({ name, sealedMessages: messages, change }) =>
  messages.map((message) => ({ ...message, protocol: name, envelope: change?.envelope })),
);
