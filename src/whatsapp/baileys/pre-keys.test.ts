import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BufferJSON, Curve, type KeyPair } from 'baileys';
import { startSimulator } from '../../../simulator/simulator.ts';
import { MemoryKeyStore } from '../memory-key-store.fixture.ts';
import { makePreKeys } from './pre-keys.ts';
import { dial } from './test-connection.fixture.ts';

/** The base point of Curve25519: a private key agrees with it on its own public half. */
const basePoint = Buffer.from([9, ...Buffer.alloc(31)]);

test('as many keys are made as were asked for, each a pair that belongs together, none twice', async () => {
  const pairs = await makePreKeys(30);
  assert.equal(pairs.length, 30);
  for (const pair of pairs) assert.deepEqual(Curve.sharedKey(pair.private, basePoint), pair.public);
  assert.equal(new Set(pairs.map((pair) => pair.private.toString())).size, 30);
  assert.deepEqual(await makePreKeys(0), []);
});

test('the keys that a first login uploads are those that were stored when the phone accepted', async ({
  mock,
}) => {
  // Baileys does not clear the 30 s that it gives an upload, and they would keep this process alive.
  const setTimer = globalThis.setTimeout;
  mock.method(globalThis, 'setTimeout', ((action: () => void, delayMs: number) => {
    const timer = setTimer(action, delayMs);
    return delayMs === 30_000 ? timer.unref() : timer;
  }) as typeof setTimeout);

  await using simulator = await startSimulator();
  const alice = simulator.phone('5511999990001');
  const keys = new MemoryKeyStore();
  {
    await using pairing = await dial(simulator, { keys });
    await alice.scan((await pairing.event('qr')).qr);
    await pairing.event('closed');
  }
  const stored = new Map(keys.values.get('pre-key'));
  assert.equal(stored.size, 812);

  await using connection = await dial(simulator, { keys });
  await connection.event('open');
  assert.deepEqual(keys.values.get('pre-key'), stored);
  const uploaded = alice.devices[0]?.keys.oneTimePreKeys.map(
    ({ id, value }) => [String(id.readUIntBE(0, 3)), value] as const,
  );
  const publicHalf = (text: string): Buffer => {
    const pair: KeyPair = JSON.parse(text, BufferJSON.reviver);
    return Buffer.from(pair.public);
  };
  assert.deepEqual(new Map(uploaded), new Map([...stored].map(([id, text]) => [id, publicHalf(text)])));
  const creds = JSON.parse(keys.values.get('creds')?.get('creds') ?? '');
  assert.deepEqual([creds.firstUnuploadedPreKeyId, creds.nextPreKeyId], [813, 813]);
});
