import type { InstanceId } from '../ids.ts';
import type { Instance } from '../instance.ts';
import type { House, Rooms } from './house.ts';
import { writeInstanceFile } from './instance-file.ts';
import type { InstanceRecord } from './instance-record.ts';
import { MovingError } from './moving-error.ts';

interface ExportOptions {
  readonly id: InstanceId;
  /** The file to write; it is not there yet. */
  readonly path: string;
  readonly passphrase: string;
  readonly now: Date;
}

/**
 * Writes an instance with its keys and photos to a file, and marks it as moved: from then on it is to connect elsewhere.
 * The mark is set when the file is on the disk.
 *
 * Errors: `MovingError` when it cannot be exported (see `instanceToExport`), or the file cannot be written.
 */
export async function exportInstance(
  house: House,
  { id, path, passphrase, now }: ExportOptions,
): Promise<{ instance: Instance; keyCount: number; photoCount: number }> {
  const instance = await instanceToExport(house, id);
  const counts = { key: 0, photo: 0, instance: 0 };
  async function* counted(): AsyncGenerator<InstanceRecord> {
    yield { kind: 'instance', instance, exportedAt: now };
    for await (const record of belongingsOf(house, id)) {
      counts[record.kind] += 1;
      yield record;
    }
  }
  await writeInstanceFile(path, counted(), passphrase);
  await house.instances.update(id, { movedAt: now });
  return { instance, keyCount: counts.key, photoCount: counts.photo };
}

/**
 * The instance with this id, which is here to be exported.
 *
 * Errors: `MovingError` when there is no such instance, or it has moved already.
 */
export async function instanceToExport({ instances }: Rooms, id: InstanceId): Promise<Instance> {
  const instance = await instances.find(id);
  if (!instance) throw new MovingError(`There is no instance ${id} in this data directory.`);
  if (instance.movedAt) {
    throw new MovingError(
      `Instance ${id} was exported before, at ${instance.movedAt.toISOString()}: where it was imported it has other keys by now. If it was imported nowhere, start the gateway and call "restart" of the instance; then it can be exported again.`,
    );
  }
  return instance;
}

async function* belongingsOf(
  { sessionKeys, photoHistory }: Rooms,
  id: InstanceId,
): AsyncGenerator<InstanceRecord> {
  for (const key of await sessionKeys.allOf(id)) yield { kind: 'key', ...key };
  const photos = photoHistory.photosOf(id);
  const written = new Set<string>();
  for (const group of await photoHistory.groupsOf(id)) {
    const entries = await photos.entries(group);
    for (const { position: _, restores, ...change } of entries) {
      const { sha256 = '' } = change.file ?? {};
      const jpeg = await photos.bytes(sha256);
      const isFirst = !written.has(sha256);
      if (jpeg) written.add(sha256);
      yield {
        kind: 'photo',
        group,
        change: { ...change, restores: placeAmong(entries, restores) },
        isKept: jpeg !== undefined,
        jpeg: isFirst ? jpeg : undefined,
      };
    }
  }
}

/** Which one it is, from 1: the first entries of a long history may be gone, and the rest is counted anew. */
function placeAmong(entries: readonly { position: number }[], position: number | undefined) {
  const index = entries.findIndex((entry) => entry.position === position);
  return index < 0 ? undefined : index + 1;
}
