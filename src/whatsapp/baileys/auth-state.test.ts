import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AuthenticationCreds, proto } from 'baileys';
import { MemoryKeyStore } from '../memory-key-store.fixture.ts';
import type { KeyChange } from '../whatsapp.ts';
import { openAuthState } from './auth-state.ts';
import { isPaired } from './is-paired.ts';

const bytes = (text: string) => Buffer.from(text);
const told: Partial<AuthenticationCreds> = {
  account: proto.ADVSignedDeviceIdentity.create({ details: bytes('details') }),
  me: { id: '5511999990001:1@s.whatsapp.net', lid: '200000000000001:1@lid' },
};
const identityOf = ({ noiseKey, signedIdentityKey, signedPreKey, advSecretKey }: AuthenticationCreds) => ({
  noiseKey,
  signedIdentityKey,
  signedPreKey,
  advSecretKey,
});

test('credentials are stored as those of a device once a phone has accepted them, and not before', async () => {
  const store = new MemoryKeyStore();
  const auth = await openAuthState(store);
  auth.creds.me = { id: '5511999990001@s.whatsapp.net', name: '~' };
  await auth.saveCreds();
  assert.equal(store.values.size, 0);
  await auth.savePending();
  assert.equal(await isPaired(store), false);
  await auth.link(told, []);
  assert.equal(await isPaired(store), true);
  auth.creds.platform = 'android';
  await auth.saveCreds();
  const again = await openAuthState(store);
  assert.equal(again.isLinked, true);
  assert.deepEqual(identityOf(again.creds), identityOf(auth.creds));
  assert.deepEqual(again.creds.me, auth.creds.me);
  assert.equal(again.creds.platform, 'android');
});

test('what was to be linked comes back to be linked, and never to log in', async () => {
  const store = new MemoryKeyStore();
  const auth = await openAuthState(store);
  const before = identityOf(auth.creds);
  Object.assign(auth.creds, { me: { id: '5511999990001@s.whatsapp.net' }, pairingCode: 'ABCD1234' });
  auth.creds.registered = true;
  await auth.savePending();
  const { creds, isLinked } = await openAuthState(store);
  assert.equal(isLinked, false);
  assert.deepEqual(identityOf(creds), before);
  assert.deepEqual(
    [creds.me, creds.account, creds.pairingCode, creds.registered],
    [undefined, undefined, undefined, false],
  );
  await store.clear();
  assert.notDeepEqual(identityOf((await openAuthState(store)).creds), before);
});

test('a secret that is changed while the phone and we agree on another does not come between', async () => {
  const store = new MemoryKeyStore();
  const auth = await openAuthState(store);
  const saving = auth.savePending('of no use any more');
  auth.creds.advSecretKey = 'agreed with the phone';
  await saving;
  assert.equal(auth.creds.advSecretKey, 'agreed with the phone');
});

test('every kind of key comes back as it was written', async () => {
  const { keys } = await openAuthState(new MemoryKeyStore());
  const values = {
    'pre-key': { '7': { public: bytes('public'), private: bytes('private') } },
    session: { '5511999990002.0': bytes('session') },
    'sender-key-memory': { 'group@g.us': { '5511999990002@s.whatsapp.net': true } },
    'lid-mapping': { '5511999990002': '200000000000002' },
    'device-list': { '5511999990002': ['0', '1'] },
    tctoken: { '200000000000002@lid': { token: bytes('token'), timestamp: '1790000000' } },
  };
  await keys.set(values);
  for (const [type, entries] of Object.entries(values) as [keyof typeof values, object][]) {
    assert.deepEqual(await keys.get(type, Object.keys(entries)), entries);
  }
  const syncKey = { keyData: bytes('key'), fingerprint: { rawId: 1 }, timestamp: 1_790_000_000 };
  const message = proto.Message.AppStateSyncKeyData.fromObject(syncKey);
  await keys.set({ 'app-state-sync-key': { AAAA: message } });
  const { AAAA: read } = await keys.get('app-state-sync-key', ['AAAA']);
  assert.deepEqual(Buffer.from(read?.keyData ?? []), syncKey.keyData);
});

test('what Baileys writes at once is one write, and null deletes', async () => {
  const store = new MemoryKeyStore();
  const writes: (readonly KeyChange[])[] = [];
  const write = store.write.bind(store);
  store.write = (changes) => {
    writes.push(changes);
    return write(changes);
  };
  const { keys } = await openAuthState(store);
  await keys.set({ 'lid-mapping': { a: '1', b: '2' }, 'device-list': { a: ['0'] } });
  await keys.set({ 'lid-mapping': { a: null } });
  assert.deepEqual(
    writes.map((changes) => changes.map(({ type, id }) => `${type} ${id}`)),
    [['lid-mapping a', 'lid-mapping b', 'device-list a'], ['lid-mapping a']],
  );
  assert.deepEqual(await keys.get('lid-mapping', ['a', 'b']), { b: '2' });
});

test('an error of the store is told to whoever asked, and as the failure of the connection', async () => {
  const store = new MemoryKeyStore();
  const auth = await openAuthState(store);
  store.failure = new Error('disk full');
  await assert.rejects(async () => auth.keys.set({ 'lid-mapping': { a: '1' } }), /disk full/);
  assert.equal(await auth.failure, store.failure);
});

test('sealing waits for what is being written and refuses what comes after', async () => {
  const store = new MemoryKeyStore();
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  const write = store.write.bind(store);
  store.write = async (changes) => {
    await held;
    await write(changes);
  };
  const auth = await openAuthState(store);
  const writing = auth.keys.set({ 'lid-mapping': { a: '1' } });
  let sealed = false;
  const sealing = auth.seal().then(() => {
    sealed = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(sealed, false);
  letGo();
  await sealing;
  await writing;
  await assert.rejects(async () => auth.keys.set({ 'lid-mapping': { b: '2' } }), /over/);
  assert.deepEqual([...(store.values.get('lid-mapping')?.keys() ?? [])], ['a']);
});
