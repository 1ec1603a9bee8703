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
  await unlessAborted(promise, signal);
}

/** What `promise` gives, or `undefined` when `signal` aborts before; what comes of it then is nobody's business. */
export async function unlessAborted<Value>(
  promise: Promise<Value>,
  signal: AbortSignal,
): Promise<Value | undefined> {
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>();
  const abort = () => resolve(undefined);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
