import type { Readable } from 'node:stream';
import { GatewayError } from '../errors.ts';

interface ReadChunksOptions {
  readonly maxBytes: number;
  /** How long the body is, when the client said so. */
  readonly lengthBytes?: number | undefined;
}

/**
 * Hands each chunk of a body to `take` as it comes; what `take` throws ends the reading. Whatever is still to come
 * then is left to Node, which reads and drops it.
 *
 * Errors: `body_too_large`, before anything is read when the length says so; `invalid_request` when the connection
 * ends before the body does.
 */
export async function readChunks(
  payload: Readable,
  { maxBytes, lengthBytes = 0 }: ReadChunksOptions,
  take: (chunk: Buffer) => void,
): Promise<void> {
  if (lengthBytes > maxBytes) throw tooLarge(maxBytes);
  await new Promise<void>((resolve, reject) => {
    let sizeBytes = 0;
    let restAtBytes = restEveryBytes;
    const stop = () => payload.off('data', onData).off('end', onEnd).off('error', onCut).off('close', onCut);
    const onData = (chunk: Buffer) => {
      sizeBytes += chunk.length;
      try {
        if (sizeBytes > maxBytes) throw tooLarge(maxBytes);
        take(chunk);
        if (sizeBytes < restAtBytes) return;
        restAtBytes = sizeBytes + restEveryBytes;
        payload.pause();
        setImmediate(() => payload.resume());
      } catch (error) {
        stop();
        reject(error);
      }
    };
    const onEnd = () => {
      stop();
      resolve();
    };
    const onCut = () => {
      stop();
      reject(new GatewayError('invalid_request', { message: 'The connection ended before the body did.' }));
    };
    payload.on('data', onData).on('end', onEnd).on('error', onCut).on('close', onCut);
  });
}

/** A client that is near sends megabytes in one round of the event loop; the others have their turn in between. */
const restEveryBytes = 256 * 1024;

const tooLarge = (limitBytes: number) =>
  new GatewayError('body_too_large', {
    message: `The body has more than the ${limitBytes} bytes that this server takes. Send a smaller picture, or its URL.`,
    details: { limitBytes },
  });
