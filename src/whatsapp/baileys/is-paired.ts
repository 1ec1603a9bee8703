import type { KeyStore } from '../whatsapp.ts';

/** Where the credentials of a linked device stand in the key store. */
export const linkedCredentials = { type: 'creds', id: 'creds' };

/**
 * Whether these keys belong to a linked device.
 *
 * Credentials are stored in their place from the moment on at which a phone accepted them, never before: a pairing
 * that did not finish leaves nothing behind that could be taken for a device.
 */
export async function isPaired(keys: KeyStore): Promise<boolean> {
  const { type, id } = linkedCredentials;
  return (await keys.read(type, [id])).has(id);
}
