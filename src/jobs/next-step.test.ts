import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ErrorCode, errorCodes } from '../errors.ts';
import { type Failures, nextStep, noFailures } from './next-step.ts';

/** The pauses after each failure, in seconds, when a group fails in the same way again and again. */
function pausesAfter(code: ErrorCode, retryAfterSeconds?: number): number[] {
  const pauses: number[] = [];
  for (let failures: Failures = noFailures; pauses.length < 8; ) {
    const step = nextStep(failures, { code, retryAfterSeconds });
    if (!step) break;
    pauses.push(step.afterMs / 1_000);
    failures = step.failures;
  }
  return pauses;
}

const passing: ErrorCode[] = [
  'whatsapp_rate_limited',
  'whatsapp_unavailable',
  'whatsapp_timeout',
  'rate_limited',
  'overloaded',
  'internal',
  'picture_url_failed',
  'picture_url_timeout',
  'shutting_down',
  'storage_failed',
];

for (const code of passing) {
  test(`${code} is tried again after growing pauses, five times in all`, () => {
    assert.deepEqual(pausesAfter(code), [10, 30, 90, 270]);
  });

  test(`${code} is not tried again before the time that was asked for`, () => {
    assert.deepEqual(pausesAfter(code, 60), [60, 60, 90, 270]);
  });
}

test('a pause that no timer can make is cut to a day', () => {
  assert.deepEqual(pausesAfter('whatsapp_rate_limited', 10_000_000).slice(0, 1), [86_400]);
});

test('a connection is waited for without end, and asked for every 30 seconds at last', () => {
  assert.deepEqual(pausesAfter('not_connected'), [1, 2, 4, 8, 16, 30, 30, 30]);
  assert.deepEqual(pausesAfter('not_connected', 300), [1, 2, 4, 8, 16, 30, 30, 30]);
});

test('a lost connection takes no attempt away and gives none back', () => {
  const fourFailed: Failures = { attempts: 4, withoutConnection: 0 };
  const reconnecting = nextStep(fourFailed, { code: 'not_connected', retryAfterSeconds: 1 });
  assert.deepEqual(reconnecting?.failures, { attempts: 4, withoutConnection: 1 });
  assert.equal(
    nextStep(reconnecting.failures, { code: 'whatsapp_timeout', retryAfterSeconds: 0 }),
    undefined,
  );
});

test('the pauses of a connection begin anew once there was one', () => {
  const step = nextStep(
    { attempts: 1, withoutConnection: 7 },
    { code: 'overloaded', retryAfterSeconds: undefined },
  );
  assert.deepEqual(step?.failures, { attempts: 2, withoutConnection: 0 });
});

for (const code of errorCodes.filter((code) => code !== 'not_connected' && !passing.includes(code))) {
  test(`${code} is final`, () => {
    assert.equal(nextStep(noFailures, { code, retryAfterSeconds: 10 }), undefined);
  });
}
