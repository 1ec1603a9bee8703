import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The requests that are to be carried out once, however often they are sent. */
export const idempotentRequests: Migration = {
  async up(database) {
    await database.schema
      .createTable('idempotent_request')
      .addColumn('instance_id', 'text', (column) =>
        column.notNull().references('instance.id').onDelete('cascade'),
      )
      .addColumn('key_hash', 'text', (column) => column.notNull())
      .addColumn('fingerprint', 'text', (column) => column.notNull())
      .addColumn('sealed_answer', 'text')
      .addColumn('begun_at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('idempotent_request_primary_key', ['instance_id', 'key_hash'])
      .modifyEnd(sql`strict, without rowid`)
      .execute();

    await database.schema
      .createIndex('idempotent_request_begun_at')
      .on('idempotent_request')
      .column('begun_at')
      .execute();
  },
};
