/**
 * `npm run bench:photo`: what a photo costs, each figure beside the usual way of doing the same, measured in turns in
 * one run. Prints a table and writes `bench/results/photo.json`. It asserts nothing: a machine has its moods.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Figure } from './figure.ts';
import { machine, tableOf } from './report.ts';

const help = `Measures what a photo costs, beside the usual ways of doing the same.

Usage: npm run bench:photo -- [options]

  --only <section>   render, parallel, body, stanza, operation or memory; may be given several times
  --quick            few rounds: to see that it runs, not to learn from
  --help             print this
`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** Loaded when it is their turn: each brings libraries that the others shall not have in memory. */
const sections: Readonly<Record<string, (quick: boolean) => Promise<Figure[]>>> = {
  render: async (quick) => (await import('./render.ts')).renderFigures(quick ? 3 : 31),
  parallel: async (quick) => (await import('./render.ts')).parallelFigures(quick ? 2 : 9),
  body: async (quick) => (await import('./base64-body.ts')).bodyFigures(quick ? 2 : 9),
  stanza: async (quick) => (await import('./picture-stanza.ts')).stanzaFigures(quick ? 2 : 9),
  operation: async (quick) => (await import('./whole-operation.ts')).operationFigures(quick ? 1 : 5),
  memory: async (quick) => (await import('./memory.ts')).memoryFigures(quick ? 1 : 3, quick ? 200 : 2_000),
};

async function measure(): Promise<void> {
  const wanted = values.only ?? Object.keys(sections);
  const figures: Figure[] = [];
  for (const name of wanted) {
    const section = sections[name];
    if (!section) throw new Error(`There is no section "${name}". ${help}`);
    console.error(`measuring: ${name} …`);
    figures.push(...(await section(values.quick)));
  }
  console.log(tableOf(figures));
  const results = new URL('./results/', import.meta.url);
  await mkdir(results, { recursive: true });
  await writeFile(
    new URL('photo.json', results),
    `${JSON.stringify({ machine: machine(), figures }, null, 2)}\n`,
  );
}

if (values.help) process.stdout.write(help);
else await measure();
process.exit(); // Baileys keeps a timer for 30 s
