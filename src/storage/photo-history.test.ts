import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type GroupId, parseGroupId, parseUserId, pictureIdFrom } from '../ids.ts';
import { openStorage } from './open-storage.ts';
import { openWithInstance, picturesIn } from './open-with-instance.fixture.ts';
import type { PhotoHistory } from './photo-history.ts';

type Photos = ReturnType<PhotoHistory['photosOf']>;
type Change = Parameters<Photos['add']>[1];

const family = parseGroupId('120363019502650977') as GroupId;
const work = parseGroupId('120363019502650978') as GroupId;
const alice = parseUserId('5511999990001@s.whatsapp.net');
const bob = parseUserId('5511999990002@s.whatsapp.net');

/** A change to the photo with this id, of which nothing else is known; without an id, to none. */
const change = (id?: string, told: Partial<Change> = {}): Change => ({
  pictureId: id === undefined ? undefined : pictureIdFrom(id),
  setBy: undefined,
  setAt: undefined,
  byUs: false,
  restores: undefined,
  file: undefined,
  ...told,
});

/** Storage does not look into the bytes, so any text will do. */
const jpegOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

const fileOf = (text: string) => ({ sha256: hashOf(text), sizeBytes: text.length, width: 640, height: 640 });

/** Keeps the photo with this id, its bytes being a text. */
const addPhoto = (photos: Photos, group: GroupId, id: string, text: string, keep = 20): Promise<void> =>
  photos.add(group, change(id, { file: fileOf(text) }), { jpeg: jpegOf(text), keep });

const withoutBytes = { jpeg: undefined, keep: 20 };

const idsOf = async (photos: Photos, group: GroupId) =>
  (await photos.entries(group)).map(({ pictureId }) => pictureId);

const textOf = async (photos: Photos, text: string): Promise<string | undefined> => {
  const bytes = await photos.bytes(hashOf(text));
  return bytes && Buffer.from(bytes).toString();
};

test('what groups showed is there again after a restart, oldest first, with all that was told and the bytes', async () => {
  await using opened = await openWithInstance();
  const { dataDir, id } = opened;
  const told = change('1700000002', {
    setBy: alice,
    setAt: new Date('2026-01-02T03:04:05.678Z'),
    byUs: true,
    restores: 1,
    file: fileOf('sunset'),
  });
  {
    await using storage = opened.storage;
    const photos = storage.photoHistory.photosOf(id);
    await photos.add(family, change('1700000001'), withoutBytes);
    await photos.add(family, told, { jpeg: jpegOf('sunset'), keep: 20 });
    await photos.add(family, change(), withoutBytes);
  }
  await using storage = await openStorage({ dataDir });
  const photos = storage.photoHistory.photosOf(id);
  assert.deepEqual(await photos.entries(family), [
    { position: 1, ...change('1700000001') },
    { position: 2, ...told },
    { position: 3, ...change() },
  ]);
  assert.equal(await textOf(photos, 'sunset'), 'sunset');
  assert.equal(await textOf(photos, 'never seen'), undefined);
});

test('a photo that is told of again is one entry, with what either knew', async () => {
  await using opened = await openWithInstance();
  const photos = opened.storage.photoHistory.photosOf(opened.id);
  const setAt = new Date('2026-01-02T03:04:05.000Z');
  const ours = change('1', { byUs: true, restores: 7, file: fileOf('sunset') });
  const notified = change('1', { setBy: alice, setAt });
  const both = { position: 1, ...change('1', { ...ours, setBy: alice, setAt }) };
  const bytes = { jpeg: jpegOf('sunset'), keep: 20 };

  await photos.add(family, ours, bytes);
  await photos.add(family, notified, withoutBytes);
  assert.deepEqual(await photos.entries(family), [both]);

  await photos.add(work, notified, withoutBytes);
  await photos.add(work, ours, bytes);
  assert.deepEqual(await photos.entries(work), [both]);

  await photos.add(work, change('1', { setBy: bob, setAt: new Date(0), restores: 9 }), withoutBytes);
  assert.deepEqual(await photos.entries(work), [both], 'what is known is not told otherwise');
});

test('what is told late of an earlier photo goes to its entry, not to the end', async () => {
  await using opened = await openWithInstance();
  const photos = opened.storage.photoHistory.photosOf(opened.id);
  for (const id of ['1', '2', '3']) await addPhoto(photos, family, id, id);
  await photos.add(family, change('1', { setBy: alice }), withoutBytes);
  assert.deepEqual(
    (await photos.entries(family)).map(({ pictureId, setBy }) => [pictureId, setBy]),
    [
      ['1', alice],
      ['2', undefined],
      ['3', undefined],
    ],
  );
});

test('a removal told twice is one entry; one after another photo is another', async () => {
  await using opened = await openWithInstance();
  const photos = opened.storage.photoHistory.photosOf(opened.id);
  await photos.add(family, change(undefined, { byUs: true }), withoutBytes);
  await photos.add(family, change(undefined, { setBy: alice }), withoutBytes);
  await addPhoto(photos, family, '1', 'sunset');
  await photos.add(family, change(), withoutBytes);
  assert.deepEqual(await photos.entries(family), [
    { position: 1, ...change(undefined, { byUs: true, setBy: alice }) },
    { position: 2, ...change('1', { file: fileOf('sunset') }) },
    { position: 3, ...change() },
  ]);
});

test('changes that are kept at the same time are all there, in the order in which they were told', async () => {
  await using opened = await openWithInstance();
  const photos = opened.storage.photoHistory.photosOf(opened.id);
  const ids = Array.from({ length: 15 }, (_, index) => `${index}`);
  await Promise.all(
    ids.flatMap((id) => [
      addPhoto(photos, family, id, id),
      photos.add(family, change(id, { setBy: alice }), withoutBytes),
    ]),
  );
  const entries = await photos.entries(family);
  assert.deepEqual(
    entries.map(({ pictureId, setBy, file }) => [pictureId, setBy, file?.sha256]),
    ids.map((id) => [id, alice, hashOf(id)]),
  );
});

test('the bytes of a photo stay those that were kept first, also when WhatsApp has another copy of it', async () => {
  await using opened = await openWithInstance();
  const photos = opened.storage.photoHistory.photosOf(opened.id);
  await addPhoto(photos, family, '1', 'as sent');
  await addPhoto(photos, family, '1', 'as WhatsApp has it');
  assert.deepEqual(await photos.entries(family), [
    { position: 1, ...change('1', { file: fileOf('as sent') }) },
  ]);
  assert.equal(await textOf(photos, 'as sent'), 'as sent');
  assert.deepEqual(picturesIn(opened.dataDir), [hashOf('as sent')]);
});

test('bytes that come later are kept with the entry that knows of them', async () => {
  await using opened = await openWithInstance();
  const photos = opened.storage.photoHistory.photosOf(opened.id);
  await photos.add(family, change('1', { file: fileOf('sunset') }), withoutBytes);
  assert.equal(await textOf(photos, 'sunset'), undefined);
  await addPhoto(photos, family, '1', 'sunset');
  assert.equal(await textOf(photos, 'sunset'), 'sunset');
  assert.equal((await photos.entries(family)).length, 1);
});

test('a picture is kept once, until nobody in the gateway needs it', async () => {
  await using opened = await openWithInstance();
  const { storage, dataDir } = opened;
  const photos = storage.photoHistory.photosOf(opened.id);
  const others = storage.photoHistory.photosOf((await storage.instances.create({ name: 'work' })).id);
  await addPhoto(photos, family, '1', 'logo', 1);
  await addPhoto(photos, work, '1', 'logo', 1);
  await addPhoto(others, family, '1', 'logo', 1);
  assert.deepEqual(picturesIn(dataDir), [hashOf('logo')]);

  await addPhoto(photos, family, '2', 'sunset', 1);
  await addPhoto(photos, work, '2', 'sunset', 1);
  assert.deepEqual(picturesIn(dataDir), [hashOf('logo'), hashOf('sunset')].sort());
  assert.equal(await textOf(others, 'logo'), 'logo');

  await addPhoto(others, family, '2', 'sunset', 1);
  assert.deepEqual(picturesIn(dataDir), [hashOf('sunset')]);
});

test('an instance sees its own entries and bytes only', async () => {
  await using opened = await openWithInstance();
  const { storage } = opened;
  const photos = storage.photoHistory.photosOf(opened.id);
  const others = storage.photoHistory.photosOf((await storage.instances.create({ name: 'work' })).id);
  await addPhoto(photos, family, '1', 'sunset');
  assert.deepEqual(await others.entries(family), []);
  assert.equal(await textOf(others, 'sunset'), undefined);
});

test('a group keeps as many photos as asked for, and the times without one between them', async () => {
  await using opened = await openWithInstance();
  const { dataDir } = opened;
  const photos = opened.storage.photoHistory.photosOf(opened.id);
  await addPhoto(photos, work, '1', 'of another group', 2);
  await photos.add(family, change(), { jpeg: undefined, keep: 2 });
  await addPhoto(photos, family, '1', 'one', 2);
  await photos.add(family, change(), { jpeg: undefined, keep: 2 });
  await addPhoto(photos, family, '2', 'two', 2);
  assert.deepEqual(await idsOf(photos, family), ['1', undefined, '2']);
  await photos.add(family, change(), { jpeg: undefined, keep: 2 });
  assert.deepEqual(await idsOf(photos, family), ['1', undefined, '2', undefined]);

  await addPhoto(photos, family, '3', 'three', 2);
  assert.deepEqual(await photos.entries(family), [
    { position: 4, ...change('2', { file: fileOf('two') }) },
    { position: 5, ...change() },
    { position: 6, ...change('3', { file: fileOf('three') }) },
  ]);
  assert.deepEqual(picturesIn(dataDir), ['of another group', 'two', 'three'].map(hashOf).sort());
});

test('a group that keeps no photos remembers what it shows, and its bytes never reach the disk', async () => {
  await using opened = await openWithInstance();
  const photos = opened.storage.photoHistory.photosOf(opened.id);
  await addPhoto(photos, family, '1', 'sunset', 0);
  await addPhoto(photos, family, '2', 'two', 0);
  const written = await readFile(join(opened.dataDir, 'pombo.db-wal'));
  assert.ok(written.includes(hashOf('sunset')), 'the search finds what is there');
  assert.ok(!written.includes('sunset'));
  assert.deepEqual(await photos.entries(family), [{ position: 2, ...change('2', { file: fileOf('two') }) }]);
  await photos.add(family, change(), { jpeg: undefined, keep: 0 });
  assert.deepEqual(await photos.entries(family), [{ position: 3, ...change() }]);
  assert.deepEqual(picturesIn(opened.dataDir), []);
});

test('keeping fewer photos than before holds for all groups at once', async () => {
  await using opened = await openWithInstance();
  const { storage, dataDir } = opened;
  const photos = storage.photoHistory.photosOf(opened.id);
  for (const id of ['1', '2', '3']) await addPhoto(photos, family, id, id);
  await addPhoto(photos, work, '1', '1');
  await photos.add(work, change(), withoutBytes);

  await storage.photoHistory.prune(20);
  assert.deepEqual(await idsOf(photos, family), ['1', '2', '3']);
  await storage.photoHistory.prune(2);
  assert.deepEqual(await idsOf(photos, family), ['2', '3']);
  assert.deepEqual(await idsOf(photos, work), ['1', undefined]);
  assert.deepEqual(picturesIn(dataDir), ['1', '2', '3'].map(hashOf).sort());

  await storage.photoHistory.prune(0);
  assert.deepEqual(await idsOf(photos, family), ['3']);
  assert.deepEqual(await idsOf(photos, work), [undefined]);
  assert.deepEqual(picturesIn(dataDir), []);
});
