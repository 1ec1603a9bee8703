import { inDataDirectory } from './in-data-directory.ts';
import { databasePathIn, sizeOf } from './open-database.ts';

/** Whether there is a database in this data directory, which is not made for the question. Errors: `StorageError`. */
export const hasDatabase = (dataDir: string): Promise<boolean> =>
  inDataDirectory(dataDir, async () => (await sizeOf(databasePathIn(dataDir))) !== undefined);
