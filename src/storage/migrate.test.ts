import assert from 'node:assert/strict';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { instanceIdFrom } from '../ids.ts';
import { Secret } from '../secret.ts';
import { accountsInstancesSessionKeys } from './migrations/0001-accounts-instances-session-keys.ts';
import { openStorage } from './open-storage.ts';
import { SecretBox } from './secret-box.ts';
import { openSqlite } from './sqlite.ts';

const key = 'ab'.repeat(32);
const box = new SecretBox(Buffer.from(key, 'hex'));
const id = instanceIdFrom('0123456789ABCDEF0123456789ABCDEF');

/** A data directory as the code left it that knew the first migration only. */
async function writeFirstVersion(dataDir: string): Promise<void> {
  const path = join(dataDir, 'pombo.db');
  const database = new Kysely<unknown>({ dialect: openSqlite(path) });
  const migrations = { '0001-accounts-instances-session-keys': accountsInstancesSessionKeys };
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  await database.destroy();
  assert.equal(error, undefined);

  using file = new DatabaseSync(path);
  const createdAt = '2026-01-02T03:04:05.678Z';
  file.prepare('insert into secret_key values (1, ?)').run(box.seal('pombo', 'secret_key/1'));
  file
    .prepare(`insert into instance values (?, 'Família', ?, '{"callRejectAuto":true}', ?)`)
    .run(id, box.seal('a-token', `instance/${id}/token`), createdAt);
  file
    .prepare(`insert into session_key values (?, 'creds', 'creds', ?)`)
    .run(id, box.seal('paired', `session_key/${id}/creds/creds`));
}

test('a database of the first version is brought up to date and keeps what it holds', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'pombo-migrate-'));
  await writeFirstVersion(directory.path);

  await using storage = await openStorage({ dataDir: directory.path, secretKey: new Secret(key) });
  assert.deepEqual(await storage.instances.list(), [
    {
      id,
      name: 'Família',
      token: 'a-token',
      subscription: { state: 'active', withCalls: false },
      proxy: undefined,
      movedAt: undefined,
      createdAt: new Date('2026-01-02T03:04:05.678Z'),
      settings: { callRejectAuto: true },
    },
  ]);
  const creds = await storage.sessionKeys.keysOf(id).read('creds', ['creds']);
  assert.equal(creds.get('creds'), 'paired');

  // What came later works for the instance that was there before.
  const { total } = await storage.instances.page({ page: 1, pageSize: 10, query: 'familia' });
  assert.equal(total, 1);
  const now = new Date();
  const request = { fingerprint: 'a', begunAt: now, expiredBefore: new Date(0) };
  assert.equal(await storage.idempotentRequests.begin({ instance: id, key: 'k' }, request), undefined);
  assert.deepEqual(await storage.photoJobs.list(id, 10), []);
});
