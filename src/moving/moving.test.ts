import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtempDisposable, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { createGzip } from 'node:zlib';
import {
  type InstanceId,
  instanceIdFrom,
  jobIdFrom,
  parseGroupId,
  parsePhoneNumber,
  parseUserId,
  pictureIdFrom,
} from '../ids.ts';
import { openStorage, type Storage } from '../storage/open-storage.ts';
import { picturesIn } from '../storage/open-with-instance.fixture.ts';
import type { KeyStore } from '../whatsapp/whatsapp.ts';
import { exportInstance } from './export-instance.ts';
import { importInstance, importKeys } from './import-instance.ts';
import { lineOf } from './instance-record.ts';
import { seal } from './sealed-stream.ts';

const passphrase = 'correct horse';
const now = new Date('2026-03-01T12:00:00Z');
const later = new Date('2026-03-02T12:00:00Z');
/** What an import is told. Here, the credentials themselves tell which linked device it is. */
const arrival = {
  passphrase,
  replace: false,
  deviceOf: async (keys: KeyStore) => (await keys.read('creds', ['creds'])).get('creds'),
};
const known = <Value>(value: Value | undefined): Value => value ?? assert.fail();
const groups = ['120363019502650977@g.us', '5511999990000-1623281429@g.us'].map((id) =>
  known(parseGroupId(id)),
);
const job = {
  id: jobIdFrom('a'),
  createdAt: now,
  phone: known(parsePhoneNumber('5511999990001')),
  jpeg: Buffer.from('one'),
  force: false,
};
const author = parseUserId('5511999990002@s.whatsapp.net');

interface Houses extends AsyncDisposable {
  readonly folder: string;
  readonly here: Storage;
  readonly there: Storage;
  /** The exported instance. */
  readonly path: string;
}

/** Two data directories, and a place for a file. */
async function twoHouses(): Promise<Houses> {
  await using parts = new AsyncDisposableStack();
  const { path: folder } = parts.use(await mkdtempDisposable(join(tmpdir(), 'pombo-moving-')));
  const here = parts.use(await openStorage({ dataDir: join(folder, 'here') }));
  const there = parts.use(await openStorage({ dataDir: join(folder, 'there') }));
  const owned = parts.move();
  const path = join(folder, 'instance');
  return { folder, here, there, path, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const sha256Of = (bytes: string) => createHash('sha256').update(bytes).digest('hex');

/** An instance that has been used: settings, a proxy, more keys than are written at once, a long history. */
async function usedInstance({ instances, sessionKeys, photoHistory }: Storage): Promise<InstanceId> {
  const { id } = await instances.create({ name: 'Loja 🕊', settings: { autoReadMessage: true } });
  await instances.update(id, {
    subscription: { state: 'cancelled', withCalls: true },
    proxy: { url: 'socks5://user:secret@proxy.example:1080', isEnabled: true },
  });
  const keys = Array.from({ length: 2_100 }, (_, n) => ({
    type: 'session',
    id: `${n}`,
    value: `\n"ação" ${n}`,
  }));
  await sessionKeys.keysOf(id).write([...keys, { type: 'creds', id: 'creds', value: '{}' }]);
  const photos = photoHistory.photosOf(id);
  for (const group of groups) {
    // Of these, the first two go: positions begin at 3, and what restores the first restores nothing that is kept.
    for (const [at, { jpeg, restores }] of [
      { jpeg: 'one' },
      { jpeg: 'two' },
      { jpeg: 'three' },
      { jpeg: 'one', restores: 1 },
      { jpeg: 'three', restores: 3 },
    ].entries() as Iterable<[number, { jpeg: string; restores?: number }]>) {
      const file = { sha256: sha256Of(jpeg), sizeBytes: jpeg.length, width: 640, height: 480 };
      const change = { pictureId: pictureIdFrom(`170000000${at}`), setBy: author, setAt: now, byUs: at > 1 };
      await photos.add(group, { ...change, restores, file }, { jpeg: Buffer.from(jpeg), keep: 3 });
    }
    const none = { pictureId: undefined, setBy: undefined, setAt: undefined, byUs: false };
    await photos.add(group, { ...none, restores: undefined, file: undefined }, { jpeg: undefined, keep: 3 });
  }
  return id;
}

/** The keys of a linked device, to be imported. */
const keysOfDevice = (device: string) => ({
  ...arrival,
  keys: [{ type: 'creds', id: 'creds', value: device }],
  device,
  defaultName: '5511999990001',
});

/** All that callers could see of an instance. */
async function contentOf({ instances, sessionKeys, photoHistory }: Storage, id: InstanceId) {
  const histories = [];
  for (const group of await photoHistory.groupsOf(id)) {
    const entries = await photoHistory.photosOf(id).entries(group);
    for (const { position: _, restores, file, ...change } of entries) {
      const restored = entries.find(({ position }) => position === restores)?.pictureId;
      const bytes = file && (await photoHistory.photosOf(id).bytes(file.sha256));
      histories.push({ group, ...change, file, restored, text: bytes && Buffer.from(bytes).toString() });
    }
  }
  return { instance: await instances.find(id), keys: await sessionKeys.allOf(id), histories };
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => assert.fail('it was done'),
    (reason: unknown) => reason as Error,
  );
  assert.equal(error.name, 'MovingError', error.stack);
  return error.message;
}

test('an instance comes as it left, with its token, keys and photos, and the one that stays is marked', async () => {
  await using houses = await twoHouses();
  const { here, there, path } = houses;
  const id = await usedInstance(here);
  await here.photoJobs.add(id, { ...job, groups });
  const before = await contentOf(here, id);
  assert.equal(before.histories.length, 8);
  assert.equal(before.histories.filter(({ restored }) => restored).length, 2);

  const exported = await exportInstance(here, { id, path, passphrase, now });
  assert.deepEqual([exported.keyCount, exported.photoCount], [2_101, 8]);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.deepEqual((await here.instances.find(id))?.movedAt, now);

  const imported = await importInstance(there, { ...arrival, path });
  assert.deepEqual([imported.keyCount, imported.photoCount, imported.isHome], [2_101, 8, false]);
  assert.deepEqual(await contentOf(there, id), before);
  assert.deepEqual(picturesIn(join(houses.folder, 'there')), [sha256Of('one'), sha256Of('three')].sort());
  assert.deepEqual(await there.photoJobs.list(id, 10), [], 'jobs stay where they are');
  assert.equal((await here.photoJobs.unfinished()).length, 1);
});

test('an instance that comes home replaces what was left of it; one that never left is not replaced', async () => {
  await using houses = await twoHouses();
  const { here, there, folder } = houses;
  const id = await usedInstance(here);
  const away = join(folder, 'away');
  const home = join(folder, 'home');
  await exportInstance(here, { id, path: away, passphrase, now });
  await importInstance(there, { ...arrival, path: away });
  assert.match(await refusal(importInstance(there, { ...arrival, path: away })), /here already/);

  await there.sessionKeys.keysOf(id).write([
    { type: 'session', id: '0', value: 'advanced' },
    { type: 'session', id: '1', value: null },
  ]);
  const asItIsThere = await contentOf(there, id);
  await exportInstance(there, { id, path: home, passphrase, now: later });
  const { isHome, instance } = await importInstance(here, { ...arrival, path: home, name: 'Matriz' });
  assert.equal(isHome, true);
  assert.equal(instance.name, 'Matriz');
  const expected = { ...asItIsThere, instance: { ...asItIsThere.instance, name: 'Matriz' } };
  assert.deepEqual(await contentOf(here, id), expected);
});

test('an instance is exported once, until it is started again', async () => {
  await using houses = await twoHouses();
  const { here, path } = houses;
  const { id } = await here.instances.create({ name: 'Loja' });
  await exportInstance(here, { id, path, passphrase, now });
  const again = { id, path: `${path}-2`, passphrase, now };
  assert.match(await refusal(exportInstance(here, again)), /exported before, at 2026-03-01T12:00:00.000Z/);
  await here.instances.update(id, { movedAt: undefined });
  await exportInstance(here, again);
  const unknown = { ...again, id: instanceIdFrom('nobody') };
  assert.match(await refusal(exportInstance(here, unknown)), /no instance nobody/);
});

test('a file that cannot be written leaves no trace, and the instance stays', async () => {
  await using houses = await twoHouses();
  const { here, folder, path } = houses;
  const { id } = await here.instances.create({ name: 'Loja' });
  await writeFile(path, 'something dear');
  assert.match(await refusal(exportInstance(here, { id, path, passphrase, now })), /there already/);
  assert.equal(await readFile(path, 'utf8'), 'something dear');

  const nowhere = join(folder, 'no', 'such', 'folder');
  assert.match(await refusal(exportInstance(here, { id, path: nowhere, passphrase, now })), /ENOENT/);
  const failing = {
    ...here,
    sessionKeys: { ...here.sessionKeys, allOf: () => Promise.reject(new Error('disk')) },
  };
  const elsewhere = join(folder, 'elsewhere');
  await assert.rejects(
    exportInstance(failing as unknown as Storage, { id, path: elsewhere, passphrase, now }),
    /^Error: disk$/,
  );
  assert.equal((await here.instances.find(id))?.movedAt, undefined);
  assert.deepEqual((await readdir(folder)).sort(), ['here', 'instance', 'there']);
});

test('of a file that is damaged, cut off or locked with other words nothing is imported', async () => {
  await using houses = await twoHouses();
  const { here, there, path } = houses;
  const id = await usedInstance(here);
  await exportInstance(here, { id, path, passphrase, now });
  const file = await readFile(path);
  await writeFile(path, file.subarray(0, -1));
  assert.match(await refusal(importInstance(there, { ...arrival, path })), /damaged/);
  await writeFile(path, file);
  assert.match(
    await refusal(importInstance(there, { ...arrival, path, passphrase: 'wrong horse' })),
    /passphrase/,
  );
  assert.match(await refusal(importInstance(there, { ...arrival, path: `${path}x` })), /ENOENT/);
  assert.deepEqual(await there.instances.list(), []);
  assert.deepEqual(picturesIn(join(houses.folder, 'there')), []);
});

test('a file that is well sealed and yet no instance is refused, with all that came before', async () => {
  await using houses = await twoHouses();
  const { here, there, path } = houses;
  const instance = await here.instances.create({ name: 'Loja' });
  const first = lineOf({ kind: 'instance', instance, exportedAt: now });
  const hostile: [lines: string[], sentence: RegExp][] = [
    [[first, first], /more than one instance/],
    [[first, ' '.repeat(65 * 2 ** 20)], /far more/],
  ];
  for (const [lines, sentence] of hostile) {
    await pipeline(lines, createGzip(), (bytes) => seal(bytes, passphrase), createWriteStream(path));
    assert.match(await refusal(importInstance(there, { ...arrival, path })), sentence);
  }
  const notPacked = Readable.from([Buffer.from('plain')]);
  await pipeline(notPacked, (bytes) => seal(bytes, passphrase), createWriteStream(path));
  assert.match(await refusal(importInstance(there, { ...arrival, path })), /damaged/);
  assert.deepEqual(await there.instances.list(), []);
});

test('an instance that is here and has not moved is replaced only where that is asked for', async () => {
  await using houses = await twoHouses();
  const { here, path } = houses;
  const id = await usedInstance(here);
  const before = await contentOf(here, id);
  await exportInstance(here, { id, path, passphrase, now });
  await here.instances.update(id, { movedAt: undefined });
  await here.sessionKeys.keysOf(id).write([
    { type: 'session', id: '0', value: null },
    { type: 'session', id: 'newer', value: 'advanced' },
  ]);
  const asItIsHere = await contentOf(here, id);
  const sentence = await refusal(importInstance(here, { ...arrival, path }));
  assert.match(sentence, /here already.*--replace.*without telling WhatsApp.*older than those here/);
  assert.doesNotMatch(sentence, /delete/i);
  assert.deepEqual(await contentOf(here, id), asItIsHere);

  const { isHome, twin } = await importInstance(here, { ...arrival, path, replace: true });
  assert.deepEqual([isHome, twin], [true, undefined]);
  assert.deepEqual(await contentOf(here, id), before);
});

test('at home, a file that was exported there, or before the instance left, is not taken for the one it comes home in', async () => {
  await using houses = await twoHouses();
  const { here, there, folder, path } = houses;
  const { id } = await here.instances.create({ name: 'Loja' });
  const [away, home] = [join(folder, 'away'), join(folder, 'home')];
  await exportInstance(here, { id, path, passphrase, now });
  await here.instances.update(id, { movedAt: undefined });
  await exportInstance(here, { id, path: away, passphrase, now: later });
  await importInstance(there, { ...arrival, path: away });
  await exportInstance(there, { id, path: home, passphrase, now: new Date(later.getTime() + 1) });

  const own = await refusal(importInstance(here, { ...arrival, path: away }));
  assert.match(own, /exported from here.*"restart".*export of that place/);
  const old = await refusal(importInstance(here, { ...arrival, path }));
  assert.match(old, /exported at 2026-03-01T12:00:00.000Z, before .* left here, at 2026-03-02T12:00:00.000Z/);
  assert.deepEqual((await here.instances.find(id))?.movedAt, later);

  for (const taken of [home, path]) {
    const replace = taken === path;
    assert.equal((await importInstance(here, { ...arrival, path: taken, replace })).isHome, true);
    assert.equal((await here.instances.find(id))?.movedAt, undefined);
  }
});

test('keys of a linked device that is here are refused, or replace the ones that it has', async () => {
  await using houses = await twoHouses();
  const { here } = houses;
  const one = keysOfDevice('one');
  await importKeys(here, keysOfDevice('two'));
  const { id, token } = (await importKeys(here, { ...one, name: 'Loja' })).instance;
  const more = { type: 'session', id: '0', value: 'more' };
  await here.sessionKeys.keysOf(id).write([more]);

  const sentence = await refusal(importKeys(here, { ...one, name: 'Again' }));
  assert.ok(sentence.includes(`Instance ${id} ("Loja") is the same linked device:`), sentence);
  assert.match(sentence, /--replace.*id and token/);
  await here.instances.update(id, { movedAt: now });
  assert.match(await refusal(importKeys(here, one)), /has moved away/);
  assert.deepEqual(await here.sessionKeys.allOf(id), [...one.keys, more]);

  const { instance, isReplaced } = await importKeys(here, { ...one, replace: true });
  assert.deepEqual([instance.id, instance.token, instance.name], [id, token, 'Loja']);
  assert.deepEqual([isReplaced, instance.movedAt], [true, undefined]);
  assert.deepEqual(await here.sessionKeys.allOf(id), one.keys, 'nothing is left of the keys before');
  const renamed = await importKeys(here, { ...one, replace: true, name: 'Matriz' });
  assert.equal(renamed.instance.name, 'Matriz');
  assert.equal((await here.instances.list()).length, 2);
});

test('a file with a linked device that is here under another id is refused, or takes its place', async () => {
  await using houses = await twoHouses();
  const { here, there, path } = houses;
  const other = (await importKeys(here, keysOfDevice('two'))).instance;
  const twin = (await importKeys(here, { ...keysOfDevice('one'), name: 'Loja' })).instance;
  const { instance } = await importKeys(there, { ...keysOfDevice('one'), name: 'Filial' });
  await exportInstance(there, { id: instance.id, path, passphrase, now });

  const sentence = await refusal(importInstance(here, { ...arrival, path }));
  assert.ok(sentence.includes(`Instance ${twin.id} ("Loja") is the same linked device:`), sentence);
  assert.deepEqual(await here.instances.list(), [other, twin]);
  const imported = await importInstance(here, { ...arrival, path, replace: true });
  assert.deepEqual([imported.instance, imported.isHome, imported.twin?.id], [instance, false, twin.id]);
  assert.deepEqual(await here.instances.list(), [other, instance]);
});

test('keys from elsewhere become a new instance, with all of them or not at all', async () => {
  await using houses = await twoHouses();
  const { here } = houses;
  const { keys, ...told } = keysOfDevice('one');
  const { instance } = await importKeys(here, { ...told, keys });
  assert.equal(instance.name, '5511999990001');
  assert.match(`${instance.id} ${instance.token}`, /^[0-9A-F]{32} [0-9A-F]{32}$/);
  assert.deepEqual(await here.sessionKeys.allOf(instance.id), keys);
  const broken = { type: 'session', id: '0', value: 7 as unknown as string };
  await assert.rejects(importKeys(here, { ...told, device: 'two', keys: [...keys, broken] }));
  assert.equal((await here.instances.list()).length, 1);
});
