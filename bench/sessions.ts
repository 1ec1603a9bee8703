/**
 * `npm run bench:sessions`: what connected instances cost that have nothing to do, and what it takes to start, to come
 * back and to pair. Prints a table and writes `bench/results/sessions.json`. It asserts nothing: a machine has its
 * moods.
 *
 * How it measures:
 * - The simulated WhatsApp runs in a process of its own. Its devices are linked without being paired, each with a few
 *   one-time keys, so that a login is one like all those after the first.
 * - Ours is the gateway with the command of `npm start`, its settings for V8 and the allocator included, on a data
 *   directory that holds those devices. Stock is plain Baileys sockets with default options and their keys in memory,
 *   in a plain `node`. Both connect to the same simulator over `ws://` (no TLS), one after the other, never at once.
 * - Memory is the RSS that Linux tells, some seconds after the last login. What an instance costs is told without the
 *   first one, which brings the code that all share: (RSS of N − RSS of 1) / (N − 1).
 * - A login is complete when the simulator is asked the last thing that Baileys asks before it is online; all times of
 *   reconnecting are taken there.
 * - The start is that of the second time and later: the files are in the machine's memory by then, and Node's compile
 *   cache, if the command has one, is written.
 * - The event loop is watched by `monitorEventLoopDelay` within the process, every 2 ms, from the first dial on: 2 ms is
 *   a loop that has nothing to do.
 */
import { parseArgs } from 'node:util';
import { runSections } from './run-sections.ts';
import { startWhatsAppOfMany } from './simulated-whatsapp.ts';

const help = `Measures what instances cost: idle, starting, coming back, pairing.

Usage: npm run bench:sessions -- [options]

  --only <section>    start, keys, pairing, reconnecting, idle, answering or slope; may be given several times
  --minutes <number>  how long the section slope looks; 3 without it, 60 to learn from
  --quick             few rounds and instances: to see that it runs, not to learn from
  --help              print this
`;

const {
  values: { only, quick, minutes, help: wantsHelp },
} = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    minutes: { type: 'string', default: '3' },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

async function measure(): Promise<void> {
  using whatsapp = await startWhatsAppOfMany();
  const settleMs = quick ? 2_000 : 10_000;
  const many = quick ? 100 : 1_000;
  const sections = {
    start: async () =>
      (await import('./start-up.ts')).startUpFigures(whatsapp, { rounds: quick ? 2 : 9, settleMs }),
    keys: async () => (await import('./key-writes.ts')).keyWriteFigures(quick ? 3 : 21),
    pairing: async () =>
      (await import('./pairing-at-once.ts')).pairingFigures(whatsapp, { count: 10, rounds: quick ? 1 : 5 }),
    reconnecting: async () =>
      (await import('./reconnecting.ts')).reconnectingFigures(whatsapp, {
        count: quick ? 50 : 200,
        atOnce: [1, 2, 5, 10, 20, 50],
        rounds: quick ? 1 : 3,
      }),
    idle: async () =>
      (await import('./idle-memory.ts')).idleFigures(whatsapp, {
        counts: quick ? [50] : [10, 50, 200, 1_000],
        rounds: quick ? 1 : 3,
        settleMs,
      }),
    answering: async () => (await import('./idle-memory.ts')).answeringFigures(whatsapp, many),
    slope: async () =>
      (await import('./idle-slope.ts')).slopeFigures(whatsapp, { count: many, minutes: Number(minutes) }),
  };
  await runSections({ name: 'sessions', sections, only });
}

if (wantsHelp) process.stdout.write(help);
else await measure();
process.exit();
