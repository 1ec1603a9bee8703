import type { Clock } from '../clock.ts';

/** Timers that are set for more than 2³¹ − 1 ms go off at once. */
const longestTimerMs = 86_400_000;

/** Runs `action` once at the given time, however far off that is, unless what it returns is disposed before. */
export function waitUntil(clock: Clock, time: Date, action: () => void): Disposable {
  let timer: Disposable | undefined;
  const wait = () => {
    const remainingMs = time.getTime() - clock.now().getTime();
    timer =
      remainingMs > longestTimerMs ? clock.after(longestTimerMs, wait) : clock.after(remainingMs, action);
  };
  wait();
  return { [Symbol.dispose]: () => timer?.[Symbol.dispose]() };
}
