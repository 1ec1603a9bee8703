import { createHash, createPrivateKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import { Curve } from 'baileys';
import { isSignedBy } from './signature.ts';

/** What stands before the 32 bytes of a private key in PKCS #8. Source: RFC 8410, 7. */
const x25519Prefix = Buffer.from('302e020100300506032b656e04220420', 'hex');
const ed25519Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Baileys' own, in plain JavaScript. Source: libsignal src/curve.js, which takes it from curve25519-js. */
const signInJavaScript = Curve.sign;

/**
 * What to put in the place of parts of Baileys' `Curve`: the same, faster, with a `verify` that can fail.
 *
 * A signature in plain JavaScript stops the event loop for 5 ms and more, and every new device needs two. Node's
 * Ed25519 takes a hundredth of that, but signs only with a seed, from which the private key follows by a hash. So a
 * pair is made from a seed, which is remembered for as long as the private key's very Buffer lives: that is, until the
 * device is linked. With a key that comes from the store it is plain JavaScript again.
 */
export function fastCurve(): Pick<typeof Curve, 'generateKeyPair' | 'sign' | 'verify'> {
  const seeds = new WeakMap<Uint8Array, Buffer>();
  return {
    generateKeyPair() {
      const seed = randomBytes(32);
      const privateKey = privateKeyOf(seed);
      seeds.set(privateKey, seed);
      return { private: privateKey, public: publicHalf(keyFrom(x25519Prefix, privateKey)) };
    },

    sign(privateKey, message) {
      const seed = seeds.get(privateKey);
      if (!seed) return signInJavaScript(privateKey, message);
      const key = keyFrom(ed25519Prefix, seed);
      const signature = sign(null, message, key);
      // Curve25519 has no place for the sign of the public key; libsignal puts it into the signature.
      const signBit = publicHalf(key).readUInt8(31) & 0x80;
      signature.writeUInt8(signature.readUInt8(63) | signBit, 63);
      return signature;
    },

    verify: isSignedBy,
  };
}

/** The scalar with which Ed25519 signs, which is a private key of Curve25519, too. Source: RFC 8032, 5.1.5. */
function privateKeyOf(seed: Buffer): Buffer {
  const scalar = Buffer.from(createHash('sha512').update(seed).digest().subarray(0, 32));
  scalar.writeUInt8(scalar.readUInt8(0) & 0xf8, 0);
  scalar.writeUInt8((scalar.readUInt8(31) & 0x7f) | 0x40, 31);
  return scalar;
}

const keyFrom = (prefix: Buffer, bytes: Buffer): KeyObject =>
  createPrivateKey({ key: Buffer.concat([prefix, bytes]), format: 'der', type: 'pkcs8' });

const publicHalf = (key: KeyObject): Buffer =>
  Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
