import { type AuthenticationCreds, BufferJSON } from 'baileys';
import type { KeyStore } from '../whatsapp.ts';
import { linkedCredentials } from './is-paired.ts';

/**
 * What tells a linked device from all others: the public half of its identity key, in Base64. It is made for one
 * pairing, and stays for as long as the device is linked.
 */
export const deviceFrom = (creds: Pick<AuthenticationCreds, 'signedIdentityKey'>): string =>
  Buffer.from(creds.signedIdentityKey.public).toString('base64');

/** The linked device that these keys are of, as `deviceFrom` tells it; `undefined` when they are of none. */
export async function linkedDeviceOf(keys: Pick<KeyStore, 'read'>): Promise<string | undefined> {
  const { type, id } = linkedCredentials;
  const text = (await keys.read(type, [id])).get(id);
  return text === undefined ? undefined : deviceFrom(JSON.parse(text, BufferJSON.reviver));
}
