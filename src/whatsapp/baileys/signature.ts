import { createPublicKey, verify } from 'node:crypto';

/** The field of Curve25519. */
const prime = 2n ** 255n - 19n;

/**
 * Whether `signature` (64 bytes) over `message` was made with the private half of the Curve25519 key `publicKey`.
 *
 * Baileys 7.0.0-rc14 calls libsignal for this and overlooks that it answers with `false` instead of throwing, so its
 * `Curve.verify` says yes to every signature: to WhatsApp's certificates and to the phone's when it links us.
 * Source of the algorithm: Signal's XEdDSA specification, with the sign bit where libsignal puts it.
 */
export function isSignedBy(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  const edwardsKey = edwardsFrom(publicKey);
  const edwardsSignature = Buffer.from(signature);
  const lastByte = edwardsSignature.readUInt8(63);
  // Of the two Edwards points behind a Curve25519 key, the signature's highest bit names the one that signed.
  edwardsKey.writeUInt8((edwardsKey.readUInt8(31) & 0x7f) | (lastByte & 0x80), 31);
  edwardsSignature.writeUInt8(lastByte & 0x7f, 63);
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: edwardsKey.toString('base64url') };
  return verify(null, message, createPublicKey({ key: jwk, format: 'jwk' }), edwardsSignature);
}

/** The y coordinate (u − 1) / (u + 1) that belongs to the Curve25519 coordinate u; both little-endian. */
function edwardsFrom(publicKey: Uint8Array): Buffer {
  const u = BigInt(`0x${Buffer.from(publicKey).reverse().toString('hex')}`) % 2n ** 255n;
  const y = inField((u - 1n) * inverseOf(u + 1n));
  return Buffer.from(y.toString(16).padStart(64, '0'), 'hex').reverse();
}

/**
 * The inverse in the field; that of 0 is 0. By Euclid's algorithm, whose time tells of the value: fine for public keys.
 */
function inverseOf(value: bigint): bigint {
  let dividend = prime;
  let divisor = inField(value);
  let before = 0n;
  let inverse = 1n;
  while (divisor > 0n) {
    const quotient = dividend / divisor;
    [dividend, divisor] = [divisor, dividend - quotient * divisor];
    [before, inverse] = [inverse, before - quotient * inverse];
  }
  return inField(before);
}

const inField = (value: bigint): bigint => ((value % prime) + prime) % prime;
