import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The newest version of WhatsApp Web that was ever seen: one row. */
export const whatsappVersion: Migration = {
  async up(database) {
    await database.schema
      .createTable('whatsapp_version')
      .addColumn('id', 'text', (column) => column.notNull().primaryKey())
      .addColumn('version', 'text', (column) => column.notNull())
      .modifyEnd(sql`strict, without rowid`)
      .execute();
  },
};
