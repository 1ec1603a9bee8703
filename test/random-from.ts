import { createHash } from 'node:crypto';

/** Numbers from 0 to 1 that look random, and are the same for the same seed. */
export function randomFrom(seed: number): () => number {
  let count = 0;
  return () => {
    count += 1;
    const digest = createHash('sha256').update(`${seed}/${count}`).digest();
    return digest.readUInt32BE() / 2 ** 32;
  };
}
