import { bytesFromBase64, jwkThumbprint, type P256Jwk, p256JwkFromPoint } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { acceptManifest } from "@linchpin/protocols/issuer-keys/device";
import { rootPurpose } from "@linchpin/protocols/issuer-keys/issuer";
import { type Command, Option } from "commander";
import { exitCodes } from "../../exit-codes.ts";
import { Failure } from "../../failure.ts";
import type { HttpCaller } from "../../http-caller.ts";
import type { Invocation } from "../../invocation.ts";
import { connectOperator } from "../../issuer-caller.ts";
import type { ListedKey } from "../../listed-key.ts";
import { apiKeyOption, type IssuerOptions, jsonOption, urlOption } from "../../options.ts";
import { fetchManifest, type RootPins } from "../../root-pins.ts";

export function addRootShow(root: Command, invocation: Invocation): void {
  root
    .command("show")
    .description("the roots' public keys, as an app pins them")
    .addOption(urlOption())
    .addOption(apiKeyOption())
    .addOption(new Option("--pins", "as the file that devices pin: the issuer's origin and its roots"))
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

Examples:
  linchpin root show
  linchpin root show --pins > roots.json   what \`linchpin device … --roots roots.json\` takes`;

interface Root {
  readonly state: string;
  readonly thumbprint: string;
  readonly jwk: P256Jwk;
}

async function runRootShow(options: IssuerOptions & { readonly pins?: true }, { console }: Invocation): Promise<void> {
  const issuer = await connectOperator(options);
  const keys = await issuer.ask<ListedKey[]>("GET", "/keys");
  const isShown = ({ purpose, state }: ListedKey) => purpose === rootPurpose && shownStates.includes(state);
  const roots = await Promise.all(keys.filter(isShown).map(describeRoot));
  if (options.pins) return console.log(JSON.stringify(await pinsOf(roots, issuer)));
  if (options.json) return console.log(JSON.stringify(roots));
  for (const { state, thumbprint, jwk } of roots) console.log(`${state}  ${thumbprint}\n  ${JSON.stringify(jwk)}`);
}

/**
 * With the name under which the issuer signs; the former roots sign nothing any more.
 * @throws LinchpinError as `acceptManifest`; Failure: a root is not on the list that it accepted
 */
async function pinsOf(shown: readonly Root[], issuer: HttpCaller): Promise<RootPins> {
  const pinned = shown.filter(({ state }) => state !== "accepted");
  const roots = pinned.map(({ jwk }) => jwk);
  const compact = String(await fetchManifest(issuer));
  const { iss } = JSON.parse(Buffer.from(compact.split(".")[1] ?? "", "base64url").toString());
  const pins = { issuer: iss as string, roots };
  const { keys } = await acceptManifest(webCryptoPrimitives, compact, { ...pins, lowestSeq: 0 });
  const isListed = ({ thumbprint }: Root) =>
    keys.some(({ purpose, kid }) => purpose === rootPurpose && kid === thumbprint);
  if (!pinned.every(isListed))
    throw new Failure(
      exitCodes.refused,
      "a root is not on the list of keys that another one signed: see the issuer's log",
    );
  return pins;
}

const shownStates: readonly string[] = ["current", "pending", "accepted"];

/** @throws Failure: the issuer does not tell the root's public key */
async function describeRoot({ id, state, publicKey }: ListedKey): Promise<Root> {
  if (publicKey === null)
    throw new Failure(
      exitCodes.refused,
      `the vault does not show that it holds the root ${id}: the issuer's log says why`,
    );
  // An SPKI on P-256 ends with the point.
  const jwk = p256JwkFromPoint(bytesFromBase64(publicKey).subarray(-65));
  return { state, thumbprint: await jwkThumbprint(webCryptoPrimitives, jwk), jwk };
}
