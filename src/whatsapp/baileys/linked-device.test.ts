import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proto } from 'baileys';
import { MemoryKeyStore } from '../memory-key-store.fixture.ts';
import { openAuthState } from './auth-state.ts';
import { linkedDeviceOf } from './linked-device.ts';

test('a linked device is told from others, and is the same one whatever else becomes of its keys', async () => {
  const [one, other] = [new MemoryKeyStore(), new MemoryKeyStore()];
  assert.equal(await linkedDeviceOf(one), undefined);
  for (const store of [one, other]) {
    const auth = await openAuthState(store);
    await auth.savePending();
    assert.equal(await linkedDeviceOf(store), undefined, 'no phone has accepted it');
    await auth.link({ account: proto.ADVSignedDeviceIdentity.create({}) }, []);
  }
  const device = await linkedDeviceOf(one);
  assert.match(device ?? '', /^[\w+/]{43}=$/);
  assert.notEqual(await linkedDeviceOf(other), device);

  const auth = await openAuthState(one);
  auth.creds.nextPreKeyId = 700;
  auth.creds.me = { id: '5511999990001:12@s.whatsapp.net' };
  await auth.saveCreds();
  assert.equal(await linkedDeviceOf(one), device);
});
