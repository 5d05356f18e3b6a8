import { Option } from "commander";

/** A partner, as the issuer API describes it. */
export interface ListedPartner {
  readonly id: string;
  readonly name: string;
  readonly mayRegisterMobileNumbers: boolean;
}

export const registersNumbersOption = () =>
  new Option(
    "--may-register-mobile-numbers <yes|no>",
    "whether it may register a person's first mobile number, to which OTPs go",
  ).choices(["yes", "no"]);

export function lineOf({ id, name, mayRegisterMobileNumbers }: ListedPartner): string {
  return `${id}  ${mayRegisterMobileNumbers ? "may" : "may not"} register mobile numbers  ${name}`;
}
