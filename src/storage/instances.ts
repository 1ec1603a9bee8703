import { randomBytes } from 'node:crypto';
import { type Kysely, type Selectable, type SelectQueryBuilder, sql, type Transaction } from 'kysely';
import { type InstanceId, instanceIdFrom } from '../ids.ts';
import type { Instance, InstanceChange, InstancePage, Subscription } from '../instance.ts';
import { StorageError } from '../storage-error.ts';
import type { GroupedCommits } from './grouped-commits.ts';
import { removeUnusedPictures } from './kept-pictures.ts';
import { placeOf } from './places.ts';
import { searchTextOf } from './search-text.ts';
import type { SecretBox } from './secret-box.ts';
import type { Tables } from './tables.ts';

/** The instances, their tokens and proxies encrypted. */
export class Instances {
  readonly #database: Kysely<Tables>;
  readonly #commits: GroupedCommits;
  readonly #box: SecretBox;

  constructor(parts: { database: Kysely<Tables>; commits: GroupedCommits; box: SecretBox }) {
    this.#database = parts.database;
    this.#commits = parts.commits;
    this.#box = parts.box;
  }

  /** A new instance with an id and a token of its own, 32 upper-case hex digits each, as Z-API's. */
  async create({
    name,
    settings = {},
  }: Pick<Instance, 'name'> & Partial<Pick<Instance, 'settings'>>): Promise<Instance> {
    const instance: Instance = {
      id: instanceIdFrom(randomHex()),
      token: randomHex(),
      name,
      settings,
      createdAt: new Date(),
      subscription: newSubscription,
      proxy: undefined,
      movedAt: undefined,
    };
    await this.restore(instance);
    return instance;
  }

  /**
   * Keeps an instance that exists already, as another gateway knew it.
   *
   * Errors: `StorageError` when the id is taken; nothing is changed then.
   */
  async restore(instance: Instance): Promise<void> {
    const row = this.#rowOf(instance);
    const isAdded = await this.#commits.run(async (transaction) => {
      const added = await transaction
        .insertInto('instance')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doNothing())
        .returning('id')
        .executeTakeFirst();
      return added !== undefined;
    });
    if (!isAdded) throw new StorageError(`There is an instance ${instance.id} already.`);
  }

  async find(id: InstanceId): Promise<Instance | undefined> {
    const row = await rowWith(this.#database, id);
    return row && this.#instanceFrom(row);
  }

  /** All instances, oldest first. */
  async list(): Promise<Instance[]> {
    const rows = await oldestFirst(this.#database.selectFrom('instance')).execute();
    return rows.map((row) => this.#instanceFrom(row));
  }

  /** One page of those that fit, oldest first, and how many fit altogether. */
  async page({ page, pageSize, query }: InstancePage): Promise<{ instances: Instance[]; total: number }> {
    const fitting = this.#database
      .selectFrom('instance')
      .$if(query !== undefined, (instances) => instances.where(contains(query ?? '')));
    const { total } = await fitting
      .select(({ fn }) => fn.countAll<number | string>().as('total')) // PostgreSQL counts in texts
      .executeTakeFirstOrThrow();
    const rows = await oldestFirst(fitting)
      .limit(pageSize)
      .offset((page - 1) * pageSize)
      .execute();
    return { instances: rows.map((row) => this.#instanceFrom(row)), total: Number(total) };
  }

  /** Changes an instance, and gives what it comes to; `undefined` when it is not there any more. */
  update(id: InstanceId, change: InstanceChange): Promise<Instance | undefined> {
    return this.#commits.run(async (transaction) => {
      const row = await rowWith(transaction, id);
      if (!row) return undefined;
      const after = changed(this.#instanceFrom(row), change);
      await transaction.updateTable('instance').set(this.#rowOf(after)).where('id', '=', id).execute();
      return after;
    });
  }

  /** Forgets an instance with all that was kept of it. */
  async remove(id: InstanceId): Promise<void> {
    await this.#commits.run(async (transaction) => {
      const ofGroups = await transaction
        .selectFrom('group_photo')
        .select('picture_sha256')
        .where('instance_id', '=', id)
        .execute();
      const ofJobs = await transaction
        .selectFrom('photo_job')
        .select('picture_sha256')
        .where('instance_id', '=', id)
        .execute();
      await transaction.deleteFrom('instance').where('id', '=', id).execute(); // its rows elsewhere go with it
      const pictures = [...ofGroups, ...ofJobs].map(({ picture_sha256 }) => picture_sha256);
      await removeUnusedPictures(transaction, pictures);
    });
  }

  #rowOf(instance: Instance): Tables['instance'] {
    const { id, name, proxy } = instance;
    return {
      id,
      name,
      search_text: searchTextOf(`${id}\n${name}`),
      sealed_token: this.#box.seal(instance.token, placeOf.instanceToken(id)),
      settings: JSON.stringify(instance.settings),
      subscription: JSON.stringify(instance.subscription),
      sealed_proxy: proxy ? this.#box.seal(JSON.stringify(proxy), placeOf.instanceProxy(id)) : null,
      moved_at: instance.movedAt?.toISOString() ?? null,
      created_at: instance.createdAt.toISOString(),
    };
  }

  #instanceFrom(row: Selectable<Tables['instance']>): Instance {
    const id = instanceIdFrom(row.id);
    const { sealed_proxy: sealedProxy, moved_at: movedAt } = row;
    return {
      id,
      name: row.name,
      token: this.#box.open(row.sealed_token, placeOf.instanceToken(id)),
      settings: JSON.parse(row.settings),
      subscription: JSON.parse(row.subscription),
      proxy:
        sealedProxy === null ? undefined : JSON.parse(this.#box.open(sealedProxy, placeOf.instanceProxy(id))),
      movedAt: movedAt === null ? undefined : new Date(movedAt),
      createdAt: new Date(row.created_at),
    };
  }
}

const newSubscription: Subscription = { state: 'active', withCalls: false };

const rowWith = (database: Kysely<Tables> | Transaction<Tables>, id: InstanceId) =>
  database.selectFrom('instance').selectAll().where('id', '=', id).executeTakeFirst();

const oldestFirst = <Row>(instances: SelectQueryBuilder<Tables, 'instance', Row>) =>
  instances.selectAll().orderBy('created_at').orderBy('id');

/** Which rows have this text in their id or name, whatever its case and accents. */
const contains = (text: string) =>
  sql<boolean>`search_text like ${`%${searchTextOf(text).replace(/[\\%_]/g, '\\$&')}%`} escape '\\'`;

function changed(before: Instance, { settings, ...change }: InstanceChange): Instance {
  const merged = Object.entries({ ...before.settings, ...settings });
  return {
    ...before,
    ...change,
    settings: Object.fromEntries(merged.filter(([, value]) => value !== undefined)),
  };
}

const randomHex = (): string => randomBytes(16).toString('hex').toUpperCase();
