/** The chain of trust behind the handshake: root → intermediate → leaf, the leaf being the server's static key. */
import { Curve, type KeyPair, proto } from 'baileys';
import { keyPairFromSeed } from './key-pair.ts';

const { Details } = proto.CertChain.NoiseCertificate;

/**
 * Clients insist on this serial of the root (`WA_CERT_DETAILS.SERIAL` in Baileys, `WACertIssuerSerial` in whatsmeow).
 */
const rootSerial = 0;
const intermediateSerial = 1;
const leafSerial = 2;
const daySeconds = 86_400;

/**
 * The root that every simulator uses unless told otherwise. Fixed, because Baileys' trust root is one per process and
 * several simulators may live in one. Not a secret: whoever trusts this root trusts simulators.
 */
export const simulatorRoot = (): KeyPair => keyPairFromSeed('Pombo simulator root key; not a secret');

/** Encodes the chain for a server with this static key: valid from yesterday for ten years. */
export function certificateChain(root: KeyPair, staticPublicKey: Uint8Array, now = new Date()): Uint8Array {
  const intermediate = Curve.generateKeyPair();
  const today = Math.floor(now.getTime() / 1000);
  const validity = { notBefore: today - daySeconds, notAfter: today + 3650 * daySeconds };

  const signed = (issuer: KeyPair, certificate: proto.CertChain.NoiseCertificate.IDetails) => {
    const details = Details.encode({ ...certificate, ...validity }).finish();
    return { details, signature: Curve.sign(issuer.private, details) };
  };
  return proto.CertChain.encode({
    intermediate: signed(root, {
      serial: intermediateSerial,
      issuerSerial: rootSerial,
      key: intermediate.public,
    }),
    leaf: signed(intermediate, {
      serial: leafSerial,
      issuerSerial: intermediateSerial,
      key: staticPublicKey,
    }),
  }).finish();
}
