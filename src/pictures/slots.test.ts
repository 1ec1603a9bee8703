import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Slots } from './slots.ts';

/** A task that ends when it is told to. */
class Task {
  readonly begun = Promise.withResolvers<void>();
  readonly result = Promise.withResolvers<string>();

  readonly run = () => {
    this.begun.resolve();
    return this.result.promise;
  };
}

test('no more tasks run than there are slots, and the others follow in their order', async () => {
  const slots = new Slots({ count: 2, queueLimit: 10 });
  const tasks = [new Task(), new Task(), new Task(), new Task()] as const;
  const begun: number[] = [];
  for (const [index, task] of tasks.entries()) void task.begun.promise.then(() => begun.push(index));
  const results = tasks.map((task) => slots.run(task.run));

  await tasks[1].begun.promise;
  assert.deepEqual(begun, [0, 1]);
  tasks[1].result.resolve('second');
  await tasks[2].begun.promise;
  assert.deepEqual(begun, [0, 1, 2]);
  tasks[2].result.resolve('third');
  await tasks[3].begun.promise;
  tasks[0].result.resolve('first');
  tasks[3].result.resolve('fourth');
  assert.deepEqual(await Promise.all(results), ['first', 'second', 'third', 'fourth']);
});

test('a task that fails leaves its slot to the next', async () => {
  const slots = new Slots({ count: 1, queueLimit: 1 });
  const [failing, next] = [new Task(), new Task()];
  const results = [slots.run(failing.run), slots.run(next.run)];
  failing.result.reject(new Error('no photo today'));
  next.result.resolve('next');
  await assert.rejects(results[0] as Promise<string>, /no photo today/);
  assert.equal(await results[1], 'next');
});

test('when the queue is full, the next one is told to come back', async () => {
  const slots = new Slots({ count: 1, queueLimit: 1 });
  const [running, waiting, refused, later] = [new Task(), new Task(), new Task(), new Task()];
  const results = [slots.run(running.run), slots.run(waiting.run)];
  await assert.rejects(slots.run(refused.run), { code: 'overloaded', status: 503, retryAfterSeconds: 2 });

  running.result.resolve('running');
  await waiting.begun.promise; // there is room in the queue again
  results.push(slots.run(later.run));
  const soon = await Promise.race([later.begun.promise.then(() => 'begun'), nextTurn('waits')]);
  assert.equal(soon, 'waits'); // the slot was handed on, not doubled
  waiting.result.resolve('waiting');
  later.result.resolve('later');
  assert.deepEqual(await Promise.all(results), ['running', 'waiting', 'later']);
});
