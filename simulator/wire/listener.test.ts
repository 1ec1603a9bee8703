import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { connectClient, pairClient } from '../baileys-client.ts';
import { type Simulator, startSimulator } from '../simulator.ts';
import { frame } from './frames.ts';

const portOf = ({ controlUrl }: Simulator) => Number(new URL(controlUrl).port);

/** A TCP connection to the simulator on which this was sent. */
async function connectionSaying(whatsapp: Simulator, text: string): Promise<Socket> {
  const socket = connect(portOf(whatsapp), '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  socket.write(text.replaceAll('\n', '\r\n'));
  return socket;
}

const upgradeRequest = `GET /ws/chat HTTP/1.1
Host: 127.0.0.1
Connection: Upgrade
Upgrade: websocket
Sec-WebSocket-Version: 13
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==

`;

/** Resolves when the simulator answers, so what came before on other connections has been dealt with, too. */
async function stillAnswers({ controlUrl }: Simulator): Promise<void> {
  assert.equal((await fetch(controlUrl)).status, 404);
}

test('bytes that are no client’s end their connection, and nothing else', async () => {
  await using whatsapp = await startSimulator();
  const prologue = Buffer.from('WA\x06\x03', 'latin1');
  for (const bytes of [
    'text',
    Buffer.alloc(200_000, 7),
    Buffer.concat([prologue, frame(Buffer.from('no protobuf'))]),
    Buffer.concat([prologue, frame(Buffer.alloc(0))]),
  ]) {
    const socket = new WebSocket(whatsapp.webSocketUrl);
    await once(socket, 'open');
    socket.send(bytes);
    const [code] = await once(socket, 'close');
    assert.equal(code, 1006);
  }
  await using client = connectClient(whatsapp);
  assert.ok(await client.qr());
});

test('a logged-in client that sends what is no stanza, or not encrypted, loses its connection', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const phone = whatsapp.phone('5511999990001');
  await using first = await pairClient(whatsapp, phone);
  await first.sock.sendRawMessage(Buffer.from([0, 255, 255]));
  assert.equal(await first.closed(), 428);
  await using second = await pairClient(whatsapp, phone);
  second.sock.ws.send(frame(Buffer.from('plain text')));
  assert.equal(await second.closed(), 428);
});

test('a client that breaks off while its upgrade is held or refused does no harm', async () => {
  await using whatsapp = await startSimulator();
  whatsapp.faults.add({ kind: 'upgrade', times: 1, silence: true });
  whatsapp.faults.add({ kind: 'upgrade', times: 1, status: 503, lingers: true });
  for (const count of [1, 2]) {
    const socket = await connectionSaying(whatsapp, upgradeRequest);
    await whatsapp.requestArrived('upgrade', count);
    socket.resetAndDestroy();
    await stillAnswers(whatsapp);
  }
});

test('a fault closes an upgrade after its HTTP status, or without a word', { timeout: 10_000 }, async () => {
  await using whatsapp = await startSimulator();
  whatsapp.faults.add({ kind: 'upgrade', times: 1, status: 429, headers: { 'retry-after': '30' } });
  whatsapp.faults.add({ kind: 'upgrade', times: 1, close: true });
  const answer = await text(await connectionSaying(whatsapp, upgradeRequest));
  assert.match(answer, /^HTTP\/1\.1 429 Too Many Requests\r\n(.+\r\n)*retry-after: 30\r\n(.+\r\n)*\r\n$/);
  assert.equal(await text(await connectionSaying(whatsapp, upgradeRequest)), '');
});

test('an HTTP client that offers HTTP/2 with its request is answered in HTTP/1.1', async () => {
  await using whatsapp = await startSimulator();
  const socket = await connectionSaying(
    whatsapp,
    'GET / HTTP/1.1\nHost: 127.0.0.1\nConnection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AAMAAABk\n\n',
  );
  const [answer] = await once(socket, 'data');
  assert.match(String(answer), /^HTTP\/1\.1 404 /);
  socket.destroy();
});

test('only this machine reaches it, and only at 127.0.0.1', async () => {
  await using whatsapp = await startSimulator();
  // As an example of all others: 127.0.0.2, which is there on every Linux.
  const elsewhere = connect(portOf(whatsapp), '127.0.0.2');
  await assert.rejects(once(elsewhere, 'connect', { signal: AbortSignal.timeout(1_000) }));
  elsewhere.destroy();
});

test('a port that is taken is refused', async () => {
  await using whatsapp = await startSimulator();
  await assert.rejects(startSimulator({ port: portOf(whatsapp) }), { code: 'EADDRINUSE' });
});

test('it ends at once, whatever is open', { timeout: 10_000 }, async () => {
  const whatsapp = await startSimulator({ preKeyCount: 100 });
  await using client = await pairClient(whatsapp, whatsapp.phone('5511999990001'));
  whatsapp.faults.add({ kind: 'upgrade', times: 1, silence: true });
  const open = [
    await connectionSaying(whatsapp, upgradeRequest),
    await connectionSaying(whatsapp, upgradeRequest),
    await connectionSaying(whatsapp, 'POST /phones HTTP/1.1\nHost: 127.0.0.1\nContent-Length: 10\n\n{'),
    await connectionSaying(whatsapp, ''),
  ];
  await whatsapp.requestArrived('upgrade', 4);
  const closed = open.map((socket) => once(socket.resume(), 'close'));
  await whatsapp[Symbol.asyncDispose]();
  await Promise.all(closed);
  assert.equal(await client.closed(), 428);
});
