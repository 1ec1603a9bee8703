import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { SecretBox, sealedBytesOf } from './secret-box.ts';

const key = randomBytes(32);
const box = new SecretBox(key);

test('what was sealed opens again with the same key', () => {
  for (const text of ['', 'token', 'ação 🕊', 'x'.repeat(100_000)]) {
    const other = new SecretBox(key);
    assert.equal(other.open(box.seal(text, 'here'), 'here'), text);
    assert.equal(other.open(box.sealToBytes(text, 'here'), 'here'), text);
    assert.equal(other.open(sealedBytesOf(box.seal(text, 'here')), 'here'), text);
  }
});

test('no two texts are sealed with the same IV', () => {
  const ivs = Array.from({ length: 5_000 }, () => box.sealToBytes('token', 'here').toString('hex', 1, 13));
  assert.equal(new Set(ivs).size, ivs.length);
});

test('nothing opens with another key, at another place, or after a change', () => {
  const sealed = box.seal('token', 'here');
  const bytes = Buffer.from(sealed.slice('v1:'.length), 'base64');
  const changed = bytes.map((byte, index) => (index === 14 ? byte ^ 1 : byte));
  const rejected: [SecretBox, string | Uint8Array, string][] = [
    [new SecretBox(randomBytes(32)), sealed, 'here'],
    [box, sealed, 'there'],
    [box, `v1:${Buffer.from(changed).toString('base64')}`, 'here'],
    [box, `v1:${bytes.subarray(0, -1).toString('base64')}`, 'here'],
    [box, 'v1:', 'here'],
    [box, sealed.replace('v1:', 'v2:'), 'here'],
    [box, 'token', 'here'],
    [box, bytes, 'here'],
    [box, Buffer.concat([Buffer.of(2), bytes]), 'here'],
    [box, Buffer.concat([Buffer.of(1), Buffer.from(changed)]), 'here'],
    [box, new Uint8Array(), 'here'],
  ];
  for (const [someBox, text, place] of rejected) {
    assert.throws(
      () => someBox.open(text, place),
      new RegExp(`^Error: What is stored at ${place} cannot be decrypted`),
    );
  }
});
