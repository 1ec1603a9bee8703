import type { Kysely } from 'kysely';
import type { WebVersion, WebVersionStore } from '../whatsapp/web-version.ts';
import type { GroupedCommits } from './grouped-commits.ts';
import type { Tables } from './tables.ts';

/** There is one for the whole gateway. */
const id = 'web';

/** Keeps the newest version of WhatsApp Web that was ever seen. */
export class WhatsAppVersion implements WebVersionStore {
  readonly #database: Kysely<Tables>;
  readonly #commits: GroupedCommits;

  constructor({ database, commits }: { database: Kysely<Tables>; commits: GroupedCommits }) {
    this.#database = database;
    this.#commits = commits;
  }

  async read(): Promise<WebVersion | undefined> {
    const row = await this.#database
      .selectFrom('whatsapp_version')
      .select('version')
      .where('id', '=', id)
      .executeTakeFirst();
    const [major, minor, revision] = row?.version.split('.').map(Number) ?? [];
    return major === undefined || minor === undefined || revision === undefined
      ? undefined
      : [major, minor, revision];
  }

  async write(version: WebVersion): Promise<void> {
    const columns = { version: version.join('.') };
    await this.#commits.run(async (transaction) => {
      await transaction
        .insertInto('whatsapp_version')
        .values({ id, ...columns })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(columns))
        .execute();
    });
  }
}
