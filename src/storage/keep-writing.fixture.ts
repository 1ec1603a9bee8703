/**
 * A process for the crash tests: opens the data directory in its first argument, makes an instance, and rewrites three
 * of its keys for ever. Prints the instance's id, and then the number of each write once it is reported as stored.
 */
import { writeSync } from 'node:fs';
import { openStorage } from './open-storage.ts';

const storage = await openStorage({ dataDir: process.argv[2] ?? '' });
const { id } = await storage.instances.create({ name: 'family' });
const keys = storage.sessionKeys.keysOf(id);
writeSync(1, `${id}\n`);
for (let round = 1; ; round++) {
  const value = `${round}`;
  await keys.write([
    { type: 'creds', id: 'creds', value },
    { type: 'session', id: '5511999990001.0', value },
    { type: 'pre-key', id: '1', value },
  ]);
  writeSync(1, `${value}\n`);
}
