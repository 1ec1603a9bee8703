import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtempDisposable, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { instanceIdFrom } from '../ids.ts';
import type { Instance } from '../instance.ts';
import { Secret } from '../secret.ts';
import { openStorage } from './open-storage.ts';
import { rotateSecretKey } from './rotate-secret-key.ts';

const oldKey = new Secret('ab'.repeat(32));
const newKey = new Secret('cd'.repeat(32));
const temporaryDirectory = () => mkdtempDisposable(join(tmpdir(), 'pombo-rotate-'));
const keyFileIn = (dataDir: string): string => join(dataDir, 'secret.key');

const instance: Instance = {
  id: instanceIdFrom('0123456789ABCDEF0123456789ABCDEF'),
  name: 'Loja',
  token: 'FEDCBA9876543210FEDCBA9876543210',
  createdAt: new Date('2026-01-02T03:04:05.678Z'),
  settings: {},
  subscription: { state: 'active', withCalls: false },
  proxy: { url: 'socks5://user:password@proxy.example.com:1080', isEnabled: true },
  movedAt: undefined,
};
const request = { instance: instance.id, key: 'k' };
const keys = Array.from({ length: 2_500 }, (_, index) => ({
  type: index % 2 === 0 ? 'pre-key' : 'session',
  id: `${index}`,
  value: `value ${index}`,
}));

/** Something in each column that is sealed. */
async function fill(dataDir: string, secretKey?: Secret): Promise<void> {
  await using storage = await openStorage({ dataDir, secretKey });
  await storage.instances.restore(instance);
  await storage.sessionKeys.keysOf(instance.id).write(keys);
  const begun = { fingerprint: 'a', begunAt: new Date(), expiredBefore: new Date(0) };
  await storage.idempotentRequests.begin(request, begun);
  await storage.idempotentRequests.finish(request, 'the answer');
}

async function assertNothingIsLost(dataDir: string, secretKey?: Secret): Promise<void> {
  await using storage = await openStorage({ dataDir, secretKey });
  assert.deepEqual(await storage.instances.list(), [instance]);
  const stored = await storage.sessionKeys.allOf(instance.id);
  const byId = (one: { id: string }, other: { id: string }) => Number(one.id) - Number(other.id);
  assert.deepEqual(stored.sort(byId), keys);
  const again = { fingerprint: 'b', begunAt: new Date(), expiredBefore: new Date(0) };
  const begun = await storage.idempotentRequests.begin(request, again);
  assert.equal(begun?.answer, 'the answer');
}

const isRefused = { name: 'StorageError', message: /is not the key that this data directory/ };

test('a new key takes the place of the key file, and all that is kept opens with it alone', async () => {
  await using directory = await temporaryDirectory();
  const dataDir = directory.path;
  await fill(dataDir);
  const before = await readFile(keyFileIn(dataDir), 'utf8');

  const rotated = await rotateSecretKey({ dataDir });
  assert.deepEqual(rotated, { valueCount: keys.length + 4, keyFile: keyFileIn(dataDir) });
  assert.notEqual(await readFile(keyFileIn(dataDir), 'utf8'), before);
  assert.equal((await stat(keyFileIn(dataDir))).mode & 0o777, 0o600);
  assert.deepEqual((await readdir(dataDir)).sort(), ['pombo.db', 'pombo.lock', 'secret.key']);
  await assertNothingIsLost(dataDir);

  await writeFile(keyFileIn(dataDir), before);
  await assert.rejects(openStorage({ dataDir }), isRefused);
});

test('a key from the settings gives way to another one from there, also when it is asked twice', async () => {
  await using directory = await temporaryDirectory();
  const dataDir = directory.path;
  await fill(dataDir, oldKey);
  const change = { dataDir, secretKey: oldKey, newSecretKey: newKey };
  assert.deepEqual(await rotateSecretKey(change), { valueCount: keys.length + 4, keyFile: undefined });
  assert.deepEqual(await rotateSecretKey(change), { valueCount: undefined, keyFile: undefined });
  await assertNothingIsLost(dataDir, newKey);
  await assert.rejects(openStorage({ dataDir, secretKey: oldKey }), isRefused);
  assert.ok(!(await readdir(dataDir)).includes('secret.key'));
});

test('a key that is given takes the place of the key file', async () => {
  await using directory = await temporaryDirectory();
  const dataDir = directory.path;
  await fill(dataDir);
  await rotateSecretKey({ dataDir, newSecretKey: newKey });
  await assertNothingIsLost(dataDir);
  await assertNothingIsLost(dataDir, newKey);
  const again = await rotateSecretKey({ dataDir, newSecretKey: newKey });
  assert.deepEqual(again, { valueCount: undefined, keyFile: keyFileIn(dataDir) });
});

test('nothing that the old key opens is left in the files', async () => {
  await using directory = await temporaryDirectory();
  const dataDir = directory.path;
  await fill(dataDir, oldKey);
  {
    await using storage = await openStorage({ dataDir, secretKey: oldKey });
    // What is removed stays in the unused parts of the file.
    await storage.sessionKeys.keysOf(instance.id).write(keys.map((key) => ({ ...key, value: null })));
  }
  const before = await readFile(join(dataDir, 'pombo.db'));
  await rotateSecretKey({ dataDir, secretKey: oldKey, newSecretKey: newKey });
  const after = await readFile(join(dataDir, 'pombo.db'));
  // A piece of a sealed text: what stands after "v1:" is random.
  const sealedTexts = [...before.toString('latin1').matchAll(/v1:[\w+/]{40}/g)].map(([sealed]) => sealed);
  assert.ok(sealedTexts.length >= 3);
  for (const sealed of sealedTexts) assert.ok(!after.includes(sealed));
  assert.ok(before.length > after.length * 2, 'the unused parts are gone');
});

test('the key is not changed without a place for the new one, without the old one, or while it is used', async () => {
  await using directory = await temporaryDirectory();
  const dataDir = join(directory.path, 'data');
  const rejects = (keys: Omit<Parameters<typeof rotateSecretKey>[0], 'dataDir'>, message: RegExp) =>
    assert.rejects(rotateSecretKey({ dataDir, ...keys }), { name: 'StorageError', message });

  await rejects({}, /^There is no database in .*data: check POMBO_DATA_DIR\.$/);
  assert.deepEqual(await readdir(directory.path), []);
  await fill(dataDir, oldKey);
  await rejects({ secretKey: oldKey }, /has to come from POMBO_NEW_SECRET_KEY/);
  await rejects({ secretKey: new Secret('ef'.repeat(32)), newSecretKey: newKey }, /is not the key/);
  {
    await using _storage = await openStorage({ dataDir, secretKey: oldKey });
    await rejects({ secretKey: oldKey, newSecretKey: newKey }, /in use by another Pombo/);
  }
  await assertNothingIsLost(dataDir, oldKey);
});

test('a change of the key that ended before its commit is forgotten', async () => {
  await using directory = await temporaryDirectory();
  const dataDir = directory.path;
  await fill(dataDir);
  for (const next of [`${newKey.reveal()}\n`, 'half a k', '']) {
    await writeFile(`${keyFileIn(dataDir)}.new`, next);
    await assertNothingIsLost(dataDir);
    assert.ok(!(await readdir(dataDir)).includes('secret.key.new'));
  }
});

test('a change of the key that ended right after its commit is finished', async () => {
  await using directory = await temporaryDirectory();
  const dataDir = directory.path;
  await fill(dataDir);
  await copyFile(keyFileIn(dataDir), `${keyFileIn(dataDir)}.old`);
  await rotateSecretKey({ dataDir });
  await rename(keyFileIn(dataDir), `${keyFileIn(dataDir)}.new`);
  await rename(`${keyFileIn(dataDir)}.old`, keyFileIn(dataDir));

  await assertNothingIsLost(dataDir);
  assert.ok(!(await readdir(dataDir)).includes('secret.key.new'));
  await assertNothingIsLost(dataDir);
});

const command = fileURLToPath(new URL('../commands/rotate-key.ts', import.meta.url));

function startCommand(dataDir: string) {
  return spawn(process.execPath, [command], {
    cwd: dataDir, // where no .env is
    env: { PATH: process.env.PATH, POMBO_DATA_DIR: dataDir },
    stdio: 'ignore',
  });
}

test('after kill -9 at any moment of a change of the key, nothing is lost', async () => {
  await using directory = await temporaryDirectory();
  const dataDir = directory.path;
  await fill(dataDir);
  const start = performance.now();
  const [code] = await once(startCommand(dataDir), 'exit');
  assert.equal(code, 0);
  const wholeMs = performance.now() - start;
  for (let round = 0; round < 8; round++) {
    const child = startCommand(dataDir);
    const ended = once(child, 'exit');
    await pause(wholeMs * (0.3 + Math.random() * 0.7)); // the first part is the start of the process
    child.kill('SIGKILL');
    await ended;
    await assertNothingIsLost(dataDir);
  }
});
