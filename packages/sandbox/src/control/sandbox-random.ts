import { createHmac, randomBytes } from "node:crypto";
import { utf8 } from "@linchpin/core";
import { makeOtp, type RandomBytes } from "@linchpin/server/issuer";

/** The random values that a test sees again. With a seed, the same calls bring the same values in the same order. */
export class SandboxRandom {
  readonly #seed: string | null;
  readonly #drawn = new Map<string, number>();

  /** @param seed null: every value is random */
  constructor(seed: string | null) {
    this.#seed = seed;
  }

  /** Random bytes for the next thing of this name. Things of other names do not change them. */
  next(name: string): RandomBytes {
    const number = this.#drawn.get(name) ?? 0;
    this.#drawn.set(name, number + 1);
    return this.#seed === null ? randomBytes : seededBytes(JSON.stringify([this.#seed, name, number]));
  }

  /** Six digits: the next OTP, TAN or activation code that goes to this number. */
  nextCode(mobileNumber: string): string {
    if (this.#seed === null) return makeOtp();
    const bytes = this.next(`code ${mobileNumber}`)(6);
    return (Buffer.from(bytes).readUIntBE(0, 6) % 1_000_000).toString().padStart(6, "0");
  }

  /** As at the start. */
  reset(): void {
    this.#drawn.clear();
  }
}

/** The blocks HMAC-SHA-256(seed, 0) ‖ HMAC-SHA-256(seed, 1) ‖ … */
function seededBytes(seed: string): RandomBytes {
  let [block, used, count] = [Buffer.alloc(0), 0, 0];
  const nextByte = (): number => {
    if (used === block.length) {
      block = createHmac("sha256", utf8(seed)).update(`${count++}`).digest();
      used = 0;
    }
    return block[used++] ?? 0;
  };
  return (lengthBytes) => Uint8Array.from({ length: lengthBytes }, nextByte);
}
