/** Far more than anything here takes, on a machine that has much else to do, too. */
const defaultDeadlineMs = 20_000;

/** Lets others wait for what is to come. Whoever owns the state says when it has changed. */
export class Watch {
  readonly #looks = new Set<() => void>();

  /** To be called after each change. */
  changed(): void {
    for (const look of [...this.#looks]) look();
  }

  /**
   * Resolves with the first thing that `find` gives, now or after a change; rejects with what `tooLate` says after
   * `deadlineMs`.
   */
  until<Found>(
    find: () => Found | undefined,
    tooLate: (deadlineMs: number) => string,
    deadlineMs = defaultDeadlineMs,
  ): Promise<Found> {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => {
        this.#looks.delete(look);
        reject(new Error(tooLate(deadlineMs)));
      }, deadlineMs);
      const look = () => {
        const found = find();
        if (found === undefined) return;
        clearTimeout(deadline);
        this.#looks.delete(look);
        resolve(found);
      };
      this.#looks.add(look);
      look();
    });
  }
}
