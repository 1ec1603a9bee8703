import assert from 'node:assert/strict';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
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

test('of many writes at once none is lost, and no reader sees one by half', async () => {
  await using opened = await openWithInstance();
  const keys = opened.storage.sessionKeys.keysOf(opened.id);
  const rounds = Array.from({ length: 200 }, (_, round) => `${round}`);
  const seen = rounds.map(async (round, index) => {
    for (let turn = 0; turn < index % 5; turn++) await nextTurn(); // in the middle of other commits, too
    await keys.write([
      keyOf('pre-key', round, 'its own'),
      keyOf('session', 'a', round),
      keyOf('session', 'b', round),
    ]);
    return keys.read('session', ['a', 'b']);
  });
  for (const found of await Promise.all(seen)) assert.equal(found.get('a'), found.get('b'));
  assert.equal((await keys.read('session', ['a'])).get('a'), '199'); // asked for last
  assert.equal((await keys.read('pre-key', rounds)).size, rounds.length);
});

test('a write that fails in its middle leaves nothing of it', async () => {
  await using opened = await openWithInstance();
  const keys = opened.storage.sessionKeys.keysOf(opened.id);
  await keys.write([keyOf('session', 'a', 'old'), keyOf('session', 'gone', 'old')]);
  const ids = Array.from({ length: 250 }, (_, index) => `${index}`);
  const changes = [keyOf('session', 'a', 'new'), keyOf('session', 'gone', null)];
  const failing = { type: 'session', id: undefined as unknown as string, value: 'new' };
  await assert.rejects(keys.write([...changes, ...ids.map((id) => keyOf('pre-key', id, 'new')), failing]));
  assert.deepEqual(
    await keys.read('session', ['a', 'gone']),
    new Map([
      ['a', 'old'],
      ['gone', 'old'],
    ]),
  );
  assert.equal((await keys.read('pre-key', ids)).size, 0);
});

test('writes of every size are stored as they were asked for', async () => {
  await using opened = await openWithInstance();
  const keys = opened.storage.sessionKeys.keysOf(opened.id);
  for (const count of [1, 2, 99, 100, 101, 250, 2, 1]) {
    const ids = Array.from({ length: count }, (_, index) => `${index}`);
    await keys.write(ids.map((id) => keyOf('pre-key', id, `${count} ${id}`)));
    assert.deepEqual(await keys.read('pre-key', ids), new Map(ids.map((id) => [id, `${count} ${id}`])));
  }
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

test('while many keys are written or read the event loop goes on, every hundred of them', async () => {
  await using opened = await openWithInstance();
  const keys = opened.storage.sessionKeys.keysOf(opened.id);
  const ids = Array.from({ length: 2_500 }, (_, index) => `${index}`);
  const turnsDuring = async (work: Promise<unknown>) => {
    let isOver = false;
    let turns = 0;
    const end = work.finally(() => {
      isOver = true;
    });
    for (; !isOver; turns++) await nextTurn();
    await end;
    return turns;
  };
  assert.ok((await turnsDuring(keys.write(ids.map((id) => keyOf('session', id, 'kept'))))) >= 25);
  assert.ok((await turnsDuring(keys.read('session', ids))) >= 22); // of three statements, whose first slices come at once
});

test('a write does not stand in line with those who read much, for then all would wait for the database', async () => {
  await using opened = await openWithInstance();
  const keys = opened.storage.sessionKeys.keysOf(opened.id);
  const ids = Array.from({ length: 800 }, (_, index) => `${index}`);
  const changes = ids.map((id) => keyOf('pre-key', id, 'kept'));
  await keys.write(changes);
  let readersLeft = 20;
  const reads = Array.from({ length: readersLeft }, async () => {
    await keys.read('pre-key', ids);
    readersLeft -= 1;
  });
  await keys.write(changes);
  assert.equal(readersLeft, 20);
  await Promise.all(reads);
});
