/** The process: settings, start, wait for a signal, stop. */
import { once } from 'node:events';
import { pino } from 'pino';
import { ConfigError, readConfig } from './config.ts';
import { startGateway } from './gateway.ts';
import { StorageError } from './storage/storage-error.ts';
import { welcome } from './welcome.ts';

/** After this, supervisors lose patience; what matters is stored by then anyway. */
const stopMs = 10_000;

async function run(stop: AbortSignal): Promise<void> {
  const config = readConfig(process.env);
  const logger = pino({ level: config.logLevel });
  await using gateway = await startGateway(config, { logger });
  logger.info({ url: gateway.url }, 'Pombo is listening');
  const stopped = stop.aborted ? Promise.resolve() : once(stop, 'abort');
  await welcome(gateway, {
    print: (text) => console.error(text),
    isInteractive: process.stdout.isTTY,
    stop,
  });
  await stopped;
  logger.info('Pombo is stopping');
}

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(1); // asked twice: at once
    stop.abort();
    setTimeout(() => process.exit(1), stopMs).unref();
  });
}

try {
  await run(stop.signal);
  process.exitCode = 0;
} catch (error) {
  const { syscall } = error as NodeJS.ErrnoException;
  const speaksForItself =
    error instanceof ConfigError || error instanceof StorageError || syscall === 'listen';
  console.error(speaksForItself ? (error as Error).message : error);
  process.exitCode = 1;
}
// Everything is closed and stored; a timer that Baileys leaves behind would keep the process for half a minute.
process.exit();
