import type { Turn, Turns } from '../operation.ts';

/** Lines of waiting, one for each key: whoever took a turn first goes first. Keys do not wait for each other. */
export class TurnLines implements Turns {
  readonly #ends = new Map<string, Promise<void>>();

  take(key: string): Turn {
    const arrived = this.#ends.get(key) ?? Promise.resolve();
    const { promise: disposed, resolve: dispose } = Promise.withResolvers<void>();
    // A turn given up before it arrived still holds its place: the next one waits for all the earlier ones.
    const over = arrived.then(() => disposed);
    this.#ends.set(key, over);
    void over.then(() => {
      if (this.#ends.get(key) === over) this.#ends.delete(key);
    });
    return { arrived, [Symbol.dispose]: dispose };
  }
}
