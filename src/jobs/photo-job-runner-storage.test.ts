import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobStore } from './job-store.ts';
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

/** A database that fails as long as `isFull`, in the one method that is named. */
function failing(store: JobStore, method: keyof JobStore) {
  const trouble = { isFull: true, failures: 0 };
  const troubled = storeWith(store, {
    [method]: (...input: unknown[]) => {
      if (!trouble.isFull) return Reflect.apply(store[method], store, input);
      trouble.failures++;
      return Promise.reject(new Error('database or disk is full'));
    },
  });
  return { trouble, store: troubled };
}

test('a result that cannot be kept is kept later, and its group is not changed again', async () => {
  await using world = await openJobWorld();
  const { id, groups } = await world.instance();
  const { trouble, store } = failing(world.store, 'record');
  await using process = await world.start({ store });
  const jobs = process.runner.of(id);
  const started = await jobs.start([group(1), group(2)], jpeg);
  (await groups.change(1)).confirm('71');
  await until('keeping the result has failed', () => trouble.failures === 1);
  process.clock.pass(10_000);
  await until('keeping the result has failed again', () => trouble.failures === 2);
  assert.match(world.errors.join(), /database or disk is full/);
  trouble.isFull = false;
  process.clock.pass(10_000);
  await reaches(jobs, started, ['done 71', 'waiting']);
  process.clock.pass(paceMs);
  (await groups.change(2)).confirm('72');
  assert.deepEqual(resultsOf(await ends(jobs, started)), ['done 71', 'done 72']);
});

for (const method of ['order', 'finish'] as const) {
  test(`a job goes on when the database does again (${method})`, async () => {
    await using world = await openJobWorld();
    const { id, groups } = await world.instance();
    const { trouble, store } = failing(world.store, method);
    await using process = await world.start({ store });
    const jobs = process.runner.of(id);
    const started = await jobs.start([group(1)], jpeg);
    if (method === 'finish') (await groups.change(1)).confirm('71');
    await until('the database has failed', () => trouble.failures === 1);
    trouble.isFull = false;
    process.clock.pass(10_000);
    if (method === 'order') (await groups.change(1)).confirm('71');
    const ended = await ends(jobs, started);
    assert.equal(ended.state, 'done');
    assert.deepEqual(resultsOf(ended), ['done 71']);
  });
}

test('cancelling that cannot be kept is told to the caller, and kept when the database can', async () => {
  await using world = await openJobWorld();
  const { id, groups } = await world.instance();
  const { trouble, store } = failing(world.store, 'cancel');
  await using process = await world.start({ store });
  const jobs = process.runner.of(id);
  const running = await jobs.start([group(1), group(2)], jpeg);
  const inLine = await jobs.start([group(3)], jpeg);
  const change = await groups.change(1);
  await assert.rejects(jobs.cancel(running.id), /database or disk is full/);
  await assert.rejects(jobs.cancel(inLine.id), /database or disk is full/);
  trouble.isFull = false;
  change.confirm('71');
  assert.deepEqual(resultsOf(await ends(jobs, running)), ['done 71', 'cancelled']);
  assert.deepEqual(resultsOf(await ends(jobs, inLine)), ['cancelled']);
  assert.equal(groups.asked.length, 1);
});

test('a job that cannot be kept does not begin, and takes no place', async () => {
  await using world = await openJobWorld();
  const { id, groups } = await world.instance();
  const { trouble, store } = failing(world.store, 'add');
  await using process = await world.start({ store });
  const jobs = process.runner.of(id);
  for (let time = 0; time < 100; time++) {
    await assert.rejects(jobs.start([group(1)], jpeg), /database or disk is full/);
  }
  trouble.isFull = false;
  await jobs.start([group(2)], jpeg);
  assert.equal((await groups.change(1)).group, group(2));
});

test('finished jobs that cannot be removed are removed a day later', async () => {
  await using world = await openJobWorld();
  const { id, groups } = await world.instance();
  const { trouble, store } = failing(world.store, 'removeFinished');
  await using process = await world.start({ store });
  const jobs = process.runner.of(id);
  const started = await jobs.start([group(1)], jpeg);
  (await groups.change(1)).confirm('71');
  await ends(jobs, started);
  for (let day = 1; day <= 8; day++) {
    await until('removing has failed', () => trouble.failures === day);
    process.clock.pass(86_400_000);
  }
  await until('removing has failed', () => trouble.failures === 9);
  trouble.isFull = false;
  process.clock.pass(86_400_000);
  await until('the job is forgotten', async () => !(await jobs.find(started.id)));
});

test('a database that fails does not hold up the end of the process', async () => {
  await using world = await openJobWorld();
  const { id, groups } = await world.instance();
  const { trouble, store } = failing(world.store, 'record');
  const process = await world.start({ store });
  await process.runner.of(id).start([group(1)], jpeg);
  (await groups.change(1)).confirm('71');
  await until('keeping the result has failed', () => trouble.failures === 1);
  await process.runner[Symbol.asyncDispose](); // and no time passes
  assert.equal(process.clock.running, 0);
});
