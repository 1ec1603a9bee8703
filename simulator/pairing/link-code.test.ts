import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { aesEncryptGCM, Curve, hkdf } from 'baileys';
import { agreeOnAdvSecret } from './link-code.ts';

test('both sides share a secret only if the bundle names the two that exchange keys', () => {
  const accountKey = Curve.generateKeyPair();
  const ephemeral = Curve.generateKeyPair();
  const companionKey = Curve.generateKeyPair();
  const companionEphemeral = Curve.generateKeyPair();
  const stranger = Curve.generateKeyPair();
  const random = randomBytes(32);
  const sharedEphemeral = Curve.sharedKey(companionEphemeral.private, ephemeral.public);
  const agreeOn = (...named: Uint8Array[]) => {
    const [salt, vector] = [randomBytes(32), randomBytes(12)];
    const key = hkdf(sharedEphemeral, 32, { salt, info: 'link_code_pairing_key_bundle_encryption_key' });
    const bundle = aesEncryptGCM(Buffer.concat([...named, random]), key, vector, Buffer.alloc(0));
    return agreeOnAdvSecret({
      accountKey,
      ephemeral,
      companionEphemeral: companionEphemeral.public,
      companionIdentity: companionKey.public,
      keyBundle: Buffer.concat([salt, vector, bundle]),
    });
  };
  const sharedIdentity = Curve.sharedKey(companionKey.private, accountKey.public);
  const secret = hkdf(Buffer.concat([sharedEphemeral, sharedIdentity, random]), 32, { info: 'adv_secret' });

  assert.deepEqual(agreeOn(companionKey.public, accountKey.public), Buffer.from(secret));
  assert.equal(agreeOn(stranger.public, accountKey.public), undefined);
  assert.equal(agreeOn(companionKey.public, stranger.public), undefined);
});
