/** What it costs to get a picture out of a JSON body of 5 MiB. */
import { JsonBody } from '../src/http/json-body.ts';
import { restEveryBytes } from '../src/http/read-chunks.ts';
import { startProgram } from './child-process.ts';
import { type Figure, figureOf, median } from './figure.ts';
import { cpuMs } from './process-usage.ts';
import { inTurns } from './rounds.ts';

const requests = 24;

export async function bodyFigures(rounds: number): Promise<Figure[]> {
  using pombo = await startProgram<{ url: string }>('./body-server.ts', { args: ['pombo'] });
  using fastify = await startProgram<{ url: string }>('./body-server.ts', { args: ['fastify'] });
  const groupPhoto = Buffer.alloc((5 * 2 ** 20 * 3) / 4, 'picture').toString('base64');
  const body = JSON.stringify({ groupId: '120363019502650977-group', groupPhoto });

  const post = async (url: string) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const { bytes } = (await response.json()) as { bytes?: number };
    if (bytes !== (groupPhoto.length * 3) / 4) throw new Error(`answered ${response.status}, ${bytes} bytes`);
  };
  const cpuPerRequest = async ({ pid, greeting: { url } }: typeof pombo) => {
    const before = cpuMs(pid);
    const client = async () => {
      for (let count = 0; count < requests / 4; count++) await post(url);
    };
    await Promise.all([client(), client(), client(), client()]);
    return (cpuMs(pid) - before) / requests;
  };
  const longestPause = async ({ ask, greeting: { url } }: typeof pombo) => {
    await ask('look');
    await post(url);
    const { longestMs } = (await ask('stop')) as { longestMs: number };
    return longestMs;
  };

  const comparedWith = "Fastify's own parser";
  const cpu = await inTurns(rounds, {
    ours: () => cpuPerRequest(pombo),
    theirs: () => cpuPerRequest(fastify),
  });
  const pauses = await inTurns(rounds * 3, {
    ours: () => longestPause(pombo),
    theirs: () => longestPause(fastify),
  });
  return [
    figureOf({ name: 'Base64 body of 5 MiB, CPU', comparedWith, unit: 'ms', target: { atMost: 0.45 } }, cpu),
    figureOf(
      { name: '… longest round of the event loop', comparedWith, unit: 'ms', target: undefined },
      pauses,
    ),
    longestPiece(body, rounds * 5),
  ];
}

const chunkBytes = 64 * 1024;

/**
 * The longest piece of work on a body that is done in one go. A round of the event loop also has what the machine does
 * to it meanwhile, so each piece counts with its median over the runs, and the longest of them is told.
 */
function longestPiece(body: string, runs: number): Figure {
  const bytes = Buffer.from(body);
  const pieces: number[][] = [];
  const wholes: number[] = [];
  for (let run = 0; run < runs; run++) {
    const reader = new JsonBody({ pictureNames: ['groupPhoto'], lengthBytes: bytes.length });
    const times = [];
    for (let start = 0; start < bytes.length; start += restEveryBytes) {
      const startMs = performance.now();
      const end = Math.min(start + restEveryBytes, bytes.length);
      for (let at = start; at < end; at += chunkBytes)
        reader.push(bytes.subarray(at, Math.min(at + chunkBytes, end)));
      times.push(performance.now() - startMs);
    }
    const endMs = performance.now();
    reader.end();
    times.push(performance.now() - endMs);
    pieces.push(times);

    const wholeMs = performance.now();
    Buffer.from(JSON.parse(bytes.toString()).groupPhoto, 'base64');
    wholes.push(performance.now() - wholeMs);
  }
  const ours = Math.max(
    ...(pieces[0] ?? []).map((_, place) => median(pieces.map((times) => times[place] ?? 0))),
  );
  const theirs = median(wholes);
  return {
    name: '… longest piece of work in one go',
    comparedWith: 'JSON.parse of the whole',
    unit: 'ms',
    ours,
    theirs,
    ratio: ours / theirs,
    rounds: runs,
    target: { oursAtMost: 1.5 },
  };
}
