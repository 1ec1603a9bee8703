/** The process: settings, start, wait for a signal, stop. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { pino } from 'pino';
import { ConfigError, readConfig } from './config.ts';
import { startGateway } from './gateway.ts';
import { StorageError } from './storage-error.ts';
import { welcome } from './welcome.ts';

/** After this, supervisors lose patience; what matters is stored by then anyway. */
const stopMs = 10_000;

async function run(stop: AbortSignal): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env'); // what the environment says already stays
  const config = readConfig(process.env);
  const logger = pino({ level: config.logLevel });
  await using gateway = await startGateway(config, { logger });
  logger.info({ url: gateway.url }, 'Pombo is listening');
  const stopped = stop.aborted ? Promise.resolve() : once(stop, 'abort');
  await welcome(gateway, { print: (text) => console.error(text), stop }).catch((error) => {
    logger.error({ err: error }, 'The greeting could not be finished');
  });
  await stopped;
  logger.info('Pombo is stopping');
}

/** What an operator can mend, in a sentence; `undefined` for what is our own mistake. */
function sentenceOf(error: unknown): string | undefined {
  if (error instanceof ConfigError || error instanceof StorageError) return error.message;
  const { syscall, message } = error as NodeJS.ErrnoException;
  const isAddress = syscall === 'listen' || syscall === 'bind' || syscall === 'getaddrinfo';
  return isAddress ? `Pombo cannot listen where PORT and HOST say: ${message}.` : undefined;
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
} catch (error) {
  console.error(sentenceOf(error) ?? error);
  process.exitCode = 1;
}
// Everything is closed and stored; a timer that Baileys leaves behind would keep the process for half a minute.
process.exit();
