/** Pairing and unpairing over the API. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createInstance, eventually, startWorld } from '../harness.ts';

test('a phone is paired by the code that the API gives', async () => {
  await using world = await startWorld();
  const ana = world.whatsapp.phone('5511999990001', 'Ana');
  const api = await createInstance(world.gateway.url);
  const { status, body } = await api.get(`/phone-code/${ana.number}`);
  assert.equal(status, 200, JSON.stringify(body));
  assert.match(body.value, /^[1-9A-HJ-NP-TV-Z]{8}$/);
  await ana.enterCode(body.value);
  await api.connected();
});

test('a code that WhatsApp refuses to make is not handed out', async () => {
  await using world = await startWorld();
  const api = await createInstance(world.gateway.url);
  const { number } = world.whatsapp.phone('5511999990001', 'Ana');
  for (const [effect, status, code] of [
    [{ error: 400 }, 422, 'pairing_refused'],
    [{ error: 429 }, 429, 'whatsapp_rate_limited'],
    [{ silence: true }, 504, 'whatsapp_timeout'],
  ] as const) {
    world.whatsapp.faults.add({ kind: 'companion-hello', times: 1, ...effect });
    const answer = await api.get(`/phone-code/${number}`);
    assert.deepEqual([answer.status, answer.body.code], [status, code]);
  }
  assert.equal((await api.get(`/phone-code/${number}`)).status, 200, 'and after that one is');
});

test('the QR code comes as text and as a picture, and neither once the phone is connected', async () => {
  await using world = await startWorld();
  const api = await createInstance(world.gateway.url);
  const [text, image] = await Promise.all([api.get('/qr-code'), api.get('/qr-code/image')]);
  assert.match(text.body.value, /,/);
  assert.match(image.body.value, /^data:image\/png;base64,/);

  await api.pair(world.whatsapp.phone('5511999990001', 'Ana'));
  for (const path of ['/qr-code', '/qr-code/image', '/phone-code/5511999990001']) {
    assert.deepEqual((await api.get(path)).body, { connected: true });
  }
});

test('disconnect removes the device from the phone, and the instance can be paired anew', async () => {
  await using world = await startWorld();
  const { phone, api } = await world.person('5511999990001', 'Ana');
  assert.equal(phone.devices.length, 1);
  assert.deepEqual((await api.get('/disconnect')).body, { value: true });
  assert.equal(phone.devices.length, 0);
  const { body } = await api.get('/status');
  assert.deepEqual([body.connected, body.session, body.error], [false, false, 'You are not connected.']);
  await api.pair(phone);
});

test('restart keeps the pairing', async () => {
  await using world = await startWorld();
  const { phone, api } = await world.person('5511999990001', 'Ana');
  const [device] = phone.devices;
  assert.deepEqual((await api.get('/restart')).body, { value: true });
  await api.connected();
  assert.deepEqual(phone.devices, [device]);
});

test('a device that the phone removes is told as not connected, and can be paired anew', async () => {
  await using world = await startWorld();
  const { phone, api } = await world.person('5511999990001', 'Ana');
  phone.unlinkAll();
  await eventually('the instance knows', async () => (await api.get('/status')).body.session === false);
  const { status, body } = await api.get('/groups');
  assert.deepEqual([status, body.code], [409, 'not_connected']);
  await api.pair(phone);
});

test('a server that refuses the upgrade does not hang a session', async () => {
  await using world = await startWorld();
  const { api } = await world.person('5511999990001', 'Ana');
  world.whatsapp.faults.add({ kind: 'upgrade', times: 2, status: 503 });
  world.whatsapp.dropConnections();
  await api.connected();
});
