/** Pictures for tests, made here, and a shop's web server that serves them on loopback. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';

/** A logo as shops have it: an SVG with a viewBox and no size, red on the left, blue on the right. */
export const svgLogo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20"><rect width="10" height="20" fill="#f00"/><rect x="10" width="10" height="20" fill="#00f"/></svg>`;

/** A square of one colour as PNG, in Base64 without any prefix. */
export async function pngOf(background: string, side = 300): Promise<string> {
  const png = sharp({ create: { width: side, height: side, channels: 4, background } }).png();
  return (await png.toBuffer()).toString('base64');
}

/** The colour at a place of a picture, as `[red, green, blue]`. */
export async function colourAt(picture: Uint8Array, x: number, y: number): Promise<number[]> {
  const pixel = await sharp(picture)
    .extract({ left: x, top: y, width: 1, height: 1 })
    .removeAlpha()
    .raw()
    .toBuffer();
  return [...pixel];
}

export interface LogoServer extends AsyncDisposable {
  /** What `POMBO_FETCH_ALLOW` has to name. */
  readonly host: string;
  readonly url: string;
  /** From now on requests wait; resolves when the first one is here, with what lets them all go on. */
  hold(): Promise<() => void>;
}

/** Serves `svgLogo` at every path. */
export async function serveLogo(): Promise<LogoServer> {
  let gate: Promise<void> = Promise.resolve();
  let onRequest = () => {};
  const server = createServer(async (_request, response) => {
    onRequest();
    await gate;
    response.writeHead(200, { 'content-type': 'image/svg+xml' }).end(svgLogo);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    url: `http://${host}/logo.svg?signature=a%2Fb`,
    hold() {
      const { promise, resolve: release } = Promise.withResolvers<void>();
      gate = promise;
      return new Promise((resolve) => {
        onRequest = () => resolve(release);
      });
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
