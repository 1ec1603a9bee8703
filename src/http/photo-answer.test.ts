import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { pino } from 'pino';
import { Type } from 'typebox';
import { openServices } from '../../test/services.ts';
import { GatewayError } from '../errors.ts';
import type { ShownPhoto } from '../group-photos.ts';
import { pictureIdFrom } from '../ids.ts';
import { instanceOperation, photoFile } from '../operation.ts';
import { startHttp } from './server.ts';

const parts = await openServices();
after(() => parts[Symbol.asyncDispose]());
const { services, known } = parts;

const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xd9);

test('a photo is answered with its bytes, under its id', async () => {
  await using photo = await serve(async () => jpeg);
  const response = await photo.get();
  assert.equal(response.status, 200);
  assert.deepEqual(new Uint8Array(await response.arrayBuffer()), jpeg);
  const { headers } = response;
  assert.equal(headers.get('content-type'), 'image/jpeg');
  assert.equal(headers.get('content-length'), '4');
  assert.equal(headers.get('etag'), '"1785585600"');
  assert.equal(headers.get('cache-control'), 'private, no-cache');
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
});

test('whoever has the photo is told so, and its bytes are not read', async () => {
  await using photo = await serve(() => Promise.reject(new Error('The bytes were read.')));
  for (const known of [
    '"1785585600"',
    'W/"1785585600"',
    '"1", "1785585600"',
    '"1",W/"1785585600","a,b"',
    '*',
    ' * ',
  ]) {
    const response = await photo.get({ 'If-None-Match': known });
    assert.equal(response.status, 304, known);
    assert.equal(await response.text(), '');
    assert.equal(response.headers.get('etag'), '"1785585600"');
    assert.equal(response.headers.get('cache-control'), 'private, no-cache');
    assert.equal(response.headers.get('content-type'), null);
  }
});

test('whoever has another photo gets this one', async () => {
  await using photo = await serve(async () => jpeg);
  for (const other of ['"178558560"', '"a", W/"b"', '1785585600', '', '"*"', 'W/*']) {
    assert.equal((await photo.get({ 'If-None-Match': other })).status, 200, other);
  }
});

test('a photo that cannot be read is a failure like any other, and not to be cached', async () => {
  await using photo = await serve(() => Promise.reject(new GatewayError('whatsapp_timeout')));
  const response = await photo.get();
  assert.equal(response.status, 504);
  assert.equal(((await response.json()) as { code: string }).code, 'whatsapp_timeout');
  assert.equal(response.headers.get('cache-control'), 'no-store');
  assert.equal(response.headers.get('etag'), null);
});

async function serve(read: ShownPhoto['read']) {
  const operation = instanceOperation({
    name: 'photo',
    section: 'group',
    method: 'GET',
    path: '/photo',
    summary: 'Give the photo that the test says.',
    input: Type.Object({}),
    output: photoFile,
    example: { input: {} },
    errors: ['whatsapp_timeout'],
    handle: async () => ({ id: pictureIdFrom('1785585600'), read }),
  });
  const server = await startHttp({
    operations: [operation],
    services,
    host: '127.0.0.1',
    port: 0,
    logger: pino({ enabled: false }),
    graceMs: 1_000,
  });
  const url = `${server.url}/instances/${known.instanceId}/token/${known.instanceToken}/photo`;
  return {
    get: (headers: Readonly<Record<string, string>> = {}) =>
      fetch(url, { headers: { 'Client-Token': known.clientToken, ...headers }, cache: 'no-store' }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
