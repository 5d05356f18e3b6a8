// Seals a PIN as a Solaris device does, by ours and by others, in turns, in Node or in a browser: from the JWK that was
// fetched, as it is for each change, to the JWE (RSA-OAEP-256, A256CBC-HS512); and on to the signature over it (ECDSA
// P-256, hex of DER).
import { Pin, utf8 } from "@linchpin/core";
import { encryptAesCbc, hmac, randomBytes, signingKeyOf, wrapRsaOaep } from "@linchpin/core/webcrypto";
import {
  acceptIssuerKey,
  type IssuerKey,
  makePinUpdateRequest,
  makeScaPinUpdateRequest,
} from "@linchpin/protocols/solaris/device";
import { compactDecrypt } from "jose";
// @ts-expect-error: plain JavaScript, as its users would write it
import * as byJose from "../size/solaris-jose.js";
// @ts-expect-error: likewise
import * as byNodeJose from "../size/solaris-node-jose.js";

export interface SealTime {
  readonly task: "JWE" | "JWE and signature";
  readonly by: string;
  /** Quartiles of the samples: microseconds a seal. */
  readonly lowerUs: number;
  readonly medianUs: number;
  readonly upperUs: number;
  /** Median over the rounds of how many times as long as `@linchpin/device` it took. */
  readonly timesOurs: number;
}

/** A sample is the mean of `sealsPerSample`, as a browser's clock is coarse; in each round everyone has one. */
export async function measureSealTimes({ rounds = 60, sealsPerSample = 50 } = {}): Promise<SealTime[]> {
  const contenders = await prepare();
  const samples = new Map<Contender, number[]>(contenders.map((contender) => [contender, []]));
  for (let round = -10; round < rounds; round++) {
    const turn = Math.abs(round) % contenders.length;
    for (const contender of [...contenders.slice(turn), ...contenders.slice(0, turn)]) {
      const startMs = performance.now();
      for (let seal = 0; seal < sealsPerSample; seal++) await contender.seal();
      const sampleUs = ((performance.now() - startMs) * 1000) / sealsPerSample;
      if (round >= 0) samples.get(contender)?.push(sampleUs); // before that, everyone warms up
    }
  }
  return contenders.map((contender) => {
    const { task, by } = contender;
    const ours = contenders.find((other) => other.task === task && other.by === "@linchpin/device") ?? contender;
    const times = samples.get(contender) ?? [];
    const [lowerUs, medianUs, upperUs] = quartilesOf(times);
    const [, timesOurs] = quartilesOf(times.map((time, round) => time / (samples.get(ours)?.[round] ?? 0)));
    return { task, by, lowerUs, medianUs, upperUs, timesOurs };
  });
}

interface Contender extends Pick<SealTime, "task" | "by"> {
  /** The JWE, and what else there is. */
  readonly seal: () => Promise<readonly string[]>;
}

const digits = utf8("1928");
const plaintext = utf8('{"pin":"1928"}');

async function prepare(): Promise<Contender[]> {
  const algorithm = { name: "RSA-OAEP", hash: "SHA-256", modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) };
  const issuer = await crypto.subtle.generateKey(algorithm, false, ["encrypt", "decrypt"]);
  const { n, e } = await crypto.subtle.exportKey("jwk", issuer.publicKey);
  const jwk = { kty: "RSA", use: "enc", alg: "RS256", kid: "c3e28d25-e1b3-4c80-a6c5-66f31ea0ad6a", n, e };
  const device = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  const restrictedKey = await signingKeyOf(device);

  const primitives = { randomBytes, wrapRsaOaep, encryptAesCbc, hmac };
  const ofChange = (issuerKey: IssuerKey) => ({ pin: new Pin(digits), issuerKey });
  const contenders: Contender[] = [
    {
      task: "JWE",
      by: "@linchpin/device",
      seal: async () => {
        const { encrypted_pin } = await makeScaPinUpdateRequest(primitives, ofChange(acceptIssuerKey(jwk)));
        return [encrypted_pin];
      },
    },
    { task: "JWE", by: "jose", seal: async () => [await byJose.seal(jwk, plaintext)] },
    { task: "JWE", by: "node-jose", seal: async () => [await byNodeJose.seal(jwk, plaintext)] },
    {
      task: "JWE and signature",
      by: "@linchpin/device",
      seal: async () => {
        const signed = { ...ofChange(acceptIssuerKey(jwk)), deviceId: "device", restrictedKey };
        const { encrypted_pin, signature } = await makePinUpdateRequest(primitives, signed);
        return [encrypted_pin, signature];
      },
    },
    ...Object.entries({ jose: byJose, "node-jose": byNodeJose }).map(([by, { seal, sign }]) => ({
      task: "JWE and signature" as const,
      by,
      seal: async () => {
        const jwe = await seal(jwk, plaintext);
        return [jwe, await sign(device.privateKey, jwe)];
      },
    })),
  ];
  for (const { by, seal } of contenders) {
    const [jwe = ""] = await seal();
    const opened = await compactDecrypt(jwe, issuer.privateKey);
    if (new TextDecoder().decode(opened.plaintext) !== '{"pin":"1928"}') throw new Error(`${by} sealed something else`);
  }
  return contenders;
}

function quartilesOf(samples: readonly number[]): [lower: number, median: number, upper: number] {
  const sorted = samples.toSorted((one, other) => one - other);
  const at = (share: number) => sorted[Math.floor(share * sorted.length)] ?? Number.NaN;
  return [at(0.25), at(0.5), at(0.75)];
}
