/** Time, as jobs need it; tests move their own. */
export interface Clock {
  now(): Date;
  /** Runs `action` once, `delayMs` from now, unless what it returns is disposed before. */
  after(delayMs: number, action: () => void): Disposable;
}

/** Resolves after `delayMs`, or at once when `signal` aborts. */
export async function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  using _timer = clock.after(delayMs, resolve);
  await unlessAborted(promise, signal).catch(() => {}); // whoever goes on looks at the signal
}

/** What `work` gives, unless `signal` is aborted by then: rejects with its reason at once, whatever comes of the work. */
export async function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  try {
    const result = await Promise.race([work, aborted]);
    signal.throwIfAborted();
    return result;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
