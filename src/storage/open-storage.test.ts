import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import {
  chmod,
  mkdtempDisposable,
  readdir,
  readFile,
  rename,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
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

test('after kill -9 the data directory is free, and the next process is the one that is named', async () => {
  await using directory = await temporaryDirectory();
  const first = startWriter(keepWriting, directory.path);
  await first.lines.next();
  await first.kill9();
  await using _storage = await openStorage({ dataDir: directory.path });
  assert.match(await refusal({ dataDir: directory.path }), new RegExp(`\\(process ${process.pid}\\)`));
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

test('when the key file has the right key and the settings another one, the refusal says so', async () => {
  await using directory = await temporaryDirectory();
  const dataDir = directory.path;
  {
    await using _storage = await openStorage({ dataDir });
  }
  const secretKey = new Secret('ab'.repeat(32));
  assert.match(
    await refusal({ dataDir, secretKey }),
    /The one in .*secret\.key is: unset POMBO_SECRET_KEY\.$/,
  );
});

test('a wrong key is refused even when nothing was kept yet', async () => {
  await using directory = await temporaryDirectory();
  const dataDir = directory.path;
  {
    await using _storage = await openStorage({ dataDir, secretKey: new Secret('ab'.repeat(32)) });
  }
  assert.match(await refusal({ dataDir, secretKey: new Secret('cd'.repeat(32)) }), /is not the key/);
});

test('a key file that others could read is the owner’s alone after the next start', async () => {
  await using directory = await temporaryDirectory();
  const dataDir = directory.path;
  {
    await using _storage = await openStorage({ dataDir });
  }
  await chmod(join(dataDir, 'secret.key'), 0o644);
  await using _storage = await openStorage({ dataDir });
  assert.equal(await modeOf(join(dataDir, 'secret.key')), '600');
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

test('a damaged database is refused in a sentence, whatever is wrong with it', async () => {
  const damages: [what: string, damage: (file: string, bytes: Buffer) => Promise<void>, message: RegExp][] = [
    [
      'no database',
      (file) => writeFile(file, 'Dear diary,\n'.repeat(1000)),
      /pombo\.db is not a database.*put a backup/,
    ],
    [
      'pages in the middle',
      (file, bytes) => writeFile(file, bytes.fill(0xee, 4096 * 20, 4096 * 30)),
      /pombo\.db is damaged: .*put a backup/,
    ],
    ['the schema', (file, bytes) => writeFile(file, bytes.fill(0xee, 100, 4096)), /pombo\.db is damaged/],
    ['half of it', (file, bytes) => truncate(file, bytes.length / 2), /pombo\.db is damaged/],
    ['all but a page', (file) => truncate(file, 4096), /pombo\.db is damaged/],
    ['all of it', (file) => truncate(file, 0), /pombo\.db is empty or gone, although there was one/],
  ];
  for (const [what, damage, message] of damages) {
    await using directory = await temporaryDirectory();
    const dataDir = directory.path;
    {
      await using storage = await openStorage({ dataDir });
      const { id } = await storage.instances.create({ name: 'family' });
      const keys = Array.from({ length: 500 }, (_, index) => `${index}`);
      await storage.sessionKeys
        .keysOf(id)
        .write(keys.map((id) => ({ type: 'session', id, value: 'x'.repeat(200) })));
    }
    const file = join(dataDir, 'pombo.db');
    const bytes = await readFile(file);
    await damage(file, bytes);
    const damaged = await readFile(file);
    assert.match(await refusal({ dataDir }), message, what);
    assert.deepEqual(await readFile(file), damaged, `${what}: it was changed by looking at it`);
  }
});

test('a database that is gone while its log is there is refused, and the log stays', async () => {
  await using directory = await temporaryDirectory();
  const dataDir = directory.path;
  const writer = startWriter(keepWriting, dataDir);
  await writer.lines.next();
  await writer.lines.next();
  await writer.kill9();
  const log = await readFile(join(dataDir, 'pombo.db-wal'));
  await rename(join(dataDir, 'pombo.db'), join(dataDir, 'elsewhere'));
  assert.match(await refusal({ dataDir }), /pombo\.db is empty or gone/);
  assert.deepEqual(await readFile(join(dataDir, 'pombo.db-wal')), log);

  await rename(join(dataDir, 'elsewhere'), join(dataDir, 'pombo.db'));
  await using storage = await openStorage({ dataDir });
  assert.equal((await storage.instances.list()).length, 1);
});

test('a database that is gone without a trace but the key is refused, and the key stays', async () => {
  await using directory = await temporaryDirectory();
  const dataDir = directory.path;
  {
    await using storage = await openStorage({ dataDir });
    await storage.instances.create({ name: 'family' });
  }
  const key = await readFile(join(dataDir, 'secret.key'));
  await rename(join(dataDir, 'pombo.db'), join(dataDir, 'elsewhere'));
  for (const secretKey of [undefined, new Secret('ab'.repeat(32))]) {
    const message = await refusal({ dataDir, secretKey });
    assert.match(message, /pombo\.db is empty or gone, although there was one\. Put a backup/);
    assert.match(message, /If there was none and .*secret\.key is a key of your own, set POMBO_SECRET_KEY/);
  }
  assert.deepEqual(await readFile(join(dataDir, 'secret.key')), key);

  await rename(join(dataDir, 'elsewhere'), join(dataDir, 'pombo.db'));
  await using storage = await openStorage({ dataDir });
  assert.equal((await storage.instances.list()).length, 1);
});

test('a first start that kill -9 interrupts, whatever it has made by then, is made good by the next', async () => {
  for (const name of ['pombo.lock', 'pombo.db', 'pombo.db-wal', 'secret.key']) {
    await using directory = await temporaryDirectory();
    const dataDir = directory.path;
    const writer = startWriter(keepWriting, dataDir);
    while (!existsSync(join(dataDir, name)) && writer.exitCode === null) await nextTurn();
    await writer.kill9();
    await using storage = await openStorage({ dataDir });
    assert.equal(await storage.isReachable(), true);
  }
});

test('damage that is met while running is told as such', async () => {
  await using directory = await temporaryDirectory();
  await using storage = await openStorage({ dataDir: directory.path });
  const { id } = await storage.instances.create({ name: 'family' });
  const keys = storage.sessionKeys.keysOf(id);
  for (let part = 0; part < 40; part++) {
    const ids = Array.from({ length: 500 }, (_, index) => `${part}-${index}`);
    await keys.write(ids.map((id) => ({ type: 'session', id, value: 'x'.repeat(200) })));
  }
  // What the connection has read already would hide it.
  change(directory.path, 'pragma wal_checkpoint(truncate)');
  const file = join(directory.path, 'pombo.db');
  const bytes = await readFile(file);
  await writeFile(file, bytes.fill(0xee, 4096 * 20));
  await assert.rejects(storage.sessionKeys.allOf(id), {
    name: 'StorageError',
    message: /pombo\.db is damaged: stop Pombo/,
  });
});

test('a folder that cannot be made or written is refused in a sentence that names it', async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, 'file');
  await writeFile(file, '');
  for (const dataDir of [file, join(file, 'data'), '/proc/pombo/data', '/proc/self/task', '/sys/kernel']) {
    const message = await refusal({ dataDir });
    assert.ok(message.startsWith(`The data directory ${dataDir} cannot be used: E`), message);
    assert.ok(message.endsWith('.'), message);
  }
});

/** Without a limit it only looks. Gives the exit code. */
const setFileSizeLimit = (pid: number | undefined, limit: string): number | null =>
  spawnSync('sh', ['-c', `prlimit --pid ${pid} --fsize${limit}`]).status;

const keepFilling = new URL('./keep-filling.fixture.ts', import.meta.url);

test('on a full disk writes fail in a sentence and as a whole, and all goes on when there is room', async (t) => {
  if (setFileSizeLimit(process.pid, '') !== 0) return t.skip('the limit needs prlimit of util-linux');
  await using directory = await temporaryDirectory();
  // The limit of a file's size stands in for that of the disk.
  const limited = ['-c', 'ulimit -S -f 4096 && exec "$@"', 'sh', process.execPath];
  const child = spawn('sh', [...limited, fileURLToPath(keepFilling), directory.path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const seen = async () => JSON.parse((await lines.next()).value ?? 'null');
  try {
    const full = await seen();
    assert.match(full.failure, /^StorageError: The database .*pombo\.db cannot .*check the disk/);
    assert.equal(full.isReachable, false);
    assert.ok(full.written > 0);
    assert.deepEqual([full.small, full.large], [full.written, full.written]);

    child.stdin.write('still\n');
    const still = await seen();
    assert.deepEqual(still, full);

    setFileSizeLimit(child.pid, '=unlimited');
    child.stdin.write('room\n');
    const room = await seen();
    const written = full.written + 1;
    assert.deepEqual(room, { isReachable: true, written, small: written, large: written });
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await using storage = await openStorage({ dataDir: directory.path });
  assert.equal((await storage.instances.list()).length, 1);
});
