/** Whether a gateway grows while its many instances have nothing to do. */
import { setTimeout as pause } from 'node:timers/promises';
import { connectedGateway } from './contenders.ts';
import { dataFolderWith } from './data-folder.ts';
import { type Figure, lonelyFigure } from './figure.ts';
import { residentMb } from './process-usage.ts';
import type { WhatsAppOfMany } from './simulated-whatsapp.ts';

/** One look at the process. */
interface Sample {
  readonly hours: number;
  readonly residentMb: number;
}

/** A look a minute, or 20 in all when that is more. */
const pauseBetweenMs = (minutes: number) => Math.min(60_000, (minutes * 60_000) / 20);

export async function slopeFigures(
  whatsapp: WhatsAppOfMany,
  { count, minutes }: { count: number; minutes: number },
): Promise<Figure[]> {
  using folder = await dataFolderWith(await whatsapp.devices(count));
  const { gateway } = await connectedGateway({ whatsapp, dataDir: folder.path }, count);
  await using _gateway = gateway;
  const startMs = performance.now();
  const hoursNow = () => (performance.now() - startMs) / 3_600_000;
  const samples: Sample[] = [];
  while (hoursNow() * 60 < minutes) {
    await pause(pauseBetweenMs(minutes));
    const sample = { hours: hoursNow(), residentMb: residentMb(gateway.pid) };
    samples.push(sample);
    console.error(`  ${(sample.hours * 60).toFixed(1)} min: ${sample.residentMb.toFixed(1)} MB`);
  }
  // What is left over from logging in is cleared away in the first quarter.
  const settled = samples.slice(Math.floor(samples.length / 4));
  return [
    lonelyFigure({ name: `RSS, ${count} idle`, unit: 'MB', target: undefined }, [
      settled[0]?.residentMb ?? Number.NaN,
    ]),
    lonelyFigure({ name: `… after ${minutes} minutes`, unit: 'MB', target: undefined }, [
      settled.at(-1)?.residentMb ?? Number.NaN,
    ]),
    // A few MB up or down are large in a few minutes and nothing in an hour.
    lonelyFigure({ name: '… growth', unit: 'MB/h', target: minutes < 60 ? undefined : { oursAtMost: 1 } }, [
      slope(settled),
    ]),
  ];
}

/** MB per hour: of the line that lies closest to the samples (least squares). */
function slope(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const meanHours = mean(({ hours }) => hours);
  const meanMb = mean(({ residentMb: mb }) => mb);
  const together = mean(({ hours, residentMb: mb }) => (hours - meanHours) * (mb - meanMb));
  return together / mean(({ hours }) => (hours - meanHours) ** 2);
}
