import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The photos that groups showed, and the bytes of pictures. `blob` is `bytea` in PostgreSQL. */
export const photoHistory: Migration = {
  async up(database) {
    await database.schema
      .createTable('picture')
      .addColumn('sha256', 'text', (column) => column.notNull().primaryKey())
      .addColumn('jpeg', 'blob', (column) => column.notNull())
      .modifyEnd(sql`strict`)
      .execute();

    await database.schema
      .createTable('group_photo')
      .addColumn('instance_id', 'text', (column) =>
        column.notNull().references('instance.id').onDelete('cascade'),
      )
      .addColumn('group_id', 'text', (column) => column.notNull())
      .addColumn('position', 'integer', (column) => column.notNull())
      .addColumn('picture_id', 'text')
      .addColumn('set_by', 'text')
      .addColumn('set_at', 'text')
      .addColumn('by_us', 'integer', (column) => column.notNull())
      .addColumn('restores', 'integer')
      .addColumn('sha256', 'text')
      .addColumn('size_bytes', 'integer')
      .addColumn('width', 'integer')
      .addColumn('height', 'integer')
      .addColumn('picture_sha256', 'text', (column) => column.references('picture.sha256'))
      .addPrimaryKeyConstraint('group_photo_primary_key', ['instance_id', 'group_id', 'position'])
      .addUniqueConstraint('group_photo_picture_id', ['instance_id', 'group_id', 'picture_id'])
      .modifyEnd(sql`strict, without rowid`)
      .execute();

    // Tells whether a picture is still needed.
    await database.schema
      .createIndex('group_photo_picture_sha256')
      .on('group_photo')
      .column('picture_sha256')
      .execute();
  },
};
