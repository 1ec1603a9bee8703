import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { sealedBytesOf } from '../secret-box.ts';

interface Key {
  instance_id: string;
  type: string;
  id: string;
}

interface Tables {
  session_key: Key & { sealed_value: string };
  session_key_as_bytes: Key & { sealed_value: Uint8Array };
}

/**
 * Keys as bytes, in a table of SQLite's usual kind. Base64 took a third more room; and rows of some hundred bytes are
 * too large for the tree of a primary key: to write one cost nearly twice of what it costs beside it.
 */
export const sessionKeysAsBytes: Migration = {
  async up(database: Kysely<Tables>) {
    await database.schema
      .createTable('session_key_as_bytes')
      .addColumn('instance_id', 'text', (column) =>
        column.notNull().references('instance.id').onDelete('cascade'),
      )
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('sealed_value', 'blob', (column) => column.notNull())
      .addPrimaryKeyConstraint('session_key_as_bytes_primary_key', ['instance_id', 'type', 'id'])
      .modifyEnd(sql`strict`)
      .execute();
    const instances = await database.selectFrom('session_key').select('instance_id').distinct().execute();
    for (const { instance_id } of instances) {
      const rows = await database
        .selectFrom('session_key')
        .selectAll()
        .where('instance_id', '=', instance_id)
        .execute();
      for (const row of rows) {
        await database
          .insertInto('session_key_as_bytes')
          .values({ ...row, sealed_value: sealedBytesOf(row.sealed_value) })
          .execute();
      }
    }
    await database.schema.dropTable('session_key').execute();
    await database.schema.alterTable('session_key_as_bytes').renameTo('session_key').execute();
  },
};
