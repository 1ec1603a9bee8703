/** What goes beyond the page of the API: reading, removing, previewing, undoing, uploading, and many groups at once. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import sharp from 'sharp';
import type { Phone } from '../../simulator/phone.ts';
import {
  type Answer,
  type ApiInstance,
  createInstance,
  eventually,
  startWorld,
  type World,
} from '../harness.ts';
import { colourAt, pngOf, serveLogo } from '../pictures.ts';

interface Team {
  readonly world: World;
  readonly ana: { readonly phone: Phone; readonly api: ApiInstance };
  readonly groupId: string;
}

/** Ana, whose phone the gateway has, and a group of hers without a photo. */
async function startTeam(options?: Parameters<typeof startWorld>[0]): Promise<Team & AsyncDisposable> {
  const world = await startWorld(options);
  const ana = await world.person('5511999990001', 'Ana');
  const { id } = world.whatsapp.createGroup({ subject: 'Equipe', owner: ana.phone, participants: [] });
  return { world, ana, groupId: `${id}-group`, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

/** The colour in the middle of what the group shows, as its hex digits stand in `pngOf`. */
async function colourOf({ ana, groupId }: Team): Promise<string | undefined> {
  const photo = await ana.phone.photoOf(groupId);
  if (!photo) return undefined;
  return colourNamed(await colourAt(photo.bytes, 320, 320));
}

const colourNamed = (channels: number[]) =>
  `#${channels.map((channel) => (channel > 200 ? 'f' : channel < 55 ? '0' : '8')).join('')}`;

const set = async ({ ana, groupId }: Team, colour: string) => {
  const { status, body } = await ana.api.post('/update-group-photo', {
    groupId,
    groupPhoto: await pngOf(colour),
  });
  assert.deepEqual([status, body], [200, { value: true }]);
};

test('the photo of a group can be read, and only when it changed', async () => {
  await using team = await startTeam();
  const { ana, groupId } = team;
  const path = `/group-photo/${groupId}`;
  const none = await ana.api.get(path);
  assert.deepEqual([none.status, none.body.code], [404, 'group_photo_not_found']);
  assert.equal((await ana.api.get(`${path}/info`)).body.code, 'group_photo_not_found');

  await set(team, '#f00');
  const shown = await ana.phone.photoOf(groupId);
  assert.ok(shown);
  const full = await ana.api.send(path);
  assert.deepEqual([full.status, full.headers.get('content-type')], [200, 'image/jpeg']);
  assert.equal(full.headers.get('etag'), `"${shown.id}"`);
  assert.deepEqual(Buffer.from(await full.arrayBuffer()), shown.bytes);

  const preview = await ana.api.send(`${path}?size=preview`);
  const { width } = await sharp(await preview.arrayBuffer()).metadata();
  assert.equal(width, 96);

  const same = await ana.api.send(path, { headers: { 'if-none-match': `"${shown.id}"` } });
  assert.deepEqual([same.status, await same.text()], [304, '']);
  await set(team, '#00f');
  const changed = await ana.api.send(path, { headers: { 'if-none-match': `"${shown.id}"` } });
  assert.equal(changed.status, 200);
  await changed.arrayBuffer();

  const nowhere = await ana.api.get('/group-photo/120363999999999999-group');
  assert.deepEqual([nowhere.status, nowhere.body.code], [404, 'group_not_found']);
});

test('what is known of a photo says who set it, and whether it was us', async () => {
  await using team = await startTeam();
  const { world, ana, groupId } = team;
  await set(team, '#f00');
  const shown = await ana.phone.photoOf(groupId);
  assert.ok(shown);
  const ours = await ana.api.get(`/group-photo/${groupId}/info`);
  const { setAt, setBy: _told, ...rest } = ours.body;
  assert.deepEqual(rest, {
    id: shown.id,
    byUs: true,
    restores: null,
    sha256: createHash('sha256').update(shown.bytes).digest('hex'),
    sizeBytes: shown.bytes.length,
    width: 640,
    height: 640,
  });
  assert.ok(Math.abs(setAt - Date.now()) < 60_000);

  // Somebody else sets another photo: a second gateway, of which the first one hears through WhatsApp.
  const bruno = await world.person('5511999990002', 'Bruno');
  const { id } = world.whatsapp.createGroup({
    subject: 'Bairro',
    owner: bruno.phone,
    participants: [ana.phone],
  });
  await bruno.api.post('/update-group-photo', { groupId: id, groupPhoto: await pngOf('#0f0') });
  await eventually('Ana was told who set it', async () => {
    const { body } = await ana.api.get(`/group-photo/${id}/info`);
    return body.setBy !== null;
  });
  const { body: theirs } = await ana.api.get(`/group-photo/${id}/info`);
  assert.equal(theirs.byUs, false);
  assert.ok(theirs.setBy === bruno.phone.number || theirs.setBy === bruno.phone.lid, theirs.setBy);
});

test('a photo can be removed, also when there is none', async () => {
  await using team = await startTeam();
  const { ana, groupId } = team;
  await set(team, '#f00');
  for (const _ of ['removed', 'none there']) {
    const { status, body } = await ana.api.delete(`/group-photo/${groupId}`);
    assert.deepEqual([status, body], [200, { value: true }]);
    assert.equal(await colourOf(team), undefined);
  }
});

test('undo walks back through what the group showed, photos of others and no photo included', async () => {
  await using team = await startTeam();
  const { ana, groupId } = team;
  const undo = () => ana.api.post(`/group-photo/${groupId}/undo`, {});
  for (const colour of ['#f00', '#0f0', '#00f']) await set(team, colour);
  const { body: history } = await ana.api.get(`/group-photo/${groupId}/history`);
  assert.equal(history.photos.length, 3);
  assert.ok(history.photos.every(({ byUs, sha256 }: { byUs: boolean; sha256: string }) => byUs && sha256));

  const first = await undo();
  assert.deepEqual([first.status, first.body.value], [200, true]);
  assert.equal(await colourOf(team), '#0f0');
  assert.equal((await ana.phone.photoOf(groupId))?.id, first.body.id);
  await undo();
  assert.equal(await colourOf(team), '#f00');
  const toNone = await undo();
  assert.deepEqual([toNone.body.value, toNone.body.id], [true, null]);
  assert.equal(await colourOf(team), undefined);
  const nothingLeft = await undo();
  assert.deepEqual([nothingLeft.status, nothingLeft.body.code], [404, 'no_earlier_photo']);

  const oldest = history.photos.at(-1).id;
  const named = await ana.api.post(`/group-photo/${groupId}/undo`, { photoId: oldest });
  assert.equal(named.body.value, true);
  assert.equal(await colourOf(team), '#f00');
  const past = await ana.api.send(`/group-photo/${groupId}/history/${history.photos[0].id}`);
  assert.equal(past.headers.get('content-type'), 'image/jpeg');
  assert.equal(colourNamed(await colourAt(Buffer.from(await past.arrayBuffer()), 320, 320)), '#00f');
  const unknown = await ana.api.get(`/group-photo/${groupId}/history/1`);
  assert.deepEqual([unknown.status, unknown.body.code], [404, 'group_photo_not_found']);
});

test('undo brings back a photo that was there before we came', async () => {
  await using team = await startTeam();
  const { world, ana } = team;
  const bruno = await world.person('5511999990002', 'Bruno');
  const { id } = world.whatsapp.createGroup({ subject: 'Bairro', owner: bruno.phone, participants: [] });
  await bruno.api.post('/update-group-photo', { groupId: id, groupPhoto: await pngOf('#0f0') });
  // Ana's gateway was told of nothing: she is not in the group yet.
  const group = world.whatsapp.group(id);
  assert.ok(group);
  group.participants.set(ana.phone.account, 'admin');

  await set({ ...team, groupId: id }, '#f00');
  await ana.api.post(`/group-photo/${id}/undo`, {});
  assert.equal(await colourOf({ ...team, groupId: id }), '#0f0');
});

test('a history that is switched off keeps nothing, and says so', async () => {
  await using team = await startTeam({ env: { POMBO_PHOTO_HISTORY: '0' } });
  const { ana, groupId } = team;
  await set(team, '#f00');
  await set(team, '#0f0');
  assert.deepEqual((await ana.api.get(`/group-photo/${groupId}/history`)).body, { photos: [] });
  const { status, body } = await ana.api.post(`/group-photo/${groupId}/undo`, {});
  assert.deepEqual([status, body.code], [404, 'no_earlier_photo']);
  assert.match(body.error, /POMBO_PHOTO_HISTORY/);
});

test('the same photo again is true without asking WhatsApp to change it, unless forced', async () => {
  await using team = await startTeam();
  const { world, ana, groupId } = team;
  const changes = () => world.whatsapp.requestCount('picture-set');
  await set(team, '#f00');
  await set(team, '#f00');
  assert.equal(changes(), 1);
  const groupPhoto = await pngOf('#f00');
  await ana.api.post('/update-group-photo', { groupId, groupPhoto, force: true });
  assert.equal(changes(), 2);
  await ana.api.delete(`/group-photo/${groupId}`);
  await set(team, '#f00');
  assert.equal(await colourOf(team), '#f00');
});

test('a preview is exactly what would be sent, with warnings, and needs no phone', async () => {
  await using team = await startTeam();
  const { world, ana, groupId } = team;
  const wide = await sharp({ create: { width: 300, height: 200, channels: 3, background: '#f00' } })
    .png()
    .toBuffer();
  const groupPhoto = wide.toString('base64');
  const alone = await createInstance(world.gateway.url);
  const { status, body: preview } = await alone.post('/preview-group-photo', { groupPhoto });
  assert.equal(status, 200, JSON.stringify(preview));
  assert.deepEqual(preview.source, { type: 'png', width: 300, height: 200 });
  assert.deepEqual(preview.warnings.map(({ code }: { code: string }) => code).sort(), [
    'cropped',
    'enlarged',
  ]);

  await ana.api.post('/update-group-photo', { groupId, groupPhoto });
  const shown = await ana.phone.photoOf(groupId);
  assert.equal(preview.photo, `data:image/jpeg;base64,${shown?.bytes.toString('base64')}`);
  assert.equal(preview.sizeBytes, shown?.bytes.length);

  const contained = { groupId, groupPhoto, fit: 'contain', background: '#00f' };
  await ana.api.post('/update-group-photo', contained);
  const photo = await ana.phone.photoOf(groupId);
  assert.ok(photo);
  assert.equal(colourNamed(await colourAt(photo.bytes, 320, 20)), '#00f');
  assert.equal(colourNamed(await colourAt(photo.bytes, 320, 320)), '#f00');

  const wrong = await ana.api.post('/preview-group-photo', { groupPhoto, fit: 'stretch', background: 'red' });
  assert.deepEqual([wrong.status, wrong.body.fields], [400, ['fit', 'background']]);
});

test('a photo can be uploaded as a form, and as the body itself', async () => {
  await using team = await startTeam();
  const { ana, groupId } = team;
  const form = new FormData();
  form.set('groupId', groupId);
  form.set(
    'groupPhoto',
    new Blob([Buffer.from(await pngOf('#f00'), 'base64')], { type: 'image/png' }),
    'logo.png',
  );
  const byForm = await ana.api.send('/update-group-photo', { method: 'POST', body: form });
  assert.deepEqual([byForm.status, await byForm.json()], [200, { value: true }]);
  assert.equal(await colourOf(team), '#f00');

  const raw = await ana.api.send(`/update-group-photo?groupId=${groupId}`, {
    method: 'POST',
    headers: { 'content-type': 'image/png' },
    body: Buffer.from(await pngOf('#00f'), 'base64'),
  });
  assert.deepEqual([raw.status, await raw.json()], [200, { value: true }]);
  assert.equal(await colourOf(team), '#00f');
});

test('a request that comes again with its Idempotency-Key is answered again and not made again', async () => {
  await using team = await startTeam();
  const { world, ana, groupId } = team;
  const key = { 'idempotency-key': 'order-4711' };
  const red = { groupId, groupPhoto: await pngOf('#f00'), force: true };
  const answers = await Promise.all([1, 2, 3].map(() => ana.api.post('/update-group-photo', red, key)));
  assert.deepEqual(
    answers.map(({ status, body }) => [status, body.value]),
    [1, 2, 3].map(() => [200, true]),
  );
  assert.equal(world.whatsapp.requestCount('picture-set'), 1);
  const again = await ana.api.post('/update-group-photo', red, key);
  assert.equal(again.headers.get('idempotency-replayed'), 'true');
  assert.equal(world.whatsapp.requestCount('picture-set'), 1);
  const other = await ana.api.post('/update-group-photo', { ...red, groupPhoto: await pngOf('#00f') }, key);
  assert.deepEqual([other.status, other.body.code], [409, 'idempotency_key_reused']);
  assert.equal(await colourOf(team), '#f00');
});

test('whatever changes a photo is done once under its key', async () => {
  await using team = await startTeam({ env: { POMBO_PHOTO_PACE_SECONDS: '0' } });
  const { world, ana, groupId } = team;
  for (const colour of ['#f00', '#0f0', '#00f']) await set(team, colour);
  const twice = async (key: string, change: (headers: Record<string, string>) => Promise<Answer>) => {
    const [first, again] = [
      await change({ 'idempotency-key': key }),
      await change({ 'idempotency-key': key }),
    ];
    assert.deepEqual([again.status, again.body], [first.status, first.body]);
    assert.equal(again.headers.get('idempotency-replayed'), 'true', key);
  };
  await twice('back', (headers) => ana.api.post(`/group-photo/${groupId}/undo`, {}, headers));
  assert.equal(await colourOf(team), '#0f0');

  const { id: other } = world.whatsapp.createGroup({
    subject: 'Outra',
    owner: ana.phone,
    participants: [],
  });
  const order = { groups: [other], groupPhoto: await pngOf('#f00') };
  await twice('many', (headers) => ana.api.post('/update-group-photos', order, headers));
  assert.equal((await ana.api.get('/jobs')).body.jobs.length, 1);

  await eventually('the job is done', async () => (await ana.api.get('/jobs')).body.jobs[0].state === 'done');
  const before = world.whatsapp.requestCount('picture-set');
  await twice('away', (headers) => ana.api.delete(`/group-photo/${groupId}`, headers));
  assert.equal(world.whatsapp.requestCount('picture-set'), before + 1);
});

test('removing and undoing wait for the changes that came before', async () => {
  await using logo = await serveLogo();
  await using team = await startTeam({ env: { POMBO_FETCH_ALLOW: logo.host } });
  const { ana, groupId } = team;
  const changes = {
    remove: { change: () => ana.api.delete(`/group-photo/${groupId}`), leaves: undefined },
    undo: { change: () => ana.api.post(`/group-photo/${groupId}/undo`, {}), leaves: '#0f0' },
  };
  for (const [name, { change, leaves }] of Object.entries(changes)) {
    for (const colour of ['#f00', '#0f0']) await set(team, colour);
    const held = logo.hold();
    const first = ana.api.post('/update-group-photo', { groupId, groupPhoto: logo.url });
    const letGo = await held;
    const second = change();
    // An answer that takes another way through the gateway shows that the second one had the time to overtake.
    await ana.api.get(`/group-photo/${groupId}/info`);
    letGo();
    assert.deepEqual([(await first).body.value, (await second).body.value], [true, true], name);
    assert.equal(await colourOf(team), leaves, name);
  }
});

test('more than sixteen waiting changes of a group are refused with a pause, and other groups are not', async () => {
  await using team = await startTeam({ whatsappTimeoutMs: 10_000 });
  const { world, ana, groupId } = team;
  const { id: otherGroup } = world.whatsapp.createGroup({
    subject: 'Outra',
    owner: ana.phone,
    participants: [],
  });
  world.whatsapp.faults.add({ kind: 'picture-set', times: 1, delayMs: 5_000 });
  const groupPhoto = await pngOf('#f00');
  const change = (group: string) => ana.api.post('/update-group-photo', { groupId: group, groupPhoto });
  const first = change(groupId);
  await world.whatsapp.requestArrived('picture-set');
  const waiting = Array.from({ length: 16 }, () => change(groupId));
  // The seventeenth is refused at once; which one of them it is, nobody can say from here.
  const refused = await Promise.race([change(groupId), ...waiting]);
  assert.deepEqual([refused.status, refused.body.code], [429, 'rate_limited']);
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  assert.deepEqual((await change(otherGroup)).body, { value: true });
  assert.deepEqual((await first).body, { value: true });
  const statuses = (await Promise.all(waiting)).map(({ status }) => status);
  assert.ok(statuses.filter((status) => status === 200).length >= 15);
});

test('many groups get a photo one after another, each with its result', async () => {
  await using team = await startTeam({ env: { POMBO_PHOTO_PACE_SECONDS: '0' } });
  const { world, ana } = team;
  const bruno = world.whatsapp.phone('5511999990002', 'Bruno');
  const [one, two] = ['Um', 'Dois'].map((subject) =>
    world.whatsapp.createGroup({ subject, owner: ana.phone, participants: [] }),
  );
  const locked = world.whatsapp.createGroup({
    subject: 'Diretoria',
    owner: bruno,
    participants: [ana.phone],
    locked: true,
  });
  assert.ok(one && two);
  const started = await ana.api.post('/update-group-photos', {
    groups: [one.id, locked.id, two.id, one.id],
    groupPhoto: await pngOf('#f00'),
  });
  assert.equal(started.status, 202, JSON.stringify(started.body));
  await eventually('the job is done', async () => {
    const { body } = await ana.api.get(`/jobs/${started.body.id}`);
    return body.state === 'done';
  });
  const { body: job } = await ana.api.get(`/jobs/${started.body.id}`);
  assert.deepEqual(
    job.results.map(({ group, state, code }: Record<string, string>) => [group, state, code]),
    [
      [`${one.id}-group`, 'done', null],
      [`${locked.id}-group`, 'failed', 'not_group_admin'],
      [`${two.id}-group`, 'done', null],
    ],
  );
  assert.deepEqual(job.progress, { waiting: 0, running: 0, done: 2, failed: 1, cancelled: 0 });
  assert.equal(await colourOf({ ...team, groupId: two.id }), '#f00');
  assert.equal((await ana.api.get('/jobs')).body.jobs.length, 1);
  const unknown = await ana.api.get('/jobs/0b8f4c52-6d1e-4c0f-9a55-3f1f2a107f1c');
  assert.deepEqual([unknown.status, unknown.body.code], [404, 'job_not_found']);
});

test('a job can be ended before it is done', async () => {
  await using team = await startTeam({ env: { POMBO_PHOTO_PACE_SECONDS: '3600' } });
  const { world, ana } = team;
  const groups = ['Um', 'Dois', 'Três'].map(
    (subject) => world.whatsapp.createGroup({ subject, owner: ana.phone, participants: [] }).id,
  );
  const { body } = await ana.api.post('/update-group-photos', { groups, groupPhoto: await pngOf('#f00') });
  await eventually('the first group is done', async () => {
    const { body: job } = await ana.api.get(`/jobs/${body.id}`);
    return job.progress.done === 1;
  });
  const cancelled = await ana.api.delete(`/jobs/${body.id}`);
  assert.deepEqual([cancelled.status, cancelled.body.state], [200, 'cancelled']);
  assert.deepEqual(cancelled.body.progress, { waiting: 0, running: 0, done: 1, failed: 0, cancelled: 2 });
});
