import type { InstanceId } from '../ids.ts';
import type { Instance } from '../instance.ts';
import type { KeyChange } from '../whatsapp/whatsapp.ts';
import type { House, Rooms } from './house.ts';
import { readInstanceFile } from './instance-file.ts';
import type { InstanceRecord } from './instance-record.ts';
import { MovingError } from './moving-error.ts';

interface ImportOptions {
  readonly path: string;
  readonly passphrase: string;
  /** Another name for the instance; default: the one it has. */
  readonly name?: string | undefined;
}

/**
 * Takes in the instance of a file that `exportInstance` wrote, with the id and the token that it had. All of it is kept,
 * or nothing. An instance that had moved away from here, and comes home, replaces what was left of it.
 *
 * Errors: `MovingError` when the file cannot be used (see `readInstanceFile`), or the instance is here and has not moved.
 */
export function importInstance(
  house: House,
  { path, passphrase, name }: ImportOptions,
): Promise<{ instance: Instance; isHome: boolean; keyCount: number; photoCount: number }> {
  return readInstanceFile(path, passphrase, (records) =>
    house.inOneTransaction(async (rooms) => {
      const all = records[Symbol.asyncIterator]();
      const first = (await all.next()).value as InstanceRecord | undefined;
      if (first?.kind !== 'instance') throw new MovingError('The file holds no instance.');
      const instance = { ...first.instance, name: name ?? first.instance.name };
      const isHome = await makeRoom(rooms, instance);
      await rooms.instances.restore(instance);
      const counts = await unpack(rooms, instance.id, { [Symbol.asyncIterator]: () => all });
      return { instance, isHome, ...counts };
    }),
  );
}

/** Makes a new instance with keys that came from elsewhere. It is there with all of them, or not at all. */
export function importKeys(
  house: House,
  { name, keys }: { readonly name: string; readonly keys: readonly KeyChange[] },
): Promise<Instance> {
  return house.inOneTransaction(async ({ instances, sessionKeys }) => {
    const instance = await instances.create({ name });
    await sessionKeys.keysOf(instance.id).write(keys);
    return instance;
  });
}

async function makeRoom({ instances }: Rooms, { id }: Instance): Promise<boolean> {
  const before = await instances.find(id);
  if (!before) return false;
  if (!before.movedAt) {
    throw new MovingError(
      `Instance ${id} is here already, and has not moved away. Delete it first if the one of the file is to take its place.`,
    );
  }
  await instances.remove(id);
  return true;
}

/** How many keys are written in one go. */
const keysAtOnce = 1_000;
/** More than is ever kept of a group: what is too much goes when the gateway starts. */
const keepAll = 10_000;

async function unpack(
  { sessionKeys, photoHistory }: Rooms,
  id: InstanceId,
  records: AsyncIterable<InstanceRecord>,
): Promise<{ keyCount: number; photoCount: number }> {
  const store = sessionKeys.keysOf(id);
  const photos = photoHistory.photosOf(id);
  let [keyCount, photoCount] = [0, 0];
  let keys: KeyChange[] = [];
  for await (const record of records) {
    if (record.kind === 'instance') throw new MovingError('The file holds more than one instance.');
    if (record.kind === 'key') {
      keys.push(record);
      keyCount += 1;
      if (keys.length < keysAtOnce) continue;
      await store.write(keys);
      keys = [];
      continue;
    }
    const { group, change, isKept } = record;
    const kept = isKept && change.file ? await photos.bytes(change.file.sha256) : undefined;
    await photos.add(group, change, { jpeg: record.jpeg ?? kept, keep: keepAll });
    photoCount += 1;
  }
  await store.write(keys);
  return { keyCount, photoCount };
}
