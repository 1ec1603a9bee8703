/** What runs in an `SvgProcess`: takes SVGs, answers with photos or with the error that the caller shall see. */
import sharp from 'sharp';
import { type ErrorCode, GatewayError } from '../errors.ts';
import { renderGroupPhoto } from './group-photo.ts';
import type { PhotoOptions, RenderedPhoto } from './photo.ts';

/** Said when a task has arrived, before its answer: from then on the time counts. */
export interface SvgBegun {
  readonly begun: true;
}

export interface SvgTask {
  readonly svg: Uint8Array;
  readonly options: PhotoOptions;
}

export type SvgAnswer =
  | { readonly photo: RenderedPhoto }
  | { readonly code: ErrorCode; readonly message: string };

/**
 * With the 70 MB that the process has anyway. An ordinary drawing stays below 150 MB; pictures within the SVG are
 * unpacked by librsvg, which takes any size.
 */
const maxMemoryBytes = 320e6;
const memoryLookMs = 10;

async function answer({ svg, options }: SvgTask): Promise<SvgAnswer> {
  const watch = setInterval(() => {
    if (process.memoryUsage.rss() > maxMemoryBytes) endAtOnce();
  }, memoryLookMs);
  try {
    return { photo: await renderGroupPhoto(svg, options) };
  } catch (error) {
    if (error instanceof GatewayError) return { code: error.code, message: error.message };
    throw error;
  } finally {
    clearInterval(watch);
  }
}

/** An ordinary exit would wait for the drawing to end. */
const endAtOnce = () => process.kill(process.pid, 'SIGKILL');

sharp.concurrency(1);
process.on('message', async (task: SvgTask) => {
  process.send?.({ begun: true } satisfies SvgBegun);
  process.send?.((await answer(task)) satisfies SvgAnswer);
});
process.on('disconnect', endAtOnce); // the parent is gone
// A terminal and a supervisor signal all processes; the parent stops once it has answered, and needs us until then.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
