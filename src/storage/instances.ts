import { randomBytes } from 'node:crypto';
import type { Kysely, Selectable } from 'kysely';
import { type InstanceId, instanceIdFrom } from '../ids.ts';
import type { Instance } from '../operation.ts';
import type { SecretBox } from './secret-box.ts';
import type { Tables } from './tables.ts';

/** The instances, their tokens encrypted. */
export class Instances {
  readonly #database: Kysely<Tables>;
  readonly #box: SecretBox;

  constructor(parts: { database: Kysely<Tables>; box: SecretBox }) {
    this.#database = parts.database;
    this.#box = parts.box;
  }

  /** A new instance with an id and a token of its own, 32 upper-case hex digits each, as Z-API's. */
  async create({ name, ...settings }: { name: string } & Instance['settings']): Promise<Instance> {
    const id = instanceIdFrom(randomHex());
    const token = randomHex();
    const createdAt = new Date();
    await this.#database
      .insertInto('instance')
      .values({
        id,
        name,
        sealed_token: this.#box.seal(token, tokenPlaceOf(id)),
        settings: JSON.stringify(settings),
        created_at: createdAt.toISOString(),
      })
      .execute();
    return { id, name, token, createdAt, settings };
  }

  async find(id: InstanceId): Promise<Instance | undefined> {
    const row = await this.#database
      .selectFrom('instance')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && this.#instanceFrom(row);
  }

  /** All instances, oldest first. */
  async list(): Promise<Instance[]> {
    const rows = await this.#database
      .selectFrom('instance')
      .selectAll()
      .orderBy('created_at')
      .orderBy('id')
      .execute();
    return rows.map((row) => this.#instanceFrom(row));
  }

  #instanceFrom(row: Selectable<Tables['instance']>): Instance {
    const id = instanceIdFrom(row.id);
    return {
      id,
      name: row.name,
      token: this.#box.open(row.sealed_token, tokenPlaceOf(id)),
      createdAt: new Date(row.created_at),
      settings: JSON.parse(row.settings),
    };
  }
}

const randomHex = (): string => randomBytes(16).toString('hex').toUpperCase();

const tokenPlaceOf = (id: InstanceId): string => `instance/${id}/token`;
