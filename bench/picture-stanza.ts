/** What it costs to send a ready photo to WhatsApp and hear its answer, without the server's part. */
import { S_WHATSAPP_NET } from 'baileys';
import { pino } from 'pino';
import { GatewayError } from '../src/errors.ts';
import { parseGroupId } from '../src/ids.ts';
import { connectBaileys } from '../src/whatsapp/baileys/connect.ts';
import { MemoryKeyStore } from '../src/whatsapp/memory-key-store.fixture.ts';
import type { Connection } from '../src/whatsapp/whatsapp.ts';
import { type Figure, figureOf } from './figure.ts';
import { pairedSocket } from './paired-socket.ts';
import { inTurns } from './rounds.ts';
import { readyPhoto } from './samples.ts';
import { type SimulatedWhatsApp, startSimulatedWhatsApp } from './simulated-whatsapp.ts';

const repetitions = 40;

export async function stanzaFigures(rounds: number): Promise<Figure[]> {
  using whatsapp = await startSimulatedWhatsApp();
  const [ana, bruno] = ['5511999990001', '5511999990002'];
  await whatsapp.phone(ana);
  await whatsapp.phone(bruno);
  const address = await whatsapp.group(ana, [bruno]);
  const group = parseGroupId(address);
  if (!group) throw new Error(`The simulator made a group called ${address}.`);
  const jpeg = await readyPhoto();

  const ours = await connected(whatsapp, ana);
  const stock = await pairedSocket(whatsapp, (qr) => whatsapp.scan(bruno, qr));
  const node = {
    tag: 'iq',
    attrs: { to: S_WHATSAPP_NET, type: 'set', xmlns: 'w:profile:picture', target: address },
    content: [{ tag: 'picture', attrs: { type: 'image' }, content: jpeg }],
  };
  // No photo is changed, so that neither has to read the notification that follows a change: it is the same for both.
  await whatsapp.fault({ kind: 'picture-set', malformed: 'empty-result' });
  const cpuMsOf = async (send: () => Promise<unknown>) => {
    const before = process.cpuUsage();
    for (let count = 0; count < repetitions; count++) await send();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000 / repetitions;
  };
  const pairs = await inTurns(rounds, {
    ours: () => cpuMsOf(() => ours.whatsapp.setGroupPhoto(group, jpeg).catch(onlyUnconfirmed)),
    theirs: () => cpuMsOf(() => stock.query({ ...node, attrs: { ...node.attrs } })),
  });
  await ours[Symbol.asyncDispose]();
  await stock.end(undefined);
  return [
    figureOf(
      {
        name: `sending a photo of ${Math.round(jpeg.length / 1_000)} kB, CPU`,
        comparedWith: "Baileys' query",
        unit: 'ms',
        target: { atMost: 0.35 },
      },
      pairs,
    ),
  ];
}

function onlyUnconfirmed(error: unknown): void {
  if (!(error instanceof GatewayError) || error.code !== 'whatsapp_timeout') throw error;
}

/** A connection as the gateway's sessions have it, paired and online. */
async function connected(whatsapp: SimulatedWhatsApp, number: string): Promise<Connection> {
  const keys = new MemoryKeyStore();
  const connect = connectBaileys({
    webSocketUrl: whatsapp.webSocketUrl,
    rootPublicKey: whatsapp.rootPublicKey,
    logger: pino({ enabled: false }),
  });
  let isScanned = false;
  for (;;) {
    const { promise: settled, resolve, reject } = Promise.withResolvers<boolean>();
    const connection = await connect({
      keys,
      onEvent: (event) => {
        if (event.type === 'qr' && !isScanned) {
          isScanned = true;
          whatsapp.scan(number, event.qr).catch(reject);
        }
        if (event.type === 'open') resolve(true);
        if (event.type === 'closed') resolve(false);
      },
    });
    if (await settled) return connection;
  }
}
