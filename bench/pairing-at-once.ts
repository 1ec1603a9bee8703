/** How long the event loop is held up while several phones are paired at the same time. */
import { createInstance } from '../test/harness.ts';
import { startStock } from './contenders.ts';
import { dataFolderWith } from './data-folder.ts';
import { type Figure, figureOf } from './figure.ts';
import { startGateway } from './gateway.ts';
import type { LoopDelay } from './loop-delay.ts';
import type { WhatsAppOfMany } from './simulated-whatsapp.ts';

export async function pairingFigures(
  whatsapp: WhatsAppOfMany,
  { count, rounds }: { count: number; rounds: number },
): Promise<Figure[]> {
  const pairs: { ours: LoopDelay; theirs: LoopDelay }[] = [];
  for (let round = 0; round < rounds; round++) {
    const numbers = (first: number) =>
      Array.from({ length: count }, (_, index) => String(first + round * count + index));
    pairs.push({
      ours: await pairAll(whatsapp, numbers(5_521_999_990_001)),
      theirs: await pairAllStock(whatsapp, numbers(5_531_999_990_001)),
    });
  }
  const figure = (name: string, target: Figure['target'], of: (delay: LoopDelay) => number) =>
    figureOf(
      { name, comparedWith: 'stock Baileys, keys in memory', unit: 'ms', target },
      pairs.map(({ ours, theirs }) => ({ ours: of(ours), theirs: of(theirs) })),
    );
  return [
    figure(`pairing ${count} at once, event-loop delay, p99`, { oursAtMost: 120 }, ({ p99Ms }) => p99Ms),
    figure('… longest', undefined, ({ maxMs }) => maxMs),
  ];
}

async function pairAll(whatsapp: WhatsAppOfMany, numbers: readonly string[]): Promise<LoopDelay> {
  using folder = await dataFolderWith([]);
  await using gateway = await startGateway({ whatsapp, dataDir: folder.path, watchesLoop: true });
  const instances = await Promise.all(
    numbers.map(async (number) => {
      await whatsapp.phone(number);
      return { number, api: await createInstance(gateway.url, number) };
    }),
  );
  await Promise.all(
    instances.map(async ({ number, api }) => {
      const { body } = await api.get('/qr-code');
      await whatsapp.scan(number, body.value);
      await api.connected();
    }),
  );
  return await gateway.loopDelay(); // before the gateway ends
}

async function pairAllStock(whatsapp: WhatsAppOfMany, numbers: readonly string[]): Promise<LoopDelay> {
  using program = await startStock(whatsapp);
  for (const number of numbers) await whatsapp.phone(number);
  return (await program.ask({ pair: numbers })) as LoopDelay;
}
