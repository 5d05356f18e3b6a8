import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A program that answers a line of JSON by another. It is started once, as starting it takes longer than what it does. */
export interface LineProgram {
  // biome-ignore lint/suspicious/noExplicitAny: JSON of the program's
  ask(task: object): Promise<any>;
  stop(): void;
}

export function startLineProgram(command: string, ...programArguments: readonly string[]): LineProgram {
  const program = spawn(command, programArguments, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface(program.stdout)[Symbol.asyncIterator]();
  return {
    ask: async (task) => {
      program.stdin.write(`${JSON.stringify(task)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`${command} ended without an answer`);
      return JSON.parse(value);
    },
    stop: () => void program.kill(),
  };
}
