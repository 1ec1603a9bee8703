import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createInstance, startWorld } from '../../test/harness.ts';
import { openServices } from '../../test/services.ts';
import { checkClientToken, checkPartnerToken, findInstance } from './authentication.ts';

const parts = await openServices();
after(() => parts[Symbol.asyncDispose]());
const { services, known } = parts;
const { account } = services;

test('the client token is asked for only where the account has it switched on', () => {
  checkClientToken(account, known.clientToken);
  checkClientToken({ ...account, asksForClientToken: false }, undefined);
  assert.throws(() => checkClientToken(account, undefined), { code: 'client_token_missing' });
  assert.throws(() => checkClientToken(account, ''), { code: 'client_token_missing' });
  assert.throws(() => checkClientToken(account, 'wrong'), { code: 'client_token_wrong' });
});

test('the wrong client token is not repeated in the answer', () => {
  assert.throws(
    () => checkClientToken(account, 'my-secret'),
    (error: Error) => !error.message.includes('my-secret'),
  );
});

test('the partner token is read from a bearer header, however it is spaced', () => {
  for (const header of [`Bearer ${known.partnerToken}`, ` bearer   ${known.partnerToken} `]) {
    checkPartnerToken(account, header);
  }
  assert.throws(() => checkPartnerToken(account, undefined), { code: 'partner_token_missing' });
  assert.throws(() => checkPartnerToken(account, `Basic ${known.partnerToken}`), {
    code: 'partner_token_missing',
  });
  assert.throws(() => checkPartnerToken(account, 'Bearer '), { code: 'partner_token_missing' });
  assert.throws(() => checkPartnerToken(account, 'Bearer wrong'), { code: 'partner_token_wrong' });
});

test('an instance is found by its id and its whole token', async () => {
  const { instanceId, instanceToken: token } = known;
  assert.equal((await findInstance(services, { instanceId, token })).instance.id, instanceId);
  for (const wrong of ['', token.slice(0, -1), `${token}0`, token.toLowerCase()]) {
    await assert.rejects(findInstance(services, { instanceId, token: wrong }), {
      code: 'instance_not_found',
    });
  }
  await assert.rejects(findInstance(services, { instanceId: 'unknown', token: '' }), {
    code: 'instance_not_found',
  });
});

test('a program that never sends a client token works on a gateway that does not ask for it', async () => {
  await using world = await startWorld({ env: { POMBO_ASK_CLIENT_TOKEN: 'no' } });
  const { url, id } = await createInstance(world.gateway.url);
  assert.equal((await fetch(`${url}/status`)).status, 200);
  assert.equal((await fetch(`${url}/status`, { headers: { 'Client-Token': 'wrong' } })).status, 200);
  const wrongToken = `${world.gateway.url}/instances/${id}/token/wrong/status`;
  assert.equal((await fetch(wrongToken)).status, 404);
});
