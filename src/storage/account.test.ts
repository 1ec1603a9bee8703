import assert from 'node:assert/strict';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Secret } from '../secret.ts';
import type { AccountTokens } from './account.ts';
import { openStorage } from './open-storage.ts';

/** Starts on the data directory, once, with these tokens from the configuration. */
async function start(dataDir: string, preset: AccountTokens = {}) {
  await using storage = await openStorage({ dataDir });
  return await storage.openAccount(preset);
}

const temporaryDirectory = () => mkdtempDisposable(join(tmpdir(), 'pombo-account-'));

test('the first start makes both tokens and shows them, later starts know them and show nothing', async () => {
  await using directory = await temporaryDirectory();
  const { made } = await start(directory.path);
  const clientToken = made.clientToken?.reveal() ?? '';
  const partnerToken = made.partnerToken?.reveal() ?? '';
  assert.match(clientToken, /^F[0-9a-f]{32}S$/);
  assert.match(partnerToken, /^[0-9a-f]{32}$/);

  const later = await start(directory.path);
  assert.deepEqual(later.made, { clientToken: undefined, partnerToken: undefined });
  assert.ok(later.account.isClientToken(clientToken));
  assert.ok(later.account.isPartnerToken(partnerToken));
});

test('no other text passes for a token', async () => {
  await using directory = await temporaryDirectory();
  const { account, made } = await start(directory.path);
  const clientToken = made.clientToken?.reveal() ?? '';
  const partnerToken = made.partnerToken?.reveal() ?? '';
  for (const text of [
    '',
    clientToken.slice(0, -1),
    `${clientToken} `,
    clientToken.toLowerCase(),
    partnerToken,
  ]) {
    assert.ok(!account.isClientToken(text), text);
  }
  for (const text of ['', partnerToken.slice(1), clientToken]) assert.ok(!account.isPartnerToken(text), text);
});

test('a token from the configuration replaces the stored one and leaves the other alone', async () => {
  await using directory = await temporaryDirectory();
  const { made } = await start(directory.path, { clientToken: new Secret('chosen-at-first') });
  assert.equal(made.clientToken, undefined);
  const partnerToken = made.partnerToken?.reveal() ?? '';

  await start(directory.path, { clientToken: new Secret('chosen-later') });
  const { account } = await start(directory.path);
  assert.ok(account.isClientToken('chosen-later'));
  assert.ok(!account.isClientToken('chosen-at-first'));
  assert.ok(account.isPartnerToken(partnerToken));
});
