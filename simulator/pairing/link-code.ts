/**
 * The phone's half of the key exchange behind an 8-character pairing code.
 * Sources: whatsmeow pair-code.go, Baileys Socket/messages-recv.ts (link_code_companion_reg) for the companion's half.
 */
import { hkdfSync, pbkdf2 as pbkdf2WithCallback, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { aesDecryptCTR, aesDecryptGCM, aesEncryptCTR, Curve, type KeyPair } from 'baileys';

const pbkdf2 = promisify(pbkdf2WithCallback);

const keyIterations = 131_072;
const saltLength = 32;
const wrapVectorLength = 16;
const bundleVectorLength = 12;
const keyLength = 32;

const keyOfCode = (code: string, salt: Uint8Array) => pbkdf2(code, salt, keyIterations, keyLength, 'sha256');

const derive = (secret: Uint8Array, salt: Uint8Array, info: string) =>
  Buffer.from(hkdfSync('sha256', secret, salt, info, keyLength));

/** Hides a public key under the code: salt ‖ initialization vector ‖ AES-256-CTR. */
export async function wrapKey(code: string, publicKey: Uint8Array): Promise<Buffer> {
  const salt = randomBytes(saltLength);
  const vector = randomBytes(wrapVectorLength);
  return Buffer.concat([salt, vector, aesEncryptCTR(publicKey, await keyOfCode(code, salt), vector)]);
}

/** The public key under the code. A wrong code gives another key, not an error. */
export async function unwrapKey(code: string, wrapped: Uint8Array): Promise<Buffer> {
  const salt = wrapped.subarray(0, saltLength);
  const vector = wrapped.subarray(saltLength, saltLength + wrapVectorLength);
  const ciphertext = wrapped.subarray(saltLength + wrapVectorLength);
  return aesDecryptCTR(ciphertext, await keyOfCode(code, salt), vector);
}

interface KeyExchange {
  /** The account's identity. */
  readonly accountKey: KeyPair;
  /** The phone's key pair for this exchange. */
  readonly ephemeral: KeyPair;
  /** The companion's, as unwrapped. */
  readonly companionEphemeral: Uint8Array;
  /** The companion's public identity key. */
  readonly companionIdentity: Uint8Array;
  /** `link_code_pairing_wrapped_key_bundle`, as the companion sent it. */
  readonly keyBundle: Uint8Array;
}

/**
 * Opens the companion's key bundle and derives the ADV secret that both sides now share.
 * `undefined` when the bundle does not open or names other identities: the code was wrong.
 */
export function agreeOnAdvSecret(exchange: KeyExchange): Buffer | undefined {
  const { accountKey, ephemeral, companionEphemeral, companionIdentity, keyBundle } = exchange;
  const ephemeralSecret = Curve.sharedKey(ephemeral.private, companionEphemeral);
  const salt = keyBundle.subarray(0, saltLength);
  const vector = keyBundle.subarray(saltLength, saltLength + bundleVectorLength);
  const ciphertext = keyBundle.subarray(saltLength + bundleVectorLength);
  const bundleKey = derive(ephemeralSecret, salt, 'link_code_pairing_key_bundle_encryption_key');

  let bundle: Buffer;
  try {
    bundle = aesDecryptGCM(ciphertext, bundleKey, vector, Buffer.alloc(0));
  } catch {
    return undefined;
  }
  const [namedCompanion, namedAccount, random] = [0, 1, 2].map((part) =>
    bundle.subarray(part * keyLength, (part + 1) * keyLength),
  ) as [Buffer, Buffer, Buffer];
  if (!namedCompanion.equals(companionIdentity) || !namedAccount.equals(accountKey.public)) return undefined;

  const identitySecret = Curve.sharedKey(accountKey.private, companionIdentity);
  const secret = Buffer.concat([ephemeralSecret, identitySecret, random]);
  return derive(secret, Buffer.alloc(0), 'adv_secret');
}
