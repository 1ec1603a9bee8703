/** The gateway as `npm start` runs it, without npm, on a data directory that was prepared. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import packageInfo from '../package.json' with { type: 'json' };
import { ApiInstance, environmentFor } from '../test/harness.ts';
import { endWithUs } from './child-process.ts';
import { temporaryFolder } from './data-folder.ts';
import type { LoopDelay } from './loop-delay.ts';
import { pinTo } from './process-usage.ts';
import type { SimulatedWhatsApp } from './simulated-whatsapp.ts';

export interface GatewayOptions {
  readonly dataDir: string;
  readonly whatsapp: Pick<SimulatedWhatsApp, 'webSocketUrl' | 'rootPublicKey'>;
  /** Settings besides. */
  readonly env?: Readonly<Record<string, string>>;
  /** Has its event loop watched. */
  readonly watchesLoop?: boolean;
  /** The only core that it may use; default: all. */
  readonly core?: number;
}

export interface Gateway extends AsyncDisposable {
  readonly pid: number;
  readonly url: string;
  /** From the start of the process to the first 200 of `/ready`. */
  readonly readyAfterMs: number;
  instance(row: { readonly id: string; readonly token: string }): ApiInstance;
  /** Ends it as a supervisor does; disposing kills it. */
  stop(): Promise<void>;
  /** The delay of its event loop since it first dialled; `watchesLoop` has to be set. */
  loopDelay(): Promise<LoopDelay>;
}

const startDeadlineMs = 60_000;
const answerDeadlineMs = 10_000;

/** Starts it; resolves when it is ready. Rejects with what it printed when it ends instead. */
export async function startGateway({
  dataDir,
  whatsapp,
  env = {},
  watchesLoop = false,
  core,
}: GatewayOptions): Promise<Gateway> {
  const folder = temporaryFolder(); // not where a developer may have a .env file
  for (const name of ['src', 'node_modules']) {
    symlinkSync(fileURLToPath(new URL(`../${name}`, import.meta.url)), join(folder.path, name));
  }
  const startMs = performance.now();
  const child: ChildProcess = spawn('sh', ['-c', packageInfo.scripts.start], {
    cwd: folder.path,
    env: {
      PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
      ...environmentFor(whatsapp, dataDir),
      LOG_LEVEL: 'info',
      ...(watchesLoop && { NODE_OPTIONS: `--import=${new URL('./loop-delay-preload.ts', import.meta.url)}` }),
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe', ...(watchesLoop ? (['ipc'] as const) : [])],
  });
  endWithUs(child);
  if (core !== undefined && child.pid) pinTo(core, child.pid);
  const exited = once(child, 'exit');
  const url = await listeningUrl(child);
  const { ok, status } = await fetch(`${url}/ready`);
  if (!ok) throw new Error(`/ready answered ${status}.`);
  const readyAfterMs = performance.now() - startMs;
  return {
    pid: child.pid ?? 0,
    url,
    readyAfterMs,
    instance: (row) => new ApiInstance({ ...row, gatewayUrl: url }),
    async loopDelay() {
      child.send('loop delay');
      const [delay] = await once(child, 'message', { signal: AbortSignal.timeout(answerDeadlineMs) });
      return delay;
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
      folder[Symbol.dispose]();
    },
  };
}

async function listeningUrl(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let printed = '';
  const failed = (why: string) => reject(new Error(`The gateway ${why}. It printed:\n${printed}`));
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    printed += chunk;
    const url = /listens on (\S+)\n/.exec(printed)?.[1];
    if (url) resolve(url);
  });
  child.once('close', () => failed('ended'));
  const deadline = setTimeout(() => {
    child.kill('SIGKILL');
    failed(`did not start within ${startDeadlineMs / 1_000} s`);
  }, startDeadlineMs);
  try {
    return await promise;
  } finally {
    clearTimeout(deadline);
  }
}
