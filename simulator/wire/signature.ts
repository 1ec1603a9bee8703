/**
 * Checks signatures made with X25519 keys (XEdDSA). Baileys' `Curve.verify` cannot be used: in 7.0.0-rc14 it drops the
 * answer of libsignal and says yes to every signature of 64 bytes.
 */
import { createPublicKey, verify } from 'node:crypto';

const prime = 2n ** 255n - 19n;
/** The SubjectPublicKeyInfo that Node wants around 32 raw bytes of an Ed25519 key (RFC 8410). */
const ed25519Header = Buffer.from('302a300506032b6570032100', 'hex');

/** Whether the owner of this X25519 key signed the message. */
export function isSigned(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  // The highest bit of the signature is the sign of the Edwards point, which an X25519 key does not tell.
  const bare = Buffer.from(signature);
  const sign = bare.readUInt8(63) & 128;
  bare.writeUInt8(bare.readUInt8(63) & 127, 63);
  const edwards = edwardsKey(publicKey);
  edwards.writeUInt8(edwards.readUInt8(31) | sign, 31);
  const key = createPublicKey({
    key: Buffer.concat([ed25519Header, edwards]),
    format: 'der',
    type: 'spki',
  });
  return verify(null, message, key, bare);
}

/** The same point on the Edwards curve: y = (u - 1) / (u + 1) (RFC 7748 §4.1). */
function edwardsKey(publicKey: Uint8Array): Buffer {
  const u = BigInt(`0x${Buffer.from(publicKey).reverse().toString('hex')}`) & (2n ** 255n - 1n);
  const y = ((u - 1n + prime) * power((u + 1n) % prime, prime - 2n)) % prime;
  return Buffer.from(y.toString(16).padStart(64, '0'), 'hex').reverse();
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % prime;
    square = (square * square) % prime;
  }
  return result;
}
