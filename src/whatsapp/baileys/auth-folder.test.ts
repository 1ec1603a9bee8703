import assert from 'node:assert/strict';
import { mkdir, mkdtempDisposable, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  type AuthenticationCreds,
  BufferJSON,
  initAuthCreds,
  proto,
  type SignalDataSet,
  type SignalDataTypeMap,
  useMultiFileAuthState,
} from 'baileys';
import { MemoryKeyStore } from '../memory-key-store.fixture.ts';
import { readAuthFolder } from './auth-folder.ts';
import { openAuthState } from './auth-state.ts';
import { isPaired } from './is-paired.ts';
import { linkedDeviceOf } from './linked-device.ts';

const bytes = (text: string) => Buffer.from(text);
const temporaryFolder = () => mkdtempDisposable(join(tmpdir(), 'pombo-auth-'));

/** Credentials that a phone has accepted. */
function linkedCreds(): AuthenticationCreds {
  const account = proto.ADVSignedDeviceIdentity.create({
    details: bytes('details'),
    accountSignature: bytes('a'),
  });
  const me = { id: '5511999990001:12@s.whatsapp.net', lid: '200000000000001:12@lid', name: 'Ana' };
  return { ...initAuthCreds(), account, me, routingInfo: bytes('route'), platform: 'android' };
}

const syncKey = { keyData: bytes('key'), fingerprint: { rawId: 1, currentIndex: 2, deviceIndexes: [0, 1] } };

/** Every kind of key, under ids of all forms that Baileys gives them. */
const allKinds = {
  'pre-key': { '7': { public: bytes('public'), private: bytes('private') } },
  session: {
    '5511999990002.0': { _sessions: { 'aa/b+c=': { registrationId: 1 } }, version: 'v1' } as never,
    '200000000000002_1.12': { _sessions: {}, version: 'v1' } as never,
  },
  'sender-key': {
    '120363019502650977@g.us::200000000000002_1::12': bytes('[{"senderKeyId":1}]'),
    '5511999990000-1623281429@g.us::5511999990002::0': bytes('[]'),
    'status@broadcast::5511999990002::3': bytes('[]'),
  },
  'sender-key-memory': {
    '120363019502650977@g.us': { '5511999990002:1@s.whatsapp.net': true },
    '5511999990000-1623281429@g.us': { '200000000000002@lid': false },
  },
  'app-state-sync-key': {
    'AAAA+/==': proto.Message.AppStateSyncKeyData.fromObject(syncKey),
    '//8/': proto.Message.AppStateSyncKeyData.fromObject({ ...syncKey, timestamp: 1_790_000_000 }),
  },
  'app-state-sync-version': {
    critical_unblock_low: {
      version: 3,
      hash: bytes('hash'),
      indexValueMap: { 'a/b=': { valueMac: bytes('m') } },
    },
  },
  'lid-mapping': { '5511999990002': '200000000000002', '200000000000002_reverse': '5511999990002' },
  'device-list': { '5511999990002': ['0', '12'] },
  tctoken: {
    '200000000000002@lid': { token: bytes('token'), timestamp: '1790000000' },
    __index: { token: bytes('["200000000000002@lid"]') },
  },
  'identity-key': { '200000000000002_1.0': bytes('identity') },
} satisfies { [Type in keyof SignalDataTypeMap]: SignalDataSet[Type] };

/** A folder as Baileys writes it. */
async function writeFolder(folder: string, creds: Partial<AuthenticationCreds>, keys: SignalDataSet = {}) {
  const { state, saveCreds } = await useMultiFileAuthState(folder);
  for (const field of Object.keys(state.creds)) delete state.creds[field as keyof AuthenticationCreds];
  Object.assign(state.creds, creds);
  await saveCreds();
  await state.keys.set(keys);
}

/** What a connection that is given the keys of this folder would work with. */
async function importedFrom(folder: string) {
  const { keys, ...told } = await readAuthFolder(folder);
  const store = new MemoryKeyStore();
  await store.write(keys);
  return { ...told, store, auth: await openAuthState(store) };
}

const asJson = (value: unknown) => JSON.parse(JSON.stringify(value, BufferJSON.replacer));

test('every key that Baileys keeps in a folder is read back equal by a connection of ours', async () => {
  await using folder = await temporaryFolder();
  await writeFolder(folder.path, linkedCreds(), allKinds);
  const { state: theirs } = await useMultiFileAuthState(folder.path);
  const { auth, store, phone, device, unknown, damaged } = await importedFrom(folder.path);

  assert.deepEqual([phone, unknown, damaged], ['5511999990001', [], []]);
  assert.equal(await isPaired(store), true);
  assert.equal(await linkedDeviceOf(store), device);
  assert.deepEqual(auth.creds, theirs.creds);
  let count = 1;
  for (const [type, values] of Object.entries(allKinds) as [keyof SignalDataTypeMap, object][]) {
    const ids = Object.keys(values);
    assert.deepEqual(await auth.keys.get(type, ids), await theirs.keys.get(type, ids), type);
    assert.deepEqual(asJson(await auth.keys.get(type, ids)), asJson(values), type);
    count += ids.length;
  }
  assert.equal((await readdir(folder.path)).length, count);
  assert.deepEqual(
    [...store.values].map(([type, values]) => [type, [...values.keys()].sort()]).sort(),
    [
      ['creds', ['creds']],
      ...Object.entries(allKinds).map(([type, ids]) => [type, Object.keys(ids).sort()]),
    ].sort(),
  );
});

test('the folder of an older version is read, too', async () => {
  await using folder = await temporaryFolder();
  const me = { id: '5511999990001:3@s.whatsapp.net' };
  await writeFolder(folder.path, { ...linkedCreds(), me, registered: false });
  const group = '120363019502650977@g.us';
  const state = {
    senderKeyId: 5,
    senderChainKey: { iteration: 1, seed: bytes('seed') },
    senderMessageKeys: [],
  };
  const write = (name: string, value: unknown) => writeFile(join(folder.path, name), JSON.stringify(value));
  await write(`sender-key-${group}--5511999990002--0.json`, [asJson(state)]);
  const pair = { public: { type: 'Buffer', data: [1, 2] }, private: { type: 'Buffer', data: 'AwQ=' } };
  await write('pre-key-1.json', pair);

  const { auth, phone } = await importedFrom(folder.path);
  assert.equal(phone, '5511999990001');
  const preKey = (await auth.keys.get('pre-key', ['1']))['1'];
  assert.deepEqual(preKey, { public: Buffer.of(1, 2), private: Buffer.of(3, 4) });
  const id = `${group}::5511999990002::0`;
  const record = Buffer.from((await auth.keys.get('sender-key', [id]))[id] ?? []).toString();
  assert.deepEqual(JSON.parse(record, BufferJSON.reviver), [state]);
});

test('files that are no keys, and keys that are damaged, are named and left out', async () => {
  await using folder = await temporaryFolder();
  await writeFolder(folder.path, linkedCreds(), { 'pre-key': allKinds['pre-key'] });
  const files = {
    'baileys_store.json': '{}',
    'pre-key-8.json.bak': '{}',
    'sender-key-no-such-form.json': '[]',
    'session-.json': '{}',
    'pre-key-9.json': '{"public":{"type":"Buf',
    'session-5511999990002.0.json': '',
    'app-state-sync-key-AAAA.json': '{"fingerprint":7}',
    'lid-mapping-5511999990002.json': 'null',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text);
  await mkdir(join(folder.path, 'device-list-5511999990002.json'));
  const { unknown, damaged, store } = await importedFrom(folder.path);
  assert.deepEqual(unknown, Object.keys(files).slice(0, 4).sort());
  assert.deepEqual(damaged, [...Object.keys(files).slice(4), 'device-list-5511999990002.json'].sort());
  assert.deepEqual([...store.values.keys()].sort(), ['creds', 'pre-key']);
});

test('a folder that is no linked session is refused, and says why', async () => {
  await using parent = await temporaryFolder();
  const { account: _, ...withoutAccount } = linkedCreds();
  const { me: __, ...withoutMe } = linkedCreds();
  const { noiseKey: ___, ...withoutKey } = linkedCreds();
  const refused: [creds: string, sentence: RegExp][] = [
    ['{"noiseKey":', /creds.json is damaged: /],
    ['', /creds.json is damaged: /],
    ['null', /not linked to a phone/],
    [JSON.stringify(initAuthCreds(), BufferJSON.replacer), /not linked to a phone/],
    [JSON.stringify(withoutAccount, BufferJSON.replacer), /not linked to a phone/],
    [JSON.stringify(withoutMe, BufferJSON.replacer), /not linked to a phone/],
    [JSON.stringify(withoutKey, BufferJSON.replacer), /creds.json is damaged: keys/],
    [
      JSON.stringify({ ...linkedCreds(), me: { id: 'ana' } }, BufferJSON.replacer),
      /creds.json is damaged: keys/,
    ],
  ];
  for (const [creds, message] of refused) {
    await writeFile(join(parent.path, 'creds.json'), creds);
    await assert.rejects(readAuthFolder(parent.path), { name: 'AuthFolderError', message }, creds);
    assert.equal(await readFile(join(parent.path, 'creds.json'), 'utf8'), creds);
  }
  const empty = join(parent.path, 'empty');
  await mkdir(empty);
  await assert.rejects(readAuthFolder(empty), { name: 'AuthFolderError', message: /holds no creds.json/ });
  await assert.rejects(readAuthFolder(`${empty}-not`), {
    name: 'AuthFolderError',
    message: /cannot be read/,
  });
});
