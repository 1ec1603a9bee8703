import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempDisposable, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type GroupId, instanceIdFrom, jobIdFrom, parseGroupId } from '../ids.ts';
import { Secret } from '../secret.ts';
import { openStorage } from './open-storage.ts';
import { picturesIn } from './open-with-instance.fixture.ts';

const temporaryDirectory = () => mkdtempDisposable(join(tmpdir(), 'pombo-storage-'));

/** The sentence with which opening is refused. */
async function refusal(options: Parameters<typeof openStorage>[0]): Promise<string> {
  const error = await openStorage(options).then(
    (storage) => storage[Symbol.asyncDispose](),
    (error: unknown) => error,
  );
  assert.ok(error instanceof Error, 'it was opened');
  assert.equal(error.name, 'StorageError');
  return error.message;
}

const keepWriting = new URL('./keep-writing.fixture.ts', import.meta.url);
const keepChangingPhotos = new URL('./keep-changing-photos.fixture.ts', import.meta.url);

/** Another process that writes to the data directory without end; gives its lines as they come. */
function startWriter(
  script: URL,
  dataDir: string,
): ChildProcess & { lines: AsyncIterator<string>; kill9(): Promise<void> } {
  const child = spawn(process.execPath, [fileURLToPath(script), dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return Object.assign(child, {
    lines,
    async kill9() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  });
}

test('what is kept is there again when the data directory is opened again', async () => {
  await using directory = await temporaryDirectory();
  const dataDir = join(directory.path, 'not', 'there', 'yet');
  let id = instanceIdFrom('');
  {
    await using storage = await openStorage({ dataDir });
    ({ id } = await storage.instances.create({ name: 'family', settings: { callRejectAuto: true } }));
    await storage.sessionKeys.keysOf(id).write([{ type: 'creds', id: 'creds', value: 'paired' }]);
  }
  await using storage = await openStorage({ dataDir });
  assert.equal((await storage.instances.find(id))?.name, 'family');
  const stored = await storage.sessionKeys.keysOf(id).read('creds', ['creds']);
  assert.equal(stored.get('creds'), 'paired');
});

test('storage says whether it can be reached', async () => {
  await using directory = await temporaryDirectory();
  const storage = await openStorage({ dataDir: directory.path });
  await storage.openAccount({});
  assert.equal(await storage.isReachable(), true);
  await storage[Symbol.asyncDispose]();
  assert.equal(await storage.isReachable(), false);
});

test('only the owner can read what is kept', async () => {
  await using directory = await temporaryDirectory();
  const dataDir = join(directory.path, 'data');
  await using storage = await openStorage({ dataDir });
  await storage.instances.create({ name: 'family' }); // so that SQLite makes all of its files

  const modes = new Map<string, string>([['.', await modeOf(dataDir)]]);
  for (const name of await readdir(dataDir)) modes.set(name, await modeOf(join(dataDir, name)));
  assert.deepEqual(Object.fromEntries(modes), {
    '.': '700',
    'pombo.db': '600',
    'pombo.db-shm': '600',
    'pombo.db-wal': '600',
    'pombo.lock': '600',
    'secret.key': '600',
  });
});

const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

test('the files hold no token and no key in the clear', async () => {
  await using directory = await temporaryDirectory();
  const secrets = ['a-client-token', 'a-session-key'];
  {
    await using storage = await openStorage({ dataDir: directory.path });
    await storage.openAccount({ clientToken: new Secret('a-client-token') });
    const { id, token } = await storage.instances.create({ name: 'a-name-in-the-clear' });
    secrets.push(token);
    await storage.sessionKeys
      .keysOf(id)
      .write([{ type: 'session', id: '5511999990001.0', value: 'a-session-key' }]);
  }
  const bytes = await readFile(join(directory.path, 'pombo.db'));
  assert.ok(bytes.includes('a-name-in-the-clear'), 'the search finds what is there');
  for (const secret of secrets) assert.ok(!bytes.includes(secret));
});

test('a second process on the same data directory is refused and told who has it', async () => {
  await using directory = await temporaryDirectory();
  const first = startWriter(keepWriting, directory.path);
  try {
    await first.lines.next();
    const message = await refusal({ dataDir: directory.path });
    assert.match(message, new RegExp(`in use by another Pombo \\(process ${first.pid}\\)`));
  } finally {
    await first.kill9();
  }
});

test('the data directory is free again when its storage is disposed, and kept when a second one was refused', async () => {
  await using directory = await temporaryDirectory();
  {
    await using _first = await openStorage({ dataDir: directory.path });
    assert.match(await refusal({ dataDir: directory.path }), /in use/);
    assert.match(await refusal({ dataDir: directory.path }), /in use/);
  }
  await using _second = await openStorage({ dataDir: directory.path });
});

test('after kill -9 every reported write is there, and none by half', async () => {
  await using directory = await temporaryDirectory();
  for (const roundsBeforeTheEnd of [1, 3, 10, 30]) {
    const writer = startWriter(keepWriting, directory.path);
    const id = instanceIdFrom((await writer.lines.next()).value);
    let reported = 0;
    while (reported < roundsBeforeTheEnd) reported = Number((await writer.lines.next()).value);
    await pause(Math.random() * 20); // at any moment of a write, whatever part it is at
    await writer.kill9();
    for await (const line of { [Symbol.asyncIterator]: () => writer.lines }) reported = Number(line);

    await using storage = await openStorage({ dataDir: directory.path });
    const keys = storage.sessionKeys.keysOf(id);
    const stored = Number((await keys.read('creds', ['creds'])).get('creds'));
    // The last write may have been stored without its report.
    assert.ok(stored === reported || stored === reported + 1, `${stored} stored, ${reported} reported`);
    for (let index = 0; index < 100; index++) {
      const rounds = [stored - 1, stored, stored + 1].map(String);
      const found = await keys.read(`type-${index}`, rounds);
      assert.deepEqual([...found.keys()], [`${stored}`], `type-${index} is in another round than the rest`);
    }
  }
});

test('after kill -9 every reported photo, job and answer is there, and no bytes are missing or left over', async () => {
  for (const roundsBeforeTheEnd of [1, 5, 20]) {
    await using directory = await temporaryDirectory();
    const writer = startWriter(keepChangingPhotos, directory.path);
    const instance = instanceIdFrom((await writer.lines.next()).value);
    let reported = 0;
    while (reported < roundsBeforeTheEnd) reported = Number((await writer.lines.next()).value);
    await pause(Math.random() * 20); // at any moment of a round, whatever part it is at
    await writer.kill9();
    for await (const line of { [Symbol.asyncIterator]: () => writer.lines }) reported = Number(line);

    await using storage = await openStorage({ dataDir: directory.path });
    for (let round = 1; round <= reported; round++) {
      assert.equal((await storage.photoJobs.find(instance, jobIdFrom(`${round}`)))?.state, 'done');
      const request = { fingerprint: 'another', begunAt: new Date(), expiredBefore: new Date(0) };
      const kept = await storage.idempotentRequests.begin({ instance, key: `${round}` }, request);
      assert.deepEqual(kept, { fingerprint: `${round}`, answer: `answer ${round}` });
    }

    const photos = storage.photoHistory.photosOf(instance);
    const entries = await photos.entries(parseGroupId('120363019502650977') as GroupId);
    const newest = Number(entries.at(-1)?.pictureId);
    assert.ok(newest === reported || newest === reported + 1, `${newest} kept, ${reported} reported`);
    assert.equal(entries.length, Math.min(newest, 3));

    const needed: string[] = [];
    for (const { file } of entries) {
      assert.ok(file && (await photos.bytes(file.sha256)), 'an entry is without its bytes');
      needed.push(file.sha256);
    }
    for (const { id } of await storage.photoJobs.unfinished()) {
      const order = await storage.photoJobs.order(id);
      assert.ok(order, 'an unfinished job is without its photo');
      needed.push(createHash('sha256').update(order.jpeg).digest('hex'));
    }
    assert.deepEqual(picturesIn(directory.path), needed.sort());
  }
});

test('another key than the one that encrypted the data is refused', async () => {
  await using directory = await temporaryDirectory();
  const dataDir = directory.path;
  const keyFile = join(dataDir, 'secret.key');
  const secretKey = new Secret('ab'.repeat(32));
  {
    await using _storage = await openStorage({ dataDir });
  }
  assert.match(await refusal({ dataDir, secretKey }), /^POMBO_SECRET_KEY is not the key/);

  const ownKey = await readFile(keyFile, 'utf8');
  await writeFile(keyFile, `${'cd'.repeat(32)}\n`);
  assert.match(await refusal({ dataDir }), /^The key in .*secret\.key is not the key/);

  await writeFile(keyFile, 'not a key');
  assert.match(await refusal({ dataDir }), /does not hold a key/);

  await rename(keyFile, `${keyFile}.lost`);
  assert.match(await refusal({ dataDir }), /The key of this data directory is missing/);

  await using _storage = await openStorage({ dataDir, secretKey: new Secret(ownKey.trim()) });
});

test('with a configured key there is no key file', async () => {
  await using directory = await temporaryDirectory();
  await using _storage = await openStorage({
    dataDir: directory.path,
    secretKey: new Secret('ab'.repeat(32)),
  });
  assert.ok(!(await readdir(directory.path)).includes('secret.key'));
});

test('a database from a newer version is refused', async () => {
  await using directory = await temporaryDirectory();
  {
    await using _storage = await openStorage({ dataDir: directory.path });
  }
  change(
    directory.path,
    `insert into kysely_migration values ('9999-far-future', '2099-01-01T00:00:00.000Z')`,
  );
  assert.match(
    await refusal({ dataDir: directory.path }),
    /written by a newer version of Pombo \(it knows 9999-far-future\)/,
  );
});

test('a migration that fails changes nothing', async () => {
  await using directory = await temporaryDirectory();
  change(directory.path, 'create table session_key (something_else text)');
  assert.match(await refusal({ dataDir: directory.path }), /could not be brought up to date/);

  using database = new DatabaseSync(join(directory.path, 'pombo.db'));
  const tables = database
    .prepare(`select name from sqlite_schema where name in ('account', 'instance')`)
    .all();
  assert.deepEqual(tables, []);
});

/** Does something to the database behind the gateway's back. */
function change(dataDir: string, sql: string): void {
  using database = new DatabaseSync(join(dataDir, 'pombo.db'));
  database.exec(sql);
}

test('a file that is no database, and a path that is no folder, are refused in a sentence', async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, 'pombo.db');
  await writeFile(file, 'Dear diary,\n'.repeat(1000));
  assert.match(await refusal({ dataDir: directory.path }), /pombo\.db is not a database.*put a backup/);
  assert.match(await refusal({ dataDir: file }), /cannot be used: .*\.$/);
});
