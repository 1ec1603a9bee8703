import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The jobs that change the photos of many groups, and how far they are. */
export const photoJobs: Migration = {
  async up(database) {
    await database.schema
      .createTable('photo_job')
      .addColumn('id', 'text', (column) => column.notNull().primaryKey())
      .addColumn('instance_id', 'text', (column) =>
        column.notNull().references('instance.id').onDelete('cascade'),
      )
      .addColumn('position', 'integer', (column) => column.notNull())
      .addColumn('phone', 'text', (column) => column.notNull())
      .addColumn('picture_sha256', 'text', (column) => column.references('picture.sha256'))
      .addColumn('force', 'integer', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('created_at', 'text', (column) => column.notNull())
      .addColumn('finished_at', 'text')
      .addUniqueConstraint('photo_job_position', ['instance_id', 'position'])
      .modifyEnd(sql`strict`)
      .execute();

    await database.schema
      .createTable('photo_job_group')
      .addColumn('job_id', 'text', (column) =>
        column.notNull().references('photo_job.id').onDelete('cascade'),
      )
      .addColumn('position', 'integer', (column) => column.notNull())
      .addColumn('group_id', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('picture_id', 'text')
      .addColumn('failure', 'text')
      .addPrimaryKeyConstraint('photo_job_group_primary_key', ['job_id', 'position'])
      .modifyEnd(sql`strict, without rowid`)
      .execute();

    await database.schema
      .createIndex('photo_job_finished_at')
      .on('photo_job')
      .column('finished_at')
      .execute();
    await database.schema
      .createIndex('photo_job_picture_sha256')
      .on('photo_job')
      .column('picture_sha256')
      .execute();
  },
};
