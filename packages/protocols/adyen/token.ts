import type { Primitives } from "@linchpin/core";

const tokenDigits = 16;

/** 16 random digits without zeros, each of the nine as likely: it stands where ISO 9564 has the PAN. */
export function drawToken({ randomBytes }: Pick<Primitives, "randomBytes">): string {
  let token = "";
  // Bytes of 252 and more are thrown away: they would make 1 to 4 more likely.
  while (token.length < tokenDigits) for (const byte of randomBytes(1)) if (byte < 252) token += 1 + (byte % 9);
  return token;
}
