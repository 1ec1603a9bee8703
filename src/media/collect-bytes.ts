import type { ByteShare } from './byte-budget.ts';

const pieceBytes = 64 * 1024;

/**
 * The bytes of a stream in one piece, each 64 KiB reserved as they begin. At more than `maxBytes` it calls `tooLarge`,
 * which throws.
 *
 * The chunks are copied and not kept: a server that sends its body byte by byte would have us hold an object of a
 * hundred bytes for each.
 */
export async function collectBytes(
  stream: AsyncIterable<Uint8Array>,
  options: { readonly maxBytes: number; readonly share: ByteShare; readonly tooLarge: () => never },
): Promise<Uint8Array> {
  const { maxBytes, share, tooLarge } = options;
  const pieces: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of stream) {
    if (sizeBytes + chunk.length > maxBytes) tooLarge();
    for (let from = 0; from < chunk.length; ) {
      const at = sizeBytes % pieceBytes;
      if (at === 0) {
        share.grow(pieceBytes);
        pieces.push(Buffer.allocUnsafeSlow(pieceBytes));
      }
      const part = chunk.subarray(from, from + pieceBytes - at);
      pieces.at(-1)?.set(part, at);
      from += part.length;
      sizeBytes += part.length;
    }
  }
  return Buffer.concat(pieces, sizeBytes);
}
