import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../errors.ts';
import { unlessConnected } from './unless-connected.ts';

test('a code is the value', async () => {
  assert.deepEqual(await unlessConnected(async () => 'A1B2C3D4'), { value: 'A1B2C3D4' });
});

test('a phone that is connected already is said to be, not reported as a failure', async () => {
  const answer = unlessConnected(() => Promise.reject(new GatewayError('already_connected')));
  assert.deepEqual(await answer, { connected: true });
});

test('any other failure stays one', async () => {
  const failure = new GatewayError('whatsapp_timeout');
  await assert.rejects(
    unlessConnected(() => Promise.reject(failure)),
    failure,
  );
});
