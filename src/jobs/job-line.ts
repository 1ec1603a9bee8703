import { GatewayError } from '../errors.ts';
import type { JobId } from '../ids.ts';
import type { CurrentGroup } from './current-group.ts';
import { JobRun, type RunParts } from './job-run.ts';

/** How many jobs of one instance may be unfinished. */
const maxUnfinished = 100;

/** The unfinished jobs of one instance: one runs, the others follow in the order in which they came. */
export class JobLine {
  readonly #parts: RunParts;
  readonly #runs: JobRun[] = [];
  /** Jobs that are being kept, and run afterwards. */
  #arriving = 0;
  #working: Promise<void> | undefined;

  constructor(parts: RunParts) {
    this.#parts = parts;
  }

  /** The group that the first job is at. */
  get current(): CurrentGroup | undefined {
    return this.#runs[0]?.current;
  }

  /** Resolves when no job runs. */
  get idle(): Promise<void> {
    return this.#working ?? Promise.resolve();
  }

  find(id: JobId): JobRun | undefined {
    return this.#runs.find((run) => run.id === id);
  }

  /** Adds a new job once `keep` has kept it. Errors: `rate_limited` when too many are unfinished. */
  async admit(id: JobId, keep: () => Promise<void>): Promise<void> {
    const unfinished = this.#runs.filter(({ isCancelled }) => !isCancelled).length + this.#arriving;
    if (unfinished >= maxUnfinished) {
      throw new GatewayError('rate_limited', {
        message: `This instance has ${maxUnfinished} jobs that are not finished. Wait for one of them, or cancel it.`,
        retryAfterSeconds: 60,
      });
    }
    this.#arriving++;
    try {
      await keep();
    } finally {
      this.#arriving--;
    }
    this.add(id);
  }

  /** Adds a job that is kept. */
  add(id: JobId): void {
    this.#runs.push(new JobRun(id, this.#parts));
    this.#working ??= this.#work();
  }

  /** Begins no further group: what was kept of these jobs is to be no more. */
  abandon(): void {
    for (const run of this.#runs) run.abandon();
  }

  async #work(): Promise<void> {
    for (let run = this.#runs[0]; run && !this.#parts.stopping.aborted; run = this.#runs[0]) {
      await run.carryOut();
      this.#runs.shift();
    }
    this.#working = undefined;
  }
}
