import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import { Curve, proto, type WASocket } from 'baileys';
import { connectClient, newAuth, onlineClient, pairClient } from '../baileys-client.ts';
import { startSimulator } from '../simulator.ts';
import { type BinaryNode, bytesOf, childOf, element } from '../stanza.ts';
import { PairingError } from './pairing-error.ts';

const pairingError = (text: RegExp) => (error: unknown) =>
  error instanceof PairingError && text.test(error.message);

/** Swaps one of the QR code's last four fields: noise key, identity key, secret, platform. */
function withField(qr: string, fromTheEnd: 2 | 3 | 4, bytes: Uint8Array): string {
  const parts = qr.split(',');
  parts[parts.length - fromTheEnd] = Buffer.from(bytes).toString('base64');
  return parts.join(',');
}

test('a companion whose QR code is scanned gets 515 and then logs in as the next device', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const alice = whatsapp.phone('5511999990001', 'Alice');
  await using first = await pairClient(whatsapp, alice);
  assert.deepEqual(first.auth.creds.me, {
    id: '5511999990001:1@s.whatsapp.net',
    lid: alice.lid.replace('@', ':1@'),
    name: 'Alice',
  });

  await using second = await pairClient(whatsapp, alice);
  assert.equal(second.auth.creds.me?.id, '5511999990001:2@s.whatsapp.net');
  const identity = second.auth.creds.account?.details ?? new Uint8Array();
  assert.equal(proto.ADVDeviceIdentity.decode(identity).keyIndex, 2);
  assert.deepEqual(
    alice.devices.map(({ id, keyIndex }) => ({ id, keyIndex })),
    [
      { id: 1, keyIndex: 1 },
      { id: 2, keyIndex: 2 },
    ],
  );
});

test('the number of a device that was unlinked is not given again', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const alice = whatsapp.phone('5511999990001');
  await using first = await pairClient(whatsapp, alice);
  alice.unlinkAll();
  assert.equal(await first.closed(), 401);
  await using second = await pairClient(whatsapp, alice);
  assert.equal(second.auth.creds.me?.id, '5511999990001:2@s.whatsapp.net');
});

test('an unpaired companion is never let in: it gets codes to show, and the restart after pairing is a 515', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const alice = whatsapp.phone('5511999990001');
  await using client = connectClient(whatsapp);
  const qr = await client.qr();
  await alice.scan(qr);
  assert.equal(await client.closed(), 515);
  assert.ok(!client.events('connection.update').some(({ connection }) => connection === 'open'));
});

test('a companion refuses an identity that was sealed with another secret, and the phone hears of it', async () => {
  await using whatsapp = await startSimulator();
  const alice = whatsapp.phone('5511999990001');
  await using client = connectClient(whatsapp);
  const wrongSecret = withField(await client.qr(), 2, Buffer.alloc(32));
  await assert.rejects(alice.scan(wrongSecret), pairingError(/closed the connection/));
  assert.equal(await client.closed(), 500);
  assert.deepEqual(alice.devices, []);
});

test('a companion that signs its identity with another key is not linked', async () => {
  await using whatsapp = await startSimulator();
  const alice = whatsapp.phone('5511999990001');
  await using client = connectClient(whatsapp);
  const qr = await client.qr();
  const { private: anotherKey } = Curve.generateKeyPair();
  Object.assign(client.auth.creds.signedIdentityKey, { private: anotherKey });
  await assert.rejects(alice.scan(qr), pairingError(/did not sign/));
  assert.equal(await client.closed(), 401);
  assert.deepEqual(alice.devices, []);
});

test('a phone waits 10 s for a companion that says nothing', async ({ mock }) => {
  await using whatsapp = await startSimulator();
  const alice = whatsapp.phone('5511999990001');
  await using client = connectClient(whatsapp);
  const qr = await client.qr();
  client.sock.ws.removeAllListeners('CB:iq,,pair-success');
  mock.timers.enable({ apis: ['setTimeout'] });
  const scanned = assert.rejects(alice.scan(qr), pairingError(/within 10000 ms/));
  mock.timers.tick(9_999);
  assert.equal(await Promise.race([scanned, 'waits']), 'waits');
  mock.timers.tick(1);
  mock.timers.reset();
  await scanned;
  assert.deepEqual(alice.devices, []);
});

test('a phone says why a QR code cannot be scanned', async () => {
  await using whatsapp = await startSimulator();
  const alice = whatsapp.phone('5511999990001');
  await using client = connectClient(whatsapp);
  const qr = await client.qr();
  const anotherKey = Curve.generateKeyPair().public;
  await assert.rejects(alice.scan('https://example.com'), pairingError(/not a QR code/));
  await assert.rejects(alice.scan(withField(qr, 2, Buffer.alloc(31))), pairingError(/not a QR code/));
  await assert.rejects(alice.scan(qr.replace('#2@', '#2@x')), pairingError(/unknown or has expired/));
  await assert.rejects(alice.scan(withField(qr, 3, anotherKey)), pairingError(/keys in this QR code/));
  await assert.rejects(alice.scan(withField(qr, 4, anotherKey)), pairingError(/keys in this QR code/));
});

for (const refresh of ['companion_reg_refresh', 'pair-device-rotate-qr'] as const) {
  test(`after a scan that brings ${refresh}, only a QR code with a new secret links`, async () => {
    await using whatsapp = await startSimulator();
    const alice = whatsapp.phone('5511999990001');
    whatsapp.faults.add({ kind: 'scan', times: 1, refresh });
    await using client = connectClient(whatsapp);
    const qr = await client.qr();
    const asked = once(client.sock.ws, 'CB:notification,type:companion_reg_refresh');
    await assert.rejects(alice.scan(qr), pairingError(/another scan/));
    const [notification] = await asked;
    assert.ok(childOf(notification, refresh));

    const newSecret = randomBytes(32);
    client.auth.creds.advSecretKey = newSecret.toString('base64');
    await alice.scan(withField(qr, 2, newSecret));
    assert.equal(await client.closed(), 515);
  });
}

for (const passkey of ['with-options', 'without-options'] as const) {
  test(`a passkey that WhatsApp wants at a scan (${passkey}) keeps the companion from being linked`, async () => {
    await using whatsapp = await startSimulator();
    const alice = whatsapp.phone('5511999990001');
    whatsapp.faults.add({ kind: 'scan', times: 1, passkey });
    await using client = connectClient(whatsapp);
    const qr = await client.qr();
    const asked = once(client.sock.ws, 'CB:notification,type:passkey_prologue_request');
    await assert.rejects(alice.scan(qr), pairingError(/wants a passkey/));
    const [notification] = await asked;
    const options = childOf(notification, 'passkey_request_options');
    if (passkey === 'without-options') assert.equal(options, undefined);
    else assert.match(JSON.parse(bytesOf(options).toString()).challenge, /^[\w-]{43}$/);
    assert.deepEqual(alice.devices, []);
    await alice.scan(qr);
    assert.equal(await client.closed(), 515);
  });
}

test('a code that was typed can bring the demand for a passkey, or for another code', async () => {
  await using whatsapp = await startSimulator();
  const alice = whatsapp.phone('5511999990001');
  whatsapp.faults.add({ kind: 'enter-code', times: 1, passkey: 'with-options' });
  whatsapp.faults.add({ kind: 'enter-code', times: 1, refreshCode: true });
  await using client = connectClient(whatsapp);
  await client.qr();
  const code = await client.sock.requestPairingCode(alice.number);
  await whatsapp.requestArrived('companion-hello');
  const asked = once(client.sock.ws, 'CB:notification,type:passkey_prologue_request');
  await assert.rejects(alice.enterCode(code), pairingError(/wants a passkey/));
  await asked;
  const refused = once(client.sock.ws, 'CB:notification,type:link_code_companion_reg');
  await assert.rejects(alice.enterCode(code), pairingError(/another code/));
  const [notification] = await refused;
  assert.equal(childOf(notification, 'link_code_companion_reg')?.attrs.stage, 'refresh_code');
  await assert.rejects(alice.enterCode(code), pairingError(/Nobody waits/));
  assert.deepEqual(alice.devices, []);
});

test('a companion is linked by the code that it shows', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const alice = whatsapp.phone('5511999990001', 'Alice');
  const auth = newAuth();
  {
    await using unpaired = connectClient(whatsapp, { auth });
    await unpaired.qr();
    const code = await unpaired.sock.requestPairingCode(alice.number);
    await whatsapp.requestArrived('companion-hello');
    await alice.enterCode(`${code.slice(0, 4)}-${code.slice(4).toLowerCase()}`);
    assert.equal(await unpaired.closed(), 515);
  }
  await using client = await onlineClient(whatsapp, auth);
  assert.equal(client.auth.creds.me?.id, '5511999990001:1@s.whatsapp.net');
  assert.equal(client.auth.creds.me?.name, 'Alice');
});

test('a companion that leaves in mid-pairing is not linked', async () => {
  await using whatsapp = await startSimulator();
  const alice = whatsapp.phone('5511999990001');
  await using client = connectClient(whatsapp);
  const qr = await client.qr();
  const scanned = alice.scan(qr);
  whatsapp.dropConnections();
  await assert.rejects(scanned, pairingError(/closed the connection/));
  await assert.rejects(alice.scan(qr), pairingError(/unknown or has expired/));
  assert.deepEqual(alice.devices, []);
});

test('after a wrong code the right one still links', async () => {
  await using whatsapp = await startSimulator();
  const alice = whatsapp.phone('5511999990001');
  await using client = connectClient(whatsapp);
  await client.qr();
  const code = await client.sock.requestPairingCode(alice.number, 'ABCD1234');
  await whatsapp.requestArrived('companion-hello');
  await assert.rejects(alice.enterCode('ABCD1235'), pairingError(/Wrong code/));
  assert.deepEqual(alice.devices, []);
  await alice.enterCode(code);
  assert.equal(alice.devices.length, 1);
});

test('of two companions that ask for a code for one number, the newer one is linked', async () => {
  await using whatsapp = await startSimulator();
  const alice = whatsapp.phone('5511999990001');
  await using older = connectClient(whatsapp);
  await older.qr();
  await using newer = connectClient(whatsapp);
  await newer.qr();
  const codes = [];
  for (const { sock } of [older, newer]) codes.push(await sock.requestPairingCode(alice.number));
  await whatsapp.requestArrived('companion-hello', 2);
  await alice.enterCode(codes[1] ?? '');
  assert.equal(await newer.closed(), 515);
});

test('a phone says why a code cannot be entered', async () => {
  await using whatsapp = await startSimulator();
  const alice = whatsapp.phone('5511999990001');
  await assert.rejects(alice.enterCode('ABC'), pairingError(/8 letters and digits/));
  await assert.rejects(alice.enterCode('ABCD1234'), pairingError(/Nobody waits/));
});

test('a companion that leaves when the code was typed is not linked', async () => {
  await using whatsapp = await startSimulator();
  const alice = whatsapp.phone('5511999990001');
  whatsapp.faults.add({ kind: 'companion-finish', times: 1, close: 'before-change' });
  await using client = connectClient(whatsapp);
  await client.qr();
  const code = await client.sock.requestPairingCode(alice.number);
  await whatsapp.requestArrived('companion-hello');
  await assert.rejects(alice.enterCode(code), pairingError(/closed the connection/));
  assert.deepEqual(alice.devices, []);
});

/** One step of the exchange behind a pairing code, as a companion asks for it. */
function exchange(sock: WASocket, stage: string, parts: Record<string, string | Uint8Array>) {
  const children = Object.entries(parts).map(([tag, content]) => element(tag, {}, content));
  const attributes = { jid: '5511999990001@s.whatsapp.net', stage };
  const step = element('link_code_companion_reg', attributes, children);
  return sock.query(element('iq', { to: '@s.whatsapp.net', type: 'set', xmlns: 'md' }, [step]), 3_000);
}

const hello = {
  companion_platform_display: 'Chrome (Mac OS)',
  link_code_pairing_wrapped_companion_ephemeral_pub: new Uint8Array(80),
};

test('a pairing code is refused (400) to a made-up browser, and without a key', async () => {
  await using whatsapp = await startSimulator();
  await using client = connectClient(whatsapp);
  await client.qr();
  for (const flaw of [
    { companion_platform_display: 'Toaster (Kitchen)' },
    { link_code_pairing_wrapped_companion_ephemeral_pub: new Uint8Array(79) },
  ]) {
    await assert.rejects(exchange(client.sock, 'companion_hello', { ...hello, ...flaw }), { data: 400 });
  }
  await assert.rejects(whatsapp.phone('5511999990001').enterCode('ABCD1234'), pairingError(/Nobody waits/));
});

test('an exchange is finished only under its own ref, and after the code was typed', async () => {
  await using whatsapp = await startSimulator();
  const alice = whatsapp.phone('5511999990001');
  await using client = connectClient(whatsapp);
  await client.qr();
  const answer = await exchange(client.sock, 'companion_hello', hello);
  const ref = bytesOf(childOf(childOf(answer, 'link_code_companion_reg'), 'link_code_pairing_ref'));
  const finish = (pairingRef: Uint8Array): Promise<BinaryNode> =>
    exchange(client.sock, 'companion_finish', {
      link_code_pairing_ref: pairingRef,
      link_code_pairing_wrapped_key_bundle: new Uint8Array(156),
    });
  await assert.rejects(finish(ref), { data: 400 });

  const typed = once(client.sock.ws, 'CB:notification,type:link_code_companion_reg');
  const entered = assert.rejects(alice.enterCode('ABCD1234'), pairingError(/Wrong code/));
  await typed;
  await assert.rejects(finish(randomBytes(16)), { data: 400 });
  await finish(ref);
  await entered;
});
