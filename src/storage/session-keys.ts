import type { CompiledQuery, Kysely, Transaction } from 'kysely';
import type { InstanceId } from '../ids.ts';
import type { KeyChange, KeyStore } from '../whatsapp/whatsapp.ts';
import type { GroupedCommits } from './grouped-commits.ts';
import { inSlices } from './in-slices.ts';
import { placeOf } from './places.ts';
import type { SecretBox } from './secret-box.ts';
import type { Tables } from './tables.ts';
import { Turns } from './turns.ts';

/** A key that is there. */
interface StoredKey extends KeyChange {
  readonly value: string;
}

/** What the sessions of all instances must remember: credentials and Signal keys, encrypted. */
export class SessionKeys {
  readonly #database: Kysely<Tables>;
  readonly #commits: GroupedCommits;
  readonly #box: SecretBox;
  readonly #readTurns = new Turns();
  /** Apart from the others: whoever writes has the database, and all wait for it. */
  readonly #writeTurns = new Turns();
  /** By the number of their rows. */
  readonly #upserts = new Map<number, CompiledQuery>();

  constructor(parts: { database: Kysely<Tables>; commits: GroupedCommits; box: SecretBox }) {
    this.#database = parts.database;
    this.#commits = parts.commits;
    this.#box = parts.box;
  }

  /** The keys of one instance, which must exist. */
  keysOf(instance: InstanceId): KeyStore {
    return {
      read: (type, ids) => this.#read(instance, type, ids),
      write: (changes) => this.#write(instance, changes),
      clear: () =>
        this.#commits.run(async (transaction) => {
          await transaction.deleteFrom('session_key').where('instance_id', '=', instance).execute();
        }),
    };
  }

  /** All keys of one instance, by their type and id. */
  async allOf(instance: InstanceId): Promise<StoredKey[]> {
    const rows = await this.#database
      .selectFrom('session_key')
      .select(['type', 'id', 'sealed_value'])
      .where('instance_id', '=', instance)
      .orderBy('type')
      .orderBy('id')
      .execute();
    return rows.map(({ type, id, sealed_value }) => ({
      type,
      id,
      value: this.#box.open(sealed_value, placeOf.sessionKey(instance, type, id)),
    }));
  }

  async #read(instance: InstanceId, type: string, ids: readonly string[]): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (const some of inSlices(ids)) {
      const rows = await this.#database
        .selectFrom('session_key')
        .select(['id', 'sealed_value'])
        .where('instance_id', '=', instance)
        .where('type', '=', type)
        .where('id', 'in', some)
        .execute();
      for await (const slice of this.#readTurns.slices(rows, rowsPerTurn)) {
        for (const { id, sealed_value } of slice) {
          found.set(id, this.#box.open(sealed_value, placeOf.sessionKey(instance, type, id)));
        }
      }
    }
    return found;
  }

  async #write(instance: InstanceId, changes: readonly KeyChange[]): Promise<void> {
    // A key that is changed twice has its last value: PostgreSQL refuses to write a row twice in one statement.
    const last = new Map(changes.map((change) => [`${change.type}/${change.id}`, change]));
    const kept: StoredKey[] = [];
    const removed = new Map<string, string[]>();
    for (const { type, id, value } of last.values()) {
      if (value === null) {
        const ids = removed.get(type);
        if (ids) ids.push(id);
        else removed.set(type, [id]);
      } else {
        kept.push({ type, id, value });
      }
    }
    await this.#commits.run(async (transaction) => {
      for await (const slice of this.#writeTurns.slices(kept, rowsPerTurn)) {
        const rows = slice.map((key) => this.#rowOf(instance, key));
        await transaction.executeQuery(this.#upsertOf(transaction, rows));
      }
      for (const [type, ids] of removed) {
        for (const some of inSlices(ids)) {
          await transaction
            .deleteFrom('session_key')
            .where('instance_id', '=', instance)
            .where('type', '=', type)
            .where('id', 'in', some)
            .execute();
        }
      }
    });
  }

  #rowOf(instance: InstanceId, { type, id, value }: StoredKey): Tables['session_key'] {
    const sealed_value = this.#box.sealToBytes(value, placeOf.sessionKey(instance, type, id));
    return { instance_id: instance, type, id, sealed_value };
  }

  /** The statement that writes these rows. To compile it costs more than to run it, so it is done once for each number. */
  #upsertOf(transaction: Transaction<Tables>, rows: readonly Tables['session_key'][]): CompiledQuery {
    let query = this.#upserts.get(rows.length);
    if (!query) {
      query = transaction
        .insertInto('session_key')
        .columns(['instance_id', 'type', 'id', 'sealed_value'])
        .values(rows.map(() => anyRow))
        .onConflict((conflict) =>
          conflict
            .columns(['instance_id', 'type', 'id'])
            .doUpdateSet((row) => ({ sealed_value: row.ref('excluded.sealed_value') })),
        )
        .compile();
      this.#upserts.set(rows.length, query);
    }
    const parameters: unknown[] = [];
    for (const row of rows) parameters.push(row.instance_id, row.type, row.id, row.sealed_value);
    return { ...query, parameters };
  }
}

/** Stands for each row in the statements that are kept: these hold on to what they were made of. */
const anyRow: Tables['session_key'] = { instance_id: '', type: '', id: '', sealed_value: new Uint8Array() };

/** How many are written, or opened, at a time: between two slices the event loop has time for others. */
const rowsPerTurn = 100;
