import type { Clock } from '../clock.ts';
import { GatewayError } from '../errors.ts';
import type { Turn } from '../group-photos.ts';

/** How many may wait for the one that is under way. */
const maxWaiting = 16;

/** Lines of waiting, one for each key: whoever took a turn first goes first. Keys do not wait for each other. */
export class TurnLines {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #lines = new Map<string, Line>();

  constructor({ clock }: { readonly clock: Pick<Clock, 'now'> }) {
    this.#clock = clock;
  }

  /** The next turn of this key. Errors: `rate_limited` when too many wait. */
  take(key: string): Turn {
    const line = this.#lines.get(key) ?? { turns: [], sinceMs: this.#nowMs(), over: 0 };
    if (line.turns.length > maxWaiting) throw this.#tooMany(line);
    const { promise: arrived, resolve: come } = Promise.withResolvers<void>();
    this.#lines.set(key, line);
    if (line.turns.push(come) === 1) come();
    return { arrived, [Symbol.dispose]: () => this.#leave(key, line, come) };
  }

  #leave(key: string, line: Line, come: () => void): void {
    const place = line.turns.indexOf(come);
    if (place < 0) return; // disposed before
    line.turns.splice(place, 1);
    if (place > 0) return; // given up before it arrived
    line.over += 1;
    const next = line.turns[0];
    if (next) next();
    else this.#lines.delete(key);
  }

  /** A place is free when the turn under way is over, which takes as long as the turns of this line have taken. */
  #tooMany({ sinceMs, over }: Line): GatewayError {
    const turnMs = (this.#nowMs() - sinceMs) / Math.max(1, over);
    return new GatewayError('rate_limited', {
      message: `${maxWaiting} changes of this group's photo are waiting already. Try again when some of them are done.`,
      retryAfterSeconds: Math.max(1, Math.ceil(turnMs / 1_000)),
    });
  }

  #nowMs(): number {
    return this.#clock.now().getTime();
  }
}

interface Line {
  /** Lets a turn come; the first one is under way, the others wait in this order. */
  readonly turns: (() => void)[];
  /** When its first turn was taken. */
  readonly sinceMs: number;
  /** How many turns came and are over. */
  over: number;
}
