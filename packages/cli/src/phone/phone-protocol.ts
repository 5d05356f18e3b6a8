import type { Pin } from "@linchpin/core";
import type { Command } from "commander";
import type { Invocation } from "../invocation.ts";
import type { CardDetails } from "./card-details.ts";

/** What the terminal's phone does by one protocol. Null where the protocol has no such operation. */
export interface PhoneProtocol {
  /** As in the issuer's protocol table. */
  readonly name: string;
  readonly title: string;
  /** The environment variables by which a partner's access is set. */
  readonly variables: readonly string[];
  /** Adds the options by which commands reach the partner. */
  readonly withOptions: (command: Command) => Command;
  /** Changes the PIN and says so; `command` has parsed the options. */
  readonly changePin: ((command: Command, invocation: Invocation) => Promise<void>) | null;
  /** The caller wipes the PIN. */
  readonly revealPin: ((command: Command, invocation: Invocation) => Promise<Pin>) | null;
  readonly revealCard: ((command: Command, invocation: Invocation) => Promise<CardDetails>) | null;
  /** Adds commands of the protocol's own. */
  readonly addCommands: ((device: Command, invocation: Invocation) => void) | null;
}
