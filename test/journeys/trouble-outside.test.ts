/** What is around the gateway fails for a while: the network, the disk. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { pino } from 'pino';
import { startSimulator } from '../../simulator/simulator.ts';
import { readConfig } from '../../src/config.ts';
import { startGateway } from '../../src/gateway.ts';
import { startGatewayProcess } from '../gateway-process.ts';
import {
  type ApiInstance,
  call,
  createInstance,
  environmentFor,
  eventually,
  temporaryFolder,
} from '../harness.ts';

/** A way to a server of this machine, by a port of its own, that can be cut and mended. */
async function openWay(target: string) {
  const { hostname, port: targetPort } = new URL(target);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(targetPort), hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const cut = async () => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const url = new URL(target);
  url.port = String(port);
  return { url: url.href, cut, mend: () => listen(port), [Symbol.asyncDispose]: cut };
}

const detailsOf = async (api: ApiInstance) => (await api.get('/status')).body.details;

/** Lets seconds pass, by `tick`, until `isEnough`; connections take the time that they take. Gives how many. */
async function letPass(
  api: ApiInstance,
  tick: (ms: number) => void,
  isEnough: (details: Awaited<ReturnType<typeof detailsOf>>) => boolean,
): Promise<number> {
  for (let seconds = 0; seconds < 3_600; seconds += 1) {
    let details = await detailsOf(api);
    while (details.state === 'connecting') {
      await turn();
      details = await detailsOf(api);
    }
    if (isEnough(details)) return seconds;
    tick(1_000);
    await turn();
  }
  throw new Error('An hour was not enough.');
}

test('while the network is gone the pauses grow; when it is back, so is the instance, long before the end of its pause', async (t) => {
  await using folder = await temporaryFolder();
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  await using way = await openWay(whatsapp.webSocketUrl);
  const env = { ...environmentFor(whatsapp, folder.path), POMBO_WHATSAPP_URL: way.url };
  await using gateway = await startGateway(readConfig(env), {
    logger: pino({ enabled: false }),
    whatsappTimeoutMs: 1_000, // whatever waits for an answer when the clock is taken away keeps the process for so long
  });
  const api = await createInstance(gateway.url);
  await api.pair(whatsapp.phone('5511999990001', 'Ana'));

  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.now() });
  using _timePassesAgain = { [Symbol.dispose]: () => t.mock.timers.reset() };
  const tick = (ms: number) => t.mock.timers.tick(ms);
  await way.cut();
  const remainingMs = ({ retryAt }: { retryAt: string }) => Date.parse(retryAt) - Date.now();
  const pausesMs: number[] = [];
  await letPass(api, tick, (details) => {
    if (details.state === 'waiting') pausesMs.push(remainingMs(details));
    return details.state === 'waiting' && remainingMs(details) > 60_000;
  });
  const { lastEnd, ...details } = await detailsOf(api);
  assert.equal(lastEnd.reason, 'unreachable');
  assert.ok((pausesMs[0] ?? 0) <= 2_000, `${pausesMs[0]} ms at first`);

  await way.mend();
  const seconds = await letPass(api, tick, ({ state }) => state === 'online');
  assert.ok(seconds <= 15, `${seconds} s, of a pause of ${remainingMs(details)} ms`);
});

/** The largest file that a process may write stands in for the room on its disk. Gives whether it could be set. */
const setFileSizeLimit = (pid: number | undefined, limit: string): boolean =>
  spawnSync('sh', ['-c', `prlimit --pid ${pid} --fsize${limit}`]).status === 0;

test('on a full disk changes are refused and the gateway is not ready; when there is room it goes on by itself', async (t) => {
  if (!setFileSizeLimit(process.pid, '')) return t.skip('the limit needs prlimit of util-linux');
  await using folder = await temporaryFolder();
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  await using gateway = await startGatewayProcess(environmentFor(whatsapp, folder.path));
  const api = await createInstance(gateway.url, 'Loja');
  await api.pair(whatsapp.phone('5511999990001', 'Ana'));
  const ready = async () => (await call(`${gateway.url}/ready`)).status;
  assert.equal(await ready(), 200);

  assert.ok(setFileSizeLimit(gateway.child.pid, '=1:'));
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const { status, body } = await api.post('/update-name', { value: 'Renamed' });
    assert.deepEqual([status, body.code], [503, 'storage_failed'], JSON.stringify(body));
    assert.equal(await ready(), 503);
  }
  assert.equal((await call(`${gateway.url}/health`)).status, 200);
  assert.equal((await api.get('/me')).body.name, 'Loja', 'what is there can be read');

  assert.ok(setFileSizeLimit(gateway.child.pid, '=unlimited:'));
  await eventually('it is ready again', async () => (await ready()) === 200);
  assert.deepEqual((await api.post('/update-name', { value: 'Renamed' })).body, { value: true });
  assert.equal((await api.get('/me')).body.name, 'Renamed');
  await api.connected();
});
