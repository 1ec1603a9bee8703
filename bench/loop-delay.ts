import { subscribe } from 'node:diagnostics_channel';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** From one look to the next: a loop with nothing to do shows the pause between two looks, 2 ms. */
export interface LoopDelay {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/**
 * Measures the delay of this process' event loop from its next outgoing connection on. What it gives takes what was
 * measured, and has the connection after that start anew.
 */
export function watchLoopDelay(): () => LoopDelay {
  const delay = monitorEventLoopDelay({ resolution: 2 });
  let isMeasuring = false;
  subscribe('net.client.socket', () => {
    if (isMeasuring) return;
    isMeasuring = true;
    delay.reset();
    delay.enable();
  });
  return () => {
    delay.disable();
    isMeasuring = false;
    const ms = (nanoseconds: number) => nanoseconds / 1e6;
    return { p50Ms: ms(delay.percentile(50)), p99Ms: ms(delay.percentile(99)), maxMs: ms(delay.max) };
  };
}
