import type { InstanceId } from '../ids.ts';
import type { Instance } from '../instance.ts';
import type { KeyChange } from '../whatsapp/whatsapp.ts';
import type { House, Rooms } from './house.ts';
import { readInstanceFile } from './instance-file.ts';
import type { InstanceRecord } from './instance-record.ts';
import { type DeviceOf, instanceOfDevice } from './linked-devices.ts';
import { MovingError } from './moving-error.ts';

interface Arrival {
  /** Another name for the instance. */
  readonly name?: string | undefined;
  /** Whether it takes the place of an instance that is here: the same one, or one that is the same linked device. */
  readonly replace: boolean;
  readonly deviceOf: DeviceOf;
}

interface FileArrival extends Arrival {
  readonly path: string;
  readonly passphrase: string;
}

interface KeysArrival extends Arrival {
  /** What it is called when it is new and has no other name. */
  readonly defaultName: string;
  readonly keys: readonly KeyChange[];
  /** The linked device that the keys are of, as `deviceOf` tells it. */
  readonly device: string;
}

interface Imported {
  readonly instance: Instance;
  /** Whether it took its own place: it had moved away from here, or was replaced. */
  readonly isHome: boolean;
  /** The other instance that was the same linked device, and was replaced. */
  readonly twin: Instance | undefined;
  readonly keyCount: number;
  readonly photoCount: number;
}

/**
 * Takes in the instance of a file that `exportInstance` wrote, with the id and the token that it had. All of it is kept,
 * or nothing. An instance that had moved away from here, and comes home, replaces what was left of it.
 *
 * Errors: `MovingError` when the file cannot be used (see `readInstanceFile`); and unless it replaces them, when the
 * instance is here and has not moved, when it left here no sooner than the file was made, or when another one here is
 * the same linked device.
 */
export function importInstance(
  house: House,
  { path, passphrase, name, replace, deviceOf }: FileArrival,
): Promise<Imported> {
  return readInstanceFile(path, passphrase, (records) =>
    house.inOneTransaction(async (rooms) => {
      const all = records[Symbol.asyncIterator]();
      const first = (await all.next()).value as InstanceRecord | undefined;
      if (first?.kind !== 'instance') throw new MovingError('The file holds no instance.');
      const instance = { ...first.instance, name: name ?? first.instance.name };
      const before = await rooms.instances.find(instance.id);
      if (before && !replace) refuseUnlessComingHome(before, first.exportedAt);
      if (before) await rooms.instances.remove(before.id);
      const others = await rooms.instances.list();
      await rooms.instances.restore(instance);
      const counts = await unpack(rooms, instance.id, { [Symbol.asyncIterator]: () => all });
      const device = await deviceOf(rooms.sessionKeys.keysOf(instance.id));
      const twin = device && (await instanceOfDevice(rooms, others, { device, deviceOf }));
      if (twin && !replace) throw new MovingError(`${sameDevice(twin)} ${inPlaceOfTwin(twin)}`);
      if (twin) await rooms.instances.remove(twin.id);
      return { instance, isHome: before !== undefined, twin: twin || undefined, ...counts };
    }),
  );
}

/**
 * Makes an instance of keys that came from elsewhere; or gives them to the instance here that is the same linked device,
 * when they replace its own. They are there all, or not at all.
 *
 * Errors: `MovingError` when an instance here is the same linked device, and the keys do not replace its own.
 */
export function importKeys(
  house: House,
  { name, defaultName, keys, device, deviceOf, replace }: KeysArrival,
): Promise<{ instance: Instance; isReplaced: boolean }> {
  return house.inOneTransaction(async (rooms) => {
    const { instances, sessionKeys } = rooms;
    const twin = await instanceOfDevice(rooms, await instances.list(), { device, deviceOf });
    if (twin && !replace) throw new MovingError(`${sameDevice(twin)} ${keysForTwin}`);
    const kept = twin && (await instances.update(twin.id, { name: name ?? twin.name, movedAt: undefined }));
    const instance = kept ?? (await instances.create({ name: name ?? defaultName }));
    const store = sessionKeys.keysOf(instance.id);
    await store.clear();
    await store.write(keys);
    return { instance, isReplaced: kept !== undefined };
  });
}

function refuseUnlessComingHome({ id, movedAt }: Instance, exportedAt: Date): void {
  if (!movedAt) {
    throw new MovingError(
      `Instance ${id} is here already, and has not moved away. Import with --replace to put the one of the file in its place, without telling WhatsApp. Mind that the keys of the file may be older than those here: with old keys it cannot read what it is written.`,
    );
  }
  if (movedAt.getTime() === exportedAt.getTime()) {
    throw new MovingError(
      `The file was exported from here. To take instance ${id} back without it, start the gateway and call "restart" of the instance. If it was somewhere else meanwhile, the keys of the file are old: take the export of that place. To import the file all the same, use --replace.`,
    );
  }
  if (exportedAt < movedAt) {
    throw new MovingError(
      `The file was exported at ${exportedAt.toISOString()}, before instance ${id} left here, at ${movedAt.toISOString()}: its keys are old. Take the export of the place where the instance is now. To import the file all the same, use --replace.`,
    );
  }
}

const sameDevice = ({ id, name, movedAt }: Instance): string =>
  `Instance ${id} ("${name}") is the same linked device${movedAt ? ', and has moved away' : ''}: with the same keys twice, one throws the other out and takes its messages.`;

const inPlaceOfTwin = ({ id }: Instance): string =>
  `Import with --replace to put the one of the file in its place; ${id}, its address and its photos are gone then. Mind that the keys of the file may be older than those here.`;

const keysForTwin =
  'Import with --replace to give it these keys in place of its own, with its id and token as they are. Mind that they may be older than those here.';

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
