/**
 * Gives the memory of large bytes back at once; they are empty afterwards. For bytes that nobody else refers to, and
 * that nothing is working on any more. Small ones stay: Node has them share their memory.
 *
 * Left to the garbage collector, a picture that waited for its turn lives until a full collection, and a few of them
 * bring the next one about: under load, that took a fifth of the CPU and half as much memory again.
 */
export function giveBack({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize) buffer.transfer(0);
}
