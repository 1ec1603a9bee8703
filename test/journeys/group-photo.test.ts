/** The main job, end to end: over HTTP, through a real Baileys socket, to another member's phone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiInstance } from '../harness.ts';
import { startWorld } from '../harness.ts';
import { colourAt, pngOf, serveLogo } from '../pictures.ts';

const red = [255, 0, 0];
const blue = [0, 0, 255];

/** JPEG is not exact; a colour is recognised when no channel is off by more than this. */
function assertColour(seen: number[], expected: number[]): void {
  const distance = Math.max(...seen.map((channel, index) => Math.abs(channel - (expected[index] ?? 0))));
  assert.ok(distance <= 16, `expected about ${expected}, saw ${seen}`);
}

async function createGroup(api: ApiInstance, ...phones: string[]): Promise<string> {
  const { status, body } = await api.post('/create-group', { groupName: 'Equipe', phones, autoInvite: true });
  assert.equal(status, 200, JSON.stringify(body));
  return body.phone;
}

test('a photo set by URL and one set by Base64 reach the phone of another member', async () => {
  await using logo = await serveLogo();
  await using world = await startWorld({ env: { POMBO_FETCH_ALLOW: logo.host } });
  const ana = await world.person('5511999990001', 'Ana');
  const bruno = world.whatsapp.phone('5511999990002', 'Bruno');
  const groupId = await createGroup(ana.api, bruno.number);

  const byUrl = await ana.api.post('/update-group-photo', { groupId, groupPhoto: logo.url });
  assert.deepEqual([byUrl.status, byUrl.body], [200, { value: true }]);
  const logoSeen = await bruno.photoOf(groupId);
  assert.ok(logoSeen);
  assert.deepEqual([logoSeen.width, logoSeen.height, logoSeen.format], [640, 640, 'jpeg']);
  assertColour(await colourAt(logoSeen.bytes, 100, 320), red);
  assertColour(await colourAt(logoSeen.bytes, 540, 320), blue);

  const byBase64 = await ana.api.post('/update-group-photo', { groupId, groupPhoto: await pngOf('#00f') });
  assert.deepEqual([byBase64.status, byBase64.body], [200, { value: true }]);
  const squareSeen = await bruno.photoOf(groupId);
  assert.ok(squareSeen);
  assert.deepEqual([squareSeen.width, squareSeen.height, squareSeen.format], [640, 640, 'jpeg']);
  assertColour(await colourAt(squareSeen.bytes, 320, 320), blue);
  assert.ok(BigInt(squareSeen.id) > BigInt(logoSeen.id), 'the new picture has a newer id');
});

test('true is said only after WhatsApp answered', async () => {
  await using world = await startWorld({ whatsappTimeoutMs: 10_000 });
  const ana = await world.person('5511999990001', 'Ana');
  const groupId = await createGroup(ana.api, world.whatsapp.phone('5511999990002', 'Bruno').number);

  // One-sided, so that a busy machine cannot fail it: whoever waits needs at least as long as WhatsApp does.
  const delayMs = 400;
  world.whatsapp.faults.add({ kind: 'picture-set', times: 1, delayMs });
  const groupPhoto = await pngOf('#0f0');
  const startedAtMs = performance.now();
  const { body } = await ana.api.post('/update-group-photo', { groupId, groupPhoto });
  assert.deepEqual(body, { value: true });
  assert.ok(performance.now() - startedAtMs >= delayMs);
});

test('every way in which integrators write the same call works', async () => {
  await using world = await startWorld();
  const ana = await world.person('5511999990001', 'Ana');
  const bruno = world.whatsapp.phone('5511999990002', 'Bruno');
  const groupId = await createGroup(ana.api, bruno.number);
  const digits = groupId.replace('-group', '');
  const png = await pngOf('#0f0', 32);

  let lastId = 0n;
  for (const body of [
    { groupId: digits, groupPhoto: png },
    { groupId: `${digits}@g.us`, groupPhoto: `data:image/png;base64,${png}` },
    { groupID: groupId, groupPhoto: `data:application/octet-stream;base64,${png}` },
    { phone: groupId, photo: png },
    { phone: groupId, image: png.replace(/(.{60})/g, '$1\n') },
    { groupId, photo: png.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '') },
  ]) {
    // It is the same picture every time, so it is only set again when that is asked for.
    const { status, body: answer } = await ana.api.post('/update-group-photo', { ...body, force: 'true' });
    assert.deepEqual([status, answer], [200, { value: true }], JSON.stringify(Object.keys(body)));
    const id = BigInt((await bruno.photoOf(groupId))?.id ?? 0);
    assert.ok(id > lastId, 'each call set a new picture');
    lastId = id;
  }
});

test('changes of one group are made in the order of their arrival, and other groups do not wait', async () => {
  await using logo = await serveLogo();
  await using world = await startWorld({ env: { POMBO_FETCH_ALLOW: logo.host } });
  const ana = await world.person('5511999990001', 'Ana');
  const bruno = world.whatsapp.phone('5511999990002', 'Bruno');
  const groupId = await createGroup(ana.api, bruno.number);
  const otherGroupId = await createGroup(ana.api, bruno.number);
  const answered: string[] = [];
  const change = async (name: string, group: string, groupPhoto: string) => {
    const { body } = await ana.api.post('/update-group-photo', { groupId: group, groupPhoto });
    assert.deepEqual(body, { value: true });
    answered.push(name);
  };

  const held = logo.hold();
  const first = change('first', groupId, logo.url);
  const letGo = await held; // the first is being prepared, and will be for as long as we like
  const second = change('second', groupId, await pngOf('#0f0', 32));
  await change('other group', otherGroupId, await pngOf('#0f0', 32));
  assert.deepEqual(answered, ['other group']);
  letGo();
  await Promise.all([first, second]);
  assert.deepEqual(answered, ['other group', 'first', 'second']);
  const seen = await bruno.photoOf(groupId);
  assertColour(await colourAt(seen?.bytes ?? new Uint8Array(), 320, 320), [0, 255, 0]);
});

test('two phones of two instances work side by side', async () => {
  await using world = await startWorld();
  const [ana, bruno] = await Promise.all([
    world.person('5511999990001', 'Ana'),
    world.person('5511999990002', 'Bruno'),
  ]);
  const groups = await Promise.all([
    createGroup(ana.api, bruno.phone.number),
    createGroup(bruno.api, ana.phone.number),
  ]);
  const answers = await Promise.all([
    ana.api.post('/update-group-photo', { groupId: groups[0], groupPhoto: await pngOf('#f00') }),
    bruno.api.post('/update-group-photo', { groupId: groups[1], groupPhoto: await pngOf('#00f') }),
  ]);
  assert.deepEqual(
    answers.map(({ body }) => body),
    [{ value: true }, { value: true }],
  );
  const [seenByBruno, seenByAna] = await Promise.all([
    bruno.phone.photoOf(groups[0]),
    ana.phone.photoOf(groups[1]),
  ]);
  assertColour(await colourAt(seenByBruno?.bytes ?? new Uint8Array(), 320, 320), red);
  assertColour(await colourAt(seenByAna?.bytes ?? new Uint8Array(), 320, 320), blue);
});
