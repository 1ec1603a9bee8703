/**
 * A process for the test of full disks: opens the data directory in its first argument, and writes to it until there
 * is no room. Prints what it sees then; once there is room again, which a line on its input says, it does so again.
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { openStorage } from './open-storage.ts';

const storage = await openStorage({ dataDir: process.argv[2] ?? '' });
const { id } = await storage.instances.create({ name: 'family' });
const keys = storage.sessionKeys.keysOf(id);
const value = 'x'.repeat(50_000);
let written = 0;

async function write(): Promise<string | undefined> {
  const round = `${written + 1}`;
  try {
    await keys.write([
      { type: 'small', id: round, value: 'x' },
      { type: 'large', id: round, value },
    ]);
    written++;
    return undefined;
  } catch (error) {
    return `${error}`;
  }
}

async function report(failure: string | undefined): Promise<void> {
  const stored = await storage.sessionKeys.allOf(id);
  const count = (type: string) => stored.filter((key) => key.type === type).length;
  const isReachable = await storage.isReachable();
  const seen = { failure, isReachable, written, small: count('small'), large: count('large') };
  writeSync(1, `${JSON.stringify(seen)}\n`);
}

let failure: string | undefined;
while (failure === undefined) failure = await write();
await report(failure);
for await (const _line of createInterface({ input: process.stdin })) {
  await storage.isReachable(); // tries to write, and finds that it works
  await report(await write());
}
