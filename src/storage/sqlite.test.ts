import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Kysely, sql } from 'kysely';
import { openSqlite } from './sqlite.ts';

test('a transaction that fills the disk fails with that reason, changes nothing, and the next one works', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'pombo-sqlite-'));
  await using _cleanUp = { [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) };
  const database = new Kysely<{ note: { text: string } }>({
    dialect: openSqlite(join(directory, 'test.db')),
  });
  await sql`create table note (text text not null)`.execute(database);
  await sql`pragma max_page_count = 10`.execute(database);
  const write = (...texts: string[]) =>
    database.transaction().execute(async (transaction) => {
      for (const text of texts) await transaction.insertInto('note').values({ text }).execute();
    });

  await assert.rejects(write('first', 'x'.repeat(100_000)), /full/);
  await write('second');
  const notes = await database.selectFrom('note').selectAll().execute();
  assert.deepEqual(
    notes.map(({ text }) => text),
    ['second'],
  );
  await database.destroy();
});
