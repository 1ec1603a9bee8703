import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import {
  type GroupId,
  instanceIdFrom,
  jobIdFrom,
  type PhoneNumber,
  parseGroupId,
  parsePhoneNumber,
  pictureIdFrom,
} from '../ids.ts';
import type { Instance, InstanceChange } from '../instance.ts';
import { openStorage, type Storage } from './open-storage.ts';
import { openWithInstance, picturesIn } from './open-with-instance.fixture.ts';

const temporaryDirectory = () => mkdtempDisposable(join(tmpdir(), 'pombo-instances-'));

test('an instance is found again as it was created, settings and token included', async () => {
  await using directory = await temporaryDirectory();
  await using storage = await openStorage({ dataDir: directory.path });
  const created = await storage.instances.create({
    name: 'Loja São João 🕊',
    settings: { receivedCallbackUrl: 'https://www.example.com/received', callRejectAuto: false },
  });
  assert.match(created.id, /^[0-9A-F]{32}$/);
  assert.match(created.token, /^[0-9A-F]{32}$/);
  assert.deepEqual(created.settings, {
    receivedCallbackUrl: 'https://www.example.com/received',
    callRejectAuto: false,
  });
  assert.deepEqual(await storage.instances.find(created.id), created);
});

test('an id that was never given out finds nothing', async () => {
  await using directory = await temporaryDirectory();
  await using storage = await openStorage({ dataDir: directory.path });
  const { id } = await storage.instances.create({ name: 'family' });
  for (const other of ['', id.toLowerCase(), `${id}0`, "' or 1 = 1 --"]) {
    assert.equal(await storage.instances.find(instanceIdFrom(other)), undefined);
  }
});

test('all instances are listed, each with an id and a token of its own', async () => {
  await using directory = await temporaryDirectory();
  await using storage = await openStorage({ dataDir: directory.path });
  assert.deepEqual(await storage.instances.list(), []);
  for (const name of ['family', 'work', 'work']) await storage.instances.create({ name });

  const listed = await storage.instances.list();
  assert.deepEqual(listed.map(({ name }) => name).sort(), ['family', 'work', 'work']);
  assert.equal(new Set(listed.flatMap(({ id, token }) => [id, token])).size, 6);
});

const fromElsewhere: Instance = {
  id: instanceIdFrom('0123456789ABCDEF0123456789ABCDEF'),
  name: 'Loja',
  token: 'FEDCBA9876543210FEDCBA9876543210',
  createdAt: new Date('2026-01-02T03:04:05.678Z'),
  settings: { autoReadMessage: true, callRejectMessage: 'Não atendemos' },
  subscription: { state: 'cancelled', withCalls: true },
  proxy: { url: 'socks5://user:a-proxy-password@proxy.example.com:1080', isEnabled: true },
  movedAt: new Date('2026-02-03T04:05:06.789Z'),
};

test('an instance that is restored is the same in every way', async () => {
  await using directory = await temporaryDirectory();
  await using storage = await openStorage({ dataDir: directory.path });
  await storage.instances.restore(fromElsewhere);
  assert.deepEqual(await storage.instances.find(fromElsewhere.id), fromElsewhere);
});

test('an instance is not restored over another one with its id', async () => {
  await using opened = await openWithInstance();
  const { storage, id } = opened;
  const before = await storage.instances.find(id);
  await assert.rejects(storage.instances.restore({ ...fromElsewhere, id }), {
    name: 'StorageError',
    message: `There is an instance ${id} already.`,
  });
  assert.deepEqual(await storage.instances.list(), [before]);
});

test('a change changes what it names and nothing else', async () => {
  await using directory = await temporaryDirectory();
  await using storage = await openStorage({ dataDir: directory.path });
  await storage.instances.restore(fromElsewhere);
  const changes: [InstanceChange, Partial<Instance>][] = [
    [{ name: 'Padaria' }, { name: 'Padaria' }],
    [
      { settings: { autoReadMessage: false, sessionName: 'Caixa 1' } },
      {
        settings: { autoReadMessage: false, callRejectMessage: 'Não atendemos', sessionName: 'Caixa 1' },
      },
    ],
    [
      { settings: { callRejectMessage: undefined, receivedCallbackUrl: undefined } },
      { settings: { autoReadMessage: false, sessionName: 'Caixa 1' } },
    ],
    [
      { subscription: { state: 'active', withCalls: false } },
      { subscription: { state: 'active', withCalls: false } },
    ],
    [{ proxy: undefined }, { proxy: undefined }],
    [{ movedAt: undefined }, { movedAt: undefined }],
    [{}, {}],
  ];
  let expected = fromElsewhere;
  for (const [change, difference] of changes) {
    expected = { ...expected, ...difference };
    assert.deepEqual(await storage.instances.update(fromElsewhere.id, change), expected);
    assert.deepEqual(await storage.instances.find(fromElsewhere.id), expected);
  }
});

test('changes that are asked for at the same time lose nothing of each other', async () => {
  await using opened = await openWithInstance();
  const { storage, id } = opened;
  await Promise.all([
    storage.instances.update(id, { settings: { callRejectAuto: true } }),
    storage.instances.update(id, { settings: { autoReadMessage: true } }),
    storage.instances.update(id, { name: 'work' }),
    storage.instances.update(id, { settings: { sessionName: 'Caixa 1' } }),
  ]);
  const { name, settings } = (await storage.instances.find(id)) ?? {};
  assert.equal(name, 'work');
  assert.deepEqual(settings, { callRejectAuto: true, autoReadMessage: true, sessionName: 'Caixa 1' });
});

test('to change an instance that is not there gives nothing and makes nothing', async () => {
  await using opened = await openWithInstance();
  const { storage, id } = opened;
  assert.equal(await storage.instances.update(fromElsewhere.id, { name: 'ghost' }), undefined);
  await storage.instances.remove(id);
  assert.equal(await storage.instances.update(id, { name: 'ghost' }), undefined);
  assert.deepEqual(await storage.instances.list(), []);
});

test('a removed instance leaves no row and no picture, and what others keep stays', async () => {
  await using opened = await openWithInstance();
  const { storage, dataDir, id } = opened;
  await fill(storage, id, ['shared', 'ours']);
  const before = rowsIn(dataDir);

  await storage.instances.restore(fromElsewhere);
  await fill(storage, fromElsewhere.id, ['theirs', 'shared']);
  for (const [table, count] of rowsIn(dataDir)) {
    const isOfInstances =
      !['account', 'secret_key', 'whatsapp_version'].includes(table) && !table.startsWith('kysely_');
    if (isOfInstances) assert.ok(count > (before.get(table) ?? 0), `nothing of the instance is in ${table}`);
  }
  await storage.instances.remove(fromElsewhere.id);
  await storage.instances.remove(fromElsewhere.id); // a second time is no mistake
  assert.deepEqual(rowsIn(dataDir), before);
  assert.deepEqual(picturesIn(dataDir), ['ours', 'shared'].map(hashOf).sort());
});

const group = parseGroupId('120363019502650977') as GroupId;
const phone = parsePhoneNumber('5511999990001') as PhoneNumber;
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Something in each table: the first picture is that of a group, the second that of a job. */
async function fill(storage: Storage, id: Instance['id'], [first, second]: [string, string]): Promise<void> {
  const now = new Date();
  await storage.sessionKeys.keysOf(id).write([{ type: 'creds', id: 'creds', value: 'paired' }]);
  const request = { fingerprint: 'a', begunAt: now, expiredBefore: new Date(0) };
  await storage.idempotentRequests.begin({ instance: id, key: 'k' }, request);
  const jpeg = Buffer.from(first);
  const file = { sha256: hashOf(first), sizeBytes: jpeg.length, width: 640, height: 640 };
  const change = { pictureId: pictureIdFrom('1'), setBy: undefined, setAt: now, byUs: true };
  await storage.photoHistory
    .photosOf(id)
    .add(group, { ...change, restores: undefined, file }, { jpeg, keep: 3 });
  await storage.photoJobs.add(id, {
    id: jobIdFrom(id),
    phone,
    createdAt: now,
    groups: [group],
    jpeg: Buffer.from(second),
    force: false,
  });
}

/** How many rows there are in each table, as another program sees them. */
function rowsIn(dataDir: string): Map<string, number> {
  using database = new DatabaseSync(join(dataDir, 'pombo.db'), { readOnly: true });
  const tables = database.prepare(`select name from sqlite_schema where type = 'table'`).all();
  const count = (table: string) => database.prepare(`select count(*) as rows from "${table}"`).get()?.rows;
  return new Map(tables.map(({ name }) => [`${name}`, Number(count(`${name}`))]));
}

/** A storage with instances of these names, made one after another. */
async function openWithInstances(names: readonly string[]): Promise<AsyncDisposable & { storage: Storage }> {
  await using parts = new AsyncDisposableStack();
  const { path: dataDir } = parts.use(await temporaryDirectory());
  const storage = parts.use(await openStorage({ dataDir }));
  for (const [index, name] of names.entries()) {
    const id = instanceIdFrom(`${index}`.padStart(32, 'A'));
    await storage.instances.restore({ ...fromElsewhere, id, name, createdAt: new Date(index * 1_000) });
  }
  const owned = parts.move();
  return { storage, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

test('instances are listed in pages, oldest first, and each page says how many there are', async () => {
  await using opened = await openWithInstances(['one', 'two', 'three', 'four', 'five']);
  const pages: [page: number, names: string[]][] = [
    [1, ['one', 'two']],
    [2, ['three', 'four']],
    [3, ['five']],
    [4, []],
    [1_000_000, []],
  ];
  for (const [page, names] of pages) {
    const { instances, total } = await opened.storage.instances.page({ page, pageSize: 2 });
    assert.deepEqual([instances.map(({ name }) => name), total], [names, 5]);
  }
});

test('instances are found by any part of their name or id, whatever its case and accents', async () => {
  const names = ['Loja São João', 'LOJA SAO PAULO', '100% Açaí', 'snake_case', 'back\\slash', 'ÉCLAIR 🕊'];
  await using opened = await openWithInstances(names);
  const found = async (query: string | undefined) => {
    const { instances, total } = await opened.storage.instances.page({ page: 1, pageSize: 100, query });
    assert.equal(total, instances.length);
    return instances.map(({ name }) => names.indexOf(name));
  };
  const queries: [query: string | undefined, found: number[]][] = [
    [undefined, [0, 1, 2, 3, 4, 5]],
    ['', [0, 1, 2, 3, 4, 5]],
    ['são', [0, 1]],
    ['SÃO', [0, 1]],
    ['Sa\u0303o', [0, 1]], // the same letter, written as two
    ['sao p', [1]],
    ['AÇAÍ', [2]],
    ['éclair', [5]],
    ['🕊', [5]],
    ['%', [2]],
    ['_', [3]],
    ['\\', [4]],
    ["' or 1 = 1 --", []],
    ['aaa4', [4]],
    ['A'.repeat(31), [0, 1, 2, 3, 4, 5]],
  ];
  for (const [query, expected] of queries) assert.deepEqual(await found(query), expected, query);
});

test('an instance is found by the name that it has now', async () => {
  await using opened = await openWithInstances(['Padaria']);
  const { instances } = opened.storage;
  const [instance] = await instances.list();
  await instances.update(instance?.id ?? instanceIdFrom(''), { name: 'Açougue' });
  assert.equal((await instances.page({ page: 1, pageSize: 10, query: 'padaria' })).total, 0);
  assert.equal((await instances.page({ page: 1, pageSize: 10, query: 'acougue' })).total, 1);
});
