import assert from 'node:assert/strict';
import { test } from 'node:test';
import { giveBack } from './give-back.ts';

test('large bytes are empty once they are given back', () => {
  const bytes = Buffer.alloc(200_000, 1).subarray(0, 150_000);
  giveBack(bytes);
  assert.equal(bytes.length, 0);
  assert.equal(bytes.buffer.byteLength, 0);
  giveBack(bytes);
});

test('small bytes stay, for they may share their memory with others', () => {
  const [bytes, neighbour] = [Buffer.from('small'), Buffer.from('neighbour')];
  assert.equal(bytes.buffer, neighbour.buffer);
  giveBack(bytes);
  assert.equal(neighbour.toString(), 'neighbour');
});
