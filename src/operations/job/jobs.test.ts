import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GroupId, jobIdFrom } from '../../ids.ts';
import type { InstanceContext } from '../../operation.ts';
import type { PhotoJob } from '../../photo-jobs.ts';
import { jobs } from './jobs.ts';

test('the list of jobs stays short: the newest 100, with their progress and without a result for each group', async () => {
  const kept = Array.from({ length: 120 }, (_, index): PhotoJob => {
    const results = Array.from({ length: 1_000 }, () => ({
      group: '120363019502650977@g.us' as GroupId,
      state: 'waiting' as const,
      pictureId: undefined,
      failure: undefined,
    }));
    const id = jobIdFrom(`job-${index}`);
    return { id, state: 'running', createdAt: new Date(), finishedAt: undefined, results };
  });
  const photoJobs = {
    list: async (atMost: number) => kept.slice(0, atMost),
  } as unknown as InstanceContext['photoJobs'];
  const answer = await jobs.handle({}, { photoJobs } as InstanceContext);
  assert.deepEqual(
    answer.jobs.map(({ id }) => id),
    kept.slice(0, 100).map(({ id }) => id),
  );
  assert.equal(answer.jobs[0]?.progress.waiting, 1_000);
  assert.ok(!JSON.stringify(answer).includes('results'));
});
