import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobIdFrom, pictureIdFrom } from '../ids.ts';
import type { PhotoJob } from '../photo-jobs.ts';
import { withCurrentGroup } from './current-group.ts';
import { group } from './job-world.fixture.ts';

const id = jobIdFrom('0b8f4c52-6d1e-4c0f-9a55-3f1f2a107f1c');
const waiting = { state: 'waiting', pictureId: undefined, failure: undefined } as const;
const kept: PhotoJob = {
  id,
  state: 'running',
  createdAt: new Date(0),
  finishedAt: undefined,
  results: [
    { group: group(1), state: 'done', pictureId: pictureIdFrom('71'), failure: undefined },
    { group: group(2), ...waiting },
    { group: group(3), ...waiting },
  ],
};
const running = { state: 'running', failure: undefined } as const;

test('a job shows the state of the group that it is at', () => {
  const failure = { code: 'overloaded', message: 'Try again shortly.' } as const;
  const shown = withCurrentGroup(kept, { job: id, group: group(2), state: 'waiting', failure });
  assert.deepEqual(shown, {
    ...kept,
    results: [kept.results[0], { ...kept.results[1], failure }, kept.results[2]],
  });
});

test('a group whose outcome is kept shows that', () => {
  assert.deepEqual(withCurrentGroup(kept, { job: id, group: group(1), ...running }), kept);
});

test('a job shows nothing of the group that another job is at, nor when none is at one', () => {
  const other = jobIdFrom('5f0c1d7e-1f7c-4e38-9a0b-2f62c7b6a001');
  assert.equal(withCurrentGroup(kept, { job: other, group: group(2), ...running }), kept);
  assert.equal(withCurrentGroup(kept, undefined), kept);
});
