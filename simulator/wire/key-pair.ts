/** X25519 key pairs from fixed bytes; Baileys' `Curve` only makes random ones. */
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import type { KeyPair } from 'baileys';

/** The PKCS #8 envelope that Node wants around 32 raw private bytes (RFC 8410). */
const pkcs8Header = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** The key pair whose private key is the clamped SHA-256 of `seed`: the same in every process. */
export function keyPairFromSeed(seed: string): KeyPair {
  const secret = createHash('sha256').update(seed).digest();
  // Clamped as RFC 7748 §5 says: XEdDSA signs with the bytes as they are.
  secret.writeUInt8(secret.readUInt8(0) & 248, 0);
  secret.writeUInt8((secret.readUInt8(31) & 127) | 64, 31);
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Header, secret]), format: 'der', type: 'pkcs8' });
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  return { private: secret, public: Buffer.from(x, 'base64url') };
}
