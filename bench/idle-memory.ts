/** What connected instances that have nothing to do cost in memory, and whether many of them answer. */
import { setTimeout as pause } from 'node:timers/promises';
import { connectedGateway, startStock } from './contenders.ts';
import { dataFolderWith } from './data-folder.ts';
import { type Figure, figureOf, lonelyFigure, median, quantile } from './figure.ts';
import { residentMb } from './process-usage.ts';
import { type Pair, wallMs } from './rounds.ts';
import type { WhatsAppOfMany } from './simulated-whatsapp.ts';

const comparedWith = 'stock Baileys, keys in memory';

/**
 * RSS with none, with one and at each of these larger numbers of instances, ours and stock in processes of their own.
 * What one of them costs is told without the first, which brings all that they share.
 */
export async function idleFigures(
  whatsapp: WhatsAppOfMany,
  { counts, rounds, settleMs }: { counts: readonly number[]; rounds: number; settleMs: number },
): Promise<Figure[]> {
  const residentAt = async (count: number, times: number): Promise<Pair[]> => {
    const pairs: Pair[] = [];
    for (let round = 0; round < times; round++) {
      const ours = await ourResidentMb(whatsapp, count, settleMs);
      pairs.push({ ours, theirs: await stockResidentMb(whatsapp, count, settleMs) });
    }
    return pairs;
  };
  const about = { comparedWith, unit: 'MB', target: undefined };
  const figures: Figure[] = [];
  for (const count of [0, 1]) {
    figures.push(figureOf({ ...about, name: `RSS, ${count} idle` }, await residentAt(count, rounds)));
  }
  const first = figures.at(-1);
  for (const count of counts) {
    // The largest take long, and a few MB more or less are nothing to them.
    const full = await residentAt(count, count > 200 ? 1 : rounds);
    const each = full.map(({ ours, theirs }) => ({
      ours: (ours - (first?.ours ?? 0)) / (count - 1),
      theirs: (theirs - (first?.theirs ?? 0)) / (count - 1),
    }));
    const target = count === 200 ? { atMost: 0.4 } : undefined;
    figures.push(
      figureOf({ ...about, name: `RSS, ${count} idle` }, full),
      figureOf({ ...about, name: '… each after the first', target }, each),
    );
  }
  return figures;
}

/** As many instances in one process: all connected, all answering, by themselves and by way of WhatsApp. */
export async function answeringFigures(whatsapp: WhatsAppOfMany, count: number): Promise<Figure[]> {
  using folder = await dataFolderWith(await whatsapp.devices(count));
  const { gateway, tookMs } = await connectedGateway({ whatsapp, dataDir: folder.path }, count);
  await using _gateway = gateway;
  const times: { status: number[]; groups: number[] } = { status: [], groups: [] };
  let connected = 0;
  let reached = 0;
  for (const row of folder.instances) {
    const instance = gateway.instance(row);
    times.status.push(
      await wallMs(async () => {
        if ((await instance.get('/status')).body.connected === true) connected += 1;
      }),
    );
    times.groups.push(
      await wallMs(async () => {
        if ((await instance.get('/groups')).status === 200) reached += 1;
      }),
    );
  }
  const told = (name: string, unit: string, value: number, target?: Figure['target']) =>
    lonelyFigure({ name, unit, target }, [value]);
  return [
    told(`${count} in one process: connect`, 's', tookMs / 1_000),
    told('… not connected', '', count - connected, { oursAtMost: 0 }),
    told('… not answering by way of WhatsApp', '', count - reached, { oursAtMost: 0 }),
    told('… /status, median', 'ms', median(times.status)),
    told('… /status, p99', 'ms', quantile(times.status, 0.99)),
    told('… /groups, which asks WhatsApp, median', 'ms', median(times.groups)),
    told('… /groups, p99', 'ms', quantile(times.groups, 0.99)),
  ];
}

async function ourResidentMb(whatsapp: WhatsAppOfMany, count: number, settleMs: number): Promise<number> {
  using folder = await dataFolderWith(await whatsapp.devices(count));
  const { gateway } = await connectedGateway({ whatsapp, dataDir: folder.path }, count);
  await using _gateway = gateway;
  return await settledMb(gateway.pid, settleMs);
}

async function stockResidentMb(whatsapp: WhatsAppOfMany, count: number, settleMs: number): Promise<number> {
  using program = await startStock(whatsapp);
  await program.ask({ connect: await whatsapp.devices(count) });
  return await settledMb(program.pid, settleMs);
}

/** What the process holds once it has come to rest; the median of some looks. */
async function settledMb(pid: number, settleMs: number): Promise<number> {
  await pause(settleMs);
  const looks: number[] = [];
  for (let look = 0; look < 5; look++) {
    looks.push(residentMb(pid));
    await pause(200);
  }
  return median(looks);
}
