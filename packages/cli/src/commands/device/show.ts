import type { Command } from "commander";
import { readDevice } from "../../device-state.ts";
import type { Invocation } from "../../invocation.ts";
import { jsonOption } from "../../options.ts";
import { stateOption } from "./device-options.ts";

export function addShow(device: Command, invocation: Invocation): void {
  device
    .command("show")
    .description("show what the device knows, but for its private keys")
    .addOption(stateOption(invocation))
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  linchpin device show --json")
    .action((options) => runShow(options, invocation));
}

async function runShow(options: { state: string; json?: true }, { console }: Invocation): Promise<void> {
  const { keys, ...state } = await readDevice(options.state);
  const shown = { ...state, keys: Object.keys(keys), file: options.state };
  if (options.json) return console.log(JSON.stringify(shown));
  for (const [name, value] of Object.entries(shown)) console.log(`${name.padEnd(16)} ${value ?? "–"}`);
}
