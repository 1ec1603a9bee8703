import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jpegOf } from '../../simulator/groups/jpeg-of.ts';
import { startPhotoWorld } from '../../test/photo-world.ts';
import { ends, openJobWorld, paceMs, reaches, resultsOf } from './job-world.fixture.ts';

test('groups of the simulated WhatsApp are changed over a restart, and a cancelled job leaves the rest', async () => {
  await using whatsapp = await startPhotoWorld();
  await using world = await openJobWorld();
  const { photos } = whatsapp;
  const { id: instance } = await world.instance();
  const [family, locked, work] = [
    whatsapp.newGroup(),
    whatsapp.newGroup({ locked: true, owner: 'bob' }),
    whatsapp.newGroup(),
  ];
  const [red, blue] = [await jpegOf(640, 640, '#c00'), await jpegOf(640, 640, '#00c')];

  const before = await world.start({ photos });
  const reds = await before.runner.of(instance).start([family.id, locked.id, work.id], red);
  const first = await reaches(before.runner.of(instance), reds, [/^done \d+$/, 'waiting', 'waiting']);
  assert.equal(first.results[0]?.pictureId, family.group.picture?.id);
  assert.deepEqual(family.group.picture?.jpeg, red);
  await before[Symbol.asyncDispose]();

  await using process = await world.start({ photos });
  const jobs = process.runner.of(instance);
  await reaches(jobs, reds, [/^done/, 'failed not_group_admin', 'waiting']);
  assert.equal(locked.group.picture, undefined);
  process.clock.pass(paceMs);
  const done = await ends(jobs, reds);
  assert.equal(done.results[0]?.pictureId, first.results[0]?.pictureId);
  assert.equal(done.results[2]?.pictureId, work.group.picture?.id);
  assert.deepEqual(work.group.picture?.jpeg, red);

  const blues = await jobs.start([family.id, work.id], blue);
  process.clock.pass(paceMs);
  await reaches(jobs, blues, [/^done/, 'waiting']);
  assert.deepEqual(resultsOf(await jobs.cancel(blues.id))?.at(1), 'cancelled');
  assert.deepEqual(family.group.picture?.jpeg, blue);
  assert.deepEqual(work.group.picture?.jpeg, red);
});
