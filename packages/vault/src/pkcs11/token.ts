import type { Handle, Mechanism, PKCS11, Template } from "pkcs11js";
import { readSecretFile } from "../secret-file.ts";
import { type Binding, loadBinding } from "./binding.ts";
import { Pkcs11Failure, returnedCode } from "./pkcs11-failure.ts";
import { SessionPool } from "./session-pool.ts";
import type { TokenUri } from "./token-uri.ts";

/** A token that is logged in to, and its sessions. Whatever the module refuses costs the session it was asked in. */
export class Token {
  readonly binding: Binding;
  readonly #module: PKCS11;
  readonly #slot: Handle;
  /** Stays open: with the last session the login would end, and with its session a throw-away key. */
  readonly #loginSession: Handle;
  readonly #sessions: SessionPool;

  /**
   * Logs in, by exactly one try of the PIN; `beforeLogin` is told before it.
   *
   * @throws Pkcs11Failure, LinchpinError
   */
  static async open(uri: TokenUri, beforeLogin: () => void): Promise<Token> {
    const binding = await loadBinding();
    const module = loadModule(binding, uri);
    const slot = findSlot(binding, module, uri);
    const pin = (await readSecretFile("the token's PIN file", uri.pinFile)).replace(/\r?\n$/, "");
    checkToken(binding, module.C_GetTokenInfo(slot).flags);
    return new Token(binding, module, slot, logIn(binding, module, slot, pin, beforeLogin));
  }

  private constructor(binding: Binding, module: PKCS11, slot: Handle, loginSession: Handle) {
    this.binding = binding;
    this.#module = module;
    this.#slot = slot;
    this.#loginSession = loginSession;
    const { maxSessionCount } = module.C_GetTokenInfo(slot);
    this.#sessions = new SessionPool({
      open: () => openSession(binding, module, slot),
      close: (session) => module.C_CloseSession(session),
      // 0: as many as one likes. One more is open for the login.
      atMost: Math.max(1, Math.min(sessionsAtMost, maxSessionCount === 0 ? sessionsAtMost : maxSessionCount - 1)),
    });
  }

  has(mechanism: number): boolean {
    return this.#module.C_GetMechanismList(this.#slot).includes(mechanism);
  }

  encrypt(mechanism: Mechanism, key: Handle, data: Uint8Array, outputBytes: number): Promise<Buffer> {
    return this.#compute(data, outputBytes, (session, input, output) => {
      this.#module.C_EncryptInit(session, mechanism, key);
      return this.#module.C_EncryptAsync(session, input, output);
    });
  }

  decrypt(mechanism: Mechanism, key: Handle, data: Uint8Array, outputBytes: number): Promise<Buffer> {
    return this.#compute(data, outputBytes, (session, input, output) => {
      this.#module.C_DecryptInit(session, mechanism, key);
      return this.#module.C_DecryptAsync(session, input, output);
    });
  }

  sign(mechanism: Mechanism, key: Handle, data: Uint8Array, outputBytes: number): Promise<Buffer> {
    return this.#compute(data, outputBytes, (session, input, output) => {
      this.#module.C_SignInit(session, mechanism, key);
      return this.#module.C_SignAsync(session, input, output);
    });
  }

  generateKey(mechanism: Mechanism, template: Template): Promise<Handle> {
    return this.#sessions.use((session) => this.#module.C_GenerateKeyAsync(session, mechanism, template));
  }

  generateKeyPair(mechanism: Mechanism, publicTemplate: Template, privateTemplate: Template) {
    return this.#sessions.use((session) =>
      this.#module.C_GenerateKeyPairAsync(session, mechanism, publicTemplate, privateTemplate),
    );
  }

  /** A key of this process alone, for trials, one at a time. */
  makeTemporaryKey(mechanism: Mechanism, template: Template): Promise<Handle> {
    return this.#module.C_GenerateKeyAsync(this.#loginSession, mechanism, template);
  }

  makeTemporaryKeyPair(mechanism: Mechanism, publicTemplate: Template, privateTemplate: Template) {
    return this.#module.C_GenerateKeyPairAsync(this.#loginSession, mechanism, publicTemplate, privateTemplate);
  }

  /** At most two, which tells one from several. */
  findObjects(template: Template): Promise<Handle[]> {
    return this.#sessions.use(async (session) => {
      this.#module.C_FindObjectsInit(session, template);
      const found = this.#module.C_FindObjects(session, 2);
      this.#module.C_FindObjectsFinal(session);
      return found;
    });
  }

  readAttributes(object: Handle, types: readonly number[]): Promise<Buffer[]> {
    return this.#sessions.use(async (session) => {
      const attributes = this.#module.C_GetAttributeValue(
        session,
        object,
        types.map((type) => ({ type })),
      );
      return attributes.map(({ value }) => value);
    });
  }

  destroyObject(object: Handle): Promise<void> {
    return this.#sessions.use(async (session) => this.#module.C_DestroyObject(session, object));
  }

  /** The binding keeps neither buffer alive while it computes: this frame does, and wipes what went in. */
  async #compute(
    data: Uint8Array,
    outputBytes: number,
    start: (session: Handle, input: Buffer, output: Buffer) => Promise<Buffer>,
  ): Promise<Buffer> {
    // A view of nothing would reach the module as a null pointer, which SoftHSM refuses.
    const input = Buffer.alloc(data.length + 1).subarray(0, data.length);
    const output = Buffer.alloc(outputBytes + 1).subarray(0, outputBytes);
    input.set(data);
    try {
      return await this.#sessions.use((session) => start(session, input, output));
    } catch (error) {
      output.fill(0);
      throw error;
    } finally {
      input.fill(0);
    }
  }
}

function loadModule(binding: Binding, { modulePath, libraryParameters }: TokenUri): PKCS11 {
  const module = new binding.PKCS11();
  try {
    module.load(modulePath);
  } catch {
    throw new Pkcs11Failure("settings_invalid", "the module-path of the pkcs11: URI is no PKCS#11 library");
  }
  const flags = binding.CKF_OS_LOCKING_OK;
  module.C_Initialize(libraryParameters === null ? { flags } : { flags, libraryParameters });
  return module;
}

function findSlot(binding: Binding, module: PKCS11, uri: TokenUri): Handle {
  const slots = module.C_GetSlotList(true).filter((slot) => {
    const info = module.C_GetTokenInfo(slot);
    const values = {
      token: info.label,
      manufacturer: info.manufacturerID,
      model: info.model,
      serial: info.serialNumber,
    };
    const isMeant = Object.entries(values).every(
      ([name, value]) =>
        uri.token[name as keyof typeof values] === undefined ||
        uri.token[name as keyof typeof values] === value.trimEnd(),
    );
    const isMeantSlot = uri.slotId === null || uri.slotId === slotNumber(slot);
    return isMeant && isMeantSlot && (info.flags & binding.CKF_TOKEN_INITIALIZED) !== 0;
  });
  const [slot] = slots;
  if (slot === undefined) throw new Pkcs11Failure("lost", "the module has no token that the pkcs11: URI fits");
  if (slots.length > 1)
    throw new Pkcs11Failure("settings_invalid", "the pkcs11: URI fits several tokens: add serial=… or slot-id=…");
  return slot;
}

/** A CK_ULONG in the machine's order, which is little-endian wherever Node runs. */
function slotNumber(slot: Handle): number {
  return slot.readUIntLE(0, Math.min(slot.length, 6));
}

/** Before the PIN is tried: a try that can only fail, or that would lock the token, is not made. */
function checkToken(binding: Binding, flags: number): void {
  const refuse = (reason: string) => new Pkcs11Failure("pin_refused", reason);
  if ((flags & binding.CKF_LOGIN_REQUIRED) === 0) throw refuse("the token asks for no PIN: give it one first");
  if ((flags & binding.CKF_USER_PIN_LOCKED) !== 0)
    throw refuse("the token's PIN is locked: its security officer can reset it");
  if ((flags & binding.CKF_USER_PIN_FINAL_TRY) !== 0)
    throw refuse("one more wrong PIN would lock the token: log in by hand first (pkcs11-tool --login --test)");
}

function logIn(binding: Binding, module: PKCS11, slot: Handle, pin: string, beforeLogin: () => void): Handle {
  const session = openSession(binding, module, slot);
  beforeLogin();
  try {
    module.C_Login(session, binding.CKU_USER, pin);
    return session;
  } catch (error) {
    const returned = returnedCode(error);
    if (returned?.startsWith("CKR_PIN_") || returned === "CKR_USER_PIN_NOT_INITIALIZED")
      throw new Pkcs11Failure("pin_refused", `the token refused its PIN (${returned}), which is not tried again`);
    throw error;
  }
}

function openSession(binding: Binding, module: PKCS11, slot: Handle): Handle {
  return module.C_OpenSession(slot, binding.CKF_SERIAL_SESSION | binding.CKF_RW_SESSION);
}

/** Of one worker. Each may be in the module at once; libuv has as many threads. */
const sessionsAtMost = 4;
