/** What `npm run bench:…` does: measures the sections that are asked for, prints a table and keeps it as JSON. */
import { mkdir, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import type { Figure } from './figure.ts';
import { machine, tableOf } from './report.ts';

interface Run {
  /** The file in `bench/results/`, without `.json`. */
  readonly name: string;
  /** Loaded when it is their turn: each brings libraries that the others shall not have in memory. */
  readonly sections: Readonly<Record<string, () => Promise<Figure[]>>>;
  /** The names of some of them; `undefined`: all. */
  readonly only: readonly string[] | undefined;
}

/** Rejects when a section is not known, or fails. What was measured before that is printed, and not kept. */
export async function runSections({ name, sections, only }: Run): Promise<void> {
  // By way of `exit`, which is where the other processes and the folders are cleared away.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
  const wanted = only ?? Object.keys(sections);
  const unknown = wanted.filter((section) => !sections[section]);
  if (unknown.length > 0) {
    throw new Error(`There is no section "${unknown[0]}", only ${Object.keys(sections).join(', ')}.`);
  }
  const figures: Figure[] = [];
  try {
    for (const section of wanted) {
      console.error(`measuring: ${section} …`);
      figures.push(...((await sections[section]?.()) ?? []));
    }
  } finally {
    console.log(tableOf(figures));
  }
  const results = new URL('./results/', import.meta.url);
  await mkdir(results, { recursive: true });
  await writeFile(
    new URL(`${name}.json`, results),
    `${JSON.stringify({ machine: machine(), figures }, null, 2)}\n`,
  );
}
