import {
  constants,
  createCipheriv,
  createDecipheriv,
  createECDH,
  diffieHellman,
  generateKeyPairSync,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  sign,
  verify,
} from "node:crypto";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const message = randomBytes(700);
const derive = () => diffieHellman({ privateKey: ec.privateKey, publicKey: ec.publicKey });
const signature = sign("sha256", message, ec.privateKey);
const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
const wrapped = publicEncrypt({ key: rsa.publicKey, ...oaep }, randomBytes(64));
const key = randomBytes(32);
const block = randomBytes(16);
const peer = createECDH("prime256v1").generateKeys();
const gcm = createCipheriv("aes-256-gcm", key, block);
const sealed = Buffer.concat([gcm.update(message), gcm.final()]);
const tag = gcm.getAuthTag();

const decryptRsa = () => privateDecrypt({ key: rsa.privateKey, ...oaep }, wrapped);
const decryptRaw = () => privateDecrypt({ key: rsa.privateKey, padding: constants.RSA_NO_PADDING }, wrapped);
const encryptBlock = () => createCipheriv("aes-256-cbc", key, block).setAutoPadding(false).update(block);

/** What an operation can not be had for less than, as node:crypto does it: nothing parsed, imported, padded or copied. */
const unavoidable = {
  solaris: () => {
    decryptRsa();
    verify("sha256", message, ec.publicKey, signature);
  },
  adyen: () => {
    decryptRaw();
    encryptBlock();
    encryptBlock();
  },
  venly: () => {
    decryptRsa();
    const decipher = createDecipheriv("aes-256-gcm", key, block).setAuthTag(tag);
    decipher.update(sealed);
    decipher.final();
  },
  nativeSession: () => {
    sign("sha256", message, ec.privateKey);
  },
  /** The session's signature and the device's, the agreement, the answer's signature. */
  nativeChange: () => {
    verify("sha256", message, ec.publicKey, signature);
    verify("sha256", message, ec.publicKey, signature);
    derive();
    sign("sha256", message, ec.privateKey);
  },
  plumery: () => {
    const own = createECDH("prime256v1");
    own.generateKeys();
    own.computeSecret(peer);
  },
} as const;

export type Protocol = keyof typeof unavoidable;

/** CPU seconds of one, over about `durationMs`. */
export function unavoidableSeconds(protocol: Protocol, durationMs = 300): number {
  const run = unavoidable[protocol];
  const end = performance.now() + durationMs;
  const before = process.cpuUsage();
  let count = 0;
  for (; performance.now() < end; count++) run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6 / count;
}
