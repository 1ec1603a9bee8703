/** The whole operation, from a picture of 12 megapixels in Base64 to WhatsApp's confirmation. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { startGatewayProcess } from '../test/gateway-process.ts';
import { createInstance, environmentFor } from '../test/harness.ts';
import { startProgram } from './child-process.ts';
import { type Figure, figureOf, median, quantile } from './figure.ts';
import { cpuMs, forgetPeak, peakMb, pinTo } from './process-usage.ts';
import { inTurns, wallMs } from './rounds.ts';
import { samples } from './samples.ts';
import { type SimulatedWhatsApp, startSimulatedWhatsApp } from './simulated-whatsapp.ts';

const clients = 4;
const changesPerClient = 8;

/** A gateway in a process of its own, its four groups, and how a photo is changed. */
interface Contender {
  readonly pid: number;
  change(client: number, groupPhoto: string): Promise<void>;
}

interface Run {
  readonly cpuMs: number;
  readonly peakMb: number;
  readonly latenciesMs: readonly number[];
}

export async function operationFigures(rounds: number): Promise<Figure[]> {
  await using parts = new AsyncDisposableStack();
  const whatsapp = parts.use(await startSimulatedWhatsApp());
  const pombo = await startPombo(parts, whatsapp);
  const stock = await startStock(parts, whatsapp);
  // Each gateway has one core to itself, as the process under test; the other is for those who ask and who answer.
  for (const { pid } of [pombo, stock]) pinTo(1, pid);
  for (const pid of [process.pid, whatsapp.pid]) pinTo(0, pid);
  const picture = await samples.jpeg();
  // Another one, so that no change finds its photo in place already.
  const other = await sharp(picture).flop().jpeg({ quality: 90 }).toBuffer();
  const pictures = [picture.toString('base64'), other.toString('base64')];

  const run = async ({ pid, change }: Contender): Promise<Run> => {
    forgetPeak(pid);
    const before = cpuMs(pid);
    const latenciesMs: number[] = [];
    const client = async (_: unknown, index: number) => {
      for (let count = 0; count < changesPerClient; count++) {
        latenciesMs.push(await wallMs(() => change(index, pictures[count % 2] ?? '')));
      }
    };
    await Promise.all(Array.from({ length: clients }, client));
    const changes = clients * changesPerClient;
    return { cpuMs: (cpuMs(pid) - before) / changes, peakMb: peakMb(pid), latenciesMs };
  };
  const runs: { ours: Run[]; theirs: Run[] } = { ours: [], theirs: [] };
  await inTurns(rounds, {
    ours: async () => runs.ours.push(await run(pombo)),
    theirs: async () => runs.theirs.push(await run(stock)),
  });

  const figure = (name: string, unit: string, atMost: number, of: (run: Run) => number): Figure => {
    // The first run of each warmed it up.
    const pairs = runs.ours.slice(1).flatMap((ours, round) => {
      const theirs = runs.theirs[round + 1];
      return theirs ? [{ ours: of(ours), theirs: of(theirs) }] : [];
    });
    return figureOf(
      { name, comparedWith: 'Fastify and sock.updateProfilePicture', unit, target: { atMost } },
      pairs,
    );
  };
  return [
    figure('whole operation, 12 MP Base64, CPU', 'ms', 1, (run) => run.cpuMs),
    figure('… peak RSS', 'MB', 0.6, (run) => run.peakMb),
    figure('… p99 at 4 clients', 'ms', 0.7, (run) => quantile(run.latenciesMs, 0.99)),
    { ...figure('… median at 4 clients', 'ms', 1, (run) => median(run.latenciesMs)), target: undefined },
  ];
}

async function startPombo(parts: AsyncDisposableStack, whatsapp: SimulatedWhatsApp): Promise<Contender> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pombo-bench-'));
  parts.defer(() => rm(dataDir, { recursive: true, force: true }));
  const { url, child } = parts.use(
    await startGatewayProcess({
      ...environmentFor(whatsapp, dataDir),
      LOG_LEVEL: 'warn',
      // As npm start sets them.
      MALLOC_ARENA_MAX: '2',
      NODE_OPTIONS: '--max-semi-space-size=2',
    }),
  );
  const number = '5511999990001';
  await whatsapp.phone(number);
  const instance = await createInstance(url);
  const { body } = await instance.get('/qr-code');
  await whatsapp.scan(number, body.value);
  await instance.connected();
  const groups = await groupsOf(whatsapp, number);
  return {
    pid: child.pid ?? 0,
    async change(client, groupPhoto) {
      const { body } = await instance.post('/update-group-photo', { groupId: groups[client], groupPhoto });
      if (body.value !== true) throw new Error(JSON.stringify(body));
    },
  };
}

async function startStock(parts: AsyncDisposableStack, whatsapp: SimulatedWhatsApp): Promise<Contender> {
  const program = parts.use(
    await startProgram<{ qr: string }>('./stock-gateway.ts', {
      args: [whatsapp.webSocketUrl, whatsapp.rootPublicKey.toString('hex')],
    }),
  );
  const number = '5511999990002';
  await whatsapp.phone(number);
  await whatsapp.scan(number, program.greeting.qr);
  const { url } = (await program.ask('url')) as { url: string };
  const groups = await groupsOf(whatsapp, number);
  return {
    pid: program.pid,
    async change(client, groupPhoto) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ groupId: groups[client], groupPhoto }),
      });
      const { value } = (await response.json()) as { value?: boolean };
      if (value !== true) throw new Error(`The stock gateway answered ${response.status}.`);
    },
  };
}

const groupsOf = (whatsapp: SimulatedWhatsApp, owner: string) =>
  Promise.all(Array.from({ length: clients }, () => whatsapp.group(owner, [])));
