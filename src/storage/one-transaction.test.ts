import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseGroupId, pictureIdFrom } from '../ids.ts';
import { openWithInstance, picturesIn } from './open-with-instance.fixture.ts';

const key = { type: 'session', id: 'a', value: 'one' };
const group = parseGroupId('120363019502650977@g.us') ?? assert.fail();
const sha256 = 'f'.repeat(64);
const change = {
  pictureId: pictureIdFrom('1700000000'),
  setBy: undefined,
  setAt: undefined,
  byUs: true,
  restores: undefined,
  file: { sha256, sizeBytes: 3, width: 640, height: 640 },
};
const photo = { jpeg: Buffer.from('one'), keep: 5 };

test('what is written in one transaction is kept as a whole', async () => {
  await using opened = await openWithInstance();
  const { storage, dataDir, id } = opened;
  const moved = await storage.inOneTransaction(async ({ instances, sessionKeys, photoHistory }) => {
    const before = await instances.find(id);
    assert.ok(before);
    await instances.remove(id);
    await instances.restore({ ...before, name: 'moved' });
    await sessionKeys.keysOf(id).write([key]);
    await photoHistory.photosOf(id).add(group, change, photo);
    return before;
  });
  assert.deepEqual(await storage.instances.list(), [{ ...moved, name: 'moved' }]);
  assert.deepEqual(await storage.sessionKeys.allOf(id), [key]);
  assert.deepEqual(await storage.photoHistory.groupsOf(id), [group]);
  assert.deepEqual(picturesIn(dataDir), [sha256]);
});

test('when a transaction fails, nothing of it is kept and all is as before', async () => {
  await using opened = await openWithInstance();
  const { storage, dataDir, id } = opened;
  await storage.sessionKeys.keysOf(id).write([key]);
  const before = await storage.instances.list();
  const failing = storage.inOneTransaction(async ({ instances, sessionKeys, photoHistory }) => {
    await instances.create({ name: 'another' });
    await sessionKeys.keysOf(id).clear();
    await photoHistory.photosOf(id).add(group, change, photo);
    throw new Error('the file ended');
  });
  await assert.rejects(failing, /the file ended/);
  assert.deepEqual(await storage.instances.list(), before);
  assert.deepEqual(await storage.sessionKeys.allOf(id), [key]);
  assert.deepEqual(await storage.photoHistory.groupsOf(id), []);
  assert.deepEqual(picturesIn(dataDir), []);
});
