import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Curve, proto } from 'baileys';
import { certificateChain, simulatorRoot } from './certificate.ts';
import { isSigned } from './signature.ts';

const { Details } = proto.CertChain.NoiseCertificate;

/** Reads a chain and makes every check that whatsmeow makes (handshake.go), of which Baileys leaves out the last three. */
function verify(chain: Uint8Array, rootPublicKey: Uint8Array, staticKey: Uint8Array, nowSeconds: number) {
  const { intermediate, leaf } = proto.CertChain.decode(chain);
  assert.ok(intermediate?.details && intermediate.signature && leaf?.details && leaf.signature);
  const intermediateDetails = Details.decode(intermediate.details);
  const leafDetails = Details.decode(leaf.details);
  assert.ok(intermediateDetails.key && leafDetails.key);
  assert.ok(isSigned(rootPublicKey, intermediate.details, intermediate.signature));
  assert.ok(isSigned(intermediateDetails.key, leaf.details, leaf.signature));
  assert.equal(intermediateDetails.issuerSerial, 0);
  assert.equal(leafDetails.issuerSerial, intermediateDetails.serial);
  assert.deepEqual(Buffer.from(leafDetails.key), Buffer.from(staticKey));
  for (const { notBefore, notAfter } of [intermediateDetails, leafDetails]) {
    assert.ok(Number(notBefore) <= nowSeconds && nowSeconds < Number(notAfter));
  }
}

test('the chain leads from the root to the static key, and is valid now', () => {
  const root = Curve.generateKeyPair();
  const staticKey = Curve.generateKeyPair().public;
  const now = new Date('2026-09-20T12:00:00Z');
  verify(certificateChain(root, staticKey, now), root.public, staticKey, now.getTime() / 1000);
});

test('every simulator has the same root, and its key pair signs', () => {
  const { private: privateKey, public: publicKey } = simulatorRoot();
  assert.deepEqual(simulatorRoot().public, publicKey);
  const message = Buffer.from('a message');
  assert.ok(isSigned(publicKey, message, Curve.sign(privateKey, message)));
});
