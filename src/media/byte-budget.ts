import { GatewayError } from '../errors.ts';

/** What one holds of a budget. Disposing gives it back. */
export interface ByteShare extends Disposable {
  /** Errors: `overloaded` when the others hold too much; what is held already stays. */
  grow(sizeBytes: number): void;
}

/** Bytes that many share: what they hold together stays below a limit, and whoever holds little leaves room. */
export class ByteBudget {
  #freeBytes: number;

  constructor(totalBytes: number) {
    this.#freeBytes = totalBytes;
  }

  /** Errors: `overloaded` when the others hold too much. */
  reserve(sizeBytes: number): ByteShare {
    let heldBytes = 0;
    const grow = (moreBytes: number) => {
      if (moreBytes > this.#freeBytes) throw new GatewayError('overloaded', { retryAfterSeconds: 2 });
      this.#freeBytes -= moreBytes;
      heldBytes += moreBytes;
    };
    grow(sizeBytes);
    return {
      grow,
      [Symbol.dispose]: () => {
        this.#freeBytes += heldBytes;
        heldBytes = 0;
      },
    };
  }
}
