import {
  type AgreementKey,
  jwkThumbprint,
  LinchpinError,
  p256JwkFromPoint,
  type SigningKey,
  utf8,
} from "@linchpin/core";
import { nodeCryptoPrimitives as primitives } from "@linchpin/core/node";
import type { Relay, RelayAnswer, RelayMessage } from "@linchpin/device/relay";
import { signManifest } from "@linchpin/protocols/issuer-keys/issuer";
import type { ManifestKey } from "@linchpin/protocols/issuer-keys/wire";
import {
  hasCodeAndDigits,
  isReveal,
  isSigned,
  makeSession,
  openMessage,
  parseMessage,
  parseSession,
  parseSessionRequest,
  readPin,
  revealCardData,
  revealPin,
  type Session,
  signAnswer,
  signSession,
  spentOutcome,
  verifyDeviceSignature,
  verifySession,
} from "@linchpin/protocols/native/issuer";
import type { Outcome, SessionClaims, SignedOutcome } from "@linchpin/protocols/native/wire";
import { digitsOf, pinOf } from "@linchpin/test-fixtures/device/stage";

const now = Math.floor(Date.now() / 1000);

/** One card of one person, behind the issuer half; and a relay before it that hands everything on. */
export class NativeIssuer {
  readonly issuer = "https://issuer.example";
  readonly code = "493021";
  readonly digits = "56789012";
  /** What is sent next is refused so, signed. */
  refusal: Outcome | undefined;
  /** Claims that sessions say otherwise. */
  changed: Partial<SessionClaims> = {};
  seq = 7;
  pin = "0480";
  version = 1;
  tries = 3;
  /** Points of bound devices, by thumbprint. */
  readonly devices = new Map<string, Uint8Array>();
  readonly sent: RelayMessage[] = [];
  readonly #marks = new Map<string, { hash: Uint8Array; outcome: Outcome }>();
  readonly #root: SigningKey;
  readonly #signer: SigningKey;
  readonly #hpke: AgreementKey;

  private constructor(root: SigningKey, signer: SigningKey, hpke: AgreementKey) {
    [this.#root, this.#signer, this.#hpke] = [root, signer, hpke];
  }

  static async start(): Promise<NativeIssuer> {
    return new NativeIssuer(
      await primitives.makeSigningKey(),
      await primitives.makeSigningKey(),
      await primitives.makeAgreementKey(),
    );
  }

  get pins() {
    return { issuer: this.issuer, roots: [p256JwkFromPoint(this.#root.publicPoint)] };
  }

  /** A relay that hands on what is sent, and what is answered. */
  get relay(): Relay {
    return {
      send: async (message) => {
        this.sent.push(message);
        return this.answer(message);
      },
    };
  }

  async answer({ path, body = "{}" }: Pick<RelayMessage, "path" | "body">): Promise<RelayAnswer> {
    if (path === "/issuer-keys") return { status: 200, body: await this.manifest() };
    if (path === "/native/sessions") return { status: 200, body: { session: await this.#session(JSON.parse(body)) } };
    const request = JSON.parse(body);
    const jws = parseSession(request.session);
    const session = await verifySession(primitives, jws, this.#signer.publicPoint, now);
    const message = await parseMessage(primitives, request, session);
    const mark = Buffer.from(session.hash).toString("hex");
    const first = this.#marks.get(mark);
    const outcome = first
      ? spentOutcome(first.hash, first.outcome)
      : await this.#operate(session, message).then((done) => {
          const { sealed: _, ...kept } = done as Outcome & { sealed?: string };
          this.#marks.set(mark, { hash: message.hash, outcome: kept as Outcome });
          return done;
        });
    return { status: 200, body: { answer: await signAnswer({ session, message }, outcome, now, await this.signer()) } };
  }

  async signer() {
    return { kid: await thumbprintOf(this.#signer.publicPoint), sign: this.#signer.sign };
  }

  async manifest(seq = this.seq): Promise<string> {
    const time = { nbf: now - 60, exp: now + 3600 };
    const list = async (publicPoint: Uint8Array, more: Pick<ManifestKey, "alg" | "use" | "purpose">) => {
      return { kid: await thumbprintOf(publicPoint), ...p256JwkFromPoint(publicPoint), ...more, ...time };
    };
    const keys = [
      await list(this.#signer.publicPoint, { alg: "ES256", use: "sig", purpose: "native-signing" }),
      await list(this.#hpke.publicPoint, { alg: "HPKE-7", use: "enc", purpose: "native-hpke" }),
    ];
    const manifest = { iss: this.issuer, sub: this.issuer, iat: now - 60, exp: now + 3600, seq, keys };
    return signManifest(manifest, await thumbprintOf(this.#root.publicPoint), this.#root.sign);
  }

  async #session(body: Parameters<typeof parseSessionRequest>[1]): Promise<string> {
    const { card: ref, ...terms } = await parseSessionRequest(primitives, body);
    const facts = {
      ...{
        iss: this.issuer,
        seq: this.seq,
        sub: "person_1",
        holder: "Zoë Müller",
        hpke: await thumbprintOf(this.#hpke.publicPoint),
      },
      card: { ref, last4: "9012", program: "Gold", version: this.version },
      ...(terms.auth === "code" ? { to: "+49 ••• 567" } : {}),
    };
    return signSession({ ...makeSession(primitives, terms, facts, now), ...this.changed }, await this.signer());
  }

  async #operate(session: Session, message: Awaited<ReturnType<typeof parseMessage>>): Promise<SignedOutcome> {
    const { claims } = session;
    const point = message.keyPoint ?? this.devices.get(claims.device ?? "");
    if (isSigned(claims)) await verifyDeviceSignature(primitives, session, message, point as Uint8Array);
    if (this.refusal) return this.refusal as SignedOutcome;
    if (isReveal(claims.op)) {
      const data = { pan: utf8("4000123456789012"), cvv2: utf8("042"), expiry: utf8("3107") };
      return claims.op === "pin-reveal"
        ? revealPin(primitives, { session, message }, pinOf(this.pin))
        : revealCardData(primitives, { session, message }, data);
    }
    const parts = await openMessage(primitives, this.#hpke, session, message);
    const expected = { code: utf8(this.code), digits: utf8(this.digits) };
    if (claims.auth === "code" && !hasCodeAndDigits(parts, expected))
      return { result: "refused", code: "code_incorrect" };
    if (claims.op === "bind") {
      this.devices.set(claims.device as string, message.keyPoint as Uint8Array);
      return { result: "bound", device: claims.device as string, sub: claims.sub };
    }
    const pin = digitsOf(readPin(parts));
    if (claims.op === "pin-verify")
      return pin === this.pin ? { result: "match" } : { result: "mismatch", remaining: --this.tries };
    if (claims.card.version !== this.version) throw new LinchpinError("internal");
    this.pin = pin;
    return { result: "changed", version: ++this.version };
  }
}

const thumbprintOf = (publicPoint: Uint8Array) => jwkThumbprint(primitives, p256JwkFromPoint(publicPoint));
