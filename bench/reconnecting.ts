/** How a gateway comes back with all its instances, for several settings of how many log in at the same time. */
import { settings } from '../src/config.ts';
import { connectedGateway } from './contenders.ts';
import { dataFolderWith } from './data-folder.ts';
import { type Figure, figureOf, lonelyFigure } from './figure.ts';
import type { LoopDelay } from './loop-delay.ts';
import { pinTo } from './process-usage.ts';
import type { WhatsAppOfMany } from './simulated-whatsapp.ts';

interface Return extends LoopDelay {
  /** From the first dial until all are online. */
  readonly tookMs: number;
}

const usual = settings.connectAtOnce.default;

export async function reconnectingFigures(
  whatsapp: WhatsAppOfMany,
  { count, atOnce, rounds }: { count: number; atOnce: readonly number[]; rounds: number },
): Promise<Figure[]> {
  using folder = await dataFolderWith(await whatsapp.devices(count));
  // The gateway has a core to itself; the other is for whom it talks to.
  for (const pid of [process.pid, whatsapp.pid]) pinTo(0, pid);
  const paces = [...new Set([...atOnce, usual])].toSorted((one, other) => one - other);
  const returns = new Map<number, Return[]>(paces.map((pace) => [pace, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [pace, seen] of returns) {
      const env = { POMBO_CONNECT_AT_ONCE: String(pace) };
      const options = { whatsapp, dataDir: folder.path, env, watchesLoop: true, core: 1 };
      const { gateway, tookMs } = await connectedGateway(options, count);
      await using _gateway = gateway;
      seen.push({ tookMs, ...(await gateway.loopDelay()) });
    }
  }
  return [...returns].flatMap(([pace, seen]) => {
    const isUsual = pace === usual;
    const delay = (name: string, target: Figure['target'], of: (seen: Return) => number) =>
      lonelyFigure({ name, unit: 'ms', target }, seen.map(of));
    const fastest = seen.map(({ tookMs }, round) => ({
      ours: tookMs / 1_000,
      theirs: Math.min(...[...returns.values()].map((all) => all[round]?.tookMs ?? tookMs)) / 1_000,
    }));
    return [
      figureOf(
        {
          name: `reconnecting ${count}, ${pace} at once${isUsual ? ' (default)' : ''}`,
          comparedWith: 'the fastest of these',
          unit: 's',
          target: isUsual ? { atMost: 1.4 } : undefined,
        },
        fastest,
      ),
      delay('… event-loop delay, p99', isUsual ? { oursAtMost: 30 } : undefined, ({ p99Ms }) => p99Ms),
      delay('… event-loop delay, longest', undefined, ({ maxMs }) => maxMs),
    ];
  });
}
