/** Work that goes on after its request was answered. */
import type { ErrorCode } from './errors.ts';
import type { GroupId, JobId, PictureId } from './ids.ts';

/** Changing the photos of many groups: goes on by itself, also after a restart. */
export interface PhotoJob {
  readonly id: JobId;
  readonly state: 'running' | 'done' | 'cancelled';
  readonly createdAt: Date;
  readonly finishedAt: Date | undefined;
  /** One for each group, in the order in which they were given. */
  readonly results: readonly {
    readonly group: GroupId;
    readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
    /** When done. */
    readonly pictureId: PictureId | undefined;
    /** When failed, or while it waits to be tried again: what went wrong last. */
    readonly failure: { readonly code: ErrorCode; readonly message: string } | undefined;
  }[];
}

/** The jobs of one instance. */
export interface PhotoJobs {
  /**
   * Begins a job of the number that is paired now; a group that is named twice is changed once.
   * Errors: `rate_limited` when too many are unfinished, `not_connected` when no number is paired.
   */
  start(
    groups: readonly GroupId[],
    jpeg: Uint8Array,
    options?: { readonly force?: boolean | undefined },
  ): Promise<PhotoJob>;
  find(id: JobId): Promise<PhotoJob | undefined>;
  /** The newest `atMost` of them, the last one first. */
  list(atMost: number): Promise<readonly PhotoJob[]>;
  /** Groups whose turn has not come keep their photo; the change under way is finished. `undefined`: no such job. */
  cancel(id: JobId): Promise<PhotoJob | undefined>;
}
