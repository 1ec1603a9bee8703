import { inSlices } from './in-slices.ts';

/**
 * The turns of the event loop, one for each who asks: work that takes long goes on in the next one, and not together
 * with that of others who do the same.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  /** The items in slices, the first one at once and each of the others in a turn that nobody else here has. */
  async *slices<Item>(items: readonly Item[], atMost: number): AsyncGenerator<Item[]> {
    let isFirst = true;
    for (const slice of inSlices(items, atMost)) {
      if (!isFirst) await this.#next();
      isFirst = false;
      yield slice;
    }
  }

  #next(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    if (this.#waiting.length === 1) this.#give();
    return promise;
  }

  #give(): void {
    setImmediate(() => {
      this.#waiting.shift()?.();
      if (this.#waiting.length > 0) this.#give();
    });
  }
}
