import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import sharp from 'sharp';
import { type ApiInstance, eventually, startWorld } from '../../test/harness.ts';
import { serveLogo, svgLogo } from '../../test/pictures.ts';

/** Red, transparent and blue, side by side. */
const bands = await sharp({ create: { width: 90, height: 40, channels: 4, background: '#0000' } })
  .composite([
    { input: { create: { width: 30, height: 40, channels: 4, background: '#f00' } }, left: 0, top: 0 },
    { input: { create: { width: 30, height: 40, channels: 4, background: '#00f' } }, left: 60, top: 0 },
  ])
  .png()
  .toBuffer();

/** Every option, each of which makes another photo of that picture. */
const options: readonly Readonly<Record<string, string>>[] = [
  {},
  { position: 'west' },
  { position: 'northeast' },
  { position: 'attention', background: '#abc' },
  { background: '#25D366' },
  { fit: 'contain' },
  { fit: 'contain', position: 'north', background: '#fc0' },
  { fit: 'blur' },
  { fit: 'blur', position: 'south', background: '#000' },
];

type Fields = Readonly<Record<string, string>>;

/** A picture and options in a body; `fields` are what else the operation takes. */
type Send = (api: Pick<ApiInstance, 'send'>, path: string, fields: Fields) => Promise<Response>;

const asJson =
  (groupPhoto: string): Send =>
  (api, path, fields) =>
    api.send(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...fields, groupPhoto }),
    });

const asForm: Send = (api, path, fields) => {
  const form = new FormData();
  for (const [name, text] of Object.entries(fields)) form.set(name, text);
  form.set('groupPhoto', new Blob([bands], { type: 'image/png' }), 'bands.png');
  return api.send(path, { method: 'POST', body: form });
};

const asBody =
  (type: string): Send =>
  (api, path, fields) =>
    api.send(`${path}?${new URLSearchParams(fields)}`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: bands,
    });

/** Ana's instance and a group of hers, and what becomes of a picture in each of the operations that take one. */
async function startTeam(env: Record<string, string> = {}) {
  const world = await startWorld({ env: { POMBO_PHOTO_PACE_SECONDS: '0', ...env } });
  const ana = await world.person('5511999990001', 'Ana');
  const newGroup = () =>
    world.whatsapp.createGroup({ subject: 'Equipe', owner: ana.phone, participants: [] }).id;
  const [one, many] = [newGroup(), newGroup()];
  const shown = async (group: string) => (await ana.phone.photoOf(group))?.bytes;
  return {
    async preview(send: Send, fields: Fields): Promise<Buffer> {
      const response = await send(ana.api, '/preview-group-photo', fields);
      const { photo, sizeBytes, sha256 } = (await response.json()) as Record<string, string>;
      const jpeg = Buffer.from(String(photo).replace('data:image/jpeg;base64,', ''), 'base64');
      assert.deepEqual([sizeBytes, sha256], [jpeg.length, createHash('sha256').update(jpeg).digest('hex')]);
      return jpeg;
    },
    async setOne(send: Send, fields: Fields): Promise<Buffer | undefined> {
      const response = await send(ana.api, '/update-group-photo', { ...fields, groupId: one });
      assert.deepEqual(await response.json(), { value: true });
      return shown(one);
    },
    async setMany(send: Send, fields: Fields): Promise<Buffer | undefined> {
      const response = await send(ana.api, '/update-group-photos', { ...fields, groups: many });
      assert.equal(response.status, 202);
      const { id } = (await response.json()) as { id: string };
      await eventually('the job is done', async () => {
        const { state, progress } = (await ana.api.get(`/jobs/${id}`)).body;
        return state === 'done' && progress.done === 1;
      });
      return shown(many);
    },
    /** Whether an Idempotency-Key takes it for a request that came before. */
    async isReplayed(key: string, send: Send, fields: Fields): Promise<boolean> {
      const withKey = (path: string, { headers, ...request }: RequestInit = {}) =>
        ana.api.send(path, { ...request, headers: { ...headers, 'idempotency-key': key } });
      const response = await send({ send: withKey }, '/update-group-photo', { ...fields, groupId: one });
      assert.deepEqual(await response.json(), { value: true });
      return response.headers.get('idempotency-replayed') === 'true';
    },
    changes: () => world.whatsapp.requestCount('picture-set'),
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

test('each option means the same to a preview, to one group and to many, and makes another photo', async () => {
  await using team = await startTeam();
  const send = asJson(bands.toString('base64'));
  const seen = new Set<string>();
  for (const fields of options) {
    const what = JSON.stringify(fields);
    const jpeg = await team.preview(send, fields);
    assert.deepEqual(await team.setOne(send, fields), jpeg, what);
    assert.deepEqual(await team.setMany(send, fields), jpeg, what);
    seen.add(jpeg.toString('base64'));
  }
  assert.equal(seen.size, options.length);
});

test('a picture may come in every form to a preview, to one group and to many', async () => {
  await using logo = await serveLogo();
  await using team = await startTeam({ POMBO_FETCH_ALLOW: logo.host });
  const drawing = Buffer.from(svgLogo);
  const forms: readonly (readonly [string, Send, sameAs: Send])[] = [
    ['URL', asJson(logo.url), asJson(drawing.toString('base64'))],
    ['data URI', asJson(`data:image/gif;base64,${bands.toString('base64')}`), asForm],
    ['data URI of text', asJson(`data:,${encodeURIComponent(svgLogo)}`), asJson(logo.url)],
    ['form', asForm, asJson(bands.toString('base64'))],
    ['body', asBody('image/png'), asJson(bands.toString('base64url'))],
    ['body of no type', asBody('application/octet-stream'), asForm],
  ];
  for (const [what, send, sameAs] of forms) {
    const fields = { fit: 'contain', background: '#123' };
    const jpeg = await team.preview(sameAs, fields);
    assert.deepEqual(await team.preview(send, fields), jpeg, what);
    assert.deepEqual(await team.setOne(send, fields), jpeg, what);
    assert.deepEqual(await team.setMany(send, fields), jpeg, what);
  }
});

test('force is heeded for one group and for many', async () => {
  await using team = await startTeam();
  const send = asJson(bands.toString('base64'));
  for (const set of [team.setOne, team.setMany]) {
    await set(send, {});
    const before = team.changes();
    await set(send, { force: 'false' });
    assert.equal(team.changes(), before);
    await set(send, { force: 'true' });
    assert.equal(team.changes(), before + 1);
  }
});

test('the same picture with the same options is the same request, however it comes and whatever is left out', async () => {
  await using team = await startTeam();
  const base64 = bands.toString('base64');
  const defaults = { fit: 'cover', position: 'centre', background: '#ffffff', force: 'false' };
  const same: readonly (readonly [Send, Fields])[] = [
    [asJson(base64), {}],
    [asJson(base64), defaults],
    [asJson(base64.replace(/=+$/, '')), { fit: 'COVER', position: 'center', background: '#FFF' }],
    [asJson(base64.replace(/.{76}/g, '$&\r\n')), { background: '#FFFFFF' }],
    [asJson(`data:image/gif;base64,${base64}`), {}],
    [asForm, defaults],
    [asBody('image/png'), { background: '#fff' }],
  ];
  for (const [index, [send, fields]] of same.entries()) {
    assert.equal(await team.isReplayed('same', send, fields), index > 0, `${index}`);
  }
});

test('a preview takes the body of an update, whatever its group', async () => {
  await using team = await startTeam();
  const send = asJson(bands.toString('base64'));
  const jpeg = await team.preview(send, {});
  assert.deepEqual(await team.preview(send, { groupId: 'none', force: 'true' }), jpeg);
  assert.deepEqual(await team.preview(send, { phone: 'none' }), jpeg);
});
