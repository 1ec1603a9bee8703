import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** What a command came to. */
interface CommandOutcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * For tests: a command of this folder in a process of its own, with this environment and nobody at the keyboard.
 *
 * `largestFileBlocks`: it cannot write larger files; in the blocks of the shell's `ulimit`, 512 or 1024 bytes.
 */
export async function runInProcess(
  command: string,
  typed: readonly string[],
  env: Record<string, string>,
  { largestFileBlocks }: { largestFileBlocks?: number } = {},
): Promise<CommandOutcome> {
  const file = fileURLToPath(new URL(`./${command}.ts`, import.meta.url));
  const limit = `ulimit -S -f ${largestFileBlocks} && exec "$@"`;
  const limited = largestFileBlocks === undefined ? [] : ['sh', '-c', limit, 'sh'];
  const [program = '', ...words] = [...limited, process.execPath, file, ...typed];
  const child = spawn(program, words, {
    cwd: tmpdir(), // not where a developer may have a .env file
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await closed;
  return { code, stdout, stderr };
}
