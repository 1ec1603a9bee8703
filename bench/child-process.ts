/** Programs of the benchmark in processes of their own, so that each one's CPU and memory can be told apart. */
import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import { once } from 'node:events';

export interface Program<Greeting> extends Disposable {
  readonly pid: number;
  /** The first message that it sent. */
  readonly greeting: Greeting;
  /** Sends it a message and gives the next one that it sends. */
  ask(message: string): Promise<unknown>;
}

/** Starts a module of this folder; resolves when it has sent its first message. */
export async function startProgram<Greeting>(
  file: string,
  { args = [], env = {} }: { args?: string[]; env?: Record<string, string> } = {},
): Promise<Program<Greeting>> {
  const options: ForkOptions = { env: { PATH: process.env.PATH, ...env }, execArgv: [] };
  const child: ChildProcess = fork(new URL(file, import.meta.url), args, options);
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${file} ended before it was told to.`);
  });
  ended.catch(() => {}); // heard where something is waited for
  const nextMessage = async () => {
    const [message] = await Promise.race([once(child, 'message'), ended]);
    return message;
  };
  const greeting: Greeting = await nextMessage();
  return {
    pid: child.pid ?? 0,
    greeting,
    ask(message) {
      const answer = nextMessage();
      child.send(message);
      return answer;
    },
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  };
}
