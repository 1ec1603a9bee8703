/**
 * `npm run demo`: the product in one command. A simulated WhatsApp and the gateway start on free ports of this
 * machine; a phone is paired, a group made and its photo changed over the API, and another member's phone shows what
 * arrived. `--once` ends after the last check; every line with a tick has been checked, and a failed one ends with 1.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, styleText } from 'node:util';
import { pino } from 'pino';
import sharp from 'sharp';
import type { Phone } from '../simulator/phone.ts';
import { startSimulator } from '../simulator/simulator.ts';
import { readConfig } from '../src/config.ts';
import { startGateway } from '../src/gateway.ts';
import { terminalPicture } from './terminal-picture.ts';

const stopped = new AbortController();
const tokens = { client: 'F0000000000000000000000000000demoS', partner: 'demo-partner-token' };

/** Prints a step with a tick once it is done and true; `run` gives what to print behind it. */
async function step(title: string, run: () => Promise<string>): Promise<void> {
  stopped.signal.throwIfAborted();
  const detail = await run().catch((error: unknown) => {
    console.error(` ${styleText('red', '✗')} ${title}`);
    throw error;
  });
  console.log(` ${styleText('green', '✓')} ${title.padEnd(24)} ${styleText('dim', detail)}`);
}

function check(isSo: boolean, otherwise: string): asserts isSo {
  if (!isSo) throw new Error(otherwise);
}

/** Serves two logos as a shop's web server would, for the photo by URL. */
async function serveLogos(): Promise<AsyncDisposable & { host: string; url: string; otherUrl: string }> {
  const logo = await readFile(new URL('../docs/images/pombo.svg', import.meta.url), 'utf8');
  const files: Record<string, string> = {
    '/pombo.svg': logo,
    '/pombo-night.svg': logo.replace('#0f766e', '#1e1b4b').replace('#34d399', '#7c3aed'),
  };
  const server = createServer((request, response) => {
    const file = files[request.url ?? ''];
    response.writeHead(file ? 200 : 404, { 'content-type': 'image/svg+xml' }).end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    url: `http://${host}/pombo.svg`,
    otherUrl: `http://${host}/pombo-night.svg`,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Shows the photo of the group as `phone` sees it, and checks that it is what a group photo has to be. */
async function show(phone: Phone, groupId: string, previousPictureId?: string): Promise<string> {
  const photo = await phone.photoOf(groupId);
  check(photo !== undefined, `${phone.name}'s phone sees no photo`);
  check(photo.id !== previousPictureId, `${phone.name}'s phone still sees the old photo`);
  const size = `${photo.width}×${photo.height}`;
  check(size === '640×640' && photo.format === 'jpeg', `the photo is ${size} ${photo.format}`);
  console.log(
    `   ${phone.name}'s phone now sees: ${size} JPEG, ${photo.bytes.length.toLocaleString('en')} bytes, picture id ${photo.id}`,
  );
  if (process.stdout.isTTY && process.stdout.hasColors(2 ** 24)) {
    for (const line of await terminalPicture(photo.bytes, 36)) console.log(`     ${line}`);
  }
  return photo.id;
}

/** Keeps showing the photo whenever it changes, until Ctrl-C. */
async function watch(
  phone: Phone,
  groupId: string,
  shownPictureId: string,
  stop: AbortSignal,
): Promise<void> {
  let shown = shownPictureId;
  while (!stop.aborted) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    const now = stop.aborted ? undefined : await phone.photoOf(groupId);
    if (now && now.id !== shown) shown = await show(phone, groupId);
  }
}

async function demo({ stays, stop }: { stays: boolean; stop: AbortSignal }): Promise<void> {
  console.log('\nPombo: a simulated WhatsApp and the gateway, on this machine only.\n');
  await using stage = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), 'pombo-demo-'));
  stage.defer(() => rm(dataDir, { recursive: true, force: true }));
  const logos = stage.use(await serveLogos());

  const whatsapp = stage.use(await startSimulator());
  const ana = whatsapp.phone('5511999990001', 'Ana');
  const bruno = whatsapp.phone('5511999990002', 'Bruno');
  await step('simulated WhatsApp', async () => whatsapp.webSocketUrl);

  const config = readConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    POMBO_DATA_DIR: dataDir,
    POMBO_CLIENT_TOKEN: tokens.client,
    POMBO_PARTNER_TOKEN: tokens.partner,
    POMBO_WHATSAPP_URL: whatsapp.webSocketUrl,
    POMBO_WHATSAPP_ROOT_KEY: Buffer.from(whatsapp.rootPublicKey).toString('hex'),
    POMBO_FETCH_ALLOW: logos.host,
    LOG_LEVEL: 'error',
  });
  const gateway = stage.use(await startGateway(config, { logger: pino({ level: config.logLevel }) }));
  await step('gateway', async () => gateway.url);

  /** Calls the API as any program would. */
  async function call<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    const response = await fetch(`${gateway.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${tokens.partner}`,
        'client-token': tokens.client,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = await response.text();
    check(response.ok, `${method} ${path} answered ${response.status} ${answer}`);
    return JSON.parse(answer) as Answer;
  }

  let base = '';
  await step('instance created', async () => {
    const { id, token } = await call<{ id: string; token: string }>(
      'POST',
      '/instances/integrator/on-demand',
      { name: 'Demo' },
    );
    base = `/instances/${id}/token/${token}`;
    return `POST /instances/integrator/on-demand → ${id}`;
  });

  await step('paired by QR code', async () => {
    const { value } = await call<{ value: string }>('GET', `${base}/qr-code`);
    await ana.scan(value);
    for (const deadline = Date.now() + 15_000; ; ) {
      const { connected } = await call<{ connected: boolean }>('GET', `${base}/status`);
      if (connected) return `GET …/qr-code, scanned by ${ana.name}'s phone (${ana.number})`;
      check(Date.now() < deadline, 'the phone scanned the QR code, but the instance did not connect');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });

  let groupId = '';
  await step('group created', async () => {
    const { phone } = await call<{ phone: string }>('POST', `${base}/create-group`, {
      groupName: 'Equipe',
      phones: [bruno.number],
      autoInvite: true,
    });
    groupId = phone;
    return `POST …/create-group → ${groupId}`;
  });

  async function changePhoto(groupPhoto: string): Promise<string> {
    const answer = await call('POST', `${base}/update-group-photo`, { groupId, groupPhoto });
    check(JSON.stringify(answer) === '{"value":true}', `the answer is ${JSON.stringify(answer)}`);
    return `POST …/update-group-photo → ${JSON.stringify(answer)}`;
  }

  await step('photo by URL (SVG)', () => changePhoto(logos.url));
  const first = await show(bruno, groupId);

  const wide = Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="800"><rect width="1200" height="800" fill="#fde68a"/><circle cx="600" cy="400" r="300" fill="#dc2626"/></svg>',
  );
  const png = await sharp(wide).png().toBuffer();
  await step('photo by Base64 (PNG)', () => changePhoto(png.toString('base64')));
  const second = await show(bruno, groupId, first);

  if (!stays) return;
  console.log(`
Try it yourself, from another terminal:

  curl -X POST '${gateway.url}${base}/update-group-photo' \\
    -H 'Client-Token: ${tokens.client}' -H 'Content-Type: application/json' \\
    -d '{"groupId":"${groupId}","groupPhoto":"${logos.otherUrl}"}'

Bruno's phone is watched here. Ctrl-C ends the demo and removes its data.
`);
  await watch(bruno, groupId, second, stop);
}

/** Whether the demo stays up after the last check; ends the process with 2 when it is called wrongly. */
function readArguments(): boolean {
  try {
    return !parseArgs({ options: { once: { type: 'boolean' } } }).values.once;
  } catch (error) {
    console.error(`${(error as Error).message}\nUsage: npm run demo [-- --once]`);
    process.exit(2);
  }
}

const stays = readArguments();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort());
process.stdout.on('error', () => stopped.abort()); // nobody reads any more, such as behind `| head`
try {
  await demo({ stays, stop: stopped.signal });
  console.log(stays ? '\nGoodbye.' : '\nEverything above was checked.');
} catch (error) {
  if (stopped.signal.aborted) console.error('\nStopped.');
  else console.error(`\nThe demo failed: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
// Everything is closed; a timer that Baileys leaves behind would keep the process for half a minute.
process.exit();
