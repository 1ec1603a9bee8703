import { MovingError } from './moving-error.ts';

/** How much is read before it is taken for an attack. */
export interface LineLimits {
  readonly lineBytes: number;
  readonly totalBytes: number;
}

/**
 * The lines of a text in UTF-8, without their ends. The last one has an end, too.
 *
 * Errors: `MovingError` when one line, or all together, are longer than the limits.
 */
export async function* linesOf(
  content: AsyncIterable<Uint8Array>,
  { lineBytes, totalBytes }: LineLimits,
): AsyncGenerator<string> {
  let pieces: Uint8Array[] = [];
  let heldBytes = 0;
  let readBytes = 0;
  for await (const piece of content) {
    readBytes += piece.length;
    let rest = piece;
    for (let end = rest.indexOf(lineFeed); end >= 0; end = rest.indexOf(lineFeed)) {
      yield Buffer.concat([...pieces, rest.subarray(0, end)]).toString('utf8');
      rest = rest.subarray(end + 1);
      pieces = [];
      heldBytes = 0;
    }
    pieces.push(rest);
    heldBytes += rest.length;
    if (heldBytes > lineBytes || readBytes > totalBytes) {
      throw new MovingError('The file holds far more than an instance has to carry.');
    }
  }
}

const lineFeed = 0x0a;
