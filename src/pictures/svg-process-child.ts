/** What runs in an `SvgProcess`: takes SVGs, answers with JPEGs or with the error that the caller shall see. */
import sharp from 'sharp';
import { type ErrorCode, GatewayError } from '../errors.ts';
import { renderGroupPhoto } from './group-photo.ts';

export type SvgAnswer =
  | { readonly jpeg: Uint8Array }
  | { readonly code: ErrorCode; readonly message: string };

/** An ordinary drawing stays below 150 MB; pictures within the SVG are unpacked by librsvg, which takes any size. */
const maxMemoryBytes = 400e6;
const memoryLookMs = 10;

async function answer(svg: Uint8Array): Promise<SvgAnswer> {
  const watch = setInterval(() => {
    if (process.memoryUsage.rss() > maxMemoryBytes) endAtOnce();
  }, memoryLookMs);
  try {
    return { jpeg: await renderGroupPhoto(svg) };
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
process.on('message', async (svg: Uint8Array) => process.send?.(await answer(svg)));
process.on('disconnect', endAtOnce); // the parent is gone
// A terminal and a supervisor signal all processes; the parent stops once it has answered, and needs us until then.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
