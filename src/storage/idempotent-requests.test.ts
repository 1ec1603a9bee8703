import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openStorage } from './open-storage.ts';
import { openWithInstance } from './open-with-instance.fixture.ts';

const begunAt = new Date('2026-01-02T03:04:05.678Z');

/** A request that begins now, when keys hold for a day. */
const request = (fingerprint: string, now = begunAt) => ({
  fingerprint,
  begunAt: now,
  expiredBefore: new Date(now.getTime() - 24 * 60 * 60_000),
});

const later = (milliseconds: number): Date => new Date(begunAt.getTime() + milliseconds);

test('a key is taken once: whoever comes after learns of the request that has it, also after a restart', async () => {
  await using opened = await openWithInstance();
  const { dataDir, id: instance } = opened;
  const key = { instance, key: 'order 4711' };
  {
    await using storage = opened.storage;
    const requests = storage.idempotentRequests;
    assert.equal(await requests.begin(key, request('a')), undefined);
    assert.deepEqual(await requests.begin(key, request('b')), { fingerprint: 'a', answer: undefined });
  }
  {
    await using storage = await openStorage({ dataDir });
    const requests = storage.idempotentRequests;
    assert.deepEqual(await requests.begin(key, request('a')), { fingerprint: 'a', answer: undefined });
    await requests.finish(key, '{"value":true,"name":"ação 🕊"}');
  }
  await using storage = await openStorage({ dataDir });
  assert.deepEqual(await storage.idempotentRequests.begin(key, request('c')), {
    fingerprint: 'a',
    answer: '{"value":true,"name":"ação 🕊"}',
  });
});

test('of many that take a key at the same time, the first one has it', async () => {
  await using opened = await openWithInstance();
  const key = { instance: opened.id, key: 'k' };
  const found = await Promise.all(
    ['a', 'b', 'c', 'd'].map((fingerprint) =>
      opened.storage.idempotentRequests.begin(key, request(fingerprint)),
    ),
  );
  const first = { fingerprint: 'a', answer: undefined };
  assert.deepEqual(found, [undefined, first, first, first]);
});

test('a key that was given free can be taken again', async () => {
  await using opened = await openWithInstance();
  const requests = opened.storage.idempotentRequests;
  const key = { instance: opened.id, key: 'k' };
  const otherKey = { ...key, key: 'l' };
  await requests.begin(key, request('a'));
  await requests.begin(otherKey, request('a'));
  await requests.forget(key);
  assert.equal(await requests.begin(key, request('b')), undefined);
  assert.deepEqual(await requests.begin(otherKey, request('b')), { fingerprint: 'a', answer: undefined });
});

test('a key belongs to its instance', async () => {
  await using opened = await openWithInstance();
  const requests = opened.storage.idempotentRequests;
  const mine = { instance: opened.id, key: 'k' };
  const theirs = { instance: (await opened.storage.instances.create({ name: 'work' })).id, key: 'k' };
  await requests.begin(mine, request('a'));
  await requests.finish(mine, 'mine');
  assert.equal(await requests.begin(theirs, request('a')), undefined);
  await requests.finish(theirs, 'theirs');
  await requests.forget(theirs);
  assert.deepEqual(await requests.begin(mine, request('a')), { fingerprint: 'a', answer: 'mine' });
});

test('a key holds as long as it is said to, and is free then', async () => {
  await using opened = await openWithInstance();
  const requests = opened.storage.idempotentRequests;
  const key = { instance: opened.id, key: 'k' };
  const dayMs = 24 * 60 * 60_000;
  await requests.begin(key, request('a'));
  await requests.finish(key, 'done');
  assert.deepEqual(await requests.begin(key, request('b', later(dayMs))), {
    fingerprint: 'a',
    answer: 'done',
  });
  assert.equal(await requests.begin(key, request('b', later(dayMs + 1))), undefined);
  assert.deepEqual(await requests.begin(key, request('b', later(dayMs + 2))), {
    fingerprint: 'b',
    answer: undefined,
  });
});

test('keys and answers cannot be read in the file', async () => {
  await using opened = await openWithInstance();
  const { dataDir, id: instance } = opened;
  {
    await using storage = opened.storage;
    const key = { instance, key: 'call-5511999990001' };
    await storage.idempotentRequests.begin(key, request('a-fingerprint'));
    await storage.idempotentRequests.finish(key, 'an answer with something private');
  }
  const bytes = await readFile(join(dataDir, 'pombo.db'));
  assert.ok(bytes.includes('a-fingerprint'), 'the search finds what is there');
  assert.ok(!bytes.includes('5511999990001'));
  assert.ok(!bytes.includes('private'));
});
