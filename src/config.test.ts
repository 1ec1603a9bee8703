import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, readConfig } from './config.ts';

/** What is said about a configuration, a line each. */
function mistakesIn(environment: Record<string, string>): string[] {
  try {
    readConfig(environment);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }
  return [];
}

test('nothing needs to be set, and an empty variable counts as not set', () => {
  const config = readConfig({ HOME: '/home/pombo', PORT: '', POMBO_DATA_DIR: '  ' });
  assert.deepEqual(config, readConfig({}));
  assert.equal(config.port, 8080);
  assert.equal(config.dataDir, './data');
  assert.equal(config.handling, 'lenient');
  assert.equal(config.clientToken, undefined);
  assert.equal(config.photoHistory, 20);
  assert.equal(config.photoPaceSeconds, 10);
});

test('every setting is read', () => {
  const config = readConfig({
    PORT: '0',
    HOST: '::1',
    POMBO_DATA_DIR: '/var/lib/pombo',
    POMBO_CLIENT_TOKEN: 'client',
    POMBO_ASK_CLIENT_TOKEN: 'no',
    POMBO_PARTNER_TOKEN: 'partner',
    POMBO_SECRET_KEY: 'AB'.repeat(32),
    POMBO_HANDLING: 'strict',
    POMBO_FETCH_ALLOW: 'minio:9000, 10.0.0.0/8,[fd00::7]:9000,fd00::/8 ,10.0.0.7',
    POMBO_PHOTO_HISTORY: '0',
    POMBO_PHOTO_PACE_SECONDS: '60',
    POMBO_CONNECT_AT_ONCE: '5',
    POMBO_PAIRING_SECONDS: '60',
    POMBO_WHATSAPP_VERSION: '2.3000.1043857760',
    POMBO_WHATSAPP_URL: 'ws://127.0.0.1:9000/ws/chat',
    POMBO_WHATSAPP_ROOT_KEY: '0f'.repeat(32),
    LOG_LEVEL: 'WARN',
  });
  const { clientToken, partnerToken, secretKey, whatsappRootKey, ...open } = config;
  assert.deepEqual(open, {
    port: 0,
    host: '::1',
    dataDir: '/var/lib/pombo',
    askForClientToken: 'no',
    handling: 'strict',
    fetchAllow: ['minio:9000', '10.0.0.0/8', '[fd00::7]:9000', 'fd00::/8', '10.0.0.7'],
    photoHistory: 0,
    photoPaceSeconds: 60,
    connectAtOnce: 5,
    pairingSeconds: 60,
    whatsappVersion: [2, 3000, 1043857760],
    whatsappUrl: 'ws://127.0.0.1:9000/ws/chat',
    logLevel: 'warn',
  });
  assert.equal(clientToken?.reveal(), 'client');
  assert.equal(partnerToken?.reveal(), 'partner');
  assert.equal(secretKey?.reveal().toLowerCase(), 'ab'.repeat(32));
  assert.deepEqual(whatsappRootKey, new Uint8Array(32).fill(15));
});

test('a secret key in Base64 is the same key as in hex', () => {
  const bytes = Buffer.from('3e3f'.repeat(16), 'hex'); // has the two letters in which the alphabets differ
  for (const encoding of ['hex', 'base64', 'base64url'] as const) {
    const { secretKey } = readConfig({ POMBO_SECRET_KEY: bytes.toString(encoding) });
    assert.equal(secretKey?.reveal(), bytes.toString('hex'), encoding);
  }
});

test('all mistakes are reported at once', () => {
  const mistakes = mistakesIn({ PORT: '65536', POMBO_HANDLING: 'kind', POMBO_DATADIR: '/data' });
  assert.deepEqual(mistakes, [
    'PORT: expected a port from 0 to 65535, got "65536".',
    'POMBO_HANDLING: expected lenient or strict, got "kind".',
    'POMBO_DATADIR: there is no such setting. Did you mean POMBO_DATA_DIR?',
  ]);
});

for (const [key, values] of Object.entries({
  PORT: ['-1', '80.5', '8080x', 'http'],
  HOST: ['http://localhost', 'two words', '1.2.3.4:80'],
  POMBO_CLIENT_TOKEN: ['with space', 'ção'],
  POMBO_SECRET_KEY: ['secret', 'ab'.repeat(31), 'g'.repeat(64)],
  POMBO_FETCH_ALLOW: ['10.0.0.0/33', 'minio:99999', 'http://minio', 'minio/8', '[minio]:80', 'ok,not ok/'],
  POMBO_WHATSAPP_URL: ['https://web.whatsapp.com', 'web.whatsapp.com'],
  POMBO_WHATSAPP_ROOT_KEY: ['ab', 'zz'.repeat(32)],
  LOG_LEVEL: ['verbose'],
})) {
  test(`${key} refuses what it cannot use`, () => {
    for (const value of values) {
      const mistakes = mistakesIn({ [key]: value });
      assert.equal(mistakes.length, 1, value);
      assert.ok(mistakes[0]?.startsWith(`${key}: expected `), value);
    }
  });
}

test('a mistake in a secret does not show it', () => {
  for (const key of ['POMBO_CLIENT_TOKEN', 'POMBO_PARTNER_TOKEN', 'POMBO_SECRET_KEY']) {
    const [mistake] = mistakesIn({ [key]: 'hunter 2' });
    assert.ok(mistake?.startsWith(key));
    assert.doesNotMatch(mistake ?? '', /hunter/);
  }
});

test('a variable that is a setting with our prefix too many is recognised', () => {
  assert.deepEqual(mistakesIn({ POMBO_PORT: '80', POMBO_LOG_LEVEL: 'info', POMBO_ZEBRA: '1' }), [
    'POMBO_PORT: there is no such setting. Did you mean PORT?',
    'POMBO_LOG_LEVEL: there is no such setting. Did you mean LOG_LEVEL?',
    'POMBO_ZEBRA: there is no such setting.',
  ]);
});

test('what Kubernetes sets for a service called "pombo" is no mistake', () => {
  const links = {
    POMBO_SERVICE_HOST: '10.96.0.7',
    POMBO_SERVICE_PORT_HTTP: '80',
    POMBO_PORT: 'tcp://10.96.0.7:80',
    POMBO_PORT_80_TCP_ADDR: '10.96.0.7',
  };
  assert.deepEqual(mistakesIn(links), []);
  assert.equal(mistakesIn({ ...links, POMBO_POTR: '1' }).length, 1);
});
