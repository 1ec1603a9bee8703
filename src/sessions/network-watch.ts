import type { Clock } from '../clock.ts';

/** How long it takes until WhatsApp is looked for: after the first one has begun to wait, and after each answer. */
const askEveryMs = 5_000;

interface NetworkWatchOptions {
  /** Whether WhatsApp can be reached right now; a rejection counts as no. */
  readonly isReachable: () => Promise<boolean>;
  readonly clock: Clock;
}

/**
 * Finds out when a network that was gone is back, for all who wait for it; nobody is asked while nobody waits. A network
 * that was there all the time is never "back": what fails then fails for other reasons.
 */
export class NetworkWatch {
  readonly #options: NetworkWatchOptions;
  readonly #waiting = new Set<{ readonly onBack: () => void }>();
  #timer: Disposable | undefined;
  #isAsking = false;
  #isGone = false;

  constructor(options: NetworkWatchOptions) {
    this.#options = options;
  }

  /** `onBack` is called each time the network is back, until what this gives is disposed. */
  wait(onBack: () => void): Disposable {
    const waiter = { onBack };
    this.#waiting.add(waiter);
    this.#askLater();
    return {
      [Symbol.dispose]: () => {
        this.#waiting.delete(waiter);
        if (this.#waiting.size > 0) return;
        this.#timer?.[Symbol.dispose]();
        this.#timer = undefined;
      },
    };
  }

  /** WhatsApp has been reached: if that was not possible before, the network is back. */
  reached(): void {
    if (!this.#isGone) return;
    this.#isGone = false;
    for (const { onBack } of [...this.#waiting]) onBack();
  }

  #askLater(): void {
    if (this.#timer || this.#isAsking || this.#waiting.size === 0) return;
    this.#timer = this.#options.clock.after(askEveryMs, () => void this.#ask());
  }

  async #ask(): Promise<void> {
    this.#timer = undefined;
    this.#isAsking = true;
    const isReachable = await this.#options.isReachable().catch(() => false);
    this.#isAsking = false;
    if (isReachable) this.reached();
    else this.#isGone = true;
    this.#askLater();
  }
}
