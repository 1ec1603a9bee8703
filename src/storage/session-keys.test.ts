import assert from 'node:assert/strict';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { instanceIdFrom } from '../ids.ts';
import { openStorage } from './open-storage.ts';
import { openWithInstance } from './open-with-instance.fixture.ts';

const keyOf = (type: string, id: string, value: string | null) => ({ type, id, value });

test('a key is read as it was last written; deleted and unknown ones are not there', async () => {
  await using opened = await openWithInstance();
  const keys = opened.storage.sessionKeys.keysOf(opened.id);
  await keys.write([keyOf('session', 'a', 'one'), keyOf('session', 'b', 'two'), keyOf('pre-key', 'a', '3')]);
  await keys.write([
    keyOf('session', 'a', 'ação 🕊'),
    keyOf('session', 'b', null),
    keyOf('session', 'c', null),
  ]);
  assert.deepEqual(await keys.read('session', ['a', 'b', 'c', 'never']), new Map([['a', 'ação 🕊']]));
  assert.deepEqual(await keys.read('pre-key', ['a']), new Map([['a', '3']]));
  assert.deepEqual(await keys.read('session', []), new Map());
});

test('a key that one write changes several times has its last value', async () => {
  await using opened = await openWithInstance();
  const keys = opened.storage.sessionKeys.keysOf(opened.id);
  await keys.write([
    keyOf('session', 'a', 'old'),
    keyOf('session', 'a', 'new'),
    keyOf('session', 'b', 'new'),
    keyOf('session', 'b', null),
    keyOf('session', 'c', null),
    keyOf('session', 'c', 'new'),
  ]);
  assert.deepEqual(
    await keys.read('session', ['a', 'b', 'c']),
    new Map([
      ['a', 'new'],
      ['c', 'new'],
    ]),
  );
});

test('writes that are asked for at the same time take effect in that order', async () => {
  await using opened = await openWithInstance();
  const keys = opened.storage.sessionKeys.keysOf(opened.id);
  await Promise.all([
    keys.write([keyOf('session', 'a', '1')]),
    keys.clear(),
    keys.write([keyOf('session', 'b', '1')]),
    keys.write([keyOf('session', 'b', '2')]),
  ]);
  assert.deepEqual(await keys.read('session', ['a', 'b']), new Map([['b', '2']]));
});

test('thousands of keys go in and out in one call', async () => {
  await using opened = await openWithInstance();
  const keys = opened.storage.sessionKeys.keysOf(opened.id);
  const ids = Array.from({ length: 2_500 }, (_, index) => `${index}`);
  await keys.write(ids.map((id) => keyOf('pre-key', id, `value ${id}`)));
  const read = await keys.read('pre-key', ids);
  assert.equal(read.size, ids.length);
  assert.equal(read.get('2499'), 'value 2499');
  await keys.write(ids.map((id) => keyOf('pre-key', id, null)));
  assert.equal((await keys.read('pre-key', ids)).size, 0);
});

test('an instance sees and clears its own keys only', async () => {
  await using opened = await openWithInstance();
  const { storage, id } = opened;
  const keys = storage.sessionKeys.keysOf(id);
  const other = await storage.instances.create({ name: 'work' });
  const otherKeys = storage.sessionKeys.keysOf(other.id);
  await keys.write([keyOf('session', 'a', 'mine')]);
  await otherKeys.write([keyOf('session', 'a', 'theirs')]);
  assert.deepEqual(await keys.read('session', ['a']), new Map([['a', 'mine']]));
  await keys.clear();
  assert.deepEqual(await keys.read('session', ['a']), new Map());
  assert.deepEqual(await otherKeys.read('session', ['a']), new Map([['a', 'theirs']]));
});

test('a write that fails is told so, and takes no other with it', async () => {
  await using opened = await openWithInstance();
  const { storage, id } = opened;
  const keys = storage.sessionKeys.keysOf(id);
  const nobody = storage.sessionKeys.keysOf(instanceIdFrom('nobody'));
  const outcomes = await Promise.allSettled([
    keys.write([keyOf('session', 'a', '1')]),
    nobody.write([keyOf('session', 'a', '1')]),
    keys.write([keyOf('session', 'b', '1')]),
  ]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.equal((await keys.read('session', ['a', 'b'])).size, 2);
});

test('closing waits for the writes that are under way', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'pombo-keys-'));
  let id = instanceIdFrom('');
  let write = Promise.resolve();
  {
    await using storage = await openStorage({ dataDir: directory.path });
    ({ id } = await storage.instances.create({ name: 'family' }));
    write = storage.sessionKeys.keysOf(id).write([keyOf('creds', 'creds', 'the last words')]);
  }
  await write;
  await using storage = await openStorage({ dataDir: directory.path });
  assert.equal(
    (await storage.sessionKeys.keysOf(id).read('creds', ['creds'])).get('creds'),
    'the last words',
  );
});
