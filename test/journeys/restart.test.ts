/** What survives: the process is killed, stopped and started again, on the same data directory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSimulator } from '../../simulator/simulator.ts';
import { startGatewayProcess } from '../gateway-process.ts';
import { ApiInstance, createInstance, environmentFor, temporaryFolder } from '../harness.ts';
import { pngOf } from '../pictures.ts';

test('after kill -9 in the middle of a picture change the instance is paired and works', async () => {
  await using folder = await temporaryFolder();
  await using whatsapp = await startSimulator();
  const ana = whatsapp.phone('5511999990001', 'Ana');
  const bruno = whatsapp.phone('5511999990002', 'Bruno');
  const env = environmentFor(whatsapp, folder.path);

  await using killed = await startGatewayProcess(env);
  const before = await createInstance(killed.url);
  await before.pair(ana);
  const { body: group } = await before.post('/create-group', { groupName: 'Equipe', phones: [bruno.number] });
  const change = { groupId: group.phone, groupPhoto: await pngOf('#f00') };
  whatsapp.faults.add({ kind: 'picture-set', times: 1, silence: true });
  const unanswered = before.post('/update-group-photo', change).catch(() => 'the connection broke');
  await whatsapp.requestArrived('picture-set');
  await killed.end('SIGKILL');
  assert.equal(await unanswered, 'the connection broke');

  await using restarted = await startGatewayProcess(env);
  const after = new ApiInstance({ id: before.id, token: before.token, gatewayUrl: restarted.url });
  await after.connected();
  assert.deepEqual((await after.post('/update-group-photo', change)).body, { value: true });
  assert.equal((await bruno.photoOf(group.phone))?.width, 640);
  assert.equal(ana.devices.length, 1, 'it is the same linked device, not a second one');
});

test('kill -9 in the middle of pairing leaves an instance that can be paired', async () => {
  await using folder = await temporaryFolder();
  await using whatsapp = await startSimulator();
  const env = environmentFor(whatsapp, folder.path);

  await using killed = await startGatewayProcess(env);
  const before = await createInstance(killed.url);
  const { body } = await before.get('/qr-code');
  assert.equal(typeof body.value, 'string');
  await killed.end('SIGKILL');

  await using restarted = await startGatewayProcess(env);
  const after = new ApiInstance({ id: before.id, token: before.token, gatewayUrl: restarted.url });
  assert.equal((await after.get('/status')).body.session, false);
  await after.pair(whatsapp.phone('5511999990001', 'Ana'));
});

test('SIGTERM lets the request in flight finish, and ends with 0', async () => {
  await using folder = await temporaryFolder();
  await using whatsapp = await startSimulator();
  await using gateway = await startGatewayProcess(environmentFor(whatsapp, folder.path));
  const api = await createInstance(gateway.url);
  await api.pair(whatsapp.phone('5511999990001', 'Ana'));
  const bruno = whatsapp.phone('5511999990002', 'Bruno');
  const { body: group } = await api.post('/create-group', { groupName: 'Equipe', phones: [bruno.number] });

  whatsapp.faults.add({ kind: 'picture-set', times: 1, delayMs: 500 });
  const change = { groupId: group.phone, groupPhoto: await pngOf('#00f') };
  const answer = api.post('/update-group-photo', change);
  await whatsapp.requestArrived('picture-set');
  const exitCode = gateway.end('SIGTERM');
  assert.deepEqual((await answer).body, { value: true });
  assert.equal(await exitCode, 0);
});
