import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { proto, useMultiFileAuthState } from 'baileys';
import { pino } from 'pino';
import {
  type BaileysClient,
  connectClient,
  onlineClient,
  pairClient,
} from '../../simulator/baileys-client.ts';
import type { Phone } from '../../simulator/phone.ts';
import { type Simulator, startSimulator } from '../../simulator/simulator.ts';
import { ApiInstance, environmentFor, temporaryFolder } from '../../test/harness.ts';
import { readConfig } from '../config.ts';
import { startGateway } from '../gateway.ts';
import { instanceIdFrom } from '../ids.ts';
import { openStorage } from '../storage/open-storage.ts';
import { openAuthState } from '../whatsapp/baileys/auth-state.ts';
import { runInProcess } from './command-process.fixture.ts';

/** Another program's session: a Baileys client that keeps its keys in a folder, and has talked with Bruno. */
async function useFolder(whatsapp: Simulator, folder: string, phone: Phone, bruno: BaileysClient) {
  const { state: auth, saveCreds } = await useMultiFileAuthState(folder);
  {
    await using pairing = connectClient(whatsapp, { auth });
    await phone.scan(await pairing.qr());
    await pairing.closed();
  }
  await using client = await onlineClient(whatsapp, auth);
  await bruno.say(phone.account.pn, 'before');
  await read(client, 'before');
  // An answered chat needs what both sides remember of it; one without an answer could begin again by itself.
  await client.say('5511999990002@s.whatsapp.net', 'answer');
  await read(bruno, 'answer');
  await saveCreds();
}

const read = (client: BaileysClient, text: string) =>
  client.event('messages.upsert', ({ messages }) =>
    messages.some(({ message }) => message?.conversation === text),
  );

test('the session of a Baileys program goes on as an instance, without pairing again', async () => {
  await using folder = await temporaryFolder();
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const ana = whatsapp.phone('5511999990001', 'Ana');
  const bruno = whatsapp.phone('5511999990002', 'Bruno');
  await using writer = await pairClient(whatsapp, bruno);
  const [session, dataDir] = [join(folder.path, 'session'), join(folder.path, 'data')];
  await useFolder(whatsapp, session, ana, writer);
  await writeFile(join(session, 'pre-key-9999.json'), '{"public":');
  await writeFile(join(session, 'notes.txt'), '');
  const files = (await readdir(session)).length;

  const env = { POMBO_DATA_DIR: dataDir };
  const { code, stdout, stderr } = await runInProcess('instance-import', [session, '--name', 'Loja'], env);
  assert.deepEqual([code, stderr], [0, '']);
  assert.ok(stdout.includes(`("Loja") is made, for the phone 5511999990001: ${files - 2} keys.`), stdout);
  assert.match(stdout, /left out: notes.txt\nDamaged, and left out: pre-key-9999.json\n/);
  assert.match(stdout, /Stop the program that used the folder/);
  const [, id = '', token = ''] = /\/instances\/(\w+)\/token\/(\w+)\n/.exec(stdout) ?? [];

  {
    const config = readConfig(environmentFor(whatsapp, dataDir));
    await using gateway = await startGateway(config, { logger: pino({ level: 'silent' }) });
    await new ApiInstance({ id, token, gatewayUrl: gateway.url }).connected();
    assert.equal(ana.devices.length, 1, 'it is the same linked device, not a second one');
  }
  await using storage = await openStorage({ dataDir });
  const auth = await openAuthState(storage.sessionKeys.keysOf(instanceIdFrom(id)));
  await using client = await onlineClient(whatsapp, auth);
  await writer.say(ana.account.pn, 'after');
  await read(client, 'after');
  const asked = bruno.receipts.filter(({ type }) => type === 'retry');
  assert.deepEqual(asked, [], 'nobody had to be asked to send it again');
});

/** A folder with the session of a linked phone, and more keys than fit on a small disk. */
async function writeSession(folder: string): Promise<void> {
  const { state, saveCreds } = await useMultiFileAuthState(folder);
  const account = proto.ADVSignedDeviceIdentity.create({});
  Object.assign(state.creds, { account, me: { id: '5511999990001:12@s.whatsapp.net' } });
  await saveCreds();
  for (let device = 0; device < 10; device += 1) {
    const id = `120363019502650977@g.us::5511999990002::${device}`;
    await state.keys.set({ 'sender-key': { [id]: Buffer.alloc(200_000) } });
  }
}

const instancesIn = async (dataDir: string) => {
  await using storage = await openStorage({ dataDir });
  return await storage.instances.list();
};

test('a folder is imported once; with --replace its keys are given to the instance that it made', async () => {
  await using folder = await temporaryFolder();
  const [session, dataDir] = [join(folder.path, 'session'), join(folder.path, 'data')];
  await writeSession(session);
  const importing = (...typed: string[]) =>
    runInProcess('instance-import', [session, ...typed], { POMBO_DATA_DIR: dataDir });
  const first = await importing('--name', 'Loja');
  assert.ok(first.stdout.includes(`The data directory: ${dataDir}\n`), first.stdout);
  const before = await instancesIn(dataDir);

  const again = await importing();
  assert.deepEqual([again.code, again.stdout], [1, '']);
  assert.match(again.stderr, /^Instance \w+ \("Loja"\) is the same linked device.*--replace/);
  const replaced = await importing('--replace');
  assert.deepEqual([replaced.code, replaced.stderr], [0, '']);
  assert.match(
    replaced.stdout,
    /\("Loja"\) has the keys of the folder, for the phone 5511999990001: 11 keys/,
  );
  assert.deepEqual(await instancesIn(dataDir), before);
});

test('on a full disk nothing is imported, and a sentence says why', async () => {
  await using folder = await temporaryFolder();
  const [session, dataDir] = [join(folder.path, 'session'), join(folder.path, 'data')];
  await writeSession(session);
  await instancesIn(dataDir); // is made while there is room
  // The limit of a file's size stands in for that of the disk.
  const limit = { largestFileBlocks: 2_048 };
  const env = { POMBO_DATA_DIR: dataDir };
  const { code, stdout, stderr } = await runInProcess('instance-import', [session], env, limit);
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /^The database \S+pombo\.db cannot .*check the disk.*\.\n$/);
  assert.deepEqual(await instancesIn(dataDir), []);
});

test('what is no session and no exported instance is refused with a sentence', async () => {
  await using folder = await temporaryFolder();
  const env = { POMBO_DATA_DIR: join(folder.path, 'data'), POMBO_PASSPHRASE: 'correct horse' };
  const [empty, file] = [join(folder.path, 'empty'), join(folder.path, 'file')];
  await mkdir(empty);
  await writeFile(file, 'Dear diary');
  const failures: [typed: string[], sentence: RegExp][] = [
    [[], /^Usage: npm run instance:import -- /],
    [[join(folder.path, 'nothing')], /nothing cannot be read: ENOENT/],
    [[empty], /empty holds no creds.json/],
    [[file], /^The file is no exported instance.\n$/],
    ...[' \t', 'a\nb', 'x'.repeat(201)].map((name): [string[], RegExp] => [
      [file, '--name', name],
      /^--name: expected a text in one line that is not blank, of at most 200 characters.\n$/,
    ]),
  ];
  for (const [typed, sentence] of failures) {
    const { code, stdout, stderr } = await runInProcess('instance-import', typed, env);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, sentence);
  }
  assert.deepEqual(
    (await readdir(folder.path)).sort(),
    ['empty', 'file'],
    'no data directory is made for it',
  );
});
