/** What survives: the process is killed, stopped and started again, on the same data directory. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { test } from 'node:test';
import { startSimulator } from '../../simulator/simulator.ts';
import { startGatewayProcess } from '../gateway-process.ts';
import {
  ApiInstance,
  call,
  createInstance,
  environmentFor,
  eventually,
  temporaryFolder,
} from '../harness.ts';
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

test('after kill -9 a job goes on, keys are known, and the history is as long as it is set by now', async () => {
  await using folder = await temporaryFolder();
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const ana = whatsapp.phone('5511999990001', 'Ana');
  const [one, two] = ['Um', 'Dois'].map(
    (subject) => whatsapp.createGroup({ subject, owner: ana, participants: [] }).id,
  );
  assert.ok(one && two);
  const env = environmentFor(whatsapp, folder.path);
  const key = { 'idempotency-key': 'order-4711' };
  const change = { groupId: one, groupPhoto: await pngOf('#00f') };
  const stateOf = async (api: ApiInstance) => {
    const [job] = (await api.get('/jobs')).body.jobs;
    const { results } = (await api.get(`/jobs/${job.id}`)).body;
    return results.map(({ state }: { state: string }) => state);
  };

  await using killed = await startGatewayProcess({ ...env, POMBO_PHOTO_PACE_SECONDS: '3600' });
  const before = await createInstance(killed.url);
  await before.pair(ana);
  await before.post('/update-group-photo', change, key);
  await before.post('/update-group-photos', { groups: [one, two], groupPhoto: await pngOf('#f00') });
  await eventually('the first group is done', async () => (await stateOf(before))[0] === 'done');
  assert.deepEqual(await stateOf(before), ['done', 'waiting']);
  assert.equal((await before.get(`/group-photo/${one}/history`)).body.photos.length, 2);
  await killed.end('SIGKILL');

  await using restarted = await startGatewayProcess({ ...env, POMBO_PHOTO_HISTORY: '1' });
  const after = new ApiInstance({ id: before.id, token: before.token, gatewayUrl: restarted.url });
  await eventually('the second group is done', async () => (await stateOf(after))[1] === 'done');
  assert.equal((await ana.photoOf(two))?.width, 640);
  assert.equal((await after.get(`/group-photo/${one}/history`)).body.photos.length, 1);
  const again = await after.post('/update-group-photo', change, key);
  assert.equal(again.headers.get('idempotency-replayed'), 'true');
  assert.equal(whatsapp.requestCount('picture-set'), 3);
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

test('SIGTERM ends with 0 within 10 s, whatever hangs, and every caller is answered', async () => {
  await using folder = await temporaryFolder();
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  // The QR code that a first start offers in the terminal never comes.
  whatsapp.faults.add({ kind: 'handshake', silence: true, times: 1 });
  const { POMBO_CLIENT_TOKEN: _, POMBO_PARTNER_TOKEN: __, ...env } = environmentFor(whatsapp, folder.path);
  await using gateway = await startGatewayProcess(env);
  const [, clientToken = ''] = await gateway.hasPrinted(/Client-Token: +(\S+)\n/);
  const [, partnerToken = ''] = await gateway.hasPrinted(/Partner token: +(\S+)\n/);
  const [, silentInstanceUrl = ''] = await gateway.hasPrinted(/Your instance: +(\S+)\n/);
  const headers = { 'client-token': clientToken, authorization: `Bearer ${partnerToken}` };
  await whatsapp.requestArrived('upgrade');

  const { body: other } = await call(`${gateway.url}/instances/integrator/on-demand`, {
    method: 'POST',
    body: { name: 'Other' },
    headers,
  });
  const otherUrl = `${gateway.url}/instances/${other.id}/token/${other.token}`;
  const { body: qr } = await call(`${otherUrl}/qr-code`, { headers });
  await whatsapp.phone('5511999990001', 'Ana').scan(qr.value);
  await whatsapp.requestArrived('login');
  whatsapp.faults.add({ kind: 'group-participating', silence: true });
  const hanging = [
    call(`${silentInstanceUrl}/qr-code`, { headers }), // waits for WhatsApp's first code
    call(`${otherUrl}/groups`, { headers }), // waits for WhatsApp's answer
    callWithHalfABody(`${otherUrl}/update-group-photo`, headers),
  ];
  await whatsapp.requestArrived('group-participating');

  const startedAtMs = performance.now();
  assert.equal(await gateway.end('SIGTERM'), 0);
  assert.ok(performance.now() - startedAtMs < 10_000);
  for (const { status } of await Promise.all(hanging)) assert.equal(status, 503);
});

/** A client that falls silent while it sends; gives the status that it is answered with all the same. */
async function callWithHalfABody(
  url: string,
  headers: Record<string, string>,
): Promise<{ status: number | undefined }> {
  const client = request(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', 'content-length': 100 },
  });
  client.write('{"groupId":');
  const [{ statusCode }] = await once(client, 'response');
  return { status: statusCode };
}
