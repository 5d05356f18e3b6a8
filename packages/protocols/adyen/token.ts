import { type Primitives, randomBelow } from "@linchpin/core";

/** 16 random digits without zeros, each of the nine as likely: it stands where ISO 9564 has the PAN. */
export function drawToken(random: Pick<Primitives, "randomBytes">): string {
  let token = "";
  while (token.length < 16) token += 1 + randomBelow(random, 9);
  return token;
}
