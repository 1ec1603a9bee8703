import { giveBack } from './give-back.ts';

/**
 * Bytes that come one after another, in one piece of memory. It grows fourfold, so that few are moved often, and never
 * beyond `expectedBytes` while no more than those come: what somebody announces takes no memory until it is there.
 */
export class GrowingBytes {
  readonly #expectedBytes: number;
  #memory = Buffer.alloc(0);
  #length = 0;

  constructor(expectedBytes: number = Number.POSITIVE_INFINITY) {
    this.#expectedBytes = expectedBytes;
  }

  get length(): number {
    return this.#length;
  }

  append(bytes: Uint8Array): void {
    this.room(bytes.length).set(bytes);
    this.keep(bytes.length);
  }

  /** Memory for `sizeBytes` more, to be filled and then kept. */
  room(sizeBytes: number): Buffer {
    const neededBytes = this.#length + sizeBytes;
    if (neededBytes > this.#memory.length) {
      const grownBytes = Math.max(neededBytes, 4 * this.#memory.length, smallestBytes);
      const isFewer = neededBytes <= this.#expectedBytes && this.#expectedBytes < grownBytes;
      const memory = Buffer.allocUnsafeSlow(isFewer ? this.#expectedBytes : grownBytes);
      memory.set(this.bytes());
      giveBack(this.#memory);
      this.#memory = memory;
    }
    return this.#memory.subarray(this.#length, neededBytes);
  }

  /** Takes what was written into the room. */
  keep(sizeBytes: number): void {
    this.#length += sizeBytes;
  }

  /** Forgets all but the first `length` bytes. */
  truncate(length: number): void {
    this.#length = length;
  }

  /** All that came so far, not copied: when more of them come, what this gave may be overwritten, or empty. */
  bytes(): Buffer {
    return this.#memory.subarray(0, this.#length);
  }
}

const smallestBytes = 64 * 1024;
