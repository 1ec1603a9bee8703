import assert from 'node:assert/strict';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openStorage } from './open-storage.ts';

test('the version that was written last is read, also after the database was closed', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'pombo-version-'));
  const dataDir = directory.path;
  {
    await using storage = await openStorage({ dataDir });
    assert.equal(await storage.whatsappVersion.read(), undefined);
    await storage.whatsappVersion.write([2, 3000, 1043857760]);
    await storage.whatsappVersion.write([2, 3000, 1053857760]);
  }
  await using storage = await openStorage({ dataDir });
  assert.deepEqual(await storage.whatsappVersion.read(), [2, 3000, 1053857760]);
});
