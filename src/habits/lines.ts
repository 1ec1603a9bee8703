interface LinesOptions<Key, Item> {
  /** Deals with the first of a line; must not reject. */
  readonly work: (key: Key, items: readonly Item[]) => Promise<void>;
  /** How many of a line are dealt with at a time. */
  readonly atOnce: number;
  /** How many may wait in a line; who comes then is turned away. */
  readonly maxWaiting: number;
}

/** Lines of what is to be done, one for each key: in a line one after the other, and no line waits for another. */
export class Lines<Key, Item> {
  readonly #options: LinesOptions<Key, Item>;
  readonly #waiting = new Map<Key, Item[]>();

  constructor(options: LinesOptions<Key, Item>) {
    this.#options = options;
  }

  /** Joins the line of this key; `false` when it is too long for that. */
  add(key: Key, item: Item): boolean {
    const line = this.#waiting.get(key);
    if (line && line.length >= this.#options.maxWaiting) return false;
    if (line) line.push(item);
    else void this.#workOff(key, [item]);
    return true;
  }

  /** Sends everyone away who waits. */
  clear(): void {
    for (const line of this.#waiting.values()) line.length = 0;
  }

  async #workOff(key: Key, line: Item[]): Promise<void> {
    this.#waiting.set(key, line);
    while (line.length > 0) await this.#options.work(key, line.splice(0, this.#options.atOnce));
    this.#waiting.delete(key);
  }
}
