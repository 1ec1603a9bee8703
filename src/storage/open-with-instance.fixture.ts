import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { InstanceId } from '../ids.ts';
import { openStorage, type Storage } from './open-storage.ts';

interface Opened extends AsyncDisposable {
  readonly storage: Storage;
  readonly dataDir: string;
  /** The instance. */
  readonly id: InstanceId;
}

/** A storage in a directory of its own, with one instance. */
export async function openWithInstance(): Promise<Opened> {
  await using parts = new AsyncDisposableStack();
  const { path: dataDir } = parts.use(await mkdtempDisposable(join(tmpdir(), 'pombo-storage-')));
  const storage = parts.use(await openStorage({ dataDir }));
  const { id } = await storage.instances.create({ name: 'family' });
  const owned = parts.move();
  return { storage, dataDir, id, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** The hashes of the pictures whose bytes are on the disk, as another program sees them. */
export function picturesIn(dataDir: string): string[] {
  using database = new DatabaseSync(join(dataDir, 'pombo.db'), { readOnly: true });
  return database
    .prepare('select sha256 from picture order by sha256')
    .all()
    .map(({ sha256 }) => String(sha256));
}
