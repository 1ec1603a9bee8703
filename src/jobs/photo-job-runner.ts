import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { GatewayError } from '../errors.ts';
import type { GroupPhotos } from '../group-photos.ts';
import { type GroupId, type InstanceId, type JobId, jobIdFrom, type PhoneNumber } from '../ids.ts';
import { pause } from '../pause.ts';
import type { PhotoJob, PhotoJobs } from '../photo-jobs.ts';
import type { Me } from '../whatsapp/whatsapp.ts';
import { withCurrentGroup } from './current-group.ts';
import { JobLine } from './job-line.ts';
import type { JobStore } from './job-store.ts';
import { Pace } from './pace.ts';

interface PhotoJobRunnerParts {
  readonly store: JobStore;
  readonly groupPhotosOf: (instance: InstanceId) => Pick<GroupPhotos, 'takeTurn' | 'set'>;
  /** Resolves with who is connected, when somebody is. Errors: `not_connected`. */
  readonly connected: (instance: InstanceId) => Promise<{ readonly me: Pick<Me, 'phone'> }>;
  /** The number that the instance is paired with, while there is one. */
  readonly phoneOf: (instance: InstanceId) => PhoneNumber | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long the groups of an instance are left alone after a change of one of them. */
  readonly paceMs: number;
}

const dayMs = 86_400_000;

/** How long a finished job can be read. */
const keptMs = 7 * dayMs;

/** How long a change under way may take at the end of the process; the next one makes it again. */
const closingMs = 1_000;

/**
 * The jobs of all instances: those of one instance run one after another, those of different instances side by side.
 * Disposing ends all pauses and waits a moment for the changes under way; no group fails because of it.
 */
export class PhotoJobRunner implements AsyncDisposable {
  readonly #parts: PhotoJobRunnerParts;
  readonly #lines = new Map<InstanceId, JobLine>();
  readonly #stopping = new AbortController();
  readonly #tidying: Promise<void>;

  /** Use `startPhotoJobs`. */
  constructor(parts: PhotoJobRunnerParts, unfinished: Awaited<ReturnType<JobStore['unfinished']>>) {
    this.#parts = parts;
    for (const { instance, id } of unfinished) this.#lineOf(instance).add(id);
    this.#tidying = this.#tidyDaily();
  }

  /** The jobs of an instance. */
  of(instance: InstanceId): PhotoJobs {
    const { store } = this.#parts;
    const line = this.#lineOf(instance);
    const find = async (id: JobId): Promise<PhotoJob | undefined> => {
      const { current } = line; // before reading: what comes to an end meanwhile must not look as if not begun
      const job = await store.find(instance, id);
      return job && withCurrentGroup(job, current);
    };
    return {
      start: (groups, jpeg, { force = false } = {}) => this.#start(instance, { groups, jpeg, force }),
      find,
      async list(atMost) {
        const { current } = line;
        return (await store.list(instance, atMost)).map((job) => withCurrentGroup(job, current));
      },
      async cancel(id) {
        await line.find(id)?.cancel();
        return find(id);
      },
    };
  }

  /** Ends the jobs of an instance that is to be no more; what was kept of them is for others to remove. */
  abandon(instance: InstanceId): void {
    this.#lines.get(instance)?.abandon();
    this.#lines.delete(instance);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    const ended = Promise.all([this.#tidying, ...[...this.#lines.values()].map(({ idle }) => idle)]);
    const { promise: tooLong, resolve } = Promise.withResolvers<void>();
    using _deadline = this.#parts.clock.after(closingMs, resolve);
    await Promise.race([ended, tooLong]);
  }

  async #start(
    instance: InstanceId,
    { groups, ...order }: { groups: readonly GroupId[]; jpeg: Uint8Array; force: boolean },
  ): Promise<PhotoJob> {
    const { store, clock, phoneOf } = this.#parts;
    const phone = phoneOf(instance);
    if (phone === undefined) throw new GatewayError('not_connected');
    const job = { id: jobIdFrom(randomUUID()), phone, createdAt: clock.now(), groups: [...new Set(groups)] };
    await this.#lineOf(instance).admit(job.id, () => store.add(instance, { ...job, ...order }));
    return {
      id: job.id,
      state: 'running',
      createdAt: job.createdAt,
      finishedAt: undefined,
      results: job.groups.map((group) => ({
        group,
        state: 'waiting',
        pictureId: undefined,
        failure: undefined,
      })),
    };
  }

  #lineOf(instance: InstanceId): JobLine {
    const known = this.#lines.get(instance);
    if (known) return known;
    const { store, groupPhotosOf, connected, clock, logger, paceMs } = this.#parts;
    const stopping = this.#stopping.signal;
    const line = new JobLine({
      instance,
      store,
      groupPhotos: groupPhotosOf(instance),
      connected: () => connected(instance),
      pace: new Pace({ clock, paceMs, stopping }),
      clock,
      logger,
      stopping,
    });
    this.#lines.set(instance, line);
    return line;
  }

  async #tidyDaily(): Promise<void> {
    const { store, clock, logger } = this.#parts;
    const stopping = this.#stopping.signal;
    while (!stopping.aborted) {
      await store
        .removeFinished(new Date(clock.now().getTime() - keptMs))
        .catch((error) => logger.error({ err: error }, 'Old jobs could not be removed'));
      await pause(clock, dayMs, stopping);
    }
  }
}

/** Starts with the jobs that an earlier process left unfinished. */
export async function startPhotoJobs(parts: PhotoJobRunnerParts): Promise<PhotoJobRunner> {
  return new PhotoJobRunner(parts, await parts.store.unfinished());
}
