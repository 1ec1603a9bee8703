import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fingerprintOf } from './fingerprint.ts';

const large = new Uint8Array(1_200_000).map((_, index) => index % 251);
const long = 'ação '.repeat(300_000);

test('the same values have the same fingerprint, in whatever order members stand', async () => {
  for (const [one, other] of [
    [
      { groupId: 'a', force: true },
      { force: true, groupId: 'a' },
    ],
    [{ a: { b: [1, 'x', null], c: 2 } }, { a: { c: 2, b: [1, 'x', null] } }],
    [{ a: 1, b: undefined }, { a: 1 }],
    [large, Buffer.from(large)],
    [long, `${long}`],
  ]) {
    assert.equal(await fingerprintOf(one), await fingerprintOf(other));
  }
  assert.match(await fingerprintOf({}), /^[\da-f]{64}$/);
});

test('no two different values share a fingerprint', async () => {
  const lastChanged = large.with(large.length - 1, 0);
  const bytes = Uint8Array.of(1, 2);
  const values = [
    ...[1, '1', true, 'true', null, 'null', '', [], {}, [[]], ['a', 'b'], ['b', 'a'], ['a,b'], [['a'], 'b']],
    ...[{ a: 'b' }, { b: 'a' }, { a: 'b', c: 'd' }, { a: { b: 'c' } }, { a: '"b","c":"d"' }],
    ...[bytes, Array.from(bytes), Uint8Array.of(1), new Uint8Array(), [bytes], [bytes, bytes]],
    ...[large, lastChanged, large.subarray(1), long, `${long}.`, `.${long.slice(1)}`],
    ...[long.replace('ç', '\ud800'), long.replace('ç', '\udc00')],
  ];
  const prints = await Promise.all(values.map(fingerprintOf));
  assert.equal(new Set(prints).size, values.length);
});
