import type { Clock } from '../clock.ts';
import { GatewayError } from '../errors.ts';
import { pause } from '../pause.ts';
import { unlessAborted } from '../unless-aborted.ts';

/** The time that there is for something, unless the gateway stops before. Disposing it stops its clock. */
export class TimeLimit implements Disposable {
  readonly #clock: Clock;
  readonly #endMs: number;
  readonly #passed = new AbortController();
  readonly #timer: Disposable;
  readonly #stopping: AbortSignal;
  readonly #over: AbortSignal;

  constructor({ clock, limitMs, stopping }: { clock: Clock; limitMs: number; stopping: AbortSignal }) {
    this.#clock = clock;
    this.#endMs = clock.now().getTime() + limitMs;
    this.#timer = clock.after(limitMs, () => this.#passed.abort(new GatewayError('whatsapp_timeout')));
    this.#stopping = stopping;
    this.#over = AbortSignal.any([this.#passed.signal, stopping]);
  }

  get leftMs(): number {
    return Math.max(0, this.#endMs - this.#clock.now().getTime());
  }

  /** Aborts when the time has passed or the gateway stops. */
  get signal(): AbortSignal {
    return this.#over;
  }

  /** Nothing more shall be begun: the time has passed, or the gateway stops. */
  get isOver(): boolean {
    return this.#over.aborted || this.leftMs === 0;
  }

  /** What `work` gives, though the gateway may stop meanwhile. Errors: `whatsapp_timeout` when the time passes before. */
  finishing<Result>(work: () => Promise<Result>): Promise<Result> {
    return unlessAborted(work, this.#passed.signal);
  }

  /** What `work` gives. Errors: `whatsapp_timeout` when the time passes before; why the gateway stops, when it does. */
  within<Result>(work: () => Promise<Result>): Promise<Result> {
    return unlessAborted(work, this.#over);
  }

  /** What `work` gives, which minds the time itself. Errors: why the gateway stops, when it does. */
  unlessStopped<Result>(work: () => Promise<Result>): Promise<Result> {
    return unlessAborted(work, this.#stopping);
  }

  /** Ends early when the gateway stops. */
  async pause(durationMs: number): Promise<void> {
    await pause(this.#clock, durationMs, this.#stopping);
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }
}
