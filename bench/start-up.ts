/** How long the gateway takes from its start to its first answer, and what it then holds, without any instance. */
import { setTimeout as pause } from 'node:timers/promises';
import { dataFolderWith } from './data-folder.ts';
import { type Figure, lonelyFigure } from './figure.ts';
import { startGateway } from './gateway.ts';
import { residentMb } from './process-usage.ts';
import type { WhatsAppOfMany } from './simulated-whatsapp.ts';

export async function startUpFigures(
  whatsapp: WhatsAppOfMany,
  { rounds, settleMs }: { rounds: number; settleMs: number },
): Promise<Figure[]> {
  using folder = await dataFolderWith([]);
  const start = async (settlesMs: number) => {
    await using gateway = await startGateway({ whatsapp, dataDir: folder.path });
    await pause(settlesMs);
    const seen = { readyS: gateway.readyAfterMs / 1_000, residentMb: residentMb(gateway.pid) };
    await gateway.stop();
    return seen;
  };
  await start(0); // from here on, the machine has seen it before
  const starts: Awaited<ReturnType<typeof start>>[] = [];
  for (let round = 0; round < rounds; round++) starts.push(await start(settleMs));
  return [
    lonelyFigure(
      { name: 'start to ready, no instance', unit: 's', target: { oursAtMost: 1 } },
      starts.map(({ readyS }) => readyS),
    ),
    lonelyFigure(
      { name: '… RSS', unit: 'MB', target: { oursAtMost: 140 } },
      starts.map(({ residentMb: mb }) => mb),
    ),
  ];
}
