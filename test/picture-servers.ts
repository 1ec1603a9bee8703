/** Web servers on loopback, well and badly behaved, and a reader of pictures that finds them as `pictures.test`. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createSocketServer, type Server, type Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { inspect } from 'node:util';
import { GatewayError } from '../src/errors.ts';
import { ByteBudget } from '../src/media/byte-budget.ts';
import { limits } from '../src/media/limits.ts';
import { createPictureReader, type PictureReader } from '../src/media/read-picture.ts';

type ReaderOptions = Partial<Parameters<typeof createPictureReader>[0]>;

export const picture = Buffer.from('the bytes of a picture');

/** In the query of every URL, like the signature of an object store; no failure may tell it. */
const signature = 'sig=SECRET';

export interface PictureServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** How many connections there were. */
  readonly connections: number;
}

interface Place {
  readonly scheme?: string;
  readonly address?: string;
  readonly port?: number;
}

async function listen(server: Server, place: Place = {}): Promise<PictureServer> {
  const { scheme = 'http', address = '127.0.0.1' } = place;
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(place.port ?? 0, address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${scheme}://pictures.test:${port}/photo?${signature}`,
    get connections() {
      return sockets.size;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

export const serve = (answer: RequestListener, place?: Place) => listen(createServer(answer), place);

/** Serves a picture at every path. */
export const servePicture = (place?: Place) => serve((_request, response) => response.end(picture), place);

/** A server that speaks whatever it likes, as soon as it has read something. */
export const serveRaw = (answer: (socket: Socket) => void) =>
  listen(
    createSocketServer((socket) => {
      socket.on('error', () => {}); // the fetch may hang up on us
      socket.once('data', () => answer(socket));
    }),
  );

export const serveSecurely = (
  tls: SecureContextOptions,
  answer: RequestListener = (_request, response) => response.end(picture),
) => listen(createSecureServer(tls, answer), { scheme: 'https' });

/** A reader for which every name leads to this machine, and only `pictures.test` may. */
export const readerWith = (options: ReaderOptions = {}): PictureReader =>
  createPictureReader({
    allow: ['pictures.test'],
    userAgent: 'Pombo/test (+https://pombo.test)',
    maxBytes: 64 * 1024,
    budget: new ByteBudget(limits.heldBytes),
    resolve: async () => ['127.0.0.1'],
    ...options,
  });

/** What is read, as text. */
export async function read(source: string | Uint8Array, options: ReaderOptions = {}): Promise<string> {
  using reader = readerWith(options);
  return Buffer.from(await reader.readPicture(source)).toString();
}

/** How reading fails, as `code: message`. Every failure tells what the caller can do, and none tells a secret. */
export async function failureOf(source: string | Uint8Array, options: ReaderOptions = {}): Promise<string> {
  const error = await read(source, options).then(
    (text) => assert.fail(`read "${text}"`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof GatewayError, String(error));
  assert.doesNotMatch(inspect(error, { depth: null }), /SECRET/); // nor in the cause, which is logged
  assert.match(error.message, /^[A-Z].*[.:;] .*\.$/); // what happened, then what to do
  return `${error.code}: ${error.message}`;
}
