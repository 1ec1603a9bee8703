import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { GatewayError } from '../errors.ts';
import type { PhotoOptions, RenderedPhoto } from './photo.ts';
import type { SvgAnswer, SvgTask } from './svg-process-child.ts';

/** How long the process waits for the next SVG before it is ended: it holds some 70 MB. */
const idleMs = 60_000;

/**
 * Draws SVGs in a process of its own, one at a time; it is started when an SVG comes.
 *
 * A few hundred bytes of SVG filters keep librsvg busy for minutes, or make it unpack gigabytes, and nothing inside a
 * process can stop it, but a process can be killed: by us after `timeoutMs`, by itself when it takes too much memory.
 * The other formats need no such care: their work is bounded by their number of pixels.
 */
export class SvgProcess implements Disposable {
  readonly #timeoutMs: number;
  #child: ChildProcess | undefined;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor({ timeoutMs }: { timeoutMs: number }) {
    this.#timeoutMs = timeoutMs;
  }

  /** `renderGroupPhoto` of an SVG, with its errors. */
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
    const settled = new AbortController();
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    const signal = AbortSignal.any([timeout, settled.signal]);
    const ended = once(child, 'exit', { signal }).then(() => endedEarly);
    const answered = once(child, 'message', { signal }).then(([answer]): SvgAnswer => answer);
    try {
      child.send(task);
      return await Promise.race([answered, ended]);
    } catch (error) {
      this[Symbol.dispose]();
      if (!timeout.aborted) throw error;
      throw new GatewayError('picture_unreadable', { message: tooComplex, cause: error });
    } finally {
      settled.abort();
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
