/** What owners say of themselves, and what an instance does for them by itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call, eventually, startWorld } from '../harness.ts';
import { colourAt, pngOf, serveLogo } from '../pictures.ts';

test('name, about and picture are changed over the API, as others see it, and /device tells them', async () => {
  await using logo = await serveLogo();
  await using world = await startWorld({ env: { POMBO_FETCH_ALLOW: logo.host } });
  const { phone, api } = await world.person('5511999990001', 'Ana');
  const bruno = world.whatsapp.phone('5511999990002', 'Bruno');

  assert.deepEqual((await api.post('/profile-name', { value: 'Ana Souza' })).body, { value: true });
  assert.equal(phone.name, 'Ana Souza');
  assert.deepEqual((await api.post('/profile-description', { value: 'Das 9 às 18 🕊' })).body, {
    value: true,
  });
  assert.equal(phone.about, 'Das 9 às 18 🕊');
  assert.deepEqual((await api.post('/profile-picture', { value: logo.url })).body, { value: true });
  const seen = await bruno.photoOf(phone.lid);
  assert.deepEqual([seen?.width, seen?.height, seen?.format], [640, 640, 'jpeg']);
  const first = seen?.id;
  assert.deepEqual((await api.post('/profile-picture', { value: await pngOf('#00f') })).body, {
    value: true,
  });
  const second = await bruno.photoOf(phone.lid);
  assert.notEqual(second?.id, first);
  const [red = 255, , blue = 0] = await colourAt(second?.bytes ?? new Uint8Array(), 320, 320);
  assert.ok(red < 20 && blue > 235, `${red} ${blue}`);

  const { status, body } = await api.get('/device');
  assert.equal(status, 200);
  assert.equal(body.phone, '5511999990001');
  assert.equal(body.about, 'Das 9 às 18 🕊');
  assert.equal(body.name, 'Ana Souza');
  assert.match(body.imgUrl, /^http/);
  assert.deepEqual(body.device, { sessionName: 'Mac OS', device_model: 'Chrome' });
  assert.equal(body.originalDevice, 'android');
  assert.equal(body.isBusiness, false);
  assert.equal(body.sessionId, phone.devices[0]?.id);
});

test('a profile without anything is told with null', async () => {
  await using world = await startWorld();
  const { api } = await world.person('5511999990001', 'Ana');
  const { body } = await api.get('/device');
  assert.deepEqual([body.imgUrl, body.about], [null, null]);
});

test('what WhatsApp refuses of a profile is value: false with a reason, and a picture that is none has its own', async () => {
  await using world = await startWorld();
  const { api } = await world.person('5511999990001', 'Ana');
  world.whatsapp.faults.add({ kind: 'picture-set', times: 1, error: 406 });
  const refused = await api.post('/profile-picture', { value: await pngOf('#f00') });
  assert.deepEqual([refused.status, refused.body.value, refused.body.code], [200, false, 'picture_refused']);
  const unreadable = await api.post('/profile-picture', { value: 'aGVsbG8gd29ybGQ=' });
  assert.deepEqual([unreadable.status, unreadable.body.code], [400, 'picture_unreadable']);
  for (const value of ['', ' ', 'x'.repeat(26)]) {
    const answer = await api.post('/profile-name', { value });
    assert.deepEqual([answer.status, answer.body.code], [400, 'invalid_request']);
  }
});

test('an instance is listed on the phone under the name that it was created with, and gets a pairing code all the same', async () => {
  await using world = await startWorld();
  const created = await call(`${world.gateway.url}/instances/integrator/on-demand`, {
    method: 'POST',
    body: { name: 'Support', sessionName: 'Loja São João' },
  });
  const url = `${world.gateway.url}/instances/${created.body.id}/token/${created.body.token}`;
  const ana = world.whatsapp.phone('5511999990001', 'Ana');
  const { body } = await call(`${url}/phone-code/${ana.number}`);
  await ana.enterCode(body.value);
  await eventually('it is connected', async () => (await call(`${url}/status`)).body.connected);
  assert.equal(ana.devices[0]?.name, 'Loja São João');
  assert.equal((await call(`${url}/device`)).body.device.sessionName, 'Loja São João');
});

test('calls are rejected and answered, and messages read, as the settings say', async () => {
  await using world = await startWorld({ simulator: { preKeyCount: undefined } });
  const { phone, api } = await world.person('5511999990001', 'Ana');
  const bruno = world.whatsapp.phone('5511999990002', 'Bruno');
  for (const [setting, value] of [
    ['update-call-reject-auto', true],
    ['update-call-reject-message', 'Escreva, por favor'],
    ['update-auto-read-message', true],
  ] as const)
    await api.post(`/${setting}`, { value });

  assert.equal(await bruno.call(phone).ended, 'declined');
  await bruno.message(({ from }) => from === phone.account);
  const id = bruno.writeTo(phone, 'Bom dia');
  await bruno.receipt((receipt) => receipt.id === id && receipt.type === 'read');

  const post = bruno.postStatus('Oferta do dia', [phone]);
  const last = bruno.writeTo(phone, 'Viu?');
  await bruno.receipt((receipt) => receipt.id === last && receipt.type === 'read');
  assert.ok(!bruno.receipts.some((receipt) => receipt.id === post && receipt.type === 'read'));
  await api.post('/update-auto-read-status', { value: true });
  const next = bruno.postStatus('Oferta de amanhã', [phone]);
  await bruno.receipt((receipt) => receipt.id === next && receipt.type === 'read');
});
