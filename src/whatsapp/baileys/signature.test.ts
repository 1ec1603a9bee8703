import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Curve } from 'baileys';
import { isSignedBy } from './signature.ts';

const message = Buffer.from('a photo for the family');

test('a signature is accepted from the key that made it, whichever bit it carries', () => {
  for (let round = 0; round < 12; round += 1) {
    const key = Curve.generateKeyPair();
    assert.equal(isSignedBy(key.public, message, Curve.sign(key.private, message)), true);
  }
});

test('a signature is refused from another key, for another message, and when a bit of it changed', () => {
  const key = Curve.generateKeyPair();
  const signature = Buffer.from(Curve.sign(key.private, message));
  assert.equal(isSignedBy(Curve.generateKeyPair().public, message, signature), false);
  assert.equal(isSignedBy(key.public, Buffer.from('a photo for the famili'), signature), false);
  for (const byte of [0, 31, 32, 63]) {
    const changed = Buffer.from(signature);
    changed.writeUInt8(changed.readUInt8(byte) ^ 0x80, byte);
    assert.equal(isSignedBy(key.public, message, changed), false, `with byte ${byte} changed`);
  }
});

test('what cannot be a key or a signature is refused', () => {
  const key = Curve.generateKeyPair();
  const signature = Curve.sign(key.private, message);
  assert.equal(isSignedBy(key.public.subarray(1), message, signature), false);
  assert.equal(isSignedBy(key.public, message, signature.subarray(1)), false);
  assert.equal(isSignedBy(Buffer.alloc(32), message, Buffer.alloc(64)), false);
  assert.equal(isSignedBy(Buffer.alloc(32, 0xff), message, signature), false);
});
