export type {
  CardState,
  FaultStatus,
  JournalEntry,
  JournalFilter,
  SandboxDescription,
  SandboxDevice,
  SandboxMessage,
  SandboxOutboxEvent,
} from "@linchpin/sandbox";
export type { Issuer, IssuerClock, IssuerFaults, IssuerOptions, NextFault } from "./issuer.ts";
export { startIssuer } from "./start-issuer.ts";
