import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { GatewayError } from '../errors.ts';
import type { GroupPhotos } from '../group-photos.ts';
import type { GroupId, InstanceId, JobId } from '../ids.ts';
import { pause } from '../pause.ts';
import { unlessAborted } from '../unless-aborted.ts';
import type { Me } from '../whatsapp/whatsapp.ts';
import type { CurrentGroup } from './current-group.ts';
import type { GroupOutcome, JobOrder, JobStore } from './job-store.ts';
import { nextStep, noFailures } from './next-step.ts';
import type { Pace } from './pace.ts';

/** What the jobs of one instance are carried out with. */
export interface RunParts {
  readonly instance: InstanceId;
  readonly store: JobStore;
  readonly groupPhotos: Pick<GroupPhotos, 'takeTurn' | 'set'>;
  /** Resolves with who is connected, when somebody is. Errors: `not_connected`. */
  readonly connected: () => Promise<{ readonly me: Pick<Me, 'phone'> }>;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborts when the process ends. */
  readonly stopping: AbortSignal;
}

/** Its groups are those of the number that it was started with: another one may know them, too, but was not asked. */
const anotherNumber: GroupOutcome = {
  state: 'failed',
  failure: {
    code: 'not_connected',
    message:
      'This instance is connected with another number than the one that the job was started with. Start a new job for the groups of this number.',
  },
};

/** The pause after the database failed. */
const storagePauseMs = 10_000;

/** One job on its way to its end. */
export class JobRun {
  readonly id: JobId;
  readonly #parts: RunParts;
  readonly #logger: Logger;
  readonly #cancelling = new AbortController();
  /** Ends all waiting. */
  readonly #interrupted: AbortSignal;
  #isCancelled = false;
  #current: CurrentGroup | undefined;

  constructor(id: JobId, parts: RunParts) {
    this.id = id;
    this.#parts = parts;
    this.#logger = parts.logger.child({ instance: parts.instance, job: id });
    this.#interrupted = AbortSignal.any([parts.stopping, this.#cancelling.signal]);
  }

  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  /** `undefined` between two groups, and before the first. */
  get current(): CurrentGroup | undefined {
    return this.#current;
  }

  /** Begins no further group; the change under way is finished. Rejects when that could not be noted yet. */
  async cancel(): Promise<void> {
    this.abandon();
    const underWay = this.#current?.state === 'running' ? this.#current.group : undefined;
    const { store, clock } = this.#parts;
    await store.cancel(this.id, clock.now(), { underWay });
  }

  /** As `cancel`, and is not noted: what was kept of the job is to be no more. */
  abandon(): void {
    this.#isCancelled = true;
    this.#cancelling.abort();
  }

  /**
   * Changes the groups that have no outcome yet, one after another. Resolves when the job is finished, or when the
   * process ends: what is left then is for the next one.
   */
  async carryOut(): Promise<void> {
    const { instance, store, clock, stopping } = this.#parts;
    const job = await this.#stored(() => store.find(instance, this.id));
    const order = await this.#stored(() => store.order(this.id));
    if (!job || !order) return;
    // A job that an earlier process cancelled is here because of the group that was under way: that one is finished.
    this.#isCancelled ||= job.state === 'cancelled';
    for (const { group, state } of job.results) {
      if (state === 'waiting') await this.#change(group, order);
    }
    if (stopping.aborted) return;
    const finishedAt = clock.now();
    await this.#stored(() =>
      this.#isCancelled
        ? store.cancel(this.id, finishedAt, { underWay: undefined })
        : store.finish(this.id, finishedAt),
    );
  }

  /** Tries until the group has an outcome, or until interrupted. */
  async #change(group: GroupId, order: JobOrder): Promise<void> {
    const outcome = await this.#outcome(group, order);
    if (outcome) await this.#stored(() => this.#parts.store.record(this.id, group, outcome));
    this.#current = undefined;
  }

  async #outcome(group: GroupId, order: JobOrder): Promise<GroupOutcome | undefined> {
    const { clock, stopping } = this.#parts;
    for (let failures = noFailures; ; ) {
      try {
        return await this.#attempt(group, order);
      } catch (error) {
        // What fails while the process ends may be all right: the next process tries again.
        if (stopping.aborted || !this.#isWanted()) return undefined;
        const failed = this.#failureFrom(error);
        const failure = { code: failed.code, message: failed.message };
        const next = nextStep(failures, failed);
        if (!next || this.#isCancelled) {
          this.#logger.info({ err: failed }, 'A job failed for a group');
          return { state: 'failed', failure };
        }
        failures = next.failures;
        this.#current = { job: this.id, group, state: 'waiting', failure };
        await pause(clock, next.afterMs, this.#interrupted);
      }
    }
  }

  /** Asks once. Rejects with what went wrong, or because it was interrupted before. */
  async #attempt(group: GroupId, { phone, jpeg, force }: JobOrder): Promise<GroupOutcome> {
    const { groupPhotos, connected, pace } = this.#parts;
    await unlessAborted(() => pace.over, this.#interrupted);
    const { me } = await unlessAborted(connected, this.#interrupted);
    if (me.phone !== phone) return anotherNumber;
    using turn = groupPhotos.takeTurn(group);
    await unlessAborted(() => turn.arrived, this.#interrupted);
    this.#interrupted.throwIfAborted();
    this.#current = { job: this.id, group, state: 'running', failure: undefined };
    try {
      return { state: 'done', pictureId: await groupPhotos.set(group, jpeg, { force }) };
    } finally {
      pace.begin();
    }
  }

  /** Whether the group is still to be changed: nobody cancelled the job, or it was under way by then. */
  #isWanted(): boolean {
    return !this.#cancelling.signal.aborted || this.#current?.state === 'running';
  }

  #failureFrom(error: unknown): GatewayError {
    if (error instanceof GatewayError) return error;
    this.#logger.error({ err: error }, 'A photo could not be set, for a reason of our own');
    return new GatewayError('internal', {
      message: 'Something went wrong on our side. The log of this server tells more under the id of the job.',
      cause: error,
    });
  }

  /** Reads or writes until the database does it; `undefined` when the process ends before. */
  async #stored<Result>(action: () => Promise<Result>): Promise<Result | undefined> {
    const { clock, stopping } = this.#parts;
    for (;;) {
      try {
        return await action();
      } catch (error) {
        this.#logger.error({ err: error }, 'A job could not be read or written');
        if (stopping.aborted) return undefined;
        await pause(clock, storagePauseMs, stopping);
      }
    }
  }
}
