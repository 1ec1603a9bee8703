/** What whoever starts the gateway for the first time sees, in the terminal. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSimulator } from '../../simulator/simulator.ts';
import { startGatewayProcess } from '../gateway-process.ts';
import { call, environmentFor, eventually, temporaryFolder } from '../harness.ts';

test('the first start prints tokens that work, an instance and its QR code; the next start prints no token', async () => {
  await using folder = await temporaryFolder();
  await using whatsapp = await startSimulator();
  const { POMBO_CLIENT_TOKEN: _, POMBO_PARTNER_TOKEN: __, ...env } = environmentFor(whatsapp, folder.path);

  await using first = await startGatewayProcess(env);
  const [, clientToken = ''] = await first.hasPrinted(/Client-Token: +(\S+)/);
  const [, partnerToken = ''] = await first.hasPrinted(/Partner token: +(\S+)/);
  const [, instanceUrl = ''] = await first.hasPrinted(/Your instance: +(\S+)/);
  await first.hasPrinted(/▀[\s\S]*Linked devices/);

  const headers = { 'client-token': clientToken };
  const { status, body } = await call(`${instanceUrl}/qr-code`, { headers });
  assert.equal(status, 200);
  await whatsapp.phone('5511999990001', 'Ana').scan(body.value);
  await first.hasPrinted(/The phone is connected/);
  await eventually('the instance is connected', async () => {
    return (await call(`${instanceUrl}/status`, { headers })).body.connected;
  });
  const created = await call(`${first.url}/instances/integrator/on-demand`, {
    method: 'POST',
    body: { name: 'Second' },
    headers: { authorization: `Bearer ${partnerToken}` },
  });
  assert.equal(created.status, 200);
  assert.equal(await first.end('SIGTERM'), 0);

  await using second = await startGatewayProcess(env);
  await eventually('it is ready', async () => (await call(`${second.url}/ready`)).status === 200);
  assert.doesNotMatch(second.printed(), /token/i);
  assert.equal((await call(instanceUrl.replace(first.url, second.url), { headers })).status, 405);
  const again = await call(`${instanceUrl.replace(first.url, second.url)}/status`, { headers });
  assert.equal(again.status, 200, 'the printed token still works');
});

test('an instance that got no phone at the first start is offered again at the next, without its token', async () => {
  await using folder = await temporaryFolder();
  await using whatsapp = await startSimulator();
  const { POMBO_PARTNER_TOKEN: _, ...env } = environmentFor(whatsapp, folder.path);

  await using first = await startGatewayProcess(env);
  const [, id = '', token = ''] = await first.hasPrinted(
    /Your instance: +\S+\/instances\/(\w+)\/token\/(\w+)/,
  );
  await first.hasPrinted(/Linked devices/);
  assert.doesNotMatch(first.printed(), /Client-Token/, 'the token that was preset is not printed');
  assert.equal(await first.end('SIGTERM'), 0);

  await using second = await startGatewayProcess(env);
  await second.hasPrinted(new RegExp(`▀[\\s\\S]*The QR code of instance ${id}`));
  assert.ok(!second.printed().includes(token));
});

test('whoever presets the partner token gets no instance that was not asked for', async () => {
  await using folder = await temporaryFolder();
  await using whatsapp = await startSimulator();
  await using gateway = await startGatewayProcess(environmentFor(whatsapp, folder.path));
  await eventually('it is ready', async () => (await call(`${gateway.url}/ready`)).status === 200);
  assert.equal(await gateway.end('SIGTERM'), 0);
  assert.doesNotMatch(gateway.printed(), /instance|token/i);
});

test('mistakes in the settings are all reported at once', async () => {
  await assert.rejects(
    startGatewayProcess({
      PORT: 'http',
      POMBO_WHATSAPP_ROOT_KEY: '12',
      POMBO_CLIENT_TOKE: 'x',
      POMBO_DATA_DIR: '/dev/null/x',
    }),
    ({ message }: Error) =>
      /PORT/.test(message) && /POMBO_WHATSAPP_ROOT_KEY/.test(message) && /POMBO_CLIENT_TOKEN/.test(message),
  );
});

test('a second gateway on the same data directory is refused', async () => {
  await using folder = await temporaryFolder();
  await using whatsapp = await startSimulator();
  const env = environmentFor(whatsapp, folder.path);
  await using _first = await startGatewayProcess(env);
  await assert.rejects(startGatewayProcess(env), /in use by another Pombo/);
});

test('a port that is taken is a clear refusal', async () => {
  await using folder = await temporaryFolder();
  await using otherFolder = await temporaryFolder();
  await using whatsapp = await startSimulator();
  await using first = await startGatewayProcess(environmentFor(whatsapp, folder.path));
  const { port } = new URL(first.url);
  await assert.rejects(
    startGatewayProcess({ ...environmentFor(whatsapp, otherFolder.path), PORT: port }),
    ({ message }: Error) => /EADDRINUSE/.test(message) && !/\n\s+at /.test(message),
  );
});
