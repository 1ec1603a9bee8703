import type { Migration } from 'kysely/migration';

/** What instances can be told beyond their creation: a subscription, a proxy, and that they have moved away. */
export const instanceSettings: Migration = {
  async up(database) {
    await database.schema
      .alterTable('instance')
      .addColumn('subscription', 'text', (column) =>
        column.notNull().defaultTo('{"state":"active","withCalls":false}'),
      )
      .execute();
    await database.schema.alterTable('instance').addColumn('sealed_proxy', 'text').execute();
    await database.schema.alterTable('instance').addColumn('moved_at', 'text').execute();
  },
};
