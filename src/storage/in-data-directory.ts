import { StorageError } from '../storage-error.ts';

/** Does something in a data directory, and makes a `StorageError` that names it of whatever goes wrong. */
export async function inDataDirectory<Result>(dataDir: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof StorageError) throw cause;
    const { message } = cause as Error;
    throw new StorageError(`The data directory ${dataDir} cannot be used: ${message}.`, { cause });
  }
}
