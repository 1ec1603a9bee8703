import type { Logger } from 'pino';

const maxRunning = 2;
const maxWaiting = 100;

type Task = () => Promise<void>;

/** The fetching of photos for the history, which nobody waits for: two at a time, and a limited queue of others. */
export class PhotoFetches {
  readonly #logger: Logger;
  readonly #waiting: Task[] = [];
  readonly #running = new Set<Promise<void>>();

  constructor({ logger }: { logger: Logger }) {
    this.#logger = logger;
  }

  /** Fetches when its time comes; does not when too many wait. A failure goes to the log. */
  add(task: Task): void {
    if (this.#waiting.length >= maxWaiting) {
      this.#logger.warn('Too many photos wait to be fetched for the history, so one is left out');
      return;
    }
    this.#waiting.push(task);
    if (this.#running.size < maxRunning) this.#work();
  }

  /** Drops what waits; resolves when what runs is over. */
  async end(): Promise<void> {
    this.#waiting.length = 0;
    await Promise.all(this.#running);
  }

  #work(): void {
    const running = this.#workOff().finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #workOff(): Promise<void> {
    for (let task = this.#waiting.shift(); task; task = this.#waiting.shift()) {
      await task().catch((error) => {
        this.#logger.warn({ err: error }, 'A photo could not be fetched for the history');
      });
    }
  }
}
