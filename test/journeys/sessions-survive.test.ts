/** How the sessions of a gateway end, stay away and come back, as callers of the API see it. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import type { Phone } from '../../simulator/phone.ts';
import { type Simulator, startSimulator } from '../../simulator/simulator.ts';
import { element } from '../../simulator/stanza.ts';
import { readConfig } from '../../src/config.ts';
import { type Gateway, startGateway } from '../../src/gateway.ts';
import { instanceIdFrom } from '../../src/ids.ts';
import { exportInstance } from '../../src/moving/export-instance.ts';
import { openStorage } from '../../src/storage/open-storage.ts';
import { startSocksProxy } from '../../src/whatsapp/baileys/proxy-server.fixture.ts';
import {
  type Answer,
  ApiInstance,
  call,
  createInstance,
  environmentFor,
  eventually,
  startWorld,
  temporaryFolder,
} from '../harness.ts';

/** A gateway on a data directory that others had before, or will have. */
const gatewayIn = (
  whatsapp: Simulator,
  dataDir: string,
  env: Record<string, string> = {},
): Promise<Gateway> =>
  startGateway(readConfig({ ...environmentFor(whatsapp, dataDir), ...env }), {
    logger: pino({ enabled: false }),
    whatsappTimeoutMs: 2_000,
  });

const detailsOf = async (api: ApiInstance) => (await api.get('/status')).body.details;

const reaches = (api: ApiInstance, state: string): Promise<void> =>
  eventually(`the instance is ${state}`, async () => (await detailsOf(api)).state === state);

/** What somebody is answered who needs the connection. */
const answerOf = async (api: ApiInstance): Promise<Answer> => api.get('/groups');

const secondsUntil = (time: string): number => (Date.parse(time) - Date.now()) / 1_000;

for (const [code, attributes, seconds] of [
  [402, { code: '101', expire: '7200' }, 7_200],
  [429, { backoff: '600' }, 600],
] as const) {
  test(`a login that is refused with ${code} is tried again when WhatsApp said, which callers are told; restore-session does not wait`, async () => {
    await using world = await startWorld();
    const { api } = await world.person('5511999990001', 'Ana');
    const logins = world.whatsapp.requestCount('login');
    world.whatsapp.faults.add({ kind: 'login', failure: code, attributes: { ...attributes }, times: 1 });
    await api.get('/restart');
    await reaches(api, 'waiting');

    const { body } = await api.get('/status');
    assert.deepEqual(
      [body.connected, body.session, body.error],
      [false, true, 'You need to restore the session.'],
    );
    const { retryAt, reason, lastEnd } = body.details;
    assert.deepEqual([reason, lastEnd.reason], [null, 'told-to-wait']);
    const waitSeconds = secondsUntil(retryAt);
    assert.ok(waitSeconds > seconds - 20 && waitSeconds <= seconds + 61, `${waitSeconds} s`);
    const { status, headers, body: answer } = await answerOf(api);
    assert.deepEqual([status, answer.code], [503, 'not_connected']);
    assert.match(answer.error, /^You are not connected\. WhatsApp told us to stay away until/);
    const retryAfter = Number(headers.get('retry-after'));
    assert.ok(Math.abs(retryAfter - secondsUntil(retryAt)) < 20, `${retryAfter} s`);
    assert.equal(world.whatsapp.requestCount('login'), logins + 1);

    assert.deepEqual((await api.get('/restore-session')).body, { value: true });
    await api.connected();
    assert.equal((await detailsOf(api)).retryAt, null);
  });
}

test('restore-session does nothing to an instance that is connected, or that has no phone, also while it shows a code', async () => {
  await using world = await startWorld();
  const { api } = await world.person('5511999990001', 'Ana');
  const other = await createInstance(world.gateway.url);
  const pairing = await createInstance(world.gateway.url);
  const { body: code } = await pairing.get('/qr-code');
  const { since } = await detailsOf(api);
  const dialled = world.whatsapp.requestCount('upgrade');
  for (const one of [api, other, pairing]) {
    assert.deepEqual((await one.get('/restore-session')).body, { value: true });
  }
  assert.deepEqual((await pairing.get('/qr-code')).body, code);
  assert.equal((await answerOf(api)).status, 200);
  assert.equal((await detailsOf(api)).since, since);
  assert.equal((await detailsOf(other)).state, 'unpaired');
  assert.equal(world.whatsapp.requestCount('upgrade'), dialled);
});

test('an instance whose keys connect elsewhere stops, says so, and comes back when it is restarted', async () => {
  await using world = await startWorld();
  const { phone, api } = await world.person('5511999990001', 'Ana');
  phone.devices[0]?.link?.end(element('stream:error', {}, [element('conflict', { type: 'replaced' })]));
  await reaches(api, 'stopped');

  const { connected, session, details } = (await api.get('/status')).body;
  assert.deepEqual(
    [connected, session, details.reason, details.retryAt, details.lastEnd.reason],
    [false, true, 'replaced', null, 'replaced'],
  );
  const { status, headers, body } = await answerOf(api);
  assert.deepEqual([status, body.code, headers.get('retry-after')], [409, 'not_connected', null]);
  assert.match(
    body.error,
    /^You are not connected\. Another program uses the keys of this instance; restart/,
  );
  await api.get('/restart');
  await api.connected();
});

test('an account that WhatsApp has banned stops, and says so', async () => {
  await using world = await startWorld();
  const { api } = await world.person('5511999990001', 'Ana');
  world.whatsapp.faults.add({ kind: 'login', failure: 403, times: 1 });
  await api.get('/restart');
  await reaches(api, 'stopped');
  assert.equal((await detailsOf(api)).reason, 'banned');
  const { status, body } = await answerOf(api);
  assert.equal(status, 409);
  assert.match(body.error, /WhatsApp has locked or banned this account/);
});

test('an instance that the phone removed keeps its name, token and settings, and no keys', async () => {
  await using folder = await temporaryFolder();
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const ana = whatsapp.phone('5511999990001', 'Ana');
  let before: ApiInstance;
  {
    await using gateway = await gatewayIn(whatsapp, folder.path);
    before = await createInstance(gateway.url, 'Loja');
    await before.post('/update-call-reject-auto', { value: true });
    await before.pair(ana);
    ana.unlinkAll();
    await reaches(before, 'loggedOut');
    const { session, error, details } = (await before.get('/status')).body;
    assert.deepEqual([session, error], [false, 'You are not connected.']);
    assert.equal(details.lastEnd.reason, 'logged-out');
    const { name, token, callRejectAuto } = (await before.get('/me')).body;
    assert.deepEqual([name, token, callRejectAuto], ['Loja', before.token, true]);
  }
  const logins = whatsapp.requestCount('login');
  await using gateway = await gatewayIn(whatsapp, folder.path);
  const after = new ApiInstance({ id: before.id, token: before.token, gatewayUrl: gateway.url });
  assert.equal((await detailsOf(after)).state, 'unpaired');
  assert.equal((await after.get('/me')).body.callRejectAuto, true);
  await after.pair(ana);
  assert.equal(
    whatsapp.requestCount('login'),
    logins + 1,
    'the one after pairing: there were no keys to try',
  );
});

test('a login that WhatsApp does not answer is told as connecting, with a time to come back', async () => {
  await using world = await startWorld();
  const { api } = await world.person('5511999990001', 'Ana');
  const logins = world.whatsapp.requestCount('login');
  world.whatsapp.faults.add({ kind: 'login', silence: true, times: 1 });
  await api.get('/restart');
  await world.whatsapp.requestArrived('login', logins + 1);
  const { connected, session, error, details } = (await api.get('/status')).body;
  assert.deepEqual(
    [connected, session, error, details.state],
    [false, true, 'You need to restore the session.', 'connecting'],
  );
  const code = await api.get('/qr-code');
  assert.deepEqual([code.status, code.body.code], [503, 'not_connected']);
  assert.equal(code.headers.get('retry-after'), '1');
  await api.get('/restart');
  await api.connected();
  assert.equal((await detailsOf(api)).state, 'online');
});

/** Three instances, each with a phone of its own, in a gateway that has ended. */
async function pairThree(whatsapp: Simulator, dataDir: string): Promise<ApiInstance[]> {
  await using gateway = await gatewayIn(whatsapp, dataDir);
  const instances: ApiInstance[] = [];
  for (const number of ['5511999990001', '5511999990002', '5511999990003']) {
    const api = await createInstance(gateway.url, number);
    await api.pair(whatsapp.phone(number));
    instances.push(api);
  }
  return instances;
}

test('after a restart no more instances log in at the same time than are set, and all come back', async () => {
  await using folder = await temporaryFolder();
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const before = await pairThree(whatsapp, folder.path);
  const count = (kind: string) => whatsapp.requestCount(kind);
  const [dialled, loggedIn] = [count('upgrade'), count('login')];
  whatsapp.faults.add({ kind: 'login', silence: true, times: 2 });

  await using gateway = await gatewayIn(whatsapp, folder.path, { POMBO_CONNECT_AT_ONCE: '1' });
  const after = before.map(({ id, token }) => new ApiInstance({ id, token, gatewayUrl: gateway.url }));
  for (const turn of [1, 2]) {
    await whatsapp.requestArrived('login', loggedIn + turn);
    for (const api of after) assert.equal((await api.get('/status')).body.session, true);
    assert.equal(count('upgrade'), dialled + turn, 'the others stand in line');
    whatsapp.dropConnections(); // the end of the login that got no answer
  }
  for (const api of after) await api.connected();
  assert.equal(count('login'), loggedIn + 5, 'three, and two that had to be repeated');
});

test('an instance that was exported does not connect until it is restarted, and then also after the next start', async () => {
  await using folder = await temporaryFolder();
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const dataDir = join(folder.path, 'data');
  const ana: Phone = whatsapp.phone('5511999990001', 'Ana');
  let instance: ApiInstance;
  {
    await using gateway = await gatewayIn(whatsapp, dataDir);
    instance = await createInstance(gateway.url);
    await instance.pair(ana);
  }
  {
    await using storage = await openStorage({ dataDir });
    const id = instanceIdFrom(instance.id);
    const path = join(folder.path, 'moved');
    await exportInstance(storage, { id, path, passphrase: 'correct horse', now: new Date() });
  }
  const dialled = whatsapp.requestCount('upgrade');
  const { id, token } = instance;
  {
    await using gateway = await gatewayIn(whatsapp, dataDir);
    const api = new ApiInstance({ id, token, gatewayUrl: gateway.url });
    const { connected, session, details } = (await api.get('/status')).body;
    assert.deepEqual([connected, session, details.state, details.reason], [false, true, 'stopped', 'moved']);
    for (const path of ['/groups', '/qr-code']) {
      const { status, body } = await api.get(path);
      assert.deepEqual([status, body.code], [409, 'not_connected'], path);
      assert.match(body.error, /exported to another gateway; restart it to bring it back/);
    }
    assert.equal(whatsapp.requestCount('upgrade'), dialled, 'nobody dialled');
    await api.get('/restart');
    await api.connected();
  }
  await using gateway = await gatewayIn(whatsapp, dataDir);
  await new ApiInstance({ id, token, gatewayUrl: gateway.url }).connected();
  assert.equal(ana.devices.length, 1);
});

test('an instance that was deleted is still gone after a restart, and so are its keys', async () => {
  await using folder = await temporaryFolder();
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const ana = whatsapp.phone('5511999990001', 'Ana');
  const bruno = whatsapp.phone('5511999990002', 'Bruno');
  let deleted: ApiInstance;
  let kept: ApiInstance;
  {
    await using gateway = await gatewayIn(whatsapp, folder.path);
    deleted = await createInstance(gateway.url);
    kept = await createInstance(gateway.url);
    await deleted.pair(ana);
    await kept.pair(bruno);
    assert.deepEqual((await deleted.delete('')).status, 200);
  }
  const logins = whatsapp.requestCount('login');
  {
    await using gateway = await gatewayIn(whatsapp, folder.path);
    const { id, token } = deleted;
    const gone = await new ApiInstance({ id, token, gatewayUrl: gateway.url }).get('/status');
    assert.deepEqual([gone.status, gone.body.code], [404, 'instance_not_found']);
    await new ApiInstance({ id: kept.id, token: kept.token, gatewayUrl: gateway.url }).connected();
    assert.equal(whatsapp.requestCount('login'), logins + 1, 'the one that was kept');
  }
  await using storage = await openStorage({ dataDir: folder.path });
  assert.deepEqual(await storage.sessionKeys.allOf(instanceIdFrom(deleted.id)), []);
  assert.notDeepEqual(await storage.sessionKeys.allOf(instanceIdFrom(kept.id)), []);
});

test('an instance connects through the proxy that was configured, also after the next start, until it is switched off', async () => {
  await using folder = await temporaryFolder();
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  await using proxy = await startSocksProxy();
  const proxyUrl = `socks5://127.0.0.1:${proxy.port}`;
  const configure = async (api: ApiInstance, enable: boolean) => {
    const answer = await call(`${api.url}/integrator/configure-proxy`, {
      method: 'PUT',
      body: { proxyUrl, enable },
    });
    assert.deepEqual([answer.status, answer.body], [200, { value: true }]);
    const { body } = await api.get('/me');
    assert.deepEqual([body.proxyUrl, body.useProxy], [proxyUrl, enable]);
  };
  const passed = () => proxy.destinations.length;
  let before: ApiInstance;
  {
    await using gateway = await gatewayIn(whatsapp, folder.path);
    before = await createInstance(gateway.url);
    await configure(before, true);
    const tried = passed();
    await before.pair(whatsapp.phone('5511999990001', 'Ana'));
    assert.equal(passed(), tried + 2, 'to pair, and to log in');
  }
  const known = passed();
  await using gateway = await gatewayIn(whatsapp, folder.path);
  const after = new ApiInstance({ id: before.id, token: before.token, gatewayUrl: gateway.url });
  await after.connected();
  assert.equal(passed(), known + 1);

  await configure(after, false);
  const tried = passed();
  await after.get('/restart');
  await after.connected();
  assert.equal(passed(), tried);
});
