import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { openWithInstance } from './open-with-instance.fixture.ts';
import { sealedColumns } from './seal-again.ts';

test('a change of the key reaches every column that holds something sealed', async () => {
  await using opened = await openWithInstance();
  using database = new DatabaseSync(join(opened.dataDir, 'pombo.db'), { readOnly: true });
  const inTheSchema = database
    .prepare(
      `select t.name || '.' || c.name as name from sqlite_schema t, pragma_table_info(t.name) c
       where t.type = 'table' and c.name like 'sealed\\_%' escape '\\' order by 1`,
    )
    .all();
  assert.deepEqual(
    sealedColumns.map(({ table, column }) => `${table}.${column}`).sort(),
    inTheSchema.map(({ name }) => name),
  );
});
