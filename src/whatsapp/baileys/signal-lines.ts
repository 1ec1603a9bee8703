// One for the process, because so are the lines of the Signal library.
const last = new Map<string, Promise<unknown>>();

/**
 * Runs `work` when all that was begun before it under this name, in the whole process, is over.
 *
 * The Signal library has a line of its own for each address, shared by all instances of the process, and runs what waits
 * there in the asynchronous context of whoever came first (libsignal src/queue_job.js, Baileys Signal/Group/queue-job).
 * So when two instances hear from the same person at once, the keys of the second one would be written outside of its
 * transaction. Whoever stands in this line never waits in that one.
 */
export function inSignalLine<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const before = last.get(name) ?? Promise.resolve();
  const result = before.then(work);
  const over = result.then(
    () => undefined,
    () => undefined,
  );
  last.set(name, over);
  void over.then(() => {
    if (last.get(name) === over) last.delete(name);
  });
  return result;
}
