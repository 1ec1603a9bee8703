import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Curve as baileysCurve } from 'baileys';
import { fastCurve } from './curve.ts';

// Before anyone puts something else in their place.
const { sharedKey, generateKeyPair, sign } = baileysCurve;

/** What others will hold our keys and signatures against. */
const libsignal: {
  verifySignature(publicKey: Buffer, message: Buffer, signature: Uint8Array): boolean;
} = createRequire(createRequire(import.meta.url).resolve('baileys'))('libsignal/src/curve.js');

const message = Buffer.from('a photo for the family');
const basePoint = Buffer.from([9, ...Buffer.alloc(31)]);
const typed = (publicKey: Uint8Array) => Buffer.from([5, ...publicKey]);

test('a pair belongs together, and agrees with one of libsignal', () => {
  const curve = fastCurve();
  const ours = curve.generateKeyPair();
  const theirs = generateKeyPair();
  assert.deepEqual(sharedKey(ours.private, basePoint), ours.public);
  assert.deepEqual(sharedKey(ours.private, theirs.public), sharedKey(theirs.private, ours.public));
  assert.notDeepEqual(curve.generateKeyPair(), ours);
});

test('libsignal accepts a signature, whichever bit it carries, and only for its message', () => {
  const curve = fastCurve();
  const bits = new Set<number>();
  for (let round = 0; round < 64 && bits.size < 2; round += 1) {
    const pair = curve.generateKeyPair();
    const signature = Buffer.from(curve.sign(pair.private, message));
    bits.add(signature.readUInt8(63) & 0x80);
    assert.equal(libsignal.verifySignature(typed(pair.public), message, signature), true);
    assert.equal(libsignal.verifySignature(typed(pair.public), Buffer.from('another'), signature), false);
    assert.equal(curve.verify(pair.public, message, signature), true);
  }
  assert.equal(bits.size, 2);
});

test('a key from elsewhere signs as libsignal does', () => {
  const curve = fastCurve();
  const { private: own, public: publicKey } = curve.generateKeyPair();
  for (const pair of [generateKeyPair(), { private: Buffer.from(own), public: publicKey }]) {
    const signature = curve.sign(pair.private, message);
    assert.equal(libsignal.verifySignature(typed(pair.public), message, signature), true);
    assert.deepEqual(sign(pair.private, message), signature);
  }
});
