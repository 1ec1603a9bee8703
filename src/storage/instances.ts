import { randomBytes } from 'node:crypto';
import {
  type Expression,
  type ExpressionBuilder,
  type Kysely,
  type Selectable,
  type SqlBool,
  sql,
} from 'kysely';
import { type InstanceId, instanceIdFrom } from '../ids.ts';
import type { Instance, InstanceChange, InstancePage, Subscription } from '../instance.ts';
import type { GroupedCommits } from './grouped-commits.ts';
import { removeUnusedPictures } from './kept-pictures.ts';
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
  async create({ name, settings = {} }: Pick<Instance, 'name'> & Partial<Instance>): Promise<Instance> {
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
    await this.#commits.run(async (transaction) => {
      await transaction.insertInto('instance').values(this.#rowOf(instance)).execute();
    });
    return instance;
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

  /** One page of those that fit, oldest first, and how many fit altogether. */
  async page({ page, pageSize, query }: InstancePage): Promise<{ instances: Instance[]; total: number }> {
    const fitting = this.#database.selectFrom('instance').where(fits(query));
    const { total } = await fitting
      .select(({ fn }) => fn.countAll<number | string>().as('total'))
      .executeTakeFirstOrThrow();
    const rows = await fitting
      .selectAll()
      .orderBy('created_at')
      .orderBy('id')
      .limit(pageSize)
      .offset((page - 1) * pageSize)
      .execute();
    return { instances: rows.map((row) => this.#instanceFrom(row)), total: Number(total) };
  }

  /** Changes an instance, and gives what it comes to; `undefined` when it is not there any more. */
  async update(id: InstanceId, change: InstanceChange): Promise<Instance | undefined> {
    return this.#commits.run(async (transaction) => {
      const row = await transaction
        .selectFrom('instance')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      if (!row) return undefined;
      const before = this.#instanceFrom(row);
      const after = {
        ...before,
        ...change,
        settings: { ...before.settings, ...change.settings },
      } as Instance;
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
      await transaction.deleteFrom('instance').where('id', '=', id).execute();
      const pictures = [...ofGroups, ...ofJobs].map(({ picture_sha256 }) => picture_sha256);
      await removeUnusedPictures(transaction, pictures);
    });
  }

  #rowOf({
    id,
    name,
    token,
    settings,
    subscription,
    proxy,
    movedAt,
    createdAt,
  }: Instance): Tables['instance'] {
    return {
      id,
      name,
      sealed_token: this.#box.seal(token, tokenPlaceOf(id)),
      settings: JSON.stringify(settings),
      subscription: JSON.stringify(subscription),
      sealed_proxy: proxy ? this.#box.seal(JSON.stringify(proxy), proxyPlaceOf(id)) : null,
      moved_at: movedAt?.toISOString() ?? null,
      created_at: createdAt.toISOString(),
    };
  }

  #instanceFrom(row: Selectable<Tables['instance']>): Instance {
    const id = instanceIdFrom(row.id);
    return {
      id,
      name: row.name,
      token: this.#box.open(row.sealed_token, tokenPlaceOf(id)),
      settings: JSON.parse(row.settings),
      subscription: JSON.parse(row.subscription),
      proxy:
        row.sealed_proxy === null
          ? undefined
          : JSON.parse(this.#box.open(row.sealed_proxy, proxyPlaceOf(id))),
      movedAt: row.moved_at === null ? undefined : new Date(row.moved_at),
      createdAt: new Date(row.created_at),
    };
  }
}

const newSubscription: Subscription = { state: 'active', withCalls: false };

/** Which rows have this text in their name or id, whatever the case. */
function fits(query: string | undefined) {
  return ({ or, lit }: ExpressionBuilder<Tables, 'instance'>): Expression<SqlBool> => {
    if (query === undefined || query === '') return lit(true);
    const wanted = query.toLowerCase();
    return or([
      sql<SqlBool>`instr(lower(name), ${wanted}) > 0`,
      sql<SqlBool>`instr(lower(id), ${wanted}) > 0`,
    ]);
  };
}

const randomHex = (): string => randomBytes(16).toString('hex').toUpperCase();

const tokenPlaceOf = (id: InstanceId): string => `instance/${id}/token`;
const proxyPlaceOf = (id: InstanceId): string => `instance/${id}/proxy`;
