import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** For tests: a proxy on this machine. */
export interface ProxyServer extends AsyncDisposable {
  readonly port: number;
  /** Where it was asked to connect to, `host:port`, oldest first. */
  readonly destinations: readonly string[];
}

interface Habits {
  /** Who may use it; default: everyone. */
  readonly login?: { readonly user: string; readonly password: string };
  /** Takes connections and says nothing. */
  readonly isSilent?: boolean;
}

/** Reads exactly so many bytes. */
async function read(socket: Socket, sizeBytes: number): Promise<Buffer> {
  for (;;) {
    const bytes: Buffer | null = socket.read(sizeBytes);
    if (bytes) return bytes;
    await once(socket, 'readable');
  }
}

/** SOCKS5 with names and IPv4 addresses (RFC 1928), and with passwords (RFC 1929). */
export function startSocksProxy({ login, isSilent }: Habits = {}): Promise<ProxyServer> {
  const destinations: string[] = [];
  const serve = async (socket: Socket): Promise<void> => {
    if (isSilent) return;
    const [, methodCount = 0] = await read(socket, 2);
    const methods = await read(socket, methodCount);
    const method = login ? 2 : 0;
    if (!methods.includes(method)) return void socket.end(Buffer.of(5, 255));
    socket.write(Buffer.of(5, method));
    if (login) {
      const [, userLength = 0] = await read(socket, 2);
      const user = (await read(socket, userLength)).toString();
      const [passwordLength = 0] = await read(socket, 1);
      const password = (await read(socket, passwordLength)).toString();
      const isKnown = user === login.user && password === login.password;
      socket.write(Buffer.of(1, isKnown ? 0 : 1));
      if (!isKnown) return void socket.end();
    }
    const [, , , addressType] = await read(socket, 4);
    const [nameLength = 0] = addressType === 3 ? await read(socket, 1) : Buffer.of(4);
    const address = await read(socket, nameLength);
    const host = addressType === 3 ? address.toString() : address.join('.');
    const port = (await read(socket, 2)).readUInt16BE();
    destinations.push(`${host}:${port}`);
    const answer = (code: number) => socket.write(Buffer.of(5, code, 0, 1, 0, 0, 0, 0, 0, 0));
    const upstream = connect(port, host);
    upstream.once('error', () => answer(5));
    await once(upstream, 'connect');
    answer(0);
    socket.pipe(upstream).pipe(socket);
  };
  return start(
    createServer((socket) => void serve(socket).catch(() => socket.destroy())),
    destinations,
  );
}

/** HTTP with `CONNECT`. */
export function startHttpProxy({ login, isSilent }: Habits = {}): Promise<ProxyServer> {
  const destinations: string[] = [];
  const expected = login && `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`;
  const server = createHttpServer();
  server.on('connect', ({ url = '', headers }, socket: Socket) => {
    socket.on('error', () => {});
    if (isSilent) return;
    if (expected !== undefined && headers['proxy-authorization'] !== expected) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    destinations.push(url);
    const { hostname, port } = new URL(`http://${url}`);
    const upstream = connect(Number(port), hostname);
    upstream.once('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n'));
    upstream.once('connect', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(upstream).pipe(socket);
    });
  });
  return start(server, destinations);
}

async function start(server: Server, destinations: readonly string[]): Promise<ProxyServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    destinations,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
