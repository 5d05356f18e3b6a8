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
import { type ListedKey, toldPublicKey } from "../../listed-key.ts";
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
  const told = keys.filter(isShown).filter((key) => key.state === "current" || isTold(key, console));
  const roots = await Promise.all(told.map(describeRoot));
  const pins = await pinsOf(roots, issuer);
  if (options.pins) return console.log(JSON.stringify(pins));
  if (options.json) return console.log(JSON.stringify(roots));
  for (const { state, thumbprint, jwk } of roots) console.log(`${state}  ${thumbprint}\n  ${JSON.stringify(jwk)}`);
}

/** Says so of a root that is left out. */
function isTold({ id, state, publicKey }: ListedKey, console: Console): boolean {
  if (publicKey !== null) return true;
  console.error(`left out: the ${state} root ${id}, which the vault does not show that it holds: see the issuer's log`);
  return false;
}

/**
 * With the name under which the issuer signs; the former roots sign nothing any more.
 * @throws LinchpinError as `acceptManifest`, by the current root alone; Failure: a root is not on its list
 */
async function pinsOf(shown: readonly Root[], issuer: HttpCaller): Promise<RootPins> {
  const jwksOf = (roots: readonly Root[]) => roots.map(({ jwk }) => jwk);
  const pinned = shown.filter(({ state }) => state !== "accepted");
  const compact = String(await fetchManifest(issuer));
  const { iss } = JSON.parse(Buffer.from(compact.split(".")[1] ?? "", "base64url").toString()) as { iss: string };
  const current = { issuer: iss, roots: jwksOf(shown.filter(({ state }) => state === "current")) };
  const { keys } = await acceptManifest(webCryptoPrimitives, compact, { ...current, lowestSeq: 0 });
  const isListed = ({ thumbprint }: Root) =>
    keys.some(({ purpose, kid }) => purpose === rootPurpose && kid === thumbprint);
  if (!pinned.every(isListed))
    throw new Failure(
      exitCodes.refused,
      "a root is not on the list that the current one signed: try again in a minute",
    );
  return { issuer: iss, roots: jwksOf(pinned) };
}

const shownStates: readonly string[] = ["current", "pending", "accepted"];

/** @throws Failure: the issuer does not tell the root's public key */
async function describeRoot(key: ListedKey): Promise<Root> {
  // An SPKI on P-256 ends with the point.
  const jwk = p256JwkFromPoint(bytesFromBase64(toldPublicKey(key)).subarray(-65));
  return { state: key.state, thumbprint: await jwkThumbprint(webCryptoPrimitives, jwk), jwk };
}
