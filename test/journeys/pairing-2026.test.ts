/** What WhatsApp makes of pairing since 2026, as callers of the API meet it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { startSimulator } from '../../simulator/simulator.ts';
import { readConfig } from '../../src/config.ts';
import { startGateway } from '../../src/gateway.ts';
import { startGatewayProcess } from '../gateway-process.ts';
import {
  ApiInstance,
  createInstance,
  environmentFor,
  eventually,
  startWorld,
  temporaryFolder,
} from '../harness.ts';

const stateOf = async (api: ApiInstance): Promise<string> => (await api.get('/status')).body.details.state;

async function codeOf(api: ApiInstance): Promise<string> {
  const { status, body } = await api.get('/qr-code');
  assert.equal(status, 200, JSON.stringify(body));
  return body.value;
}

/** What a code says of the companion that shows it; from the right, because a ref may contain commas. */
function keysIn(code: string) {
  const [noiseKey, identityKey, secret] = code.split(',').slice(-4, -1);
  return { noiseKey, identityKey, secret };
}

test('an instance of which WhatsApp wants a passkey says so, and is paired with the code that a restart brings', async () => {
  await using world = await startWorld();
  const ana = world.whatsapp.phone('5511999990001', 'Ana');
  const api = await createInstance(world.gateway.url);
  const code = await codeOf(api);
  assert.equal(await stateOf(api), 'pairing');
  world.whatsapp.faults.add({ kind: 'scan', times: 1, passkey: 'with-options' });
  await assert.rejects(ana.scan(code), /passkey/);

  await eventually('it says so', async () => (await stateOf(api)) === 'passkey');
  const { connected, session, error } = (await api.get('/status')).body;
  assert.deepEqual([connected, session, error], [false, false, 'You are not connected.']);
  for (const path of ['/qr-code', '/qr-code/image', `/phone-code/${ana.number}`]) {
    const { status, body } = await api.get(path);
    assert.deepEqual([status, body.code], [409, 'passkey_required'], path);
    assert.match(body.error, /asks for a passkey .*restart or disconnect the instance/);
  }
  const groups = await api.get('/groups');
  assert.deepEqual([groups.status, groups.body.code], [409, 'not_connected']);
  assert.match(groups.body.error, /passkey/);

  await api.get('/restart');
  const next = await codeOf(api);
  assert.notEqual(next, code);
  await ana.scan(next);
  await api.connected();
});

test('a passkey that is wanted after a code was typed is told, too, and disconnecting ends it', async () => {
  await using world = await startWorld();
  const ana = world.whatsapp.phone('5511999990001', 'Ana');
  const api = await createInstance(world.gateway.url);
  world.whatsapp.faults.add({ kind: 'enter-code', times: 1, passkey: 'without-options' });
  const { body } = await api.get(`/phone-code/${ana.number}`);
  await assert.rejects(ana.enterCode(body.value), /passkey/);
  await eventually('it says so', async () => (await stateOf(api)) === 'passkey');

  await api.get('/disconnect');
  assert.equal(await stateOf(api), 'unpaired');
  await api.pair(ana);
});

test('a code whose secret WhatsApp had retired at the scan is followed by one that links', async () => {
  await using world = await startWorld();
  const ana = world.whatsapp.phone('5511999990001', 'Ana');
  const api = await createInstance(world.gateway.url);
  const code = await codeOf(api);
  world.whatsapp.faults.add({ kind: 'scan', times: 1, refresh: 'companion_reg_refresh' });
  await assert.rejects(ana.scan(code), /another scan/);

  await eventually('there is another code', async () => (await codeOf(api)) !== code);
  const next = await codeOf(api);
  assert.deepEqual({ ...keysIn(next), secret: '' }, { ...keysIn(code), secret: '' }, 'of the same companion');
  assert.notEqual(keysIn(next).secret, keysIn(code).secret);
  await ana.scan(next);
  await api.connected();
});

test('after kill -9 in the middle of pairing it goes on as the same companion, with the latest secret', async () => {
  await using folder = await temporaryFolder();
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const ana = whatsapp.phone('5511999990001', 'Ana');
  const env = environmentFor(whatsapp, folder.path);

  await using killed = await startGatewayProcess(env);
  const before = await createInstance(killed.url);
  const first = await codeOf(before);
  whatsapp.faults.add({ kind: 'scan', times: 1, refresh: 'companion_reg_refresh' });
  await assert.rejects(ana.scan(first), /another scan/);
  await eventually('there is another code', async () => (await codeOf(before)) !== first);
  const shown = await codeOf(before);
  await killed.end('SIGKILL');

  await using restarted = await startGatewayProcess(env);
  const after = new ApiInstance({ id: before.id, token: before.token, gatewayUrl: restarted.url });
  assert.equal((await after.get('/status')).body.session, false);
  const code = await codeOf(after);
  assert.deepEqual(keysIn(code), keysIn(shown));
  await ana.scan(code);
  await after.connected();
});

test('pairing ends when nobody asks any more for as long as it is set, and begins anew when someone does', async () => {
  await using folder = await temporaryFolder();
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const config = { ...readConfig(environmentFor(whatsapp, folder.path)), pairingSeconds: 3 };
  await using gateway = await startGateway(config, { logger: pino({ enabled: false }) });
  const ana = whatsapp.phone('5511999990001', 'Ana');
  const api = await createInstance(gateway.url);
  assert.equal(await stateOf(api), 'unpaired');
  const code = await codeOf(api);
  assert.equal(await stateOf(api), 'pairing');

  await eventually('it has ended', async () => (await stateOf(api)) === 'unpaired');
  await assert.rejects(ana.scan(code), /has expired|closed the connection/);
  assert.equal(whatsapp.requestCount('upgrade'), 1);
  await api.pair(ana);
});

test('callers wait together for the first code, however often it takes to reach WhatsApp, and get the same one', async () => {
  await using world = await startWorld();
  const api = await createInstance(world.gateway.url);
  world.whatsapp.faults.add({ kind: 'upgrade', times: 1, status: 503 });
  const [one, other, image] = await Promise.all([codeOf(api), codeOf(api), api.get('/qr-code/image')]);
  assert.equal(one, other);
  assert.equal(image.status, 200);
  assert.equal(world.whatsapp.requestCount('upgrade'), 2, 'the one that failed, and the one that all share');
  assert.equal(await codeOf(api), one, 'while it is good there is no other');
});

test('whoever asks a connected instance for a code leaves its connection alone', async () => {
  await using world = await startWorld();
  const { phone, api } = await world.person('5511999990001', 'Ana');
  const [device] = phone.devices;
  const dialled = world.whatsapp.requestCount('upgrade');
  for (const path of ['/qr-code', '/qr-code/image', `/phone-code/${phone.number}`]) {
    const { status, body } = await api.get(path);
    assert.deepEqual([status, body], [200, { connected: true }]);
  }
  assert.equal(world.whatsapp.requestCount('upgrade'), dialled);
  assert.deepEqual(phone.devices, [device]);
  assert.equal((await api.get('/groups')).status, 200);
});

test('a version of WhatsApp Web that WhatsApp does not take any more is told as that, paired or not', async () => {
  await using world = await startWorld();
  const newest = 4_000_000_000;
  const unpaired = await createInstance(world.gateway.url);
  const { api } = await world.person('5511999990001', 'Ana');
  const dialled = world.whatsapp.requestCount('upgrade');
  world.whatsapp.world.oldestWebRevision = newest;

  const code = await unpaired.get('/qr-code');
  assert.deepEqual([code.status, code.body.code], [409, 'not_connected']);
  assert.match(code.body.error, /does not accept the version of WhatsApp Web.* update the gateway/);
  const { details } = (await unpaired.get('/status')).body;
  assert.deepEqual([details.state, details.reason], ['stopped', 'client-too-old']);
  assert.equal(details.lastEnd.reason, 'client-too-old');

  await api.get('/restart');
  await eventually('it has stopped', async () => (await stateOf(api)) === 'stopped');
  const { body } = await api.get('/status');
  assert.deepEqual([body.session, body.error], [true, 'You need to restore the session.']);
  assert.equal(body.details.reason, 'client-too-old');
  assert.ok(Date.parse(body.details.retryAt) > Date.now() + 20 * 60_000, body.details.retryAt);
  const groups = await api.get('/groups');
  assert.deepEqual([groups.status, groups.body.code], [409, 'not_connected']);
  assert.match(groups.body.error, /update the gateway/);
  assert.equal(world.whatsapp.requestCount('upgrade'), dialled + 2, 'one attempt each, no storm');

  world.whatsapp.world.oldestWebRevision = undefined;
  await api.get('/restart');
  await api.connected();
  assert.equal((await unpaired.get('/qr-code')).status, 200);
});

test('the version of WhatsApp Web that is set is the one that is spoken', async () => {
  await using world = await startWorld({ env: { POMBO_WHATSAPP_VERSION: '2.3000.4000000000' } });
  world.whatsapp.world.oldestWebRevision = 4_000_000_000;
  const { api } = await world.person('5511999990001', 'Ana');
  assert.equal((await api.get('/groups')).status, 200);
});
