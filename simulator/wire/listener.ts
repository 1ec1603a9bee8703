/** The server behind everything: HTTP for people and pictures, WebSockets for clients, on one port of this machine. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { Curve, type KeyPair } from 'baileys';
import { WebSocketServer } from 'ws';
import type { FaultBook, UpgradeFault } from '../faults.ts';
import type { RequestLog } from '../request-log.ts';
import { certificateChain } from './certificate.ts';
import { Connection, type Introduction, type Party } from './connection.ts';

/** Nobody but this machine: the control has no password. */
const host = '127.0.0.1';

interface ListenOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly root: KeyPair;
  readonly faults: FaultBook;
  readonly requests: RequestLog;
  readonly onRequest: RequestListener;
  readonly introduce: (connection: Connection, introduction: Introduction) => Party;
  readonly onError: (error: unknown) => void;
}

export interface Listener extends AsyncDisposable {
  readonly port: number;
  /** Breaks off all WebSockets without a word, as a network does. */
  dropConnections(): void;
}

/** Listens; rejects when the port is taken. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { port, root, faults, requests, onRequest, introduce, onError } = options;
  const staticKey = Curve.generateKeyPair();
  const certificate = certificateChain(root, staticKey.public);
  const webSockets = new WebSocketServer({ noServer: true });
  const upgraded = new Set<Duplex>();

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgraded.add(socket);
    // Node leaves an upgrade's socket to us, its errors included: a client that breaks off must not end the process.
    socket.on('error', () => undefined);
    socket.once('close', () => upgraded.delete(socket));
    requests.add('upgrade');
    const fault = faults.take('upgrade');
    if (fault) return refuseUpgrade(socket, fault);
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const answersHandshake = faults.take('handshake') === undefined;
      new Connection({ socket: webSocket, staticKey, certificate, answersHandshake, introduce, onError });
    });
  };

  const server = createServer({ shouldUpgradeCallback: asksForWebSocket }, onRequest)
    .on('upgrade', upgrade)
    .listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    dropConnections() {
      for (const client of webSockets.clients) client.terminate();
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of upgraded) socket.destroy();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Not for `h2c`, which some HTTP clients offer with every request: they are answered in HTTP/1.1. */
const asksForWebSocket = ({ headers }: IncomingMessage): boolean =>
  headers.upgrade?.toLowerCase() === 'websocket';

/** What a fault says instead of `101 Switching Protocols`. */
function refuseUpgrade(socket: Duplex, fault: UpgradeFault): void {
  if ('close' in fault) socket.destroy();
  if (!('status' in fault)) return;
  const headers = Object.entries({ 'content-length': '0', ...fault.headers });
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const head = `HTTP/1.1 ${fault.status} ${STATUS_CODES[fault.status] ?? ''}\r\n${lines}`;
  if (fault.lingers) socket.write(`${head}Connection: keep-alive\r\n\r\n`);
  else socket.end(`${head}Connection: close\r\n\r\n`);
}
