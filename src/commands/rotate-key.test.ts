import assert from 'node:assert/strict';
import { mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Secret } from '../secret.ts';
import { openStorage } from '../storage/open-storage.ts';
import { runInProcess } from './command-process.fixture.ts';

test('the command says what it did and what is to be done, and shows no key', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'pombo-rotate-'));
  const env = { POMBO_DATA_DIR: directory.path };
  const keyInFile = async () => (await readFile(join(directory.path, 'secret.key'), 'utf8')).trim();
  {
    await using storage = await openStorage({ dataDir: directory.path });
    await storage.instances.create({ name: 'Loja' });
  }
  const first = await runInProcess('rotate-key', [], env);
  assert.match(
    first.stdout,
    /\(values: 2\) is encrypted with a new key now\.\nThe new key is in .*secret\.key/,
  );
  assert.deepEqual([first.stderr, first.code], ['', 0]);
  assert.ok(!first.stdout.includes(await keyInFile()));

  const newKey = 'cd'.repeat(32);
  const settings = { ...env, POMBO_SECRET_KEY: await keyInFile() };
  const second = await runInProcess('rotate-key', [], { ...settings, POMBO_NEW_SECRET_KEY: newKey });
  assert.match(second.stdout, /set POMBO_SECRET_KEY to the new key, and remove POMBO_NEW_SECRET_KEY/);
  assert.ok(!second.stdout.includes(newKey));
  {
    await using storage = await openStorage({ dataDir: directory.path, secretKey: new Secret(newKey) });
    assert.equal((await storage.instances.list()).length, 1);
  }

  const third = await runInProcess('rotate-key', [], { ...settings, POMBO_NEW_SECRET_KEY: 'short' });
  assert.match(third.stderr, /^POMBO_NEW_SECRET_KEY: expected 32 bytes as 64 hex digits[^\n]*\n$/);
  assert.equal(third.code, 1);
});
