import { type ChildProcess, fork } from 'node:child_process';
import { GatewayError } from '../errors.ts';
import type { PhotoOptions, RenderedPhoto } from './photo.ts';
import type { SvgAnswer, SvgBegun, SvgTask } from './svg-process-child.ts';
import { unreadable } from './unreadable.ts';

/** How long the process waits for the next SVG before it is ended: it holds some 70 MB. */
const idleMs = 60_000;
/** How long the process may take to start; 0.2 s as a rule. Beyond that the machine has too much to do. */
const startTimeoutMs = 10_000;

/**
 * Draws SVGs in a process of its own, one at a time; it is started when an SVG comes.
 *
 * A few hundred bytes of SVG filters keep librsvg busy for minutes, or make it unpack gigabytes, and nothing inside a
 * process can stop it, but a process can be killed: by us when one SVG takes longer than `timeoutMs`, by itself when it
 * takes too much memory.
 * The other formats need no such care: their work is bounded by their number of pixels.
 */
export class SvgProcess implements Disposable {
  readonly #timeoutMs: number;
  #child: ChildProcess | undefined;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor({ timeoutMs }: { timeoutMs: number }) {
    this.#timeoutMs = timeoutMs;
  }

  /** `renderGroupPhoto` of an SVG, with its errors, and `overloaded` when the process takes too long to start. */
  async renderGroupPhoto(svg: Uint8Array, options: PhotoOptions): Promise<RenderedPhoto> {
    clearTimeout(this.#idleTimer);
    this.#child ??= this.#start();
    const answer = await this.#ask(this.#child, { svg, options });
    this.#idleTimer = setTimeout(() => this[Symbol.dispose](), idleMs).unref();
    if ('photo' in answer) return answer.photo;
    throw new GatewayError(answer.code, { message: answer.message });
  }

  #start(): ChildProcess {
    const child = fork(new URL('./svg-process-child.ts', import.meta.url), {
      env: {}, // what reads strangers' files is told no secrets
      execArgv: [], // ours may hold what is meant for us alone, such as --test or --inspect
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.once('exit', () => {
      if (this.#child === child) this.#child = undefined;
    });
    return child;
  }

  async #ask(child: ChildProcess, task: SvgTask): Promise<SvgAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<SvgAnswer>();
    const giveUpAfter = (timeoutMs: number, error: GatewayError) =>
      setTimeout(() => {
        this[Symbol.dispose]();
        reject(error);
      }, timeoutMs);
    let timer = giveUpAfter(startTimeoutMs, new GatewayError('overloaded', { retryAfterSeconds: 2 }));
    const hear = (message: SvgAnswer | SvgBegun) => {
      if (!('begun' in message)) {
        resolve(message);
        return;
      }
      clearTimeout(timer);
      timer = giveUpAfter(this.#timeoutMs, unreadable(tooComplex));
    };
    const end = () => resolve(endedEarly);
    child.on('message', hear).on('exit', end).on('error', reject);
    try {
      child.send(task);
      return await promise;
    } finally {
      clearTimeout(timer);
      child.off('message', hear).off('exit', end).off('error', reject);
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#idleTimer);
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }
}

const tooComplex = 'The SVG takes too long to draw. Simplify it, or send it as PNG.';

const endedEarly: SvgAnswer = {
  code: 'picture_unreadable',
  message: 'The SVG cannot be drawn: it needs more than this server gives it. Send it as PNG.',
};
