/**
 * A process that renders each picture it is sent, one after another as the gateway does, and answers with the outcome
 * and the time that the processors worked on it. Its memory can be looked at from outside, because it does nothing else.
 */
import { GatewayError } from '../errors.ts';
import type { PhotoOptions } from './photo.ts';
import { RenderPool } from './render-pool.ts';

export interface Outcome {
  /** `photo`, the code of the error that callers see, or what must not happen. */
  readonly result: string;
  readonly cpuMs: number;
  /** Of this process since it started, above what it had before the first picture. */
  readonly peakMemoryBytes: number;
}

const pool = new RenderPool({ concurrency: 1 });
const peakBytes = () => process.resourceUsage().maxRSS * 1024;
let memoryBefore: number | undefined;

process.on('message', async ({ source, options }: { source: Uint8Array; options: PhotoOptions }) => {
  memoryBefore ??= peakBytes();
  const before = process.cpuUsage();
  const result = await pool.renderGroupPhoto(source, options).then(
    ({ jpeg }) => (jpeg.length <= 100_000 ? 'photo' : `${jpeg.length} bytes`),
    (error: unknown) => (error instanceof GatewayError ? error.code : String(error)),
  );
  const { user, system } = process.cpuUsage(before);
  const outcome: Outcome = {
    result,
    cpuMs: (user + system) / 1_000,
    peakMemoryBytes: peakBytes() - memoryBefore,
  };
  process.send?.(outcome);
});
process.on('disconnect', () => process.exit());
