import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ErrorCode, GatewayError } from '../errors.ts';
import { jobIdFrom } from '../ids.ts';
import {
  ends,
  group,
  jpeg,
  openJobWorld,
  paceMs,
  phone,
  reaches,
  resultsOf,
  until,
} from './job-world.fixture.ts';

const dayMs = 86_400_000;

const isFailure = (code: ErrorCode) => (error: unknown) =>
  error instanceof GatewayError && error.code === code;

test('the groups are changed in their order with a pause between them, each with its own result', async () => {
  await using shop = await startShop();
  const { groups, clock, jobs } = shop;

  const started = await jobs.start([group(1), group(2), group(3)], jpeg);
  assert.equal(started.state, 'running');
  assert.deepEqual(resultsOf(started), ['waiting', 'waiting', 'waiting']);

  const first = await groups.change(1);
  assert.deepEqual(first.group, group(1));
  assert.deepEqual(Buffer.from(first.jpeg), jpeg);
  assert.equal(first.force, false);
  await reaches(jobs, started, ['running', 'waiting', 'waiting']);
  first.confirm('71');
  await reaches(jobs, started, ['done 71', 'waiting', 'waiting']);

  clock.pass(paceMs - 1);
  await reaches(jobs, started, ['done 71', 'waiting', 'waiting']);
  assert.equal(groups.asked.length, 1);
  clock.pass(1);
  const second = await groups.change(2);
  assert.equal(second.group, group(2));
  second.fail(new GatewayError('not_group_admin'));
  const half = await reaches(jobs, started, ['done 71', 'failed not_group_admin', 'waiting']);
  assert.match(half.results[1]?.failure?.message ?? '', /Only admins/);
  assert.equal(half.finishedAt, undefined);

  clock.pass(paceMs);
  (await groups.change(3)).confirm('73');
  const ended = await ends(jobs, started);
  assert.equal(ended.state, 'done');
  assert.deepEqual(resultsOf(ended), ['done 71', 'failed not_group_admin', 'done 73']);
  assert.deepEqual(ended.createdAt, started.createdAt);
  assert.deepEqual(ended.finishedAt, new Date(started.createdAt.getTime() + 2 * paceMs));
});

test('a group that is named twice is changed once', async () => {
  await using shop = await startShop();
  const { groups, jobs } = shop;
  const started = await jobs.start([group(1), group(1)], jpeg);
  assert.deepEqual(resultsOf(started), ['waiting']);
  (await groups.change(1)).confirm('71');
  assert.deepEqual(resultsOf(await ends(jobs, started)), ['done 71']);
});

test('a job that is told to force it does', async () => {
  await using world = await openJobWorld();
  const { id, groups } = await world.instance();
  await using process = await world.start();
  await process.runner.of(id).start([group(1)], jpeg, { force: true });
  assert.equal((await groups.change(1)).force, true);
});

test('what may pass is tried again after the time asked for, and shown meanwhile', async () => {
  await using shop = await startShop();
  const { groups, clock, jobs } = shop;
  const started = await jobs.start([group(1)], jpeg);
  const pauseMs = 2 * paceMs;
  (await groups.change(1)).fail(
    new GatewayError('whatsapp_rate_limited', { retryAfterSeconds: pauseMs / 1_000 }),
  );
  await reaches(jobs, started, ['waiting whatsapp_rate_limited']);
  clock.pass(pauseMs - 1);
  await reaches(jobs, started, ['waiting whatsapp_rate_limited']);
  assert.equal(groups.asked.length, 1);
  clock.pass(1);
  const again = await groups.change(2);
  await reaches(jobs, started, ['running']);
  again.confirm('71');
  assert.deepEqual(resultsOf(await ends(jobs, started)), ['done 71']);
});

test('a group that goes on failing is given up, and the next one gets its attempts', async () => {
  await using shop = await startShop();
  const { groups, clock, jobs } = shop;
  const started = await jobs.start([group(1), group(2)], jpeg);
  for (let attempt = 1; attempt <= 5; attempt++) {
    (await groups.change(attempt)).fail(new GatewayError('whatsapp_timeout'));
    const now = attempt < 5 ? 'waiting' : 'failed';
    await reaches(jobs, started, [`${now} whatsapp_timeout`, 'waiting']);
    clock.pass(300_000);
  }
  (await groups.change(6)).fail(new GatewayError('overloaded'));
  await reaches(jobs, started, ['failed whatsapp_timeout', 'waiting overloaded']);
  clock.pass(paceMs);
  (await groups.change(7)).confirm('72');
  assert.deepEqual(resultsOf(await ends(jobs, started)), ['failed whatsapp_timeout', 'done 72']);
});

test('a mistake of our own is logged and tried again, and the job goes on', async () => {
  await using shop = await startShop();
  const { groups, clock, errors, jobs } = shop;
  const started = await jobs.start([group(1)], jpeg);
  (await groups.change(1)).fail(new TypeError('jpeg is not what it was'));
  const waiting = await reaches(jobs, started, ['waiting internal']);
  assert.doesNotMatch(waiting.results[0]?.failure?.message ?? '', /jpeg is not/);
  assert.match(errors.join(), /jpeg is not what it was/);
  clock.pass(paceMs);
  (await groups.change(2)).confirm('71');
  await ends(jobs, started);
});

test('without a connection a job waits as long as it takes, and says why', async () => {
  await using world = await openJobWorld();
  const instance = await world.instance();
  instance.offline = new GatewayError('not_connected');
  await using process = await world.start();
  const jobs = process.runner.of(instance.id);
  const started = await jobs.start([group(1), group(2)], jpeg);
  for (let looks = 0; looks < 20; looks++) {
    await reaches(jobs, started, ['waiting not_connected', 'waiting']);
    process.clock.pass(30_000);
  }
  assert.equal(instance.groups.asked.length, 0);

  await reaches(jobs, started, ['waiting not_connected', 'waiting']);
  instance.offline = undefined;
  process.clock.pass(30_000);
  (await instance.groups.change(1)).fail(new GatewayError('not_connected', { retryAfterSeconds: 1 }));
  await reaches(jobs, started, ['waiting not_connected', 'waiting']);
  process.clock.pass(paceMs);
  (await instance.groups.change(2)).confirm('71');
  await reaches(jobs, started, ['done 71', 'waiting']);
});

test('the jobs of an instance that is to be no more end, whatever they wait for, and those of others go on', async () => {
  await using world = await openJobWorld();
  const [deleted, other] = [await world.instance(), await world.instance()];
  deleted.offline = new GatewayError('not_connected');
  await using process = await world.start();
  const jobs = process.runner.of(deleted.id);
  const first = await jobs.start([group(1), group(2)], jpeg);
  await jobs.start([group(3)], jpeg);
  const ofOther = await process.runner.of(other.id).start([group(1)], jpeg);
  await reaches(jobs, first, ['waiting not_connected', 'waiting']);
  process.runner.abandon(deleted.id);
  await until('nothing waits but the daily tidying', () => process.clock.running === 1);
  assert.equal(deleted.groups.asked.length, 0);
  (await other.groups.change(1)).confirm('71');
  await ends(process.runner.of(other.id), ofOther);
});

test('a job waits for its number, and ends when another one is paired instead', async () => {
  await using world = await openJobWorld();
  const instance = await world.instance();
  await using process = await world.start();
  const jobs = process.runner.of(instance.id);
  const started = await jobs.start([group(1), group(2), group(3), group(4)], jpeg);
  (await instance.groups.change(1)).confirm('71');
  await reaches(jobs, started, ['done 71', 'waiting', 'waiting', 'waiting']);

  instance.offline = new GatewayError('not_connected');
  process.clock.pass(paceMs);
  await reaches(jobs, started, ['done 71', 'waiting not_connected', 'waiting', 'waiting']);
  instance.offline = undefined;
  process.clock.pass(30_000);
  (await instance.groups.change(2)).confirm('72');
  await reaches(jobs, started, ['done 71', 'done 72', 'waiting', 'waiting']);

  instance.phone = phone(2);
  process.clock.pass(paceMs);
  const ended = await ends(jobs, started);
  const failed = 'failed not_connected';
  assert.deepEqual(resultsOf(ended), ['done 71', 'done 72', failed, failed]);
  assert.match(ended.results[3]?.failure?.message ?? '', /another number/);
  assert.equal(instance.groups.asked.length, 2);

  const own = await jobs.start([group(3)], jpeg);
  (await instance.groups.change(3)).confirm('73');
  assert.deepEqual(resultsOf(await ends(jobs, own)), ['done 73']);
});

test('a job begins with a number, or not at all', async () => {
  await using world = await openJobWorld();
  const instance = await world.instance();
  instance.phone = undefined;
  await using process = await world.start();
  const jobs = process.runner.of(instance.id);
  await assert.rejects(jobs.start([group(1)], jpeg), isFailure('not_connected'));
  assert.deepEqual(await jobs.list(10), []);
});

test('a change waits for its turn behind other changes of its group', async () => {
  await using shop = await startShop();
  const { groups, jobs } = shop;
  const other = groups.takeTurn(group(1));
  const started = await jobs.start([group(1)], jpeg);
  await until('the job has taken its turn', () => groups.turnsTaken === 2);
  await reaches(jobs, started, ['waiting']);
  assert.equal(groups.asked.length, 0);
  other[Symbol.dispose]();
  const change = await groups.change(1);
  using next = groups.takeTurn(group(1));
  change.confirm('71');
  await next.arrived;
});

test('a job that is cancelled between two groups is over at once', async () => {
  await using shop = await startShop();
  const { groups, clock, jobs } = shop;
  const started = await jobs.start([group(1), group(2), group(3)], jpeg);
  (await groups.change(1)).confirm('71');
  await reaches(jobs, started, ['done 71', 'waiting', 'waiting']);
  clock.pass(1);

  const cancelled = await jobs.cancel(started.id);
  assert.equal(cancelled?.state, 'cancelled');
  assert.deepEqual(resultsOf(cancelled), ['done 71', 'cancelled', 'cancelled']);
  assert.deepEqual(cancelled?.finishedAt, new Date(started.createdAt.getTime() + 1));

  const next = await jobs.start([group(4)], jpeg);
  clock.pass(paceMs);
  assert.equal((await groups.change(2)).group, group(4));
  await reaches(jobs, next, ['running']);
});

test('a change that is under way is finished when its job is cancelled', async () => {
  await using shop = await startShop();
  const { groups, jobs } = shop;
  const started = await jobs.start([group(1), group(2)], jpeg);
  const change = await groups.change(1);
  const cancelled = await jobs.cancel(started.id);
  assert.equal(cancelled?.state, 'cancelled');
  assert.equal(cancelled?.finishedAt, undefined);
  assert.deepEqual(resultsOf(cancelled), ['running', 'cancelled']);
  change.confirm('71');
  const ended = await ends(jobs, started);
  assert.equal(ended.state, 'cancelled');
  assert.deepEqual(resultsOf(ended), ['done 71', 'cancelled']);
});

test('a change that fails after its job was cancelled is not tried again', async () => {
  await using shop = await startShop();
  const { groups, jobs } = shop;
  const started = await jobs.start([group(1), group(2)], jpeg);
  const change = await groups.change(1);
  await jobs.cancel(started.id);
  change.fail(new GatewayError('whatsapp_timeout'));
  assert.deepEqual(resultsOf(await ends(jobs, started)), ['failed whatsapp_timeout', 'cancelled']);
});

test('a group that waits to be tried again is cancelled with its job, and the next job need not wait', async () => {
  await using shop = await startShop();
  const { groups, clock, jobs } = shop;
  const started = await jobs.start([group(1)], jpeg);
  (await groups.change(1)).fail(new GatewayError('whatsapp_rate_limited', { retryAfterSeconds: 3_600 }));
  await reaches(jobs, started, ['waiting whatsapp_rate_limited']);
  const cancelled = await jobs.cancel(started.id);
  assert.deepEqual(resultsOf(cancelled), ['cancelled']);
  assert.notEqual(cancelled?.finishedAt, undefined);
  await jobs.start([group(2)], jpeg);
  clock.pass(paceMs);
  assert.equal((await groups.change(2)).group, group(2));
});

test('a job that waits for its turn is cancelled at once and gives the turn up', async () => {
  await using shop = await startShop();
  const { groups, jobs } = shop;
  const other = groups.takeTurn(group(1));
  const started = await jobs.start([group(1)], jpeg);
  await until('the job has taken its turn', () => groups.turnsTaken === 2);
  assert.deepEqual(resultsOf(await jobs.cancel(started.id)), ['cancelled']);
  other[Symbol.dispose]();
  using next = groups.takeTurn(group(1));
  await next.arrived;
  assert.equal(groups.asked.length, 0);
});

test('a job that waits behind another can be cancelled and is passed over', async () => {
  await using shop = await startShop();
  const { groups, clock, jobs } = shop;
  const first = await jobs.start([group(1)], jpeg);
  const second = await jobs.start([group(2)], jpeg);
  await jobs.start([group(3)], jpeg);
  const cancelled = await jobs.cancel(second.id);
  assert.deepEqual(resultsOf(cancelled), ['cancelled']);
  (await groups.change(1)).confirm('71');
  await ends(jobs, first);
  clock.pass(paceMs);
  assert.equal((await groups.change(2)).group, group(3));
});

test('a job that is done stays done when it is cancelled', async () => {
  await using shop = await startShop();
  const { groups, jobs } = shop;
  const started = await jobs.start([group(1)], jpeg);
  (await groups.change(1)).confirm('71');
  const ended = await ends(jobs, started);
  assert.deepEqual(await jobs.cancel(started.id), ended);
});

test('jobs of one instance follow each other at the same pace, and are listed newest first', async () => {
  await using shop = await startShop();
  const { groups, clock, jobs } = shop;
  const first = await jobs.start([group(1)], jpeg);
  const second = await jobs.start([group(2)], jpeg);
  const change = await groups.change(1);
  assert.deepEqual((await jobs.list(10)).map(resultsOf), [['waiting'], ['running']]);
  assert.deepEqual(
    (await jobs.list(10)).map((job) => job.id),
    [second.id, first.id],
  );
  change.confirm('71');
  await ends(jobs, first);
  clock.pass(paceMs - 1);
  await reaches(jobs, second, ['waiting']);
  assert.equal(groups.asked.length, 1);
  clock.pass(1);
  assert.equal((await groups.change(2)).group, group(2));
});

test('jobs of different instances run side by side, and none sees the jobs of another', async () => {
  await using world = await openJobWorld();
  const one = await world.instance();
  const other = await world.instance();
  await using process = await world.start();
  const jobsOfOne = process.runner.of(one.id);
  const jobsOfOther = process.runner.of(other.id);
  const ofOne = await jobsOfOne.start([group(1)], jpeg);
  const ofOther = await jobsOfOther.start([group(1)], jpeg);
  await one.groups.change(1);
  (await other.groups.change(1)).confirm('72');
  await ends(jobsOfOther, ofOther);

  assert.equal(await jobsOfOther.find(ofOne.id), undefined);
  assert.equal(await jobsOfOther.cancel(ofOne.id), undefined);
  assert.deepEqual((await jobsOfOther.list(10)).map(resultsOf), [['done 72']]);
  assert.deepEqual((await jobsOfOne.list(10)).map(resultsOf), [['running']]);
});

test('a job that there never was is neither found nor cancelled', async () => {
  await using shop = await startShop();
  const { jobs } = shop;
  const unknown = jobIdFrom('0b8f4c52-6d1e-4c0f-9a55-3f1f2a107f1c');
  assert.equal(await jobs.find(unknown), undefined);
  assert.equal(await jobs.cancel(unknown), undefined);
});

test('an instance has at most 100 unfinished jobs, however fast they come', async () => {
  await using world = await openJobWorld();
  const { id } = await world.instance();
  const other = await world.instance();
  await using process = await world.start();
  const jobs = process.runner.of(id);
  const outcomes = await Promise.allSettled(Array.from({ length: 101 }, () => jobs.start([group(1)], jpeg)));
  const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
  assert.equal(failed.length, 1);
  assert.ok(isFailure('rate_limited')(failed[0]?.reason));
  await process.runner.of(other.id).start([group(1)], jpeg);

  const [newest] = await jobs.list(10);
  assert.ok(newest);
  await jobs.cancel(newest.id);
  await jobs.start([group(1)], jpeg);
  await assert.rejects(jobs.start([group(1)], jpeg), isFailure('rate_limited'));
});

test('a finished job can be read for a week', async () => {
  await using shop = await startShop();
  const { groups, clock, jobs } = shop;
  const finished = await jobs.start([group(1)], jpeg);
  (await groups.change(1)).confirm('71');
  await ends(jobs, finished);
  clock.pass(6 * dayMs);
  const unfinished = await jobs.start([group(2)], jpeg);
  await groups.change(2);
  assert.ok(await jobs.find(finished.id));
  clock.pass(2 * dayMs);
  await until('the job is forgotten', async () => !(await jobs.find(finished.id)));
  await reaches(jobs, unfinished, ['running']);
});

/** An instance in a world and a process of its own, and its jobs. */
async function startShop() {
  await using parts = new AsyncDisposableStack();
  const world = parts.use(await openJobWorld());
  const { id, groups } = await world.instance();
  const { runner, clock } = parts.use(await world.start());
  const owned = parts.move();
  return {
    groups,
    clock,
    jobs: runner.of(id),
    errors: world.errors,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
