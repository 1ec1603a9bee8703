/** Renders as many mixed pictures as it is told, two at a time, and reports what that took; see `memory.ts`. */
import { RenderPool } from '../src/pictures/render-pool.ts';
import type { MemoryReport } from './memory.ts';
import { residentMb } from './process-usage.ts';
import { samples } from './samples.ts';

const renders = Number(process.argv[2]);
const { svg: _drawnElsewhere, ...drawnHere } = samples;
const sources = await Promise.all(Object.values(drawnHere).map((make) => make()));

using pool = new RenderPool({ concurrency: 2 });
const quarters: number[] = [];
let next = 0;
async function work(until: number): Promise<void> {
  while (next < until) {
    const source = sources[next++ % sources.length];
    if (source) await pool.renderGroupPhoto(source);
  }
}
const startMs = performance.now();
for (const quarter of [1, 2, 3, 4]) {
  const until = (renders * quarter) / 4;
  await Promise.all([work(until), work(until)]);
  quarters.push(residentMb(process.pid));
}
const report: MemoryReport = {
  rendersPerSecond: renders / ((performance.now() - startMs) / 1_000),
  residentMb: quarters,
};
process.send?.(report, () => process.disconnect());
