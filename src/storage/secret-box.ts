import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type KeyObject,
  randomFillSync,
} from 'node:crypto';

const algorithm = 'aes-256-gcm';
const formatByte = 1;
const formatText = 'v1:';
const ivBytes = 12;
const tagBytes = 16;

/**
 * Encrypts what is kept: AES-256-GCM under one key.
 *
 * What is sealed consists of IV, ciphertext and tag. As bytes a 1 comes before it; as text it is Base64 after `v1:`.
 * `place` says where it is kept (table, row) and is authenticated with it, so that a value copied to another row does
 * not open there.
 */
export class SecretBox {
  readonly #key: KeyObject;
  /** Random bytes for the next IVs: asking for many at once costs little more than asking for one. */
  readonly #random = Buffer.alloc(ivBytes * 1_024);
  #randomUsed = this.#random.length;

  /** `key` has 32 bytes. */
  constructor(key: Buffer) {
    this.#key = createSecretKey(key);
  }

  /** As text. */
  seal(text: string, place: string): string {
    return `${formatText}${this.sealToBytes(text, place).toString('base64', 1)}`;
  }

  /** As bytes: for what is written often. */
  sealToBytes(text: string, place: string): Buffer {
    const iv = this.#nextIv();
    const cipher = createCipheriv(algorithm, this.#key, iv);
    cipher.setAAD(Buffer.from(place));
    const ciphertext = cipher.update(text, 'utf8');
    cipher.final();
    const sealed = Buffer.allocUnsafe(1 + ivBytes + ciphertext.length + tagBytes);
    sealed[0] = formatByte;
    sealed.set(iv, 1);
    sealed.set(ciphertext, 1 + ivBytes);
    sealed.set(cipher.getAuthTag(), sealed.length - tagBytes);
    return sealed;
  }

  /** Errors: an `Error` naming the place, when it was sealed with another key or elsewhere, or was changed. */
  open(sealed: string | Uint8Array, place: string): string {
    try {
      const bytes = typeof sealed === 'string' ? bytesOfText(sealed) : sealed;
      if (bytes[0] !== formatByte) throw new Error('unknown format');
      const iv = bytes.subarray(1, 1 + ivBytes);
      const decipher = createDecipheriv(algorithm, this.#key, iv, { authTagLength: tagBytes });
      decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(-tagBytes));
      const text = decipher.update(bytes.subarray(1 + ivBytes, -tagBytes)).toString();
      decipher.final();
      return text;
    } catch (cause) {
      throw new Error(`What is stored at ${place} cannot be decrypted.`, { cause });
    }
  }

  #nextIv(): Buffer {
    if (this.#randomUsed === this.#random.length) {
      randomFillSync(this.#random);
      this.#randomUsed = 0;
    }
    this.#randomUsed += ivBytes;
    return this.#random.subarray(this.#randomUsed - ivBytes, this.#randomUsed);
  }
}

function bytesOfText(sealed: string): Uint8Array {
  if (!sealed.startsWith(formatText)) throw new Error('unknown format');
  return sealedBytesOf(sealed);
}

/** The same sealed value as bytes. It needs no key. */
export const sealedBytesOf = (sealed: string): Buffer =>
  Buffer.concat([Buffer.of(formatByte), Buffer.from(sealed.slice(formatText.length), 'base64')]);
