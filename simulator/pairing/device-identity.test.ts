import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Curve, proto } from 'baileys';
import { GroupBook } from '../groups/group-book.ts';
import { World } from '../world.ts';
import { isSignedByCompanion, signDeviceIdentity } from './device-identity.ts';

test("a companion's answer counts only with its own signature over the identity that it was given", () => {
  const account = new World(new GroupBook()).addAccount('5511999990001');
  const companion = Curve.generateKeyPair();
  const identity = signDeviceIdentity(account, companion.public, 1);
  const answer = (key: Uint8Array, { details, prefix = 1 }: { details: Uint8Array; prefix?: number }) => {
    const message = Buffer.concat([
      Buffer.from([6, prefix]),
      details,
      companion.public,
      account.identityKey.public,
    ]);
    const deviceSignature = Curve.sign(key, message);
    return proto.ADVSignedDeviceIdentity.encode({ details, deviceSignature }).finish();
  };
  const { details } = identity;
  const { details: otherDetails } = signDeviceIdentity(account, companion.public, 2);
  const unsigned = proto.ADVSignedDeviceIdentity.encode({ details }).finish();

  assert.ok(isSignedByCompanion(identity, account, answer(companion.private, { details })));
  assert.ok(!isSignedByCompanion(identity, account, answer(Curve.generateKeyPair().private, { details })));
  assert.ok(!isSignedByCompanion(identity, account, answer(companion.private, { details: otherDetails })));
  assert.ok(!isSignedByCompanion(identity, account, answer(companion.private, { details, prefix: 0 })));
  assert.ok(!isSignedByCompanion(identity, account, unsigned));
});
