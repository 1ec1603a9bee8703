import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIdempotencyKey } from './idempotency-key.ts';

test('a key is taken bare, or as a string in double quotes', () => {
  const uuid = '8e03978e-40d5-43dd-bc93-6894a57f9324';
  assert.equal(parseIdempotencyKey([]), undefined);
  assert.equal(parseIdempotencyKey([uuid]), uuid);
  assert.equal(parseIdempotencyKey([`"${uuid}"`]), uuid);
  assert.equal(parseIdempotencyKey(['"a\\"b\\\\c"']), 'a"b\\c');
  assert.equal(parseIdempotencyKey(['~'.repeat(255)])?.length, 255);
});

test('what is no key is refused by the name of the header', () => {
  for (const header of [
    '',
    '""',
    ' ',
    'a b',
    '"a',
    '"a"b"',
    '"a";p=1',
    '"a\\b"',
    'ação',
    'k'.repeat(256),
    'a, b',
  ]) {
    assert.throws(
      () => parseIdempotencyKey([header]),
      { code: 'invalid_request', message: /^Idempotency-Key: /, details: { fields: ['Idempotency-Key'] } },
      header,
    );
  }
});

test('two keys are none, also when they are the same', () => {
  assert.throws(() => parseIdempotencyKey(['a', 'a']), {
    code: 'invalid_request',
    message: 'Idempotency-Key: 2 of them came. Send one.',
    details: { fields: ['Idempotency-Key'] },
  });
});
