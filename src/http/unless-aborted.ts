/**
 * What `work` comes to, or the reason of `signal` as soon as that aborts. The work itself goes on then, and how it ends
 * is nobody's concern.
 */
export function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    const stopListening = () => signal.removeEventListener('abort', abort);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort);
    work.then(resolve, reject).finally(stopListening);
  });
}
