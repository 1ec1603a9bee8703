import { GatewayError } from '../errors.ts';

/** Lets at most `count` tasks run at a time; at most `queueLimit` more wait, first come, first served. */
export class Slots {
  #free: number;
  readonly #queueLimit: number;
  readonly #waiting: (() => void)[] = [];

  constructor({ count, queueLimit }: { count: number; queueLimit: number }) {
    this.#free = count;
    this.#queueLimit = queueLimit;
  }

  /** Runs a task in its turn. Errors: `overloaded` when the queue is full; those of the task. */
  async run<Result>(task: () => Promise<Result>): Promise<Result> {
    await this.#enter();
    try {
      return await task();
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
    } else if (this.#waiting.length < this.#queueLimit) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      throw new GatewayError('overloaded', { retryAfterSeconds: 2 });
    }
  }

  /** A slot passes straight to who waits longest, so that nobody can come in between. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}
