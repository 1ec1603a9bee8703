import type { Clock } from '../clock.ts';

/** How long a pause is. */
const pauseMs = 1;

/** How late a pause may end in an event loop that has time. */
const lateMs = 2;

/** How long the loop may have no time before it has to take some. */
const patienceMs = 100;

/**
 * Calls `action` as soon as the event loop has time for more, or in any case after a tenth of a second: a pause that ends
 * late says that others had to be served first, and then comes another one.
 */
export function whenLoopIsFree(clock: Clock, action: () => void): void {
  const startMs = clock.now().getTime();
  const pause = (sinceMs: number) =>
    clock.after(pauseMs, () => {
      const nowMs = clock.now().getTime();
      const isFree = nowMs - sinceMs <= pauseMs + lateMs;
      if (isFree || nowMs - startMs >= patienceMs) action();
      else pause(nowMs);
    });
  pause(startMs);
}
