/**
 * `npm run bench:photo`: what a photo costs, each figure beside the usual way of doing the same, measured in turns in
 * one run. Prints a table and writes `bench/results/photo.json`. It asserts nothing: a machine has its moods.
 */
import { parseArgs } from 'node:util';
import { runSections } from './run-sections.ts';

const help = `Measures what a photo costs, beside the usual ways of doing the same.

Usage: npm run bench:photo -- [options]

  --only <section>   render, parallel, body, stanza, operation or memory; may be given several times
  --quick            few rounds: to see that it runs, not to learn from
  --help             print this
`;

const {
  values: { only, quick, help: wantsHelp },
} = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const sections = {
  render: async () => (await import('./render.ts')).renderFigures(quick ? 3 : 31),
  parallel: async () => (await import('./render.ts')).parallelFigures(quick ? 2 : 9),
  body: async () => (await import('./base64-body.ts')).bodyFigures(quick ? 2 : 9),
  stanza: async () => (await import('./picture-stanza.ts')).stanzaFigures(quick ? 2 : 9),
  operation: async () => (await import('./whole-operation.ts')).operationFigures(quick ? 1 : 5),
  memory: async () => (await import('./memory.ts')).memoryFigures(quick ? 1 : 3, quick ? 200 : 2_000),
};

if (wantsHelp) process.stdout.write(help);
else await runSections({ name: 'photo', sections, only });
process.exit(); // Baileys keeps a timer for 30 s
