/** What the process holds after many renders, with the setting of `npm start` and without. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { type Figure, figureOf } from './figure.ts';

export interface MemoryReport {
  readonly rendersPerSecond: number;
  /** After each quarter of the renders. */
  readonly residentMb: readonly number[];
}

/** The renders of a process of their own. */
async function renderMany(env: Record<string, string>, renders: number): Promise<MemoryReport> {
  const child = fork(new URL('./memory-process.ts', import.meta.url), [String(renders)], {
    env: { PATH: process.env.PATH, ...env },
    execArgv: [],
  });
  const [report] = (await once(child, 'message')) as [MemoryReport];
  return report;
}

export async function memoryFigures(rounds: number, renders = 2_000): Promise<Figure[]> {
  const reports: { ours: MemoryReport; theirs: MemoryReport }[] = [];
  for (let round = 0; round < rounds; round++) {
    const ours = await renderMany({ MALLOC_ARENA_MAX: '2' }, renders);
    reports.push({ ours, theirs: await renderMany({}, renders) });
  }
  const figure = (
    name: string,
    comparedWith: string,
    unit: string,
    target: Figure['target'],
    pairOf: (ours: MemoryReport, theirs: MemoryReport) => { ours: number; theirs: number },
  ) =>
    figureOf(
      { name, comparedWith, unit, target },
      reports.map(({ ours, theirs }) => pairOf(ours, theirs)),
    );
  const lastOf = ({ residentMb }: MemoryReport) => residentMb.at(-1) ?? Number.NaN;
  const defaults = 'default glibc settings';
  return [
    figure(`RSS after ${renders} mixed renders`, defaults, 'MB', { atMost: 0.55 }, (ours, theirs) => ({
      ours: lastOf(ours),
      theirs: lastOf(theirs),
    })),
    figure('… renders per second', defaults, '/s', { atLeast: 0.95 }, (ours, theirs) => ({
      ours: ours.rendersPerSecond,
      theirs: theirs.rendersPerSecond,
    })),
    figure('… RSS after the last quarter', 'after the third', 'MB', { atMost: 1.05 }, (ours) => ({
      ours: lastOf(ours),
      theirs: ours.residentMb.at(-2) ?? Number.NaN,
    })),
  ];
}
