import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, test } from 'node:test';
import { startSimulator } from '../../../simulator/simulator.ts';
import { MemoryKeyStore } from '../memory-key-store.fixture.ts';
import { isProxyReachable, parseProxyUrl } from './proxy.ts';
import { startHttpProxy, startSocksProxy } from './proxy-server.fixture.ts';
import { dial, dialPaired } from './test-connection.fixture.ts';

const startWhatsApp = () => startSimulator({ preKeyCount: 100 });
const login = { user: 'acme', password: 'p@ss word' };
const credentials = `${login.user}:${encodeURIComponent(login.password)}@`;

const kinds = [
  ['socks5', startSocksProxy],
  ['socks5h', startSocksProxy],
  ['http', startHttpProxy],
] as const;

/** A port on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

for (const [scheme, startProxy] of kinds) {
  describe(`through a proxy (${scheme})`, () => {
    test('a phone is paired, and asked', async () => {
      await using simulator = await startWhatsApp();
      await using proxy = await startProxy({ login });
      const proxyUrl = `${scheme}://${credentials}127.0.0.1:${proxy.port}`;
      const alice = simulator.phone('5511999990001');
      await using paired = await dialPaired(simulator, alice, { proxyUrl });
      assert.deepEqual(await paired.connection.whatsapp.groups(), []);
      const { host } = new URL(simulator.webSocketUrl);
      assert.deepEqual(proxy.destinations, [host, host], 'to pair, and to log in');
    });

    test("a broken connection is WhatsApp's doing, not the proxy's", async () => {
      await using simulator = await startWhatsApp();
      await using proxy = await startProxy();
      const proxyUrl = `${scheme}://127.0.0.1:${proxy.port}`;
      await using paired = await dialPaired(simulator, simulator.phone('5511999990001'), { proxyUrl });
      simulator.dropConnections();
      assert.equal((await paired.event('closed')).reason, 'lost');
    });

    test('a wrong password is a proxy that failed, and stays a secret', async () => {
      await using simulator = await startWhatsApp();
      await using proxy = await startProxy({ login });
      const proxyUrl = `${scheme}://acme:wrongone@127.0.0.1:${proxy.port}`;
      await using connection = await dial(simulator, { proxyUrl });
      const { reason, detail } = await connection.event('closed');
      assert.equal(reason, 'proxy-failed');
      assert.equal(detail, 'The proxy refused the user name or password.');
      assert.equal(await isProxyReachable(proxyUrl, simulator), false);
    });

    test('no password where one is wanted is a proxy that failed', async () => {
      await using simulator = await startWhatsApp();
      await using proxy = await startProxy({ login });
      await using connection = await dial(simulator, { proxyUrl: `${scheme}://127.0.0.1:${proxy.port}` });
      const { reason, detail } = await connection.event('closed');
      assert.deepEqual([reason, detail], ['proxy-failed', 'The proxy refused the user name or password.']);
    });

    test('a proxy that cannot connect to WhatsApp is a proxy that failed', async () => {
      await using proxy = await startProxy();
      const proxyUrl = `${scheme}://127.0.0.1:${proxy.port}`;
      const webSocketUrl = `ws://127.0.0.1:${await closedPort()}/ws/chat`;
      await using connection = await dial({ webSocketUrl }, { proxyUrl });
      const { reason, detail } = await connection.event('closed');
      assert.equal(reason, 'proxy-failed');
      assert.match(detail, /^The proxy refused the way to WhatsApp/);
      assert.equal(await isProxyReachable(proxyUrl, { webSocketUrl }), false);
    });

    test('a proxy where nobody listens is a proxy that failed', async () => {
      await using simulator = await startWhatsApp();
      const proxyUrl = `${scheme}://127.0.0.1:${await closedPort()}`;
      await using connection = await dial(simulator, { proxyUrl });
      const { reason, detail } = await connection.event('closed');
      assert.equal(reason, 'proxy-failed');
      assert.match(detail, /ECONNREFUSED/);
      assert.equal(await isProxyReachable(proxyUrl, simulator), false);
    });

    test('a proxy that says nothing is one that failed, in time', async () => {
      await using simulator = await startWhatsApp();
      await using proxy = await startProxy({ isSilent: true });
      const proxyUrl = `${scheme}://127.0.0.1:${proxy.port}`;
      await using connection = await dial(simulator, { proxyUrl, connectTimeoutMs: 300 });
      assert.equal((await connection.event('closed')).reason, 'proxy-failed');
      assert.equal(await isProxyReachable(proxyUrl, { ...simulator, timeoutMs: 100 }), false);
    });

    test('whoever leaves meanwhile does not wait for it', async () => {
      await using simulator = await startWhatsApp();
      await using proxy = await startProxy({ isSilent: true });
      await using connection = await dial(simulator, { proxyUrl: `${scheme}://127.0.0.1:${proxy.port}` });
      await connection[Symbol.asyncDispose]();
      assert.equal((await connection.event('closed')).reason, 'closed');
    });

    test('TLS is spoken with WhatsApp, not with the proxy', async () => {
      const hello = Promise.withResolvers<number>();
      const server = createServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', ([first = 0]: Buffer) => hello.resolve(first));
        socket.once('data', () => socket.end('no TLS'));
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      await using proxy = await startProxy();
      const proxyUrl = `${scheme}://127.0.0.1:${proxy.port}`;
      await using connection = await dial({ webSocketUrl: `wss://127.0.0.1:${port}/ws/chat` }, { proxyUrl });
      assert.equal(await hello.promise, 22, 'the first byte of a handshake of TLS');
      const { reason, detail } = await connection.event('closed');
      assert.ok(reason === 'proxy-failed' || reason === 'lost', detail);
      server.close();
    });

    test('is reachable when it lets us through', async () => {
      await using simulator = await startWhatsApp();
      await using proxy = await startProxy({ login });
      const proxyUrl = `${scheme}://${credentials}127.0.0.1:${proxy.port}`;
      assert.equal(await isProxyReachable(proxyUrl, simulator), true);
      assert.equal(simulator.requestCount('upgrade'), 0);
    });
  });
}

test('the proxy resolves names, not we', async () => {
  const host = `localhost:${await closedPort()}`;
  for (const [scheme, startProxy] of kinds) {
    await using proxy = await startProxy();
    const proxyUrl = `${scheme}://127.0.0.1:${proxy.port}`;
    await isProxyReachable(proxyUrl, { webSocketUrl: `ws://${host}/ws/chat` });
    assert.deepEqual(proxy.destinations, [host]);
  }
});

test('a paired phone comes back through another proxy, or none', async () => {
  await using simulator = await startWhatsApp();
  await using proxy = await startHttpProxy();
  const keys = new MemoryKeyStore();
  const paired = await dialPaired(simulator, simulator.phone('5511999990001'), { keys });
  await paired[Symbol.asyncDispose]();
  await using back = await dial(simulator, { keys, proxyUrl: `http://127.0.0.1:${proxy.port}` });
  await back.event('open');
  assert.equal(proxy.destinations.length, 1);
});

test('what is no address of a proxy is not taken for one', async () => {
  for (const text of [
    'socks5://host:1080',
    'socks5h://user:p%40ss@host:1080',
    'socks4://host:1080',
    'socks4a://host:1080',
    'http://10.0.0.7:3128/',
    ' https://user@proxy.example.com ',
  ]) {
    assert.ok(parseProxyUrl(text), text);
  }
  for (const text of [
    '',
    'host:1080',
    'ftp://host',
    'socks5://',
    'http://host/path',
    'http://host?query',
    'http://host#part',
    'http://user:%zz@host',
  ]) {
    assert.equal(parseProxyUrl(text), undefined, text);
    assert.equal(await isProxyReachable(text), false);
  }
});
