import { bindQueries } from "../bind-queries.ts";
import type { Database } from "../database/index.ts";
import type { AuditAndOutbox, Program } from "../records.ts";
import { addProgram } from "./add-program.ts";
import { findProgram } from "./find-program.ts";
import { listPrograms } from "./list-programs.ts";

/** Programs: card products with their PIN rules and settings. */
export interface ProgramStore {
  /** `exists`: the id is taken. */
  addProgram(program: Program, auditAndOutbox: AuditAndOutbox): Promise<"added" | "exists">;
  findProgram(id: string): Promise<Program | null>;
  /** Oldest first. */
  listPrograms(): Promise<Program[]>;
}

export function programStore(database: Database): ProgramStore {
  return bindQueries(database, { addProgram, findProgram, listPrograms });
}
