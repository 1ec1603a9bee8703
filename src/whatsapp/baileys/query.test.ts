import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import sharp from 'sharp';
import { startFamily } from './test-family.fixture.ts';

/** As large as photos get: noise does not compress. */
const largeJpeg = () =>
  sharp(randomBytes(300 * 300 * 3), { raw: { width: 300, height: 300, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer();

test('large photos that are sent at the same time, among other requests, each arrive whole', async () => {
  await using world = await startFamily();
  const { simulator, whatsapp, family, alice, bob } = world;
  const work = simulator.createGroup({ subject: 'work', owner: alice, participants: [bob] });
  const [first, second] = await Promise.all([largeJpeg(), largeJpeg()]);
  assert.ok(first.length > 65_536 && second.length > 65_536);
  const workId = (await whatsapp.groups()).find(({ subject }) => subject === 'work')?.id;
  assert.ok(workId);
  const [, shown] = await Promise.all([
    whatsapp.setGroupPhoto(family.id, first),
    whatsapp.group(family.id),
    whatsapp.setGroupPhoto(workId, second),
    whatsapp.groups(),
  ]);
  assert.equal(shown.id, family.id);
  assert.deepEqual((await bob.photoOf(family.group.id))?.bytes, first);
  assert.deepEqual((await bob.photoOf(work.id))?.bytes, second);
});
