import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestIdOf } from './request-id.ts';

const idFor = (given: string | string[] | undefined) => requestIdOf({ headers: { 'x-request-id': given } });

test('a sane id that the caller sent is kept', () => {
  assert.equal(idFor('order-17:a.b_c'), 'order-17:a.b_c');
});

test('anything else is replaced, differently each time', () => {
  for (const given of [undefined, '', 'two words', '{"a":1}', 'x'.repeat(101), ['a', 'b']]) {
    assert.match(idFor(given), /^[0-9a-f-]{36}$/);
  }
  assert.notEqual(idFor(undefined), idFor(undefined));
});
