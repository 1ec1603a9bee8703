import type { FastifyRequest } from 'fastify';
import { GatewayError } from '../errors.ts';

/** Smaller bodies are always taken. */
const smallBytes = 64 * 1024;

const countedBytes = (sizeBytes: number) => (sizeBytes > smallBytes ? sizeBytes : 0);

/**
 * Counts what has come of the large bodies that are being worked on, so that all of them have at most `totalBytes`
 * together. What a client only announces does not count: it would cost nothing to keep everybody else out.
 */
export class LargeBodies {
  readonly #totalBytes: number;
  readonly #cameBytes = new WeakMap<FastifyRequest, number>();
  #heldBytes = 0;

  constructor(totalBytes: number) {
    this.#totalBytes = totalBytes;
  }

  /** Counts what comes of a body. Errors: `overloaded`, when there is no room for it. */
  add(request: FastifyRequest, sizeBytes: number): void {
    const before = this.#cameBytes.get(request) ?? 0;
    const after = before + sizeBytes;
    const moreBytes = countedBytes(after) - countedBytes(before);
    if (this.#heldBytes + moreBytes > this.#totalBytes) {
      throw new GatewayError('overloaded', { retryAfterSeconds: 2 });
    }
    this.#heldBytes += moreBytes;
    this.#cameBytes.set(request, after);
  }

  /** Lets go of what came of a body; harmless when that is done already. */
  release(request: FastifyRequest): void {
    this.#heldBytes -= countedBytes(this.#cameBytes.get(request) ?? 0);
    this.#cameBytes.delete(request);
  }
}
