import type { Clock } from './clock.ts';
import { unlessAborted } from './unless-aborted.ts';

/** Resolves after `delayMs`, or at once when `signal` aborts. */
export async function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  using _timer = clock.after(delayMs, resolve);
  await unlessAborted(() => promise, signal).catch(() => {}); // whoever goes on looks at the signal
}
