import { InvalidArgumentError, Option } from "commander";

export const urlOption = () =>
  new Option("--url <origin>", "where the issuer is")
    .env("LINCHPIN_URL")
    .default("http://127.0.0.1:8420")
    .argParser(parseUrl);

export const apiKeyOption = () =>
  new Option("--api-key <key>", "an operator's API key; a sandbox tells its own").env("LINCHPIN_API_KEY");

export const jsonOption = () => new Option("--json", "answer as JSON");

export const yesOption = () => new Option("--yes", "do not ask");

export interface IssuerOptions {
  readonly url: string;
  readonly apiKey?: string;
  readonly json?: true;
}

export function parseUrl(text: string): string {
  if (!/^https?:$/.test(URL.parse(text)?.protocol ?? ""))
    throw new InvalidArgumentError("It must be a URL with http or https.");
  return text.replace(/\/+$/, "");
}
