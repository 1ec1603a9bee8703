import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { searchTextOf } from '../search-text.ts';

/** What instances are found by, in the form in which it is compared. */
export const instanceSearch: Migration = {
  async up(database: Kysely<{ instance: { id: string; name: string; search_text: string } }>) {
    await database.schema
      .alterTable('instance')
      .addColumn('search_text', 'text', (column) => column.notNull().defaultTo(''))
      .execute();
    for (const { id, name } of await database.selectFrom('instance').select(['id', 'name']).execute()) {
      await database
        .updateTable('instance')
        .set({ search_text: searchTextOf(`${id}\n${name}`) })
        .where('id', '=', id)
        .execute();
    }
  },
};
