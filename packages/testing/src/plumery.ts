import { base64FromBytes, bytesFromBase64, concatBytes } from "@linchpin/core";
import type { EncryptedPayload } from "@linchpin/protocols/plumery/wire";
import { type Answer, call } from "./call.ts";

/** Plumery's client on plain WebCrypto, as someone would write it who never saw ours. */
export class PlumeryClient {
  readonly #plumery: { readonly baseUrl: string; readonly bearerToken: string; readonly cardToken: string };
  readonly #key: CryptoKeyPair;
  readonly header: string;

  // biome-ignore lint/suspicious/noExplicitAny: the shape of GET /sandbox
  private constructor(plumery: any, key: CryptoKeyPair, header: string) {
    this.#plumery = plumery;
    this.#key = key;
    this.header = header;
  }

  static async create({ plumery }: { plumery: object }, format: "spki" | "raw" = "spki"): Promise<PlumeryClient> {
    const key = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
    const exported = new Uint8Array(await crypto.subtle.exportKey(format, key.publicKey));
    return new PlumeryClient(plumery, key, base64FromBytes(exported));
  }

  /** `…/cards/{token}/pin` */
  pin(headers: Record<string, string> = this.#headers(), token = this.#plumery.cardToken): Promise<Answer> {
    return this.call("GET", `/internal/v1/cards/${token}/pin`, headers);
  }

  /** `…/cards/{token}` */
  card(headers: Record<string, string> = this.#headers(), token = this.#plumery.cardToken): Promise<Answer> {
    return this.call("GET", `/internal/v1/cards/${token}`, headers);
  }

  call(method: string, path: string, headers: Record<string, string> = this.#headers()): Promise<Answer> {
    return call(method, `${this.#plumery.baseUrl}${path}`, { bearer: this.#plumery.bearerToken, headers });
  }

  async open(payload: EncryptedPayload, info = new Uint8Array(0)): Promise<unknown> {
    const peer = bytesFromBase64(payload.ephemeralPublicKey);
    const peerKey = await crypto.subtle.importKey(peer.length === 65 ? "raw" : "spki", peer, curve, false, []);
    const secret = await crypto.subtle.deriveBits({ name: "ECDH", public: peerKey }, this.#key.privateKey, 256);
    const material = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
    const salt = bytesFromBase64(payload.salt);
    const hkdf = { name: "HKDF", hash: "SHA-256", salt, info };
    const aes = await crypto.subtle.deriveKey(hkdf, material, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
    const sealed = concatBytes(bytesFromBase64(payload.ciphertext));
    const opened = await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytesFromBase64(payload.iv) }, aes, sealed);
    return JSON.parse(new TextDecoder().decode(opened));
  }

  async revealedPin(): Promise<unknown> {
    return this.open((await this.pin()).body.encryptedPayload);
  }

  #headers(): Record<string, string> {
    return { "X-Client-Public-Key": this.header };
  }
}

const curve = { name: "ECDH", namedCurve: "P-256" } as const;
