/** Certificates for tests, made here: X.509 v3 (RFC 5280) with keys on the curve P-256. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** What a TLS server shows, both as PEM. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
}

/** Its own certificate is signed by itself; whoever trusts it trusts what it has issued. */
export interface CertificateAuthority extends ServerCertificate {
  /** Valid for this host from yesterday to tomorrow, unless it says otherwise. */
  issue(host: string, options?: { from?: Date; to?: Date }): ServerCertificate;
}

export function makeAuthority(name = 'Pombo test authority'): CertificateAuthority {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  function certificate(subject: string, publicKey: Buffer, from: Date, to: Date, extension: Buffer): string {
    const content = sequence(
      tagged(0xa0, integer(Buffer.from([2]))), // version 3
      integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
      ecdsaWithSha256,
      nameOf(name),
      sequence(time(from), time(to)),
      nameOf(subject),
      publicKey,
      tagged(0xa3, sequence(extension)),
    );
    const signature = sign('sha256', content, authority.privateKey);
    return pem(sequence(content, ecdsaWithSha256, bits(signature)));
  }

  return {
    key: authority.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: certificate(
      name,
      authority.publicKey.export({ type: 'spki', format: 'der' }),
      yesterday(),
      tomorrow(),
      sequence(oid('551d13'), tagged(0x04, sequence(tagged(0x01, Buffer.from([0xff]))))), // it is an authority
    ),
    issue(host, { from = yesterday(), to = tomorrow() } = {}) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const names = sequence(
        oid('551d11'),
        tagged(0x04, sequence(tagged(0x82, Buffer.from(host)))), // subjectAltName: dNSName
      );
      const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      return {
        cert: certificate(host, publicKey.export({ type: 'spki', format: 'der' }), from, to, names),
        key,
      };
    },
  };
}

const dayMs = 24 * 60 * 60 * 1_000;
const yesterday = () => new Date(Date.now() - dayMs);
const tomorrow = () => new Date(Date.now() + dayMs);

/** DER: a tag, the length in as many bytes as it needs, the content. */
function tagged(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const { length } = body;
  const lengthBytes =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, Math.floor(length / 256), length % 256];
  return Buffer.concat([Buffer.from([tag, ...lengthBytes]), body]);
}

const sequence = (...content: Buffer[]) => tagged(0x30, ...content);
const integer = (bytes: Buffer) => tagged(0x02, bytes);
const bits = (bytes: Buffer) => tagged(0x03, Buffer.from([0]), bytes);
const oid = (hex: string) => tagged(0x06, Buffer.from(hex, 'hex'));
const time = (date: Date) =>
  tagged(0x17, Buffer.from(`${date.toISOString().slice(2, 19).replace(/\D/g, '')}Z`));
const nameOf = (commonName: string) =>
  sequence(tagged(0x31, sequence(oid('550403'), tagged(0x0c, Buffer.from(commonName)))));
const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));

const pem = (der: Buffer) =>
  [
    '-----BEGIN CERTIFICATE-----',
    ...(der.toString('base64').match(/.{1,64}/g) ?? []),
    '-----END CERTIFICATE-----',
  ]
    .map((line) => `${line}\n`)
    .join('');
