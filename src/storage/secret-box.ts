import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const format = 'v1';
const ivBytes = 12;
const tagBytes = 16;

/**
 * Encrypts what is kept: AES-256-GCM under one key.
 *
 * A sealed text reads `v1:` and then IV, ciphertext and tag in Base64. `place` says where it is kept (table, row) and
 * is authenticated with it, so that a value copied to another row does not open there.
 */
export class SecretBox {
  readonly #key: Buffer;

  /** `key` has 32 bytes. */
  constructor(key: Buffer) {
    this.#key = key;
  }

  seal(text: string, place: string): string {
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv).setAAD(Buffer.from(place));
    const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${format}:${sealed.toString('base64')}`;
  }

  /** Errors: an `Error` naming the place, when the text was sealed with another key or elsewhere, or was changed. */
  open(sealed: string, place: string): string {
    try {
      if (!sealed.startsWith(`${format}:`)) throw new Error('unknown format');
      const bytes = Buffer.from(sealed.slice(format.length + 1), 'base64');
      const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, ivBytes), {
        authTagLength: tagBytes,
      });
      decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(-tagBytes));
      return decipher.update(bytes.subarray(ivBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8');
    } catch (cause) {
      throw new Error(`What is stored at ${place} cannot be decrypted.`, { cause });
    }
  }
}
