/** What partners do with instances, and what their owners tell them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { ZAPI, ZAPIPartner } from 'z-api-sdk';
import {
  type Answer,
  type ApiInstance,
  call,
  clientToken,
  createInstance,
  partnerToken,
  startWorld,
} from '../harness.ts';
import { pngOf } from '../pictures.ts';

const put = (api: ApiInstance, path: string, body: unknown): Promise<Answer> =>
  call(`${api.url}${path}`, { method: 'PUT', body });

test('what an instance is told is kept, answered with true, and told by /me', async () => {
  await using world = await startWorld();
  const api = await createInstance(world.gateway.url);
  for (const [path, value] of [
    ['/update-name', 'Loja São João 🕊'],
    ['/update-call-reject-auto', true],
    ['/update-call-reject-message', 'Não atendemos ligações'],
    ['/update-auto-read-message', 'true'],
    ['/update-auto-read-status', true],
    ['/update-proxy-webhook', 'http://localhost:3001/api/webhook'],
  ] as const) {
    const answer = await put(api, path, { value });
    assert.deepEqual([answer.status, answer.body], [200, { value: true }], path);
  }
  const { body } = await api.get('/me');
  assert.equal(body.name, 'Loja São João 🕊');
  assert.equal(body.callRejectAuto, true);
  assert.equal(body.callRejectMessage, 'Não atendemos ligações');
  assert.equal(body.autoReadMessage, true);

  await api.post('/update-call-reject-auto', { value: false });
  await put(api, '/update-call-reject-message', { value: '' });
  const after = await api.get('/me');
  assert.deepEqual([after.body.callRejectAuto, after.body.callRejectMessage], [false, '']);
  assert.equal(after.body.autoReadMessage, true, 'the others stay');
});

test('settings that are changed at the same time are all kept', async () => {
  await using world = await startWorld();
  const api = await createInstance(world.gateway.url);
  await Promise.all([
    put(api, '/update-name', { value: 'New' }),
    put(api, '/update-call-reject-auto', { value: true }),
    put(api, '/update-call-reject-message', { value: 'Write to us' }),
    put(api, '/update-auto-read-message', { value: true }),
  ]);
  const { name, callRejectAuto, callRejectMessage, autoReadMessage } = (await api.get('/me')).body;
  assert.deepEqual(
    { name, callRejectAuto, callRejectMessage, autoReadMessage },
    { name: 'New', callRejectAuto: true, callRejectMessage: 'Write to us', autoReadMessage: true },
  );
});

test('values that make no sense are refused, and change nothing', async () => {
  await using world = await startWorld();
  const api = await createInstance(world.gateway.url, 'Before');
  for (const [path, value] of [
    ['/update-name', ' '],
    ['/update-name', 'x'.repeat(201)],
    ['/update-name', 'two\nlines'],
    ['/update-call-reject-auto', 'perhaps'],
    ['/update-call-reject-message', 'x'.repeat(4097)],
    ['/update-auto-read-message', undefined],
    ['/update-proxy-webhook', 'ftp://localhost'],
  ] as const) {
    const { status, body } = await put(api, path, { value });
    assert.deepEqual([status, body.code, body.fields], [400, 'invalid_request', ['value']], path);
    assert.equal(body.value, false);
  }
  assert.equal((await api.get('/me')).body.name, 'Before');
});

test('a partner lists the instances by pages, and finds them by name and id', async () => {
  await using world = await startWorld();
  const { url } = world.gateway;
  const made: ApiInstance[] = [];
  for (const name of ['Support', 'Sales', 'Suporte São Paulo']) made.push(await createInstance(url, name));
  const list = async (query: string) => (await call(`${url}/instances${query}`)).body;
  const names = async (query: string) =>
    (await list(query)).content.map(({ name }: { name: string }) => name);

  const all = await list('?page=1&pageSize=2');
  assert.deepEqual([all.total, all.totalPage, all.page, all.pageSize], [3, 2, 1, 2]);
  assert.deepEqual(await names('?page=1&pageSize=2'), ['Support', 'Sales']);
  assert.deepEqual(
    await names('?page=2&pageSize=2/'),
    ['Suporte São Paulo'],
    'as the documented sample ends',
  );
  assert.deepEqual(await names('?page=3&pageSize=2'), []);
  assert.deepEqual(await names('?query=SUP'), ['Support', 'Suporte São Paulo']);
  assert.deepEqual(await names(`?query=${made[1]?.id.slice(4, 20).toLowerCase()}`), ['Sales']);
  assert.deepEqual(await names('?query=%25'), []);
  assert.equal((await list('?middleware=mobile')).total, 0);
  assert.equal((await list('?middleware=web')).total, 3);
  assert.equal((await list('')).content[0].token, made[0]?.token);
  for (const query of ['pageSize=0', 'page=9223372036854775807', 'query=%00'])
    assert.equal((await call(`${url}/instances?${query}`)).status, 400, query);
});

test('the list tells which instances are paired and connected', async () => {
  await using world = await startWorld();
  await world.person('5511999990001', 'Ana');
  await createInstance(world.gateway.url, 'Nobody');
  const { body } = await call(`${world.gateway.url}/instances`);
  assert.deepEqual(
    body.content.map((one: Record<string, unknown>) => [one.name, one.phoneConnected, one.whatsappConnected]),
    [
      ['Ana', true, true],
      ['Nobody', false, false],
    ],
  );
});

test('subscribing and cancelling answer OK, and are recorded', async () => {
  await using world = await startWorld();
  const api = await createInstance(world.gateway.url);
  const record = async (method: string, path: string, body?: unknown) => {
    const answer = await call(`${api.url}${path}`, { method, ...(body !== undefined && { body }) });
    return [answer.status, answer.body, (await api.get('/me')).body.paymentStatus];
  };
  const onDemand = '/integrator/on-demand';
  assert.deepEqual(await record('POST', `${onDemand}/subscription`), [201, 'OK', 'ACTIVE']);
  assert.deepEqual(await record('POST', `${onDemand}/cancel`), [201, 'OK', 'CANCELED']);
  assert.deepEqual(await record('POST', `${onDemand}/subscription`, { withCalls: true }), [
    201,
    'OK',
    'ACTIVE',
  ]);
  for (const path of [`${onDemand}/subscription/update`, '/integrator/subscription/update']) {
    assert.deepEqual(await record('PUT', path, { withCalls: true }), [201, 'OK', 'ACTIVE']);
    const { status, body } = await call(`${api.url}${path}`, { method: 'PUT', body: { withCalls: false } });
    assert.deepEqual([status, body.code], [400, 'invalid_request']);
  }
});

test('z-api-sdk lists, subscribes, cancels, and tells an instance what to do', async () => {
  await using world = await startWorld();
  const baseURL = world.gateway.url;
  const partner = new ZAPIPartner({ partnerToken, baseURL, maxRetries: 0 });
  const { id = '', token = '' } = await partner.createInstance({ name: 'SDK' });
  const target = { instanceId: id, instanceToken: token };
  await partner.subscribe(target);
  const listed = (await partner.listInstances({ page: 1, pageSize: 10, query: 'sdk' })) as unknown as {
    total: number;
  };
  assert.equal(listed.total, 1);
  await partner.cancel(target);

  const client = new ZAPI({ instanceId: id, token, clientToken, baseURL, maxRetries: 0 });
  await client.instance.updateName('Renamed');
  await client.instance.updateCallRejectAuto(true);
  const me = (await client.instance.getMe()) as { name: string; callRejectAuto: boolean };
  assert.deepEqual([me.name, me.callRejectAuto], ['Renamed', true]);
});

test('a deleted instance is unlinked from its phone and gone with all that belonged to it', async () => {
  await using world = await startWorld();
  const { phone, api } = await world.person('5511999990001', 'Ana');
  const other = await createInstance(world.gateway.url, 'Other');
  const group = world.whatsapp.createGroup({ subject: 'Equipe', owner: phone, participants: [] });
  await api.post('/update-group-photo', { groupId: group.id, groupPhoto: await pngOf('#f00') });

  const { status, body } = await call(api.url, { method: 'DELETE' });
  assert.deepEqual([status, body], [200, { value: true }]);
  assert.deepEqual(phone.devices, []);
  for (const path of ['/me', '/status', '/qr-code', `/group-photo/${group.id}/history`]) {
    const answer = await api.get(path);
    assert.deepEqual([answer.status, answer.body.code], [404, 'instance_not_found'], path);
  }
  assert.equal((await call(api.url, { method: 'DELETE' })).status, 404);
  assert.equal((await other.get('/me')).status, 200);
  const { total } = (await call(`${world.gateway.url}/instances`)).body;
  assert.equal(total, 1);
});

test('an instance that is deleted while it is pairing, or while a photo is changed, leaves nothing behind', async () => {
  await using world = await startWorld();
  const pairing = await createInstance(world.gateway.url);
  assert.equal((await pairing.get('/qr-code')).status, 200);
  assert.equal((await call(pairing.url, { method: 'DELETE' })).status, 200);

  const { phone, api } = await world.person('5511999990001', 'Ana');
  const group = world.whatsapp.createGroup({ subject: 'Equipe', owner: phone, participants: [] });
  world.whatsapp.faults.add({ kind: 'picture-set', times: 1, silence: true });
  const change = api.post('/update-group-photo', { groupId: group.id, groupPhoto: await pngOf('#f00') });
  await world.whatsapp.requestArrived('picture-set');
  assert.equal((await call(api.url, { method: 'DELETE' })).status, 200);
  const { status, body } = await change;
  assert.ok(status >= 400, `${status} ${JSON.stringify(body)}`);
  assert.equal((await api.get('/me')).status, 404);
});

test('the partner token alone deletes an instance', async () => {
  await using world = await startWorld();
  const api = await createInstance(world.gateway.url);
  const headers = { 'client-token': clientToken, authorization: '' };
  const { status, body } = await call(api.url, { method: 'DELETE', headers });
  assert.deepEqual([status, body.code], [401, 'partner_token_missing']);
  assert.equal((await api.get('/me')).status, 200);
});

test('a proxy that does not answer is not kept, and the answer is the documented text', async () => {
  await using world = await startWorld();
  const api = await createInstance(world.gateway.url);
  await using rude = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(rude, 'listening');
  const { port } = rude.address() as AddressInfo;
  const proxyUrl = `socks5://user:secret@127.0.0.1:${port}`;
  const { status, body } = await put(api, '/integrator/configure-proxy', { proxyUrl, enable: true });
  assert.deepEqual([status, body], [400, 'Proxy is not reachable']);
  const me = (await api.get('/me')).body;
  assert.deepEqual([me.proxyUrl, me.useProxy], ['', false]);
  const switchedOff = await put(api, '/integrator/configure-proxy', { proxyUrl, enable: false });
  assert.deepEqual(switchedOff.body, { value: true }, 'it may be kept for later');
  assert.equal((await api.get('/me')).body.proxyUrl, proxyUrl);
  assert.deepEqual((await put(api, '/integrator/configure-proxy', {})).body, { value: true }, 'none is fine');
  assert.equal((await api.get('/me')).body.proxyUrl, '');
});

test('what the original has and this gateway has not says so', async () => {
  await using world = await startWorld();
  const api = await createInstance(world.gateway.url);
  const { status, body } = await api.get('/extension-token');
  assert.deepEqual([status, body.code], [422, 'unsupported']);
});
