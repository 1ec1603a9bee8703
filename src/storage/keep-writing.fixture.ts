/**
 * A process for the crash tests: opens the data directory in its first argument, makes an instance, and writes its keys
 * for ever. Each write moves on from the keys of the round before to those of the next, in a hundred types, which are
 * as many statements. Prints the instance's id, and then each round once it is reported as stored.
 */
import { writeSync } from 'node:fs';
import { openStorage } from './open-storage.ts';

const storage = await openStorage({ dataDir: process.argv[2] ?? '' });
const { id } = await storage.instances.create({ name: 'family' });
const keys = storage.sessionKeys.keysOf(id);
writeSync(1, `${id}\n`);
for (let round = 1; ; round++) {
  const changes = Array.from({ length: 100 }, (_, index) => [
    { type: `type-${index}`, id: `${round}`, value: 'x' },
    { type: `type-${index}`, id: `${round - 1}`, value: null },
  ]);
  await keys.write([{ type: 'creds', id: 'creds', value: `${round}` }, ...changes.flat()]);
  writeSync(1, `${round}\n`);
}
