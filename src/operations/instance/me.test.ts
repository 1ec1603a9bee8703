import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiInstance, call, startWorld } from '../../../test/harness.ts';

test('what an instance was created with is what it tells of itself', async () => {
  await using world = await startWorld();
  const gatewayUrl = world.gateway.url;
  const created = await call(`${gatewayUrl}/instances/integrator/on-demand`, {
    method: 'POST',
    body: {
      name: 'Support',
      receivedCallbackUrl: 'https://www.example.com/received',
      callRejectAuto: 'true',
      callRejectMessage: 'Write to us',
    },
  });
  const { id, token, due } = created.body;
  assert.ok(due > Date.now());

  const me = await new ApiInstance({ id, token, gatewayUrl }).get('/me');
  assert.deepEqual(me.body, {
    id,
    token,
    name: 'Support',
    due: due / 1000,
    connected: false,
    paymentStatus: 'ACTIVE',
    created: me.body.created,
    connectedCallbackUrl: '',
    deliveryCallbackUrl: '',
    disconnectedCallbackUrl: '',
    messageStatusCallbackUrl: '',
    presenceChatCallbackUrl: '',
    receivedCallbackUrl: 'https://www.example.com/received',
    initialDataCallbackUrl: '',
    receiveCallbackSentByMe: false,
    callRejectAuto: true,
    callRejectMessage: 'Write to us',
    autoReadMessage: false,
    proxyUrl: '',
    useProxy: false,
  });
  assert.equal(new Date(me.body.created).toISOString(), me.body.created);
});
