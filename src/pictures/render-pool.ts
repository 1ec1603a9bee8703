import { availableParallelism } from 'node:os';
import sharp from 'sharp';
import { renderGroupPhoto } from './group-photo.ts';
import type { PhotoOptions, RenderedPhoto } from './photo.ts';
import { showSamePicture } from './same-picture.ts';
import { Slots } from './slots.ts';
import { sniff, svg } from './sniff.ts';
import { SvgProcess } from './svg-process.ts';

interface RenderPoolOptions {
  /** Pictures that are rendered at the same time, and as many SVGs; more than there are cores only adds latency. */
  readonly concurrency?: number;
  /** Pictures that may wait for their turn. */
  readonly queueLimit?: number;
  /** How long an SVG may take to draw; the other formats are bounded by their size. */
  readonly svgTimeoutMs?: number;
}

/** Renders pictures, a few at a time, so that a burst neither starves the event loop nor exhausts memory. */
export class RenderPool implements Disposable {
  readonly #slots: Slots;
  /** Of their own, so that nobody waits behind SVGs that use all the time they are given. */
  readonly #svgSlots: Slots;
  readonly #svgTimeoutMs: number;
  readonly #idleSvgProcesses: SvgProcess[] = [];
  readonly #svgProcesses = new DisposableStack();

  constructor(options: RenderPoolOptions = {}) {
    const { concurrency = availableParallelism(), queueLimit = 64, svgTimeoutMs = 2_000 } = options;
    this.#slots = new Slots({ count: concurrency, queueLimit });
    this.#svgSlots = new Slots({ count: concurrency, queueLimit });
    this.#svgTimeoutMs = svgTimeoutMs;
    // For the whole process: pictures run side by side, not the lines of one, and none comes twice.
    sharp.concurrency(1);
    sharp.cache(false);
  }

  /** `renderGroupPhoto` in its turn, with its errors and `overloaded` when too many wait. */
  renderGroupPhoto(source: Uint8Array, options: PhotoOptions = {}): Promise<RenderedPhoto> {
    return sniff(source) === svg
      ? this.#svgSlots.run(() => this.#renderSvg(source, options))
      : this.#slots.run(() => renderGroupPhoto(source, options));
  }

  /** `showSamePicture` in its turn, with its errors and `overloaded` when too many wait. */
  showSamePicture(a: Uint8Array, b: Uint8Array): Promise<boolean> {
    return this.#slots.run(() => showSamePicture(a, b));
  }

  async #renderSvg(source: Uint8Array, options: PhotoOptions): Promise<RenderedPhoto> {
    const svgProcess =
      this.#idleSvgProcesses.pop() ??
      this.#svgProcesses.use(new SvgProcess({ timeoutMs: this.#svgTimeoutMs }));
    try {
      return await svgProcess.renderGroupPhoto(source, options);
    } finally {
      this.#idleSvgProcesses.push(svgProcess);
    }
  }

  /** Ends the processes that draw SVGs. */
  [Symbol.dispose](): void {
    this.#svgProcesses.dispose();
  }
}
