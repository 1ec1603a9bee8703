/** The gateway as people run it: `src/main.ts` in a process of its own, which can be killed. */
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

export interface GatewayProcess extends AsyncDisposable {
  readonly url: string;
  readonly child: ChildProcess;
  /** All that it printed for people so far. */
  printed(): string;
  /** Resolves when `pattern` has been printed, with the match. */
  hasPrinted(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends a signal; resolves with the exit code, `null` when the signal itself ended the process. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts it and resolves when it listens; rejects with what it printed when it ends before. */
export const startGatewayProcess = (env: Record<string, string>): Promise<GatewayProcess> =>
  spawnGateway(env).listening;

/** Starts it, for those who do not wait until it listens. */
export function spawnGateway(env: Record<string, string>): {
  readonly child: ChildProcess;
  readonly listening: Promise<GatewayProcess>;
} {
  const child = spawn(process.execPath, [main], {
    cwd: tmpdir(), // not where a developer may have a .env file
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return { child, listening: untilItListens(child) };
}

async function untilItListens(child: ChildProcessByStdio<null, null, Readable>): Promise<GatewayProcess> {
  const exited = once(child, 'exit');
  const saidAll = once(child, 'close').then(() => 'the end'); // after `exit`: what it wrote last may come later
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    child.emit('printed');
  });

  async function hasPrinted(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(text);
      if (match) return match;
      const news = await Promise.race([once(child, 'printed'), saidAll]);
      if (news === 'the end' && !pattern.test(text)) {
        throw new Error(`The gateway ended. It printed:\n${text}`);
      }
    }
  }

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    child.kill(signal);
    const [code] = await exited;
    return code;
  }

  const [, url = ''] = await hasPrinted(/listens on (\S+)\n/);
  return {
    url,
    child,
    printed: () => text,
    hasPrinted,
    end,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) await end('SIGKILL');
    },
  };
}
