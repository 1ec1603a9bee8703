import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../errors.ts';
import type { PhotoJob } from '../photo-jobs.ts';
import {
  ends,
  group,
  jpeg,
  openJobWorld,
  paceMs,
  reaches,
  resultsOf,
  storeWith,
  until,
} from './job-world.fixture.ts';

test('after a kill a job goes on: what is done stays, what was under way is made again', async () => {
  await using world = await openJobWorld();
  const { id, groups } = await world.instance();
  await using killed = await world.start(); // it is not disposed before the next one has done its work
  const started = await killed.runner.of(id).start([group(1), group(2), group(3)], jpeg, { force: true });
  (await groups.change(1)).confirm('71');
  await reaches(killed.runner.of(id), started, ['done 71', 'waiting', 'waiting']);
  killed.clock.pass(paceMs);
  await groups.change(2);

  await using next = await world.start();
  const jobs = next.runner.of(id);
  const again = await groups.change(3);
  assert.equal(again.group, group(2));
  assert.deepEqual(Buffer.from(again.jpeg), jpeg);
  assert.equal(again.force, true);
  await reaches(jobs, started, ['done 71', 'running', 'waiting']);
  again.confirm('72');
  await reaches(jobs, started, ['done 71', 'done 72', 'waiting']);
  next.clock.pass(paceMs);
  (await groups.change(4)).confirm('73');
  const ended = await ends(jobs, started);
  assert.equal(ended.state, 'done');
  assert.deepEqual(resultsOf(ended), ['done 71', 'done 72', 'done 73']);
});

test('a job that only lacked its end gets it after a kill', async () => {
  await using world = await openJobWorld();
  const { id, groups } = await world.instance();
  await using killed = await world.start({
    store: storeWith(world.store, { finish: () => new Promise<never>(() => {}) }),
  });
  const started = await killed.runner.of(id).start([group(1)], jpeg);
  (await groups.change(1)).confirm('71');
  await reaches(killed.runner.of(id), started, ['done 71']);

  await using next = await world.start();
  const ended = await ends(next.runner.of(id), started);
  assert.equal(ended.state, 'done');
  assert.equal(groups.asked.length, 1);
});

test('the jobs of an instance keep their order over a restart', async () => {
  await using world = await openJobWorld();
  const { id, groups } = await world.instance();
  const other = await world.instance();
  const started: PhotoJob[] = [];
  {
    await using before = await world.start();
    for (let number = 1; number <= 5; number++) {
      started.push(await before.runner.of(id).start([group(number)], jpeg));
    }
    await before.runner.of(other.id).start([group(6)], jpeg);
  }
  const askedBefore = groups.asked.length;
  await using process = await world.start();
  await other.groups.change(1);
  for (const [index, job] of started.entries()) {
    const change = await groups.change(askedBefore + index + 1);
    assert.equal(change.group, job.results[0]?.group);
    change.confirm('71');
    await ends(process.runner.of(id), job);
    process.clock.pass(paceMs);
  }
});

test('the end of the process waits for nothing, and no group fails because of it', async () => {
  await using world = await openJobWorld();
  const process = await world.start();
  const start = async (offline?: GatewayError) => {
    const instance = await world.instance();
    instance.offline = offline;
    const jobs = process.runner.of(instance.id);
    return { instance, jobs, job: await jobs.start([group(1), group(2)], jpeg) };
  };
  const pausing = await start();
  (await pausing.instance.groups.change(1)).confirm('71');
  await reaches(pausing.jobs, pausing.job, ['done 71', 'waiting']);

  const retrying = await start();
  (await retrying.instance.groups.change(1)).fail(new GatewayError('overloaded'));
  await reaches(retrying.jobs, retrying.job, ['waiting overloaded', 'waiting']);

  const offline = await start(new GatewayError('not_connected'));
  await reaches(offline.jobs, offline.job, ['waiting not_connected', 'waiting']);

  const inLine = await world.instance();
  using _held = inLine.groups.takeTurn(group(1));
  const jobInLine = await process.runner.of(inLine.id).start([group(1), group(2)], jpeg);
  await until('the job has taken its turn', () => inLine.groups.turnsTaken === 2);

  await process.runner[Symbol.asyncDispose](); // and no time passes
  assert.equal(process.clock.running, 0);
  const kept = await Promise.all([
    pausing.jobs.find(pausing.job.id),
    retrying.jobs.find(retrying.job.id),
    offline.jobs.find(offline.job.id),
    process.runner.of(inLine.id).find(jobInLine.id),
  ]);
  assert.deepEqual(kept.map(resultsOf), [
    ['done 71', 'waiting'],
    ['waiting', 'waiting'],
    ['waiting', 'waiting'],
    ['waiting', 'waiting'],
  ]);
  for (const job of kept) assert.equal(job?.state, 'running');
});

test('a change that is confirmed while the process ends is noted, and no other begins', async () => {
  await using world = await openJobWorld();
  const { id, groups } = await world.instance();
  const process = await world.start();
  const started = await process.runner.of(id).start([group(1), group(2)], jpeg);
  const change = await groups.change(1);
  const closed = process.runner[Symbol.asyncDispose]();
  change.confirm('71');
  await closed;
  assert.deepEqual(resultsOf(await world.store.find(id, started.id)), ['done 71', 'waiting']);
  assert.equal(groups.asked.length, 1);
});

test('a change that fails while the process ends is left to the next one', async () => {
  await using world = await openJobWorld();
  const { id, groups } = await world.instance();
  const process = await world.start();
  const started = await process.runner.of(id).start([group(1)], jpeg);
  const change = await groups.change(1);
  const closed = process.runner[Symbol.asyncDispose]();
  change.fail(new GatewayError('not_group_member'));
  await closed;
  assert.deepEqual(resultsOf(await world.store.find(id, started.id)), ['waiting']);

  await using next = await world.start();
  (await groups.change(2)).confirm('71');
  await ends(next.runner.of(id), started);
});

test('a change without an answer holds the end of the process up for a second only', async () => {
  await using world = await openJobWorld();
  const { id, groups } = await world.instance();
  const process = await world.start();
  const started = await process.runner.of(id).start([group(1)], jpeg);
  await groups.change(1);
  const closed = process.runner[Symbol.asyncDispose]();
  process.clock.pass(1_000);
  await closed;
  assert.deepEqual(resultsOf(await world.store.find(id, started.id)), ['waiting']);
});

test('of a job that was cancelled before a kill, only the change under way is finished', async () => {
  await using world = await openJobWorld();
  const { id, groups } = await world.instance();
  await using killed = await world.start();
  const started = await killed.runner.of(id).start([group(1), group(2)], jpeg);
  await groups.change(1);
  await killed.runner.of(id).cancel(started.id);

  await using next = await world.start();
  const jobs = next.runner.of(id);
  (await groups.change(2)).confirm('71');
  const ended = await ends(jobs, started);
  assert.equal(ended.state, 'cancelled');
  assert.deepEqual(resultsOf(ended), ['done 71', 'cancelled']);
});

test('of a job that was cancelled before a kill, a change that cannot be finished now fails', async () => {
  await using world = await openJobWorld();
  const instance = await world.instance();
  await using killed = await world.start();
  const started = await killed.runner.of(instance.id).start([group(1), group(2)], jpeg);
  await instance.groups.change(1);
  await killed.runner.of(instance.id).cancel(started.id);

  instance.offline = new GatewayError('not_connected');
  await using next = await world.start();
  const ended = await ends(next.runner.of(instance.id), started);
  assert.equal(ended.state, 'cancelled');
  assert.deepEqual(resultsOf(ended), ['failed not_connected', 'cancelled']);
});
