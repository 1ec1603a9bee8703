import assert from 'node:assert/strict';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { instanceIdFrom } from '../ids.ts';
import { openStorage } from './open-storage.ts';

const temporaryDirectory = () => mkdtempDisposable(join(tmpdir(), 'pombo-instances-'));

test('an instance is found again as it was created, settings and token included', async () => {
  await using directory = await temporaryDirectory();
  await using storage = await openStorage({ dataDir: directory.path });
  const created = await storage.instances.create({
    name: 'Loja São João 🕊',
    settings: { receivedCallbackUrl: 'https://www.example.com/received', callRejectAuto: false },
  });
  assert.match(created.id, /^[0-9A-F]{32}$/);
  assert.match(created.token, /^[0-9A-F]{32}$/);
  assert.deepEqual(created.settings, {
    receivedCallbackUrl: 'https://www.example.com/received',
    callRejectAuto: false,
  });
  assert.deepEqual(await storage.instances.find(created.id), created);
});

test('an id that was never given out finds nothing', async () => {
  await using directory = await temporaryDirectory();
  await using storage = await openStorage({ dataDir: directory.path });
  const { id } = await storage.instances.create({ name: 'family' });
  for (const other of ['', id.toLowerCase(), `${id}0`, "' or 1 = 1 --"]) {
    assert.equal(await storage.instances.find(instanceIdFrom(other)), undefined);
  }
});

test('all instances are listed, each with an id and a token of its own', async () => {
  await using directory = await temporaryDirectory();
  await using storage = await openStorage({ dataDir: directory.path });
  assert.deepEqual(await storage.instances.list(), []);
  for (const name of ['family', 'work', 'work']) await storage.instances.create({ name });

  const listed = await storage.instances.list();
  assert.deepEqual(listed.map(({ name }) => name).sort(), ['family', 'work', 'work']);
  assert.equal(new Set(listed.flatMap(({ id, token }) => [id, token])).size, 6);
});
