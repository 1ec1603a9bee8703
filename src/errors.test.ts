import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorCodes, failureOf } from './errors.ts';

test('what has a status of 500 or more, or 429, may pass by itself, as the reference says', () => {
  const codes = errorCodes.filter((code) => failureOf(code).status >= 500 || failureOf(code).status === 429);
  assert.deepEqual(
    codes.filter((code) => !failureOf(code).mayPass),
    [],
  );
  assert.ok(codes.includes('internal'));
});
