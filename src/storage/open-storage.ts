import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Secret } from '../secret.ts';
import { type Account, type AccountTokens, openAccount } from './account.ts';
import { GroupedCommits } from './grouped-commits.ts';
import { IdempotentRequests } from './idempotent-requests.ts';
import { inDataDirectory } from './in-data-directory.ts';
import { Instances } from './instances.ts';
import { openDatabase } from './open-database.ts';
import { openSecretBox } from './open-secret-box.ts';
import { PhotoHistory } from './photo-history.ts';
import { SessionKeys } from './session-keys.ts';
import { StoredPhotoJobs } from './stored-photo-jobs.ts';
import type { Tables } from './tables.ts';
import { WhatsAppVersion } from './whatsapp-version.ts';

/** What the gateway keeps. Disposing it finishes the writes under way and gives the data directory free. */
export interface Storage extends AsyncDisposable {
  readonly instances: Instances;
  readonly sessionKeys: SessionKeys;
  readonly photoHistory: PhotoHistory;
  readonly photoJobs: StoredPhotoJobs;
  readonly idempotentRequests: IdempotentRequests;
  readonly whatsappVersion: WhatsAppVersion;
  /**
   * Carries out `work` in one transaction: all that it writes with what it is handed is kept when it resolves, and none
   * of it when it rejects. The rest of the storage has to wait meanwhile, also for what `work` itself asks of it.
   */
  inOneTransaction<Result>(work: (within: WithinTransaction) => Promise<Result>): Promise<Result>;
  /** See `openAccount`. */
  openAccount(preset: AccountTokens): Promise<{ account: Account; made: AccountTokens }>;
  /** Whether the database can be read, and written as far as is known: it is tried when the last write has failed. */
  isReachable(): Promise<boolean>;
}

/** What can be written together. */
export type WithinTransaction = Pick<Storage, 'instances' | 'sessionKeys' | 'photoHistory'>;

/**
 * Opens a data directory, for this process alone: `pombo.db` (SQLite), `secret.key` (the key of what is encrypted in
 * it, unless `secretKey` gives another: 64 hex digits) and `pombo.lock`. What is not there is made, for its owner's
 * eyes only.
 *
 * Errors: `StorageError`, whatever the reason.
 */
export function openStorage(options: { dataDir: string; secretKey?: Secret | undefined }): Promise<Storage> {
  return inDataDirectory(options.dataDir, () => open(options));
}

async function open({ dataDir, secretKey }: Parameters<typeof openStorage>[0]): Promise<Storage> {
  await using parts = new AsyncDisposableStack();
  const { database } = parts.use(await openDatabase(dataDir));
  const box = await openSecretBox(database, { dataDir, secretKey });
  const commits = parts.use(new GroupedCommits(database));
  const owned = parts.move();
  return {
    instances: new Instances({ database, commits, box }),
    sessionKeys: new SessionKeys({ database, commits, box }),
    photoHistory: new PhotoHistory({ database, commits }),
    photoJobs: new StoredPhotoJobs({ database, commits }),
    idempotentRequests: new IdempotentRequests({ commits, box }),
    whatsappVersion: new WhatsAppVersion({ database, commits }),
    inOneTransaction: (work) =>
      database.transaction().execute((transaction) => {
        const within = { database: transaction, commits: new GroupedCommits(transaction), box };
        return work({
          instances: new Instances(within),
          sessionKeys: new SessionKeys(within),
          photoHistory: new PhotoHistory(within),
        });
      }),
    openAccount: (preset) => openAccount(database, preset),
    isReachable: () => isReachable(database, commits),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function isReachable(database: Kysely<Tables>, commits: GroupedCommits): Promise<boolean> {
  try {
    await database.selectFrom('account').select('id').execute();
    if (commits.areFailing) await tryToWrite(commits);
    return true;
  } catch {
    return false; // whatever the reason: it is what is asked here
  }
}

/**
 * Writes something and removes it again. Less would find room where the next write finds none: a full disk has some
 * left in the files. In two commits, because SQLite does not write what is gone at the end of one.
 */
async function tryToWrite(commits: GroupedCommits): Promise<void> {
  const probe = { sha256: 'probe', jpeg: randomBytes(256 * 1024) };
  await commits.run(async (transaction) => {
    await transaction
      .insertInto('picture')
      .values(probe)
      .onConflict((conflict) => conflict.column('sha256').doUpdateSet({ jpeg: probe.jpeg }))
      .execute();
  });
  await commits.run(async (transaction) => {
    await transaction.deleteFrom('picture').where('sha256', '=', probe.sha256).execute();
  });
}
