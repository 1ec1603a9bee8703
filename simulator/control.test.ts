import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import sharp from 'sharp';
import { connectClient } from './baileys-client.ts';
import { jpegOf } from './groups/jpeg-of.ts';
import { type Simulator, startSimulator } from './simulator.ts';

/** Speaks to the control as a program in another language would. */
const callerOf =
  ({ controlUrl }: Simulator) =>
  async (method: string, path: string, body?: unknown) => {
    const sent = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(controlUrl + path, {
      method,
      ...(body === undefined ? {} : { body: sent }),
    });
    const answer = await response.text();
    return { status: response.status, body: answer === '' ? undefined : JSON.parse(answer), response };
  };

test('a phone is made once, and keeps its name', async () => {
  await using whatsapp = await startSimulator();
  const call = callerOf(whatsapp);
  const alice = { number: '5511999990001', name: 'Alice' };
  const { status, body } = await call('POST', '/phones', alice);
  assert.equal(status, 200);
  assert.deepEqual(body, { ...alice, lid: whatsapp.phone(alice.number).lid });
  assert.deepEqual((await call('POST', '/phones', { number: alice.number })).body, body);
  assert.equal(whatsapp.phone(alice.number), whatsapp.phone(alice.number));
});

test('phones scan and enter codes', async () => {
  await using whatsapp = await startSimulator();
  const call = callerOf(whatsapp);
  await call('POST', '/phones', { number: '5511999990001' });
  {
    await using client = connectClient(whatsapp);
    const { status, body } = await call('POST', '/phones/5511999990001/scan', { qr: await client.qr() });
    assert.deepEqual([status, body], [200, { device: 1, number: '5511999990001' }]);
  }
  await using client = connectClient(whatsapp);
  await client.qr();
  const code = await client.sock.requestPairingCode('5511999990001');
  await whatsapp.requestArrived('companion-hello');
  const { status, body } = await call('POST', '/phones/5511999990001/enter-code', { code });
  assert.deepEqual([status, body], [200, { device: 2, number: '5511999990001' }]);
});

test('a group is made of numbers, shown with its picture, and its photo is served', async () => {
  await using whatsapp = await startSimulator();
  const call = callerOf(whatsapp);
  await call('POST', '/phones', { number: '5511999990001', name: 'Alice' });
  const made = await call('POST', '/groups', {
    subject: 'family',
    owner: '5511999990001',
    participants: ['5511999990002'],
    addressingMode: 'pn',
    locked: true,
  });
  assert.equal(made.status, 200);
  const { id } = made.body;
  assert.match(id, /^\d+@g\.us$/);
  const alice = whatsapp.phone('5511999990001');
  const bob = whatsapp.phone('5511999990002');
  const shown = {
    id,
    subject: 'family',
    addressingMode: 'pn',
    locked: true,
    participants: [
      { number: alice.number, lid: alice.lid, name: 'Alice', role: 'superadmin' },
      { number: bob.number, lid: bob.lid, name: bob.number, role: 'member' },
    ],
    picture: null,
  };
  assert.deepEqual((await call('GET', `/groups/${id}`)).body, shown);
  assert.equal((await call('GET', `/groups/${id}/photo`)).status, 404);

  const jpeg = await jpegOf(640);
  const group = whatsapp.group(id);
  assert.ok(group);
  const picture = whatsapp.world.groups.setPicture(group, {
    jpeg,
    width: 640,
    height: 640,
    setBy: alice.account,
  });
  const sha256 = createHash('sha256').update(jpeg).digest('hex');
  assert.deepEqual((await call('GET', `/groups/${id.replace('@g.us', '')}`)).body, {
    ...shown,
    picture: { id: picture.id, width: 640, height: 640, bytes: jpeg.length, sha256 },
  });

  for (const path of [`/groups/${id}/photo`, `/pictures/${picture.id}/image`]) {
    const response = await fetch(whatsapp.controlUrl + path);
    assert.equal(response.headers.get('content-type'), 'image/jpeg');
    assert.deepEqual(Buffer.from(await response.arrayBuffer()), jpeg);
  }
  const preview = await fetch(`${whatsapp.controlUrl}/pictures/${picture.id}/preview`);
  assert.equal((await sharp(await preview.arrayBuffer()).metadata()).width, 96);
  const { bytes, ...seen } = (await bob.photoOf(id)) ?? assert.fail('no photo');
  assert.deepEqual(seen, { id: picture.id, width: 640, height: 640, format: 'jpeg' });
  assert.deepEqual(bytes, jpeg);
});

test('a phone sees a photo only where it may', async () => {
  await using whatsapp = await startSimulator();
  const owner = whatsapp.phone('5511999990001');
  const group = whatsapp.createGroup({ subject: 'family', owner, participants: [] });
  assert.equal(await owner.photoOf(group.id), undefined);
  await assert.rejects(whatsapp.phone('5511999990002').photoOf(group.id), { code: 401 });
});

test('faults are added and cleared', async () => {
  await using whatsapp = await startSimulator();
  const call = callerOf(whatsapp);
  assert.equal((await call('POST', '/faults', { kind: 'upgrade', status: 403 })).status, 204);
  await using refused = connectClient(whatsapp);
  await once(refused.sock.ws, 'unexpected-response');
  assert.equal((await call('DELETE', '/faults')).status, 204);
  await using client = connectClient(whatsapp);
  assert.ok(await client.qr());
});

test('a body that is far too large is read to its end, so that its sender sees the answer', async () => {
  await using whatsapp = await startSimulator();
  const { port } = new URL(whatsapp.controlUrl);
  const body = Buffer.alloc(30_000_000, ' ');
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(
    `POST /phones HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`,
  );
  socket.write(body);
  assert.match(await text(socket), /^HTTP\/1\.1 413 /);
});

test('what cannot be done is answered with a status and a reason', async () => {
  await using whatsapp = await startSimulator();
  const call = callerOf(whatsapp);
  whatsapp.phone('5511999990001');
  const group = { subject: 'family', owner: '5511999990001', participants: [] };
  const cases: [method: string, path: string, body: unknown, status: number, error: RegExp][] = [
    ['POST', '/phones', undefined, 400, /not JSON/],
    ['POST', '/phones', '{', 400, /not JSON/],
    ['POST', '/phones', [], 400, /object/],
    ['POST', '/phones', { number: 5511999990001 }, 400, /number must be string/],
    ['POST', '/phones', { number: '+55' }, 400, /"\+55" is not a phone number/],
    ['POST', '/phones', ' '.repeat(1_048_577), 413, /larger/],
    ['POST', '/phones/5511999990001/scan', { qr: 'nonsense' }, 400, /not a QR code/],
    ['POST', '/phones/5511999990001/enter-code', { code: 'ABCD1234' }, 400, /Nobody waits/],
    ['POST', '/phones/5511999990009/scan', { qr: 'nonsense' }, 404, /no phone 5511999990009/],
    ['POST', '/groups', { ...group, participants: ['bob'] }, 400, /"bob" is not a phone number/],
    ['POST', '/groups', { ...group, addressingMode: 'jid' }, 400, /addressingMode/],
    ['GET', '/groups/123', undefined, 404, /no group 123/],
    ['GET', '/groups/123/photo', undefined, 404, /no group 123/],
    ['GET', '/groups/%E0', undefined, 400, /URI/],
    ['GET', '/pictures/1/image', undefined, 404, /no such picture/],
    ['GET', '/pictures/1/huge', undefined, 404, /no such picture/],
    ['POST', '/faults', { kind: 'nonsense' }, 400, /kind "nonsense"/],
    ['GET', '/nowhere', undefined, 404, /nothing at this path/],
    ['GET', '//', undefined, 404, /nothing at this path/],
    ['PUT', '/faults', {}, 405, /HTTP method/],
  ];
  for (const [method, path, body, status, error] of cases) {
    const answer = await call(method, path, body);
    assert.equal(answer.status, status, `${method} ${path}`);
    assert.match(answer.body.error, error);
  }
  const { response } = await call('GET', '/faults');
  assert.equal(response.headers.get('allow'), 'POST, DELETE');
});
