import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * The first tables: the account, its instances, and what their sessions must remember. What `modifyEnd` adds is
 * SQLite's own; all else is the same in PostgreSQL.
 */
export const accountsInstancesSessionKeys: Migration = {
  async up(database) {
    await database.schema
      .createTable('account')
      .addColumn('id', 'text', (column) => column.notNull().primaryKey())
      .addColumn('client_token_hash', 'text', (column) => column.notNull())
      .addColumn('partner_token_hash', 'text', (column) => column.notNull())
      .addColumn('created_at', 'text', (column) => column.notNull())
      .modifyEnd(sql`strict`)
      .execute();

    await database.schema
      .createTable('instance')
      .addColumn('id', 'text', (column) => column.notNull().primaryKey())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('sealed_token', 'text', (column) => column.notNull())
      .addColumn('settings', 'text', (column) => column.notNull())
      .addColumn('created_at', 'text', (column) => column.notNull())
      .modifyEnd(sql`strict`)
      .execute();

    await database.schema
      .createTable('secret_key')
      .addColumn('version', 'integer', (column) => column.notNull().primaryKey())
      .addColumn('sealed_check', 'text', (column) => column.notNull())
      .modifyEnd(sql`strict`)
      .execute();

    await database.schema
      .createTable('session_key')
      .addColumn('instance_id', 'text', (column) =>
        column.notNull().references('instance.id').onDelete('cascade'),
      )
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('sealed_value', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('session_key_primary_key', ['instance_id', 'type', 'id'])
      // The rows live in the primary key's tree: one page to find and write where a row id would cost two.
      .modifyEnd(sql`strict, without rowid`)
      .execute();
  },
};
