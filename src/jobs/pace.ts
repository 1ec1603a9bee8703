import type { Clock } from '../clock.ts';
import { pause } from '../pause.ts';

/** The distance between the changes of one instance, whichever job or group they are for. */
export class Pace {
  readonly #rest: () => Promise<void>;
  #over: Promise<void> = Promise.resolve();

  /** No distance is kept any more once `stopping` aborts. */
  constructor({ clock, paceMs, stopping }: { clock: Clock; paceMs: number; stopping: AbortSignal }) {
    this.#rest = () => pause(clock, paceMs, stopping);
  }

  /** A change was made: the next one is due after the pace. */
  begin(): void {
    this.#over = this.#rest();
  }

  /** Resolves when a change may be made. */
  get over(): Promise<void> {
    return this.#over;
  }
}
