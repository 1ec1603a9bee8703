/** Folders of a benchmark: empty ones, and data directories that were prepared. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStorage } from '../src/storage/open-storage.ts';
import { AuthState } from '../src/whatsapp/baileys/auth-state.ts';
import { deviceFrom } from './linked-device.ts';

/** A folder that is gone when this process is. */
interface Folder extends Disposable {
  readonly path: string;
}

/** A data directory with instances that are linked. */
interface DataFolder extends Folder {
  readonly instances: readonly { readonly id: string; readonly token: string }[];
}

export function temporaryFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'pombo-bench-'));
  const remove = () => rmSync(path, { recursive: true, force: true });
  process.once('exit', remove);
  return {
    path,
    [Symbol.dispose]() {
      process.removeListener('exit', remove);
      remove();
    },
  };
}

/** A data directory with an instance for each of these devices. */
export async function dataFolderWith(devices: readonly string[]): Promise<DataFolder> {
  const folder = temporaryFolder();
  await using storage = await openStorage({ dataDir: folder.path });
  const instances = await Promise.all(
    devices.map(async (text, index) => {
      const { creds, preKeys } = deviceFrom(text);
      const { id, token } = await storage.instances.create({ name: `Instance ${index + 1}`, settings: {} });
      const auth = new AuthState(storage.sessionKeys.keysOf(id), creds, true);
      await Promise.all([auth.saveCreds(), auth.keys.set({ 'pre-key': preKeys })]);
      return { id, token };
    }),
  );
  return { ...folder, instances };
}
