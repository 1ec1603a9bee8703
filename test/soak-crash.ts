/** `npm run soak:crash`: kills the gateway at 200 random moments and looks each time whether anything was lost. */
import { parseArgs } from 'node:util';
import { crashRounds } from './crash-rounds.ts';
import { randomFrom } from './random-from.ts';

const help = `Kills the gateway at random moments, in the middle of messages, photos and pairings, and looks after
each restart whether anything was lost. It ends at the first thing that was.

Usage: npm run soak:crash -- [options]

  --rounds <n>   how many kills (default 200, some 15 minutes)
  --seed <n>     for the same moments again; without it the clock chooses
  --help         print this
`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    help: { type: 'boolean', default: false },
  },
});

// The Signal library of the client outside writes whole sessions there.
for (const level of ['info', 'warn', 'error'] as const) console[level] = () => undefined;

if (values.help) process.stdout.write(help);
else {
  console.log(`seed ${values.seed}`);
  const report = await crashRounds({
    rounds: Number(values.rounds),
    random: randomFrom(Number(values.seed)),
    onRound: (round, { textsSent, photosChanged, phonesPaired }) =>
      console.log(
        `round ${round}: ${textsSent} texts sent, ${photosChanged} photos, ${phonesPaired} pairings`,
      ),
  });
  console.log('Nothing was lost.', report);
}
process.exit();
