/** What has to be kept of jobs, so that they go on after a restart. */
import type { GroupId, InstanceId, JobId, PhoneNumber, PictureId } from '../ids.ts';
import type { PhotoJob } from '../photo-jobs.ts';

type GroupResult = PhotoJob['results'][number];

/** What a job sets, and as whom. */
export interface JobOrder {
  /** The number that was connected when the job was started: it is carried out with no other. */
  readonly phone: PhoneNumber;
  readonly jpeg: Uint8Array;
  /** Whether WhatsApp is asked also for groups that show exactly this photo. */
  readonly force: boolean;
}

/** A job of which nothing is done yet. */
export interface NewJob extends JobOrder {
  readonly id: JobId;
  readonly createdAt: Date;
  /** At least one, none twice. */
  readonly groups: readonly GroupId[];
}

/** What is the end of a group's part in a job. */
export type GroupOutcome =
  | { readonly state: 'done'; readonly pictureId: PictureId }
  | { readonly state: 'failed'; readonly failure: NonNullable<GroupResult['failure']> };

/**
 * Where jobs are kept. A group is kept as `waiting` until it is `done`, `failed` or `cancelled`; which one is `running`
 * is nothing to keep, because it is tried again after a restart. A job without `finishedAt` is unfinished. What is written
 * is on the disk when it resolves.
 */
export interface JobStore {
  /** Keeps a new job of this instance, which must exist: `running`, all its groups `waiting`. */
  add(instance: InstanceId, job: NewJob): Promise<void>;
  /** The job with this id, if it is one of this instance's. */
  find(instance: InstanceId, id: JobId): Promise<PhotoJob | undefined>;
  /** The last `atMost` jobs of an instance, the last one added first. */
  list(instance: InstanceId, atMost: number): Promise<readonly PhotoJob[]>;
  /** The unfinished jobs of all instances, those of each instance in the order in which they were added. */
  unfinished(): Promise<readonly { readonly instance: InstanceId; readonly id: JobId }[]>;
  /** The order of an unfinished job; `undefined` when it is finished. */
  order(id: JobId): Promise<JobOrder | undefined>;
  /** Notes the outcome of a group that is `waiting`; any other keeps what it has. */
  record(id: JobId, group: GroupId, outcome: GroupOutcome): Promise<void>;
  /** Finishes a job, which is then `done` unless it is `cancelled`. One that is finished stays as it is. */
  finish(id: JobId, finishedAt: Date): Promise<void>;
  /**
   * Makes an unfinished job `cancelled`, and so the groups of it that are `waiting`, all but `underWay`. It is finished
   * when there is no such group. One that is finished stays as it is.
   */
  cancel(id: JobId, cancelledAt: Date, options: { readonly underWay: GroupId | undefined }): Promise<void>;
  /** Forgets the jobs that were finished before this time. */
  removeFinished(before: Date): Promise<void>;
}
