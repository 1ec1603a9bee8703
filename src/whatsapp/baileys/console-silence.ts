import { AsyncLocalStorage } from 'node:async_hooks';

// One for the process, because so is the console.
const silenced = new AsyncLocalStorage<true>();
let isInstalled = false;

/**
 * Runs `work`, and all that comes of it, so that nothing of it reaches the console. The Signal library that Baileys
 * brings writes there whole sessions, private keys included, whenever it closes or opens one.
 */
export function withConsoleSilenced<Result>(work: () => Result): Result {
  if (!isInstalled) {
    isInstalled = true;
    for (const level of ['info', 'warn', 'error'] as const) {
      const write = console[level].bind(console);
      console[level] = (...words: unknown[]) => {
        if (!silenced.getStore()) write(...words);
      };
    }
  }
  return silenced.run(true, work);
}
