import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { KeyPair } from 'baileys';

/**
 * How many one-time keys a device offers after its first login. Source: Baileys Defaults (INITIAL_PREKEY_COUNT), as
 * WhatsApp Web does it.
 */
export const initialPreKeyCount = 812;

/** How many are made at a time: between two batches the event loop and the thread pool have time for others. */
const batchSize = 28;

const generate = promisify(generateKeyPair);

/**
 * One-time keys, made in the thread pool. Baileys would make them at the first login, all in one turn of the event
 * loop, which stands still for 60 ms meanwhile.
 */
export async function makePreKeys(count: number): Promise<KeyPair[]> {
  const pairs: KeyPair[] = [];
  while (pairs.length < count) {
    const size = Math.min(batchSize, count - pairs.length);
    const batch = await Promise.all(Array.from({ length: size }, () => generate('x25519')));
    for (const { privateKey, publicKey } of batch) {
      pairs.push({ public: rawKey(publicKey, 'x'), private: rawKey(privateKey, 'd') });
    }
  }
  return pairs;
}

/** The 32 bytes of a half, as they stand in its JSON Web Key. */
const rawKey = (key: KeyObject, part: 'x' | 'd'): Buffer =>
  Buffer.from(key.export({ format: 'jwk' })[part] ?? '', 'base64url');
