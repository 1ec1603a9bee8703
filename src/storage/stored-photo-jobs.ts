import { createHash } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { GroupId, InstanceId, JobId, PictureId } from '../ids.ts';
import type { GroupOutcome, JobOrder, JobStore, NewJob } from '../jobs/job-store.ts';
import type { PhotoJob } from '../photo-jobs.ts';
import type { GroupedCommits } from './grouped-commits.ts';
import { inSlices } from './in-slices.ts';
import { keepPicture, removeUnusedPictures } from './kept-pictures.ts';
import type { Tables } from './tables.ts';

type GroupResult = PhotoJob['results'][number];

/** The jobs that change the photos of many groups, and how far they are. */
export class StoredPhotoJobs implements JobStore {
  readonly #database: Kysely<Tables>;
  readonly #commits: GroupedCommits;

  constructor(parts: { database: Kysely<Tables>; commits: GroupedCommits }) {
    this.#database = parts.database;
    this.#commits = parts.commits;
  }

  add(instance: InstanceId, { id, phone, createdAt, groups, jpeg, force }: NewJob): Promise<void> {
    const sha256 = createHash('sha256').update(jpeg).digest('hex');
    return this.#commits.run(async (transaction) => {
      await keepPicture(transaction, { sha256, jpeg });
      const last = await transaction
        .selectFrom('photo_job')
        .select('position')
        .where('instance_id', '=', instance)
        .orderBy('position', 'desc')
        .limit(1)
        .executeTakeFirst();
      await transaction
        .insertInto('photo_job')
        .values({
          id,
          instance_id: instance,
          position: (last?.position ?? 0) + 1,
          phone,
          picture_sha256: sha256,
          force: force ? 1 : 0,
          state: 'running',
          created_at: createdAt.toISOString(),
          finished_at: null,
        })
        .execute();
      const rows = groups.map((group, position) => ({
        job_id: id,
        position,
        group_id: group,
        state: 'waiting' as const,
        picture_id: null,
        failure: null,
      }));
      for (const some of inSlices(rows)) {
        await transaction.insertInto('photo_job_group').values(some).execute();
      }
    });
  }

  async find(instance: InstanceId, id: JobId): Promise<PhotoJob | undefined> {
    const rows = await this.#rows()
      .where('photo_job.instance_id', '=', instance)
      .where('photo_job.id', '=', id)
      .execute();
    return jobsFrom(rows)[0];
  }

  async list(instance: InstanceId, atMost: number): Promise<PhotoJob[]> {
    const newest = this.#database
      .selectFrom('photo_job')
      .select('id')
      .where('instance_id', '=', instance)
      .orderBy('position', 'desc')
      .limit(atMost);
    return jobsFrom(await this.#rows().where('photo_job.id', 'in', newest).execute());
  }

  #rows() {
    return this.#database
      .selectFrom('photo_job')
      .innerJoin('photo_job_group', 'photo_job_group.job_id', 'photo_job.id')
      .select([
        'photo_job.id',
        'photo_job.state',
        'photo_job.created_at',
        'photo_job.finished_at',
        'photo_job_group.group_id',
        'photo_job_group.state as group_state',
        'photo_job_group.picture_id',
        'photo_job_group.failure',
      ])
      .orderBy('photo_job.position', 'desc')
      .orderBy('photo_job_group.position');
  }

  async unfinished(): Promise<{ readonly instance: InstanceId; readonly id: JobId }[]> {
    const rows = await this.#database
      .selectFrom('photo_job')
      .select(['instance_id', 'id'])
      .where('finished_at', 'is', null)
      .orderBy('instance_id')
      .orderBy('position')
      .execute();
    return rows.map(({ instance_id, id }) => ({ instance: instance_id, id }));
  }

  async order(id: JobId): Promise<JobOrder | undefined> {
    const row = await this.#database
      .selectFrom('photo_job')
      .innerJoin('picture', 'picture.sha256', 'photo_job.picture_sha256')
      .select(['photo_job.phone', 'picture.jpeg', 'photo_job.force'])
      .where('photo_job.id', '=', id)
      .executeTakeFirst();
    return row && { phone: row.phone, jpeg: row.jpeg, force: row.force === 1 };
  }

  record(id: JobId, group: GroupId, outcome: GroupOutcome): Promise<void> {
    return this.#commits.run(async (transaction) => {
      await transaction
        .updateTable('photo_job_group')
        .set(
          outcome.state === 'done'
            ? { state: outcome.state, picture_id: outcome.pictureId }
            : { state: outcome.state, failure: JSON.stringify(outcome.failure) },
        )
        .where('job_id', '=', id)
        .where('group_id', '=', group)
        .where('state', '=', 'waiting')
        .execute();
    });
  }

  finish(id: JobId, finishedAt: Date): Promise<void> {
    return this.#commits.run((transaction) => finish(transaction, id, finishedAt));
  }

  cancel(
    id: JobId,
    cancelledAt: Date,
    { underWay }: { readonly underWay: GroupId | undefined },
  ): Promise<void> {
    return this.#commits.run(async (transaction) => {
      const cancelled = await transaction
        .updateTable('photo_job')
        .set({ state: 'cancelled' })
        .where('id', '=', id)
        .where('finished_at', 'is', null)
        .returning('id')
        .executeTakeFirst();
      if (!cancelled) return;
      await transaction
        .updateTable('photo_job_group')
        .set({ state: 'cancelled' })
        .where('job_id', '=', id)
        .where('state', '=', 'waiting')
        .$if(underWay !== undefined, (query) => query.where('group_id', '!=', underWay as GroupId))
        .execute();
      const waiting = await transaction
        .selectFrom('photo_job_group')
        .select('position')
        .where('job_id', '=', id)
        .where('state', '=', 'waiting')
        .executeTakeFirst();
      if (!waiting) await finish(transaction, id, cancelledAt);
    });
  }

  removeFinished(before: Date): Promise<void> {
    return this.#commits.run(async (transaction) => {
      await transaction.deleteFrom('photo_job').where('finished_at', '<', before.toISOString()).execute();
    });
  }
}

async function finish(transaction: Transaction<Tables>, id: JobId, finishedAt: Date): Promise<void> {
  const job = await transaction
    .selectFrom('photo_job')
    .select(['state', 'picture_sha256'])
    .where('id', '=', id)
    .where('finished_at', 'is', null)
    .executeTakeFirst();
  if (!job) return;
  await transaction
    .updateTable('photo_job')
    .set({
      state: job.state === 'running' ? 'done' : job.state,
      finished_at: finishedAt.toISOString(),
      picture_sha256: null,
    })
    .where('id', '=', id)
    .execute();
  await removeUnusedPictures(transaction, [job.picture_sha256]);
}

interface Row {
  readonly id: JobId;
  readonly state: PhotoJob['state'];
  readonly created_at: string;
  readonly finished_at: string | null;
  readonly group_id: GroupId;
  readonly group_state: GroupResult['state'];
  readonly picture_id: PictureId | null;
  readonly failure: string | null;
}

function jobsFrom(rows: readonly Row[]): PhotoJob[] {
  const jobs = new Map<JobId, PhotoJob & { readonly results: GroupResult[] }>();
  for (const row of rows) {
    const job = jobs.get(row.id) ?? {
      id: row.id,
      state: row.state,
      createdAt: new Date(row.created_at),
      finishedAt: row.finished_at === null ? undefined : new Date(row.finished_at),
      results: [],
    };
    jobs.set(row.id, job);
    job.results.push({
      group: row.group_id,
      state: row.group_state,
      pictureId: row.picture_id ?? undefined,
      failure: row.failure === null ? undefined : JSON.parse(row.failure),
    });
  }
  return [...jobs.values()];
}
