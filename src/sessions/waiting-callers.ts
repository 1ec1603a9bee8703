import type { Clock } from '../clock.ts';

/** Callers who wait for something to be found: each looks at once, and again after every change. */
export class WaitingCallers {
  readonly #clock: Clock;
  readonly #looks = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something has changed: all look again. */
  lookAgain(): void {
    for (const look of [...this.#looks]) look();
  }

  /** The first thing that `find` gives; `undefined` after `patienceMs`. Rejects with what it throws. */
  async until<Found>(find: () => Found | undefined, patienceMs?: number): Promise<Found | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<Found | undefined>();
    const look = () => {
      try {
        const found = find();
        if (found !== undefined) resolve(found);
      } catch (error) {
        reject(error);
      }
    };
    using _deadline =
      patienceMs === undefined ? undefined : this.#clock.after(patienceMs, () => resolve(undefined));
    this.#looks.add(look);
    look();
    try {
      return await promise;
    } finally {
      this.#looks.delete(look);
    }
  }
}
