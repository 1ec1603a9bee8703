import { AsyncLocalStorage } from 'node:async_hooks';
import type { Logger } from 'pino';

// One for the process, because so is the event: Baileys' handlers of stanzas are async functions that nobody awaits.
const insideBaileys = new AsyncLocalStorage<Logger>();

/**
 * Runs `work`, and all that comes of it, so that promises which Baileys forgets to catch are logged instead of ending
 * the process: a socket that closes while Baileys answers a stanza is enough for one.
 *
 * From the first use on, the process has an `unhandledRejection` listener; rejections from elsewhere still end it.
 */
export function withStrayRejectionsLogged<Result>(logger: Logger, work: () => Result): Result {
  if (!process.listeners('unhandledRejection').includes(onRejection)) {
    process.on('unhandledRejection', onRejection);
  }
  return insideBaileys.run(logger, work);
}

// Node runs this in the async context in which the promise was made.
function onRejection(reason: unknown): void {
  const logger = insideBaileys.getStore();
  if (logger) logger.debug({ err: reason }, 'Baileys left a rejection unhandled');
  // With a listener there is no default any more: this is the default, unless someone else listens, too.
  else if (process.listenerCount('unhandledRejection') === 1) throw reason;
}
