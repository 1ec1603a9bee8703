import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { describe, test } from 'node:test';
import { setImmediate as nextRound } from 'node:timers/promises';
import type { Fault } from '../../../simulator/faults.ts';
import { startSimulator } from '../../../simulator/simulator.ts';
import { GatewayError } from '../../errors.ts';
import { parseGroupId, parsePhoneNumber } from '../../ids.ts';
import { MemoryKeyStore } from '../memory-key-store.fixture.ts';
import type { WebVersion } from '../web-version.ts';
import type { EndReason } from '../whatsapp.ts';
import { isPaired } from './is-paired.ts';
import { browser, browserOf } from './socket.ts';
import { dial, dialPaired } from './test-connection.fixture.ts';
import { fixedVersion, type Versions } from './web-version.ts';

/** Without one-time keys to make, which takes long and leaves a timer of 30 s behind in Baileys. */
const startWhatsApp = () => startSimulator({ preKeyCount: 100 });

/** What every WebSocket server mixes into its answer. Source: RFC 6455, 1.3. */
const webSocketGuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

test('a phone that scans the code links the device, which logs in on its next connection', async () => {
  await using simulator = await startWhatsApp();
  const alice = simulator.phone('5511999990001', 'Alice');
  const me = { phone: '5511999990001', lid: alice.lid, name: 'Alice', device: 1, platform: 'android' };
  const keys = new MemoryKeyStore();
  {
    await using pairing = await dial(simulator, { keys });
    const { qr } = await pairing.event('qr');
    assert.equal(await isPaired(keys), false, 'until a phone has accepted');
    await alice.scan(qr);
    assert.equal((await pairing.event('closed')).reason, 'restart-required');
    assert.deepEqual(
      pairing.events.map((event) => (event.type === 'paired' ? event : event.type)),
      ['qr', { type: 'paired', me }, 'closed'],
    );
    assert.equal(await isPaired(keys), true);
  }
  await using connection = await dial(simulator, { keys });
  assert.deepEqual((await connection.event('open')).me, me);
  assert.deepEqual(connection.connection.whatsapp.me, me);
});

test('the credentials are stored before WhatsApp hears that the device has them', async () => {
  await using simulator = await startWhatsApp();
  const keys = new MemoryKeyStore();
  await using pairing = await dial(simulator, { keys });
  const { qr } = await pairing.event('qr');
  const stored = Promise.withResolvers<void>();
  const holding = Promise.withResolvers<void>();
  const write = keys.write.bind(keys);
  keys.write = async (changes) => {
    stored.resolve();
    await holding.promise;
    await write(changes);
  };
  const alice = simulator.phone('5511999990001');
  const scan = alice.scan(qr);
  await stored.promise;
  for (let round = 0; round < 100; round += 1) await nextRound(); // ample for an answer over loopback
  assert.equal(alice.devices.length, 0);
  holding.resolve();
  await scan;
  assert.equal(alice.devices.length, 1);
});

test('a pairing whose codes were all shown ends as a failed pairing', async () => {
  await using simulator = await startWhatsApp();
  const keys = new MemoryKeyStore();
  await using pairing = await dial(simulator, { keys, qrLifetime: { firstMs: 20, nextMs: 5 } });
  assert.equal((await pairing.event('closed')).reason, 'pairing-failed');
  const codes = pairing.events.flatMap((event) => (event.type === 'qr' ? [event.qr] : []));
  assert.equal(new Set(codes).size, 6, 'each of the six codes was shown once');
  assert.equal(await isPaired(keys), false);
});

test('a device that WhatsApp signs with the wrong secret is not linked', async () => {
  await using simulator = await startWhatsApp();
  const keys = new MemoryKeyStore();
  await using pairing = await dial(simulator, { keys });
  const { qr } = await pairing.event('qr');
  const parts = qr.split(',');
  parts[parts.length - 2] = Buffer.alloc(32).toString('base64');
  await assert.rejects(simulator.phone('5511999990001').scan(parts.join(',')));
  assert.equal((await pairing.event('closed')).reason, 'pairing-failed');
  assert.equal(await isPaired(keys), false);
});

describe('a connection that does not come about ends within its time limit', () => {
  const faults: [what: string, fault: Fault, reason: EndReason, detail: RegExp][] = [
    ['an HTTP error instead of the upgrade', { kind: 'upgrade', status: 403 }, 'lost', /HTTP 403/],
    [
      'an HTTP error on a connection that stays open',
      { kind: 'upgrade', status: 503, lingers: true },
      'lost',
      /HTTP 503/,
    ],
    ['a redirect', { kind: 'upgrade', status: 302 }, 'lost', /HTTP 302/],
    [
      'silence instead of the upgrade',
      { kind: 'upgrade', silence: true },
      'unreachable',
      /in time|kept us waiting/,
    ],
    ['a connection closed without an answer', { kind: 'upgrade', close: true }, 'lost', /hang up/],
    ['silence after the upgrade', { kind: 'handshake', silence: true }, 'lost', /Timed Out|kept us waiting/],
    ['silence after the handshake', { kind: 'login', silence: true }, 'lost', /kept us waiting for 1 s/],
    ['a connection closed after the handshake', { kind: 'login', close: true }, 'lost', /Terminated/],
  ];
  for (const [what, fault, expected, expectedDetail] of faults) {
    test(what, async () => {
      await using simulator = await startWhatsApp();
      const keys = new MemoryKeyStore();
      const paired = await dialPaired(simulator, simulator.phone('5511999990001'), { keys });
      await paired[Symbol.asyncDispose]();
      simulator.faults.add(fault);
      await using connection = await dial(simulator, { keys, connectTimeoutMs: 1_000 });
      const { reason, detail } = await connection.event('closed');
      assert.equal(reason, expected);
      assert.match(detail, expectedDetail);
      assert.equal(connection.events.length, 1);
    });
  }

  test('nobody listening', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert.ok(address && typeof address === 'object');
    server.close();
    await once(server, 'close');
    await using connection = await dial({ webSocketUrl: `ws://127.0.0.1:${address.port}/ws/chat` });
    assert.equal((await connection.event('closed')).reason, 'unreachable');
  });

  test('a server that speaks no TLS', async () => {
    await using simulator = await startWhatsApp();
    await using connection = await dial({ webSocketUrl: simulator.webSocketUrl.replace('ws:', 'wss:') });
    assert.equal((await connection.event('closed')).reason, 'unreachable');
  });

  test('a server whose certificate is not signed by the root key', async () => {
    await using simulator = await startWhatsApp();
    await using connection = await dial({ ...simulator, rootPublicKey: Buffer.alloc(32, 7) });
    assert.equal((await connection.event('closed')).reason, 'lost');
  });
});

test('the time limit is over once there is a code, or a login', async ({ mock }) => {
  await using simulator = await startWhatsApp();
  const alice = simulator.phone('5511999990001');
  mock.timers.enable({ apis: ['setTimeout'] });
  await using online = await dialPaired(simulator, alice);
  await using pairing = await dial(simulator);
  using _clock = { [Symbol.dispose]: () => mock.timers.reset() }; // before what is open here is closed
  const { qr } = await pairing.event('qr');
  mock.timers.tick(30_000);
  assert.deepEqual(await online.connection.whatsapp.groups(), []);
  await alice.scan(qr);
});

test('closing does not wait for a server that does not answer it', async () => {
  const sockets = new Set<Duplex>();
  const server = createHttpServer().listen(0, '127.0.0.1');
  server.on('upgrade', (request, socket) => {
    sockets.add(socket.on('error', () => {}));
    const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${webSocketGuid}`);
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${accept.digest('base64')}\r\n\r\n`,
    );
    socket.once('data', () => server.emit('hello'));
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await using connection = await dial({ webSocketUrl: `ws://127.0.0.1:${port}/ws/chat` });
  await once(server, 'hello');
  const startedAtMs = performance.now();
  await connection[Symbol.asyncDispose]();
  assert.ok(performance.now() - startedAtMs < 10_000); // the WebSocket by itself waits for 30 s
  for (const socket of sockets) socket.destroy();
  server.close();
});

describe('what WhatsApp says at the login decides how the connection ends', () => {
  for (const [reason, expected] of [
    [401, 'logged-out'],
    [402, 'told-to-wait'],
    [429, 'told-to-wait'],
    [403, 'banned'],
    [405, 'client-too-old'],
    [503, 'lost'],
  ] as const) {
    test(`${reason}: ${expected}`, async () => {
      await using simulator = await startWhatsApp();
      const keys = new MemoryKeyStore();
      const paired = await dialPaired(simulator, simulator.phone('5511999990001'), { keys });
      await paired[Symbol.asyncDispose]();
      simulator.faults.add({ kind: 'login', failure: reason });
      await using connection = await dial(simulator, { keys });
      assert.equal((await connection.event('closed')).reason, expected);
    });
  }
});

describe('WhatsApp says how long to stay away', () => {
  const faults: [what: string, fault: Fault, retryAfterMs: number][] = [
    [
      'a ban for a time',
      { kind: 'login', failure: 402, attributes: { code: '101', expire: '3600' } },
      3_600_000,
    ],
    ['too many connections', { kind: 'login', failure: 429, attributes: { backoff: '45' } }, 45_000],
    [
      'too many connections, in HTTP',
      { kind: 'upgrade', status: 429, headers: { 'retry-after': '120' } },
      120_000,
    ],
  ];
  for (const [what, fault, expected] of faults) {
    test(what, async () => {
      await using simulator = await startWhatsApp();
      const keys = new MemoryKeyStore();
      const paired = await dialPaired(simulator, simulator.phone('5511999990001'), { keys });
      await paired[Symbol.asyncDispose]();
      simulator.faults.add(fault);
      await using connection = await dial(simulator, { keys });
      const { reason, retryAfterMs } = await connection.event('closed');
      assert.equal(reason, 'told-to-wait');
      assert.equal(retryAfterMs, expected);
    });
  }
});

describe('a version of WhatsApp Web that is refused', () => {
  test('ends the connection as too old when there is no newer one', async () => {
    await using simulator = await startWhatsApp();
    simulator.world.oldestWebRevision = 1043857761;
    await using connection = await dial(simulator, { versions: fixedVersion([2, 3000, 1043857760]) });
    const { reason, detail } = await connection.event('closed');
    assert.equal(reason, 'client-too-old');
    assert.match(detail, /405/);
  });

  test('gives way to a newer one, with which the next connection is let in', async () => {
    await using simulator = await startWhatsApp();
    simulator.world.oldestWebRevision = 1043857761;
    let version: WebVersion = [2, 3000, 1043857760];
    const versions: Versions = {
      current: async () => version,
      async isNewerThan(refused) {
        assert.deepEqual(refused, version);
        version = [2, 3000, 1043857761];
        return true;
      },
    };
    await using connection = await dial(simulator, { versions });
    assert.equal((await connection.event('closed')).reason, 'restart-required');
    await using next = await dial(simulator, { versions });
    assert.ok((await next.event('qr')).qr);
  });

  test('is not waited for by whoever leaves', async () => {
    await using simulator = await startWhatsApp();
    simulator.world.oldestWebRevision = 1043857761;
    const asked = Promise.withResolvers<void>();
    const versions: Versions = {
      current: async () => [2, 3000, 1043857760],
      isNewerThan() {
        asked.resolve();
        return new Promise(() => {});
      },
    };
    await using connection = await dial(simulator, { versions });
    await asked.promise;
    await connection[Symbol.asyncDispose]();
    assert.equal((await connection.event('closed')).reason, 'client-too-old');
  });
});

describe('the name of a device', () => {
  const name = 'Acme atendimento';

  test('is what the phone lists it under, paired by QR code', async () => {
    await using simulator = await startWhatsApp();
    const alice = simulator.phone('5511999990001');
    await using paired = await dialPaired(simulator, alice, { deviceName: name });
    assert.ok(paired);
    assert.equal(alice.devices[0]?.name, name);
  });

  test('does not stand in the way of a pairing code', async () => {
    await using simulator = await startWhatsApp();
    const alice = simulator.phone('5511999990001');
    await using pairing = await dial(simulator, { deviceName: name });
    const phone = parsePhoneNumber(alice.number);
    assert.ok(phone);
    await alice.enterCode(await pairing.connection.requestPairingCode(phone));
    assert.equal(alice.devices[0]?.name, name);
  });

  test('is a line that fits into the list, or that of a browser', () => {
    assert.deepEqual(browserOf(undefined), browser);
    assert.deepEqual(browserOf(' \n\u202e '), browser);
    assert.equal(browserOf('  Acme\n\tatendimento\u0000 ')[0], name);
    assert.equal(browserOf('🕊'.repeat(60))[0], '🕊'.repeat(50));
    assert.equal(browserOf(name)[1], browser[1]);
  });
});

test('a second connection with the same keys ends the first as replaced', async () => {
  await using simulator = await startWhatsApp();
  const keys = new MemoryKeyStore();
  await using first = await dialPaired(simulator, simulator.phone('5511999990001'), { keys });
  await using second = await dial(simulator, { keys });
  await second.event('open');
  assert.equal((await first.event('closed')).reason, 'replaced');
});

test('a device that the phone removes is logged out', async () => {
  await using simulator = await startWhatsApp();
  const alice = simulator.phone('5511999990001');
  await using connection = await dialPaired(simulator, alice);
  const [device] = alice.devices;
  assert.ok(device);
  alice.unlink(device);
  assert.equal((await connection.event('closed')).reason, 'logged-out');
});

test('a broken connection is lost', async () => {
  await using simulator = await startWhatsApp();
  await using connection = await dialPaired(simulator, simulator.phone('5511999990001'));
  simulator.dropConnections();
  assert.equal((await connection.event('closed')).reason, 'lost');
});

test('logging out removes the device from the phone', async () => {
  await using simulator = await startWhatsApp();
  const alice = simulator.phone('5511999990001');
  await using connection = await dialPaired(simulator, alice);
  await connection.connection.logout();
  assert.equal(alice.devices.length, 0);
  assert.equal((await connection.event('closed')).reason, 'closed');
});

test('logging out ends the connection even when WhatsApp does not answer', async () => {
  await using simulator = await startWhatsApp();
  await using connection = await dialPaired(simulator, simulator.phone('5511999990001'), {
    queryTimeoutMs: 50,
  });
  simulator.faults.add({ kind: 'device-removal', silence: true });
  await connection.connection.logout();
  assert.equal((await connection.event('closed')).reason, 'closed');
});

test('a store that fails ends the connection', async () => {
  await using simulator = await startWhatsApp();
  const keys = new MemoryKeyStore();
  const paired = await dialPaired(simulator, simulator.phone('5511999990001'), { keys });
  await paired[Symbol.asyncDispose]();
  await using connection = await dial(simulator, { keys });
  keys.failure = new Error('disk full');
  const { reason, detail } = await connection.event('closed');
  assert.equal(reason, 'lost');
  assert.match(detail, /keys/);
});

test('a connection has not ended before everything that it wrote is stored', async () => {
  await using simulator = await startWhatsApp();
  const keys = new MemoryKeyStore();
  const paired = await dialPaired(simulator, simulator.phone('5511999990001'), { keys });
  await paired[Symbol.asyncDispose]();
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  const write = keys.write.bind(keys);
  let writing = 0;
  keys.write = async (changes) => {
    writing += 1;
    await held;
    await write(changes);
    writing -= 1;
  };
  await using connection = await dial(simulator, { keys });
  await connection.event('open');
  assert.ok(writing > 0, 'a login writes the credentials');
  const ending = connection[Symbol.asyncDispose]();
  for (let round = 0; round < 100; round += 1) await nextRound(); // ample for closing over loopback
  assert.deepEqual(
    connection.events.map(({ type }) => type),
    ['open'],
  );
  letGo();
  await ending;
  assert.equal(writing, 0);
  await connection.event('closed');
});

test('a connection that has ended leaves nothing behind that waits, whatever was under way', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  {
    await using simulator = await startWhatsApp();
    const keys = new MemoryKeyStore();
    const { connection } = await dialPaired(simulator, simulator.phone('5511999990001'), { keys });
    simulator.faults.add({ kind: 'group-participating', silence: true });
    const asking = assert.rejects(connection.whatsapp.groups());
    await simulator.requestArrived('group-participating');
    await connection[Symbol.asyncDispose]();
    await asking;
    // Baileys itself asks for this before it is open.
    simulator.faults.add({ kind: 'passive', silence: true });
    const loggingIn = await dial(simulator, { keys });
    await simulator.requestArrived('passive', 2);
    await loggingIn[Symbol.asyncDispose]();
  }
  // A flush of Baileys' event buffer may be due within 100 ms; a request that is still waited for takes 20 s.
  const giveUp = Date.now() + 10_000;
  while (timers() > before) {
    assert.ok(Date.now() < giveUp, `${timers() - before} timers more than before`);
    await nextRound();
  }
});

test('the verbs answer "not connected, try again" before the login and after the end', async () => {
  await using simulator = await startWhatsApp();
  const keys = new MemoryKeyStore();
  const retryable = (error: unknown) =>
    error instanceof GatewayError && error.code === 'not_connected' && error.status === 503;
  const group = parseGroupId('120363019502650977');
  assert.ok(group);
  await using unpaired = await dial(simulator, { keys });
  await unpaired.event('qr');
  await assert.rejects(unpaired.connection.whatsapp.groups(), retryable);
  const paired = await dialPaired(simulator, simulator.phone('5511999990001'), { keys });
  await paired[Symbol.asyncDispose]();
  await assert.rejects(paired.connection.whatsapp.group(group), retryable);
});
