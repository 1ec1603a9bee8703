import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type GroupId,
  type InstanceId,
  jobIdFrom,
  type PhoneNumber,
  parseGroupId,
  parsePhoneNumber,
  pictureIdFrom,
} from '../ids.ts';
import { openStorage } from './open-storage.ts';
import { openWithInstance, picturesIn } from './open-with-instance.fixture.ts';
import type { StoredPhotoJobs } from './stored-photo-jobs.ts';

type NewJob = Parameters<StoredPhotoJobs['add']>[1];

const createdAt = new Date('2026-01-02T03:04:05.678Z');
const finishedAt = new Date('2026-01-02T03:05:00.000Z');

const groupOf = (number: number) => parseGroupId(`12036301950265${`${number}`.padStart(4, '0')}`) as GroupId;
const [family, work, club] = [groupOf(1), groupOf(2), groupOf(3)];

const phone = parsePhoneNumber('5511999990001') as PhoneNumber;

const jobOf = (id: string, told: Partial<NewJob> = {}): NewJob => ({
  id: jobIdFrom(id),
  phone,
  createdAt,
  groups: [family, work, club],
  jpeg: new Uint8Array(Buffer.from('sunset')),
  force: false,
  ...told,
});

const waiting = (group: GroupId) => ({
  group,
  state: 'waiting' as const,
  pictureId: undefined,
  failure: undefined,
});
const done = (group: GroupId, id: string) => ({
  ...waiting(group),
  state: 'done' as const,
  pictureId: pictureIdFrom(id),
});
const cancelled = (group: GroupId) => ({ ...waiting(group), state: 'cancelled' as const });

const pictureDone = (id: string) => ({ state: 'done' as const, pictureId: pictureIdFrom(id) });

/** Whether each of these groups is waiting, done, failed or cancelled. */
const statesOf = async (jobs: StoredPhotoJobs, instance: InstanceId, id: string) =>
  (await jobs.find(instance, jobIdFrom(id)))?.results.map(({ state }) => state);

test('a job is found again as far as it was, also after a restart', async () => {
  await using opened = await openWithInstance();
  const { dataDir, id: instance } = opened;
  const job = jobOf('a', { groups: [work, family, club], force: true });
  const failure = { code: 'not_group_admin' as const, message: 'Only admins may change this group. 🕊' };
  {
    await using storage = opened.storage;
    await storage.photoJobs.add(instance, job);
    await storage.photoJobs.record(job.id, work, pictureDone('1700000001'));
    await storage.photoJobs.record(job.id, club, { state: 'failed', failure });
  }
  await using storage = await openStorage({ dataDir });
  assert.deepEqual(await storage.photoJobs.find(instance, job.id), {
    id: job.id,
    state: 'running',
    createdAt,
    finishedAt: undefined,
    results: [
      done(work, '1700000001'),
      waiting(family),
      { group: club, state: 'failed', pictureId: undefined, failure },
    ],
  });
  assert.deepEqual(await storage.photoJobs.unfinished(), [{ instance, id: job.id }]);
  const order = await storage.photoJobs.order(job.id);
  assert.equal(order?.phone, phone);
  assert.equal(order.force, true);
  assert.equal(Buffer.from(order.jpeg).toString(), 'sunset');
});

test('an outcome is noted once', async () => {
  await using opened = await openWithInstance();
  const { photoJobs } = opened.storage;
  const job = jobOf('a', { groups: [family, work] });
  await photoJobs.add(opened.id, job);
  await photoJobs.record(job.id, family, pictureDone('1'));
  await photoJobs.record(job.id, family, pictureDone('2'));
  assert.deepEqual((await photoJobs.find(opened.id, job.id))?.results, [done(family, '1'), waiting(work)]);
});

test('a finished job is done, and has let go of its photo', async () => {
  await using opened = await openWithInstance();
  const { storage, dataDir, id: instance } = opened;
  const { photoJobs } = storage;
  await photoJobs.add(instance, jobOf('a'));
  await photoJobs.add(instance, jobOf('b'));
  assert.equal(picturesIn(dataDir).length, 1);

  await photoJobs.finish(jobIdFrom('a'), finishedAt);
  await photoJobs.finish(jobIdFrom('a'), new Date());
  const job = await photoJobs.find(instance, jobIdFrom('a'));
  assert.equal(job?.state, 'done');
  assert.deepEqual(job.finishedAt, finishedAt);
  assert.equal(await photoJobs.order(jobIdFrom('a')), undefined);
  assert.deepEqual(await photoJobs.unfinished(), [{ instance, id: jobIdFrom('b') }]);
  assert.equal(picturesIn(dataDir).length, 1, 'the other job still needs it');

  await photoJobs.finish(jobIdFrom('b'), finishedAt);
  assert.deepEqual(picturesIn(dataDir), []);
});

test('the history and a job do not take each other’s pictures away', async () => {
  await using opened = await openWithInstance();
  const { storage, id: instance } = opened;
  const photos = storage.photoHistory.photosOf(instance);
  const job = jobOf('a');
  await storage.photoJobs.add(instance, job);
  const [sha256 = ''] = picturesIn(opened.dataDir);
  const change = {
    pictureId: pictureIdFrom('1'),
    setBy: undefined,
    setAt: undefined,
    byUs: true,
    restores: undefined,
    file: { sha256, sizeBytes: 6, width: 640, height: 640 },
  };

  await photos.add(family, change, { jpeg: job.jpeg, keep: 1 });
  await storage.photoHistory.prune(0);
  assert.ok(await storage.photoJobs.order(job.id));

  await photos.add(family, change, { jpeg: job.jpeg, keep: 1 });
  await storage.photoJobs.finish(job.id, finishedAt);
  assert.ok(await photos.bytes(sha256));
});

test('cancelling leaves what is done or under way, and finishes the job when nothing is', async () => {
  await using opened = await openWithInstance();
  const { id: instance } = opened;
  const { photoJobs } = opened.storage;
  const [a, b] = [jobIdFrom('a'), jobIdFrom('b')];
  await photoJobs.add(instance, jobOf('a'));
  await photoJobs.add(instance, jobOf('b'));

  await photoJobs.record(a, family, pictureDone('1'));
  await photoJobs.cancel(a, finishedAt, { underWay: undefined });
  assert.deepEqual(await photoJobs.find(instance, a), {
    id: a,
    state: 'cancelled',
    createdAt,
    finishedAt,
    results: [done(family, '1'), cancelled(work), cancelled(club)],
  });

  await photoJobs.cancel(b, finishedAt, { underWay: work });
  assert.deepEqual(await statesOf(photoJobs, instance, 'b'), ['cancelled', 'waiting', 'cancelled']);
  assert.deepEqual(await photoJobs.unfinished(), [{ instance, id: b }]);
  assert.ok(await photoJobs.order(b));
  await photoJobs.record(b, work, pictureDone('2'));
  await photoJobs.finish(b, finishedAt);
  assert.deepEqual(await photoJobs.find(instance, b), {
    id: b,
    state: 'cancelled',
    createdAt,
    finishedAt,
    results: [cancelled(family), done(work, '2'), cancelled(club)],
  });
});

test('cancelling a finished job changes nothing', async () => {
  await using opened = await openWithInstance();
  const { photoJobs } = opened.storage;
  await photoJobs.add(opened.id, jobOf('a', { groups: [family] }));
  await photoJobs.finish(jobIdFrom('a'), finishedAt);
  const before = await photoJobs.find(opened.id, jobIdFrom('a'));
  await photoJobs.cancel(jobIdFrom('a'), new Date(), { underWay: undefined });
  assert.deepEqual(await photoJobs.find(opened.id, jobIdFrom('a')), before);
});

test('an instance sees its own jobs only, the last one added first, and goes on with the first one', async () => {
  await using opened = await openWithInstance();
  const { photoJobs } = opened.storage;
  const other = await opened.storage.instances.create({ name: 'work' });
  for (const id of ['b', 'c', 'a']) await photoJobs.add(opened.id, jobOf(id)); // all in the same millisecond
  await photoJobs.add(other.id, jobOf('d', { groups: [club] }));

  assert.deepEqual(
    (await photoJobs.list(opened.id, 10)).map(({ id }) => id),
    ['a', 'c', 'b'],
  );
  assert.deepEqual(
    (await photoJobs.list(opened.id, 2)).map(({ id }) => id),
    ['a', 'c'],
  );
  assert.deepEqual(
    (await photoJobs.unfinished()).filter(({ instance }) => instance === opened.id).map(({ id }) => id),
    ['b', 'c', 'a'],
  );
  assert.deepEqual(
    (await photoJobs.list(other.id, 10)).map(({ id, results }) => [id, results]),
    [['d', [waiting(club)]]],
  );
  assert.equal(await photoJobs.find(opened.id, jobIdFrom('d')), undefined);
  assert.deepEqual(await photoJobs.list((await opened.storage.instances.create({ name: 'new' })).id, 10), []);
});

test('jobs that were finished long ago are forgotten, unfinished ones are not', async () => {
  await using opened = await openWithInstance();
  const { photoJobs } = opened.storage;
  for (const id of ['a', 'b', 'c']) await photoJobs.add(opened.id, jobOf(id));
  await photoJobs.finish(jobIdFrom('a'), finishedAt);
  await photoJobs.finish(jobIdFrom('b'), new Date(finishedAt.getTime() + 1));
  await photoJobs.removeFinished(new Date(finishedAt.getTime() + 1));
  assert.deepEqual(
    (await photoJobs.list(opened.id, 10)).map(({ id }) => id),
    ['c', 'b'],
  );
});

test('a job can have thousands of groups', async () => {
  await using opened = await openWithInstance();
  const { photoJobs } = opened.storage;
  const groups = Array.from({ length: 2_500 }, (_, index) => groupOf(index));
  await photoJobs.add(opened.id, jobOf('a', { groups }));
  assert.deepEqual(
    (await photoJobs.find(opened.id, jobIdFrom('a')))?.results.map(({ group }) => group),
    groups,
  );
});
