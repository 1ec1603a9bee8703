import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { addressOf, isWhatsAppReachable } from './reachable.ts';

test('WhatsApp is reachable while something listens where it should be', async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const webSocketUrl = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws/chat`;
  assert.equal(await isWhatsAppReachable(webSocketUrl), true);
  server.close();
  await once(server, 'close');
  assert.equal(await isWhatsAppReachable(webSocketUrl), false);
});

test('WhatsApp itself is meant unless it is told otherwise, and the port of the scheme unless there is one', () => {
  assert.deepEqual(addressOf(undefined), { host: 'web.whatsapp.com', port: 443 });
  assert.deepEqual(addressOf('ws://127.0.0.1/ws/chat'), { host: '127.0.0.1', port: 80 });
  assert.deepEqual(addressOf('ws://[::1]:8081/ws/chat'), { host: '::1', port: 8081 });
});
