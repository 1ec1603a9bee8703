/** Programs of the benchmark in processes of their own, so that each one's CPU and memory can be told apart. */
import { type ChildProcess, type ForkOptions, fork, type Serializable } from 'node:child_process';
import { once } from 'node:events';

export interface Program<Greeting> extends Disposable {
  readonly pid: number;
  /** The first message that it sent. */
  readonly greeting: Greeting;
  /** Sends it a message and gives the next one that it sends, or rejects with its `error`; one question at a time. */
  ask(message: unknown): Promise<unknown>;
}

/** Has a process end with this one, however this one ends, unless it is killed. */
export function endWithUs(child: ChildProcess): void {
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.removeListener('exit', kill));
}

/** More than any answer takes. */
const deadlineMs = 600_000;

/** Starts a module of this folder; resolves when it has sent its first message. */
export async function startProgram<Greeting>(
  file: string,
  { args = [], env = {} }: { args?: string[]; env?: Record<string, string> } = {},
): Promise<Program<Greeting>> {
  const options: ForkOptions = { env: { PATH: process.env.PATH, ...env }, execArgv: [] };
  const child: ChildProcess = fork(new URL(file, import.meta.url), args, options);
  endWithUs(child);
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${file} ended before it was told to.`);
  });
  ended.catch(() => {}); // heard where something is waited for
  const nextMessage = async () => {
    const signal = AbortSignal.timeout(deadlineMs);
    const [message] = await Promise.race([once(child, 'message', { signal }), ended]);
    if (typeof message.error === 'string') throw new Error(`${file}: ${message.error}`);
    return message;
  };
  const greeting: Greeting = await nextMessage();
  return {
    pid: child.pid ?? 0,
    greeting,
    ask(message) {
      const answer = nextMessage();
      child.send(message as Serializable);
      return answer;
    },
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  };
}
