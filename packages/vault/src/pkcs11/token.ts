import type { Handle, Mechanism, PKCS11, Template } from "pkcs11js";
import { readSecretFile } from "../secret-file.ts";
import { type Binding, loadBinding } from "./binding.ts";
import { Pkcs11Failure, returnedCode } from "./pkcs11-failure.ts";
import { SessionPool } from "./session-pool.ts";
import type { TokenUri } from "./token-uri.ts";

/** A token with a login, and its sessions. A session in which the module reports an error is closed. */
export class Token {
  readonly binding: Binding;
  readonly #module: PKCS11;
  readonly #slot: Handle;
  /** Stays open, because the login ends with the last session, and a temporary key with the session that made it. */
  readonly #loginSession: Handle;
  readonly #sessions: SessionPool;

  /**
   * Logs in to the token. The PIN is tried exactly once; `beforeLogin` is called before that.
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
      // A count of 0 means that there is no limit. One session more is open for the login.
      maxSessions: Math.max(
        1,
        Math.min(maxSessionsPerWorker, maxSessionCount === 0 ? maxSessionsPerWorker : maxSessionCount - 1),
      ),
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

  /**
   * Derives a secret and takes it out of the token. The secret is an object of the token for as long as this takes. The
   * call is not asynchronous: pkcs11js would never free the parameters of one that is.
   */
  deriveSecret(mechanism: Mechanism, key: Handle, lengthBytes: number): Promise<Buffer> {
    const { binding } = this;
    const template = [
      { type: binding.CKA_CLASS, value: binding.CKO_SECRET_KEY },
      { type: binding.CKA_KEY_TYPE, value: binding.CKK_GENERIC_SECRET },
      { type: binding.CKA_VALUE_LEN, value: lengthBytes },
      { type: binding.CKA_TOKEN, value: false },
      { type: binding.CKA_SENSITIVE, value: false },
      { type: binding.CKA_EXTRACTABLE, value: true },
    ];
    return this.#sessions.use(async (session) => {
      const secret = this.#module.C_DeriveKey(session, mechanism, key, template);
      try {
        const [value] = this.#module.C_GetAttributeValue(session, secret, [{ type: binding.CKA_VALUE }]);
        if (value?.value.length !== lengthBytes) throw new Pkcs11Failure("lost", "the token derived no such secret");
        return value.value;
      } finally {
        this.#module.C_DestroyObject(session, secret);
      }
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

  /** Makes a key that ends with this process. One call at a time. */
  makeTemporaryKey(mechanism: Mechanism, template: Template): Promise<Handle> {
    return this.#module.C_GenerateKeyAsync(this.#loginSession, mechanism, template);
  }

  makeTemporaryKeyPair(mechanism: Mechanism, publicTemplate: Template, privateTemplate: Template) {
    return this.#module.C_GenerateKeyPairAsync(this.#loginSession, mechanism, publicTemplate, privateTemplate);
  }

  /** Finds at most two objects, which is enough to see whether there is more than one. */
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

  /** pkcs11js does not keep its buffers alive while the module computes: this frame does, and wipes the input. */
  async #compute(
    data: Uint8Array,
    outputBytes: number,
    start: (session: Handle, input: Buffer, output: Buffer) => Promise<Buffer>,
  ): Promise<Buffer> {
    // An empty buffer would reach the module as a null pointer, which SoftHSM refuses.
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
    const hasAttributes = Object.entries(values).every(
      ([name, value]) =>
        uri.token[name as keyof typeof values] === undefined ||
        uri.token[name as keyof typeof values] === value.trimEnd(),
    );
    const hasSlotId = uri.slotId === null || uri.slotId === slotNumber(slot);
    return hasAttributes && hasSlotId && (info.flags & binding.CKF_TOKEN_INITIALIZED) !== 0;
  });
  const [slot] = slots;
  if (slot === undefined) throw new Pkcs11Failure("lost", "the module has no token that the pkcs11: URI fits");
  if (slots.length > 1)
    throw new Pkcs11Failure("settings_invalid", "the pkcs11: URI fits several tokens: add serial=… or slot-id=…");
  return slot;
}

/** Reads a CK_ULONG in the machine's byte order, which is little-endian on the processors that we support. */
function slotNumber(slot: Handle): number {
  return slot.readUIntLE(0, Math.min(slot.length, 6));
}

/** Runs before the PIN is tried, and refuses a try that can only fail or that could lock the token. */
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

/** Sessions of one worker. All of them can be in the module at once: libuv has as many threads. */
const maxSessionsPerWorker = 4;
