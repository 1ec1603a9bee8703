import assert from 'node:assert/strict';
import { test } from 'node:test';
import { picture, serve, servePicture, serveRaw } from '../../test/picture-servers.ts';
import { GatewayError } from '../errors.ts';
import { ByteBudget } from './byte-budget.ts';
import { limits } from './limits.ts';
import { createPhotoReader } from './whatsapp-photo.ts';

const readerWith = (options: { timeoutMs?: number; allow?: string[] } = {}) =>
  createPhotoReader({
    allow: ['pictures.test'],
    userAgent: 'Pombo/test',
    budget: new ByteBudget(limits.heldBytes),
    resolve: async () => ['127.0.0.1'],
    ...options,
  });

test('a photo is read at the address that WhatsApp gave, or handed through', async () => {
  await using server = await servePicture();
  using reader = readerWith();
  assert.deepEqual(Buffer.from(await reader.readPhoto(server.url)), picture);
  assert.equal(await reader.readPhoto(picture), picture);
});

test('a photo that its server does not give is WhatsApp’s trouble, with the reason for the log alone', async () => {
  const answers = [
    [/status 404/, () => serve((_request, response) => response.writeHead(404).end())],
    [/status 403/, () => serve((_request, response) => response.writeHead(403).end('expired'))],
    [/too-large/, () => serve((_request, response) => response.end(Buffer.alloc(5 * 2 ** 20 + 1)))],
    [/broken-off/, () => serveRaw((socket) => socket.resetAndDestroy())],
  ] as const;
  for (const [reason, answer] of answers) {
    await using server = await answer();
    using reader = readerWith();
    await assert.rejects(reader.readPhoto(server.url), (error) => {
      assert.ok(error instanceof GatewayError);
      assert.equal(error.code, 'whatsapp_unavailable');
      assert.equal(error.retryAfterSeconds, 5);
      assert.equal(error.message, 'WhatsApp did not deliver the photo. Try again shortly.');
      assert.match(String(error.cause), reason);
      return true;
    });
  }
  await using server = await servePicture();
  using reader = readerWith({ allow: [] });
  await assert.rejects(reader.readPhoto(server.url), { code: 'whatsapp_unavailable' });
  assert.equal(server.connections, 0);
});

test('a photo that does not come in time is WhatsApp’s time-out', async () => {
  await using server = await serveRaw(() => {});
  using reader = readerWith({ timeoutMs: 50 });
  await assert.rejects(reader.readPhoto(server.url), { code: 'whatsapp_timeout', message: /Try again/ });
});

test('the fetch of a photo ends when its caller gives up', async () => {
  const reason = new Error('the client has gone');
  const giveUp = new AbortController();
  await using server = await serveRaw(() => giveUp.abort(reason));
  using reader = readerWith();
  await assert.rejects(reader.readPhoto(server.url, { signal: giveUp.signal }), (error) => error === reason);
});
