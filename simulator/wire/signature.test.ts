import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Curve } from 'baileys';
import { isSigned } from './signature.ts';

test('a signature counts for its key and its message only', () => {
  const message = Buffer.from('a message');
  // Several keys, for both signs of the Edwards point.
  for (const { private: privateKey, public: publicKey } of Array.from({ length: 6 }, Curve.generateKeyPair)) {
    const signature = Curve.sign(privateKey, message);
    assert.ok(isSigned(publicKey, message, signature));
    assert.ok(!isSigned(Curve.generateKeyPair().public, message, signature));
    assert.ok(!isSigned(publicKey, Buffer.from('another message'), signature));
    assert.ok(!isSigned(publicKey, message, Buffer.alloc(64)));
    assert.ok(!isSigned(publicKey, message, signature.subarray(1)));
  }
});
