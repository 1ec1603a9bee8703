/** An instance moves from one data directory to another, with the programs that people run. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { type BaileysClient, onlineClient, pairClient } from '../../simulator/baileys-client.ts';
import { type Simulator, startSimulator } from '../../simulator/simulator.ts';
import { ApiInstance, createInstance, environmentFor, temporaryFolder } from '../../test/harness.ts';
import { readConfig } from '../config.ts';
import { startGateway } from '../gateway.ts';
import { instanceIdFrom } from '../ids.ts';
import { openStorage } from '../storage/open-storage.ts';
import { openAuthState } from '../whatsapp/baileys/auth-state.ts';
import { runInProcess } from './command-process.fixture.ts';

const gatewayIn = (whatsapp: Simulator, dataDir: string) =>
  startGateway(readConfig(environmentFor(whatsapp, dataDir)), { logger: pino({ level: 'silent' }) });

/** A new data directory with two instances: one that is here, and one that has moved. */
async function instancesIn(dataDir: string): Promise<[here: string, moved: string]> {
  await using storage = await openStorage({ dataDir });
  const { id: here } = await storage.instances.create({ name: 'Loja' });
  const { id: moved } = await storage.instances.create({ name: 'Filial' });
  await storage.instances.update(moved, { movedAt: new Date('2026-03-01T12:00:00Z') });
  return [here, moved];
}

/** The linked device of an instance, as this data directory knows it, without a gateway around it. */
async function deviceOf(whatsapp: Simulator, dataDir: string, id: string): Promise<BaileysClient> {
  await using parts = new AsyncDisposableStack();
  const storage = parts.use(await openStorage({ dataDir }));
  const auth = await openAuthState(storage.sessionKeys.keysOf(instanceIdFrom(id)));
  const client = parts.use(await onlineClient(whatsapp, auth));
  const owned = parts.move();
  return { ...client, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const read = (client: BaileysClient, text: string) =>
  client.event('messages.upsert', ({ messages }) =>
    messages.some(({ message }) => message?.conversation === text),
  );

test('an instance goes on in another place as the same device, and can read what it is written', async () => {
  await using folder = await temporaryFolder();
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const ana = whatsapp.phone('5511999990001', 'Ana');
  const bruno = whatsapp.phone('5511999990002', 'Bruno');
  await using writer = await pairClient(whatsapp, bruno);
  const [here, there] = [join(folder.path, 'here'), join(folder.path, 'there')];
  const file = join(folder.path, 'moved');
  const passphrase = { POMBO_PASSPHRASE: 'correct horse' };
  const exporting = (id: string) =>
    runInProcess('instance-export', [id, '--to', file], { POMBO_DATA_DIR: here, ...passphrase });
  const importing = (env: Record<string, string>) =>
    runInProcess('instance-import', [file], { POMBO_DATA_DIR: there, ...env });

  let before: ApiInstance;
  {
    await using gateway = await gatewayIn(whatsapp, here);
    before = await createInstance(gateway.url, 'Loja');
    await before.pair(ana);
    const refused = await exporting(before.id);
    assert.deepEqual([refused.code, refused.stdout], [1, '']);
    assert.match(refused.stderr, /in use by another Pombo \(process \d+\)/);
  }
  const { id, token } = before;
  {
    await using device = await deviceOf(whatsapp, here, id);
    await writer.say(ana.account.pn, 'before');
    await read(device, 'before');
    // An answered chat needs what both sides remember of it; one without an answer could begin again by itself.
    await device.say(bruno.account.pn, 'answer');
    await read(writer, 'answer');
  }
  const exported = await exporting(id);
  assert.deepEqual([exported.code, exported.stderr], [0, '']);
  assert.match(exported.stdout, /"Loja"\) is in \S+moved: \d+ keys, 0 photos/);
  assert.equal((await stat(file)).mode & 0o777, 0o600);

  const locked = await importing({ POMBO_PASSPHRASE: 'wrong horse' });
  assert.equal(existsSync(there), false, 'no data directory is made for nothing');
  assert.deepEqual([locked.code, locked.stdout], [1, '']);
  assert.equal(locked.stderr, 'The passphrase is not the one that the file was made with.\n');
  const imported = await importing(passphrase);
  assert.deepEqual([imported.code, imported.stderr], [0, '']);
  assert.ok(imported.stdout.includes(`/instances/${id}/token/${token}\nThe data directory: ${there}\n`));

  {
    await using gateway = await gatewayIn(whatsapp, there);
    await new ApiInstance({ id, token, gatewayUrl: gateway.url }).connected();
    assert.equal(ana.devices.length, 1, 'it is the same linked device, not a second one');
    await using left = await gatewayIn(whatsapp, here);
    const { body } = await new ApiInstance({ id, token, gatewayUrl: left.url }).get('/status');
    assert.equal(body.connected, false);
  }
  await using device = await deviceOf(whatsapp, there, id);
  await writer.say(ana.account.pn, 'after');
  await read(device, 'after');
  const asked = bruno.receipts.filter(({ type }) => type === 'retry');
  assert.deepEqual(asked, [], 'nobody had to be asked to send it again');
});

test('without an instance or a passphrase nothing is written, and a sentence says so', async () => {
  await using folder = await temporaryFolder();
  const env = { POMBO_DATA_DIR: join(folder.path, 'data') };
  const [here, moved] = await instancesIn(env.POMBO_DATA_DIR);
  const failures: [typed: string[], env: Record<string, string>, sentence: RegExp][] = [
    [[], {}, /^Usage: npm run instance:export -- <instance id>/],
    [['a', '--too', 'b'], {}, /'--too'.*\nUsage: /],
    [[here], {}, /^There is no terminal to ask for the passphrase on. Set it as POMBO_PASSPHRASE/],
    [[here], { POMBO_PASSPHRASE: 'seven77' }, /at least 8 characters/],
    // Nobody was asked for a passphrase before these.
    [['nobody'], {}, /^There is no instance nobody in this data directory/],
    [[moved], {}, /^Instance \w+ was exported before, at 2026-03-01T12:00:00.000Z/],
    [
      [here],
      { POMBO_DATA_DIR: join(folder.path, 'dtaa') },
      /^There is no database in \S+dtaa: check POMBO_DATA_DIR\.\n$/,
    ],
    [['nobody'], { POMBO_PASSPHRASES: 'correct horse' }, /POMBO_PASSPHRASES: there is no such setting/],
  ];
  for (const [typed, more, sentence] of failures) {
    const { code, stdout, stderr } = await runInProcess('instance-export', typed, { ...env, ...more });
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, sentence);
  }
  assert.deepEqual(await readdir(folder.path), ['data']);
});
