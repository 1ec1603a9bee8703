import type { Readable } from 'node:stream';
import { GatewayError } from '../errors.ts';

interface ReadChunksOptions {
  readonly maxBytes: number;
  /** The failure of a body that has more. */
  readonly tooLarge: () => GatewayError;
  /** How long nothing of the body may come. */
  readonly silenceMs: number;
}

/**
 * Hands each chunk of a body to `take` as it comes; what `take` throws ends the reading. Whatever is still to come
 * then is left to Node, which reads and drops it.
 *
 * Errors: `tooLarge`; `request_timeout` when nothing comes for too long; `invalid_request` when the connection ends
 * before the body does.
 */
export async function readChunks(
  payload: Readable,
  { maxBytes, tooLarge, silenceMs }: ReadChunksOptions,
  take: (chunk: Buffer) => void,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let sizeBytes = 0;
    let restAtBytes = restEveryBytes;
    const stop = () => {
      clearTimeout(silence);
      payload.off('data', onData).off('end', onEnd).off('error', onCut).off('close', onCut);
    };
    const fail = (error: unknown) => {
      stop();
      reject(error);
    };
    let silence: NodeJS.Timeout | undefined;
    const listen = () => {
      clearTimeout(silence);
      silence = setTimeout(() => fail(tooSilent(silenceMs)), silenceMs);
    };
    const onData = (chunk: Buffer) => {
      listen();
      sizeBytes += chunk.length;
      try {
        if (sizeBytes > maxBytes) throw tooLarge();
        take(chunk);
        if (sizeBytes < restAtBytes) return;
        restAtBytes = sizeBytes + restEveryBytes;
        payload.pause();
        setImmediate(() => payload.resume());
      } catch (error) {
        fail(error);
      }
    };
    const onEnd = () => {
      stop();
      resolve();
    };
    const onCut = () =>
      fail(new GatewayError('invalid_request', { message: 'The connection ended before the body did.' }));
    listen();
    payload.on('data', onData).on('end', onEnd).on('error', onCut).on('close', onCut);
  });
}

/** A client that is near sends megabytes in one round of the event loop; the others have their turn in between. */
export const restEveryBytes = 256 * 1024;

const tooSilent = (silenceMs: number) =>
  new GatewayError('request_timeout', {
    message: `The request did not arrive in time: nothing of its body came for ${silenceMs / 1_000} seconds.`,
  });
