import { styleText } from "node:util";
import { type Command, Option } from "commander";
import { exitCodes } from "../exit-codes.ts";
import { Ended, Failure } from "../failure.ts";
import type { Invocation } from "../invocation.ts";
import { jsonOption, urlOption } from "../options.ts";
import { findSandbox } from "../sandbox.ts";
import { chapters } from "../tour/chapters.ts";
import { type Hop, type Listener, type Party, Telling, type Told } from "../tour/telling.ts";

interface TourOptions {
  readonly url: string;
  readonly only?: string;
  readonly json?: true;
}

export function addTour(program: Command, invocation: Invocation): void {
  program
    .command("tour")
    .description("take one card through every protocol on a running sandbox, and tell what each party saw")
    .addOption(urlOption())
    .addOption(new Option("--only <protocol>", "one of them alone").choices(chapters.map(({ name }) => name)))
    .addOption(jsonOption())
    .addHelpText("after", help)
    .action((options) => runTour(options, invocation));
}

const help = `
Makes a person and a card of its own, so it can be run as often as you like. Exits with 0 only if every step came out
as it should.

Example:
  npm start          in one terminal
  npx linchpin tour  in another`;

async function runTour({ url, only, json }: TourOptions, invocation: Invocation): Promise<void> {
  if ((await findSandbox(url)) === null)
    throw new Failure(
      exitCodes.refused,
      `the issuer at ${url} is no sandbox: the tour makes its own card, which only a sandbox allows`,
    );
  const { tellStory } = await import("../tour/story.ts");
  const telling = new Telling(json ? silently : listenerOn(invocation));
  const told = await telling.tell(() => tellStory(url, telling, only ?? null));
  if (json) invocation.console.log(JSON.stringify({ url, ...told }));
  else invocation.console.log(closing(told, invocation));
  if (!told.ok) throw new Ended(exitCodes.refused);
}

const silently: Listener = { begins: () => {}, hop: () => {}, ends: () => {} };

function listenerOn({ console, stdout: stream }: Invocation): Listener {
  return {
    begins: (number, title) => console.log(styleText("bold", `\n${`${number}`.padStart(2)}. ${title}`, { stream })),
    hop: ({ party, sees }: Hop) => console.log(`    ${styleText(colours[party], party.padEnd(8), { stream })} ${sees}`),
    ends: (surprise) => surprise !== null && console.log(`    ${styleText("red", "✖", { stream })} ${surprise}`),
  };
}

const colours = {
  device: "cyan",
  partner: "yellow",
  issuer: "magenta",
  vault: "red",
  store: "blue",
  person: "green",
  operator: "white",
  upstream: "gray",
} as const satisfies Record<Party, string>;

function closing({ ok, steps }: Told, { stdout: stream }: Invocation): string {
  const kept = steps.filter((step) => step.ok).length;
  if (!ok)
    return styleText("red", `\n✖ ${kept} of ${steps.length} steps came out as they should; the tour ends here`, {
      stream,
    });
  return styleText(
    "green",
    `\n✔ ${kept} steps, each as it should be. No one between the device and the issuer saw a PIN.`,
    { stream },
  );
}
