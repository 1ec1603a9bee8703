import { execSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { type Figure, isReached } from './figure.ts';

/** The figures as a Markdown table. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    figure.comparedWith,
    `${shortened(figure.ours)} ${figure.unit}`,
    figure.theirs === undefined ? '' : `${shortened(figure.theirs)} ${figure.unit}`,
    figure.ratio === undefined ? '' : `${figure.ratio.toFixed(2)} ×`,
    targetOf(figure),
    { true: 'yes', false: 'no', undefined: '' }[String(isReached(figure)) as 'true' | 'false' | 'undefined'],
  ]);
  const titles = ['figure', 'compared with', 'ours', 'theirs', 'ratio', 'to reach', 'reached'];
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(titles), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

const shortened = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

function targetOf({ target, unit }: Figure): string {
  if (!target) return '';
  if ('oursAtMost' in target) return `≤ ${target.oursAtMost} ${unit}`;
  return 'atMost' in target ? `≤ ${target.atMost.toFixed(2)} ×` : `≥ ${target.atLeast.toFixed(2)} ×`;
}

/** What the figures were measured on. */
export function machine(): { cpu: string; cores: number; memoryGiB: number; node: string; kernel: string } {
  const [first] = cpus();
  return {
    cpu: first?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    kernel: execSync('uname -sr').toString().trim(),
  };
}
