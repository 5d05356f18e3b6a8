import { bytesFromBase64, jwkThumbprint, p256JwkFromPoint } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import type { Command } from "commander";
import type { Invocation } from "../../invocation.ts";
import { connectOperator } from "../../issuer-caller.ts";
import type { ListedKey } from "../../listed-key.ts";
import { apiKeyOption, type IssuerOptions, jsonOption, urlOption } from "../../options.ts";

export function addRootShow(root: Command, invocation: Invocation): void {
  root
    .command("show")
    .description("the roots' public keys, as an app pins them")
    .addOption(urlOption())
    .addOption(apiKeyOption())
    .addOption(jsonOption())
    .addHelpText("after", help)
    .action((options) => runRootShow(options, invocation));
}

const help = `
  current    signs the list of the issuer's keys (GET /issuer-keys)
  pending    announced: it signs from the next rotation on
  accepted   a former root; it signs nothing any more

Change the root only after the apps have pinned the next one:
  linchpin keys make native-root      announces it; bring what this command shows into the apps
  linchpin keys rotate native-root    once they are all updated: an app that pins the former root alone stops working

Example:
  linchpin root show --json`;

interface Root {
  readonly state: string;
  readonly thumbprint: string;
  readonly jwk: object;
}

async function runRootShow(options: IssuerOptions, { console }: Invocation): Promise<void> {
  const issuer = await connectOperator(options);
  const keys = await issuer.ask<RootKey[]>("GET", "/keys");
  const isShown = ({ purpose, state }: RootKey) => purpose === "native-root" && shownStates.includes(state);
  const roots = await Promise.all(keys.filter(isShown).map(describeRoot));
  if (options.json) return console.log(JSON.stringify(roots));
  for (const { state, thumbprint, jwk } of roots) console.log(`${state}  ${thumbprint}\n  ${JSON.stringify(jwk)}`);
}

type RootKey = ListedKey & { readonly publicKey: string };

const shownStates: readonly string[] = ["current", "pending", "accepted"];

async function describeRoot({ state, publicKey }: RootKey): Promise<Root> {
  // An SPKI on P-256 ends with the point.
  const jwk = p256JwkFromPoint(bytesFromBase64(publicKey).subarray(-65));
  return { state, thumbprint: await jwkThumbprint(webCryptoPrimitives, jwk), jwk };
}
