/**
 * A process for the crash tests: opens the data directory in its first argument, makes an instance, and changes the
 * photo of a group for ever: each round is a request with a key of its own, a photo of which three are kept, and a job
 * with another photo. Prints the instance's id, and then each round once all of it is reported as stored.
 */
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import {
  type GroupId,
  jobIdFrom,
  type PhoneNumber,
  parseGroupId,
  parsePhoneNumber,
  pictureIdFrom,
} from '../ids.ts';
import { openStorage } from './open-storage.ts';

const group = parseGroupId('120363019502650977') as GroupId;
const phone = parsePhoneNumber('5511999990001') as PhoneNumber;
const bytesOf = (text: string) => Buffer.from(`${text} `.repeat(5_000));
const storage = await openStorage({ dataDir: process.argv[2] ?? '' });
const { id: instance } = await storage.instances.create({ name: 'family' });
const photos = storage.photoHistory.photosOf(instance);
writeSync(1, `${instance}\n`);
for (let round = 1; ; round++) {
  const now = new Date();
  const key = { instance, key: `${round}` };
  const jpeg = bytesOf(`photo ${round}`);
  const sha256 = createHash('sha256').update(jpeg).digest('hex');
  const pictureId = pictureIdFrom(`${round}`);
  await storage.idempotentRequests.begin(key, {
    fingerprint: `${round}`,
    begunAt: now,
    expiredBefore: new Date(0),
  });
  await photos.add(
    group,
    {
      pictureId,
      setBy: undefined,
      setAt: now,
      byUs: true,
      restores: undefined,
      file: { sha256, sizeBytes: jpeg.length, width: 640, height: 640 },
    },
    { jpeg, keep: 3 },
  );
  const job = { id: jobIdFrom(`${round}`), phone, createdAt: now, groups: [group], force: false };
  await storage.photoJobs.add(instance, { ...job, jpeg: bytesOf(`job ${round}`) });
  await storage.photoJobs.record(job.id, group, { state: 'done', pictureId });
  await storage.photoJobs.finish(job.id, now);
  await storage.idempotentRequests.finish(key, `answer ${round}`);
  writeSync(1, `${round}\n`);
}
