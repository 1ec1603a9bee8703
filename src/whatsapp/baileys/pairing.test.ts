import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextRound } from 'node:timers/promises';
import { pino } from 'pino';
import { startSimulator } from '../../../simulator/simulator.ts';
import { GatewayError } from '../../errors.ts';
import { parsePhoneNumber } from '../../ids.ts';
import { MemoryKeyStore } from '../memory-key-store.fixture.ts';
import type { KeyChange } from '../whatsapp.ts';
import { openAuthState } from './auth-state.ts';
import { isPaired } from './is-paired.ts';
import { Pairing, type QrLifetime } from './pairing.ts';
import { queryOn } from './query.ts';
import { openSocket } from './socket.ts';
import { dial } from './test-connection.fixture.ts';

const alicesNumber = parsePhoneNumber('5511999990001');
assert.ok(alicesNumber);

/** The parts of a code, from the right: platform, secret, identity key, noise key; the ref is what is left. */
const partsOf = (qr: string) => {
  const parts = qr.split(',');
  return { secret: parts.at(-2), keys: parts.slice(-4, -2), ref: parts.slice(0, -4).join(',') };
};

for (const notification of ['companion_reg_refresh', 'pair-device-rotate-qr'] as const) {
  test(`a <${notification}> is acknowledged and draws the code anew with a new secret, which links`, async () => {
    await using simulator = await startSimulator();
    const alice = simulator.phone('5511999990001');
    simulator.faults.add({ kind: 'scan', times: 1, refresh: notification });
    await using pairing = await dial(simulator);
    const { qr: before } = await pairing.event('qr');
    await assert.rejects(alice.scan(before), /another scan/);
    const { qr: after } = await pairing.event('qr', 1);
    assert.notEqual(partsOf(after).secret, partsOf(before).secret);
    assert.deepEqual({ ...partsOf(after), secret: '' }, { ...partsOf(before), secret: '' });
    await alice.scan(after);
    await pairing.event('paired');
    assert.equal(simulator.requestCount('ack'), 1);
  });
}

test('a refresh after a pairing code was given out is acknowledged once', async () => {
  await using simulator = await startSimulator();
  const alice = simulator.phone('5511999990001');
  simulator.faults.add({ kind: 'scan', times: 1, refresh: 'companion_reg_refresh' });
  await using pairing = await dial(simulator);
  const { qr } = await pairing.event('qr');
  await pairing.connection.requestPairingCode(alicesNumber); // from here on Baileys acknowledges by itself
  await assert.rejects(alice.scan(qr), /another scan/);
  await alice.scan((await pairing.event('qr', 1)).qr);
  assert.equal(simulator.requestCount('ack'), 1);
});

test('a code from before a refresh does not link', async () => {
  await using simulator = await startSimulator();
  const alice = simulator.phone('5511999990001');
  simulator.faults.add({ kind: 'scan', times: 1, refresh: 'companion_reg_refresh' });
  const keys = new MemoryKeyStore();
  await using pairing = await dial(simulator, { keys });
  const { qr } = await pairing.event('qr');
  await assert.rejects(alice.scan(qr));
  await pairing.event('qr', 1);
  await assert.rejects(alice.scan(qr));
  assert.equal((await pairing.event('closed')).reason, 'pairing-failed');
  assert.equal(await isPaired(keys), false);
});

test('two refreshes before a scan leave one code that links, the last', async () => {
  await using simulator = await startSimulator();
  const alice = simulator.phone('5511999990001');
  simulator.faults.add({ kind: 'scan', times: 1, refresh: 'companion_reg_refresh' });
  simulator.faults.add({ kind: 'scan', times: 1, refresh: 'pair-device-rotate-qr' });
  const keys = new MemoryKeyStore();
  await using pairing = await dial(simulator, { keys });
  const { qr } = await pairing.event('qr');
  await Promise.all([assert.rejects(alice.scan(qr)), assert.rejects(alice.scan(qr))]);
  const { qr: last } = await pairing.event('qr', 2);
  const stored = JSON.parse(keys.values.get('creds')?.get('pending') ?? '');
  assert.equal(stored.advSecretKey, partsOf(last).secret);
  await alice.scan(last);
  await pairing.event('paired');
});

test('a new secret is stored before it is acknowledged and shown', async () => {
  await using simulator = await startSimulator();
  const alice = simulator.phone('5511999990001');
  simulator.faults.add({ kind: 'scan', times: 1, refresh: 'companion_reg_refresh' });
  const keys = new MemoryKeyStore();
  await using pairing = await dial(simulator, { keys });
  const { qr } = await pairing.event('qr');
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  const { promise: called, resolve: call } = Promise.withResolvers<void>();
  const write = keys.write.bind(keys);
  keys.write = async (changes) => {
    call();
    await held;
    await write(changes);
  };
  await assert.rejects(alice.scan(qr), /another scan/);
  await called;
  for (let round = 0; round < 100; round += 1) await nextRound(); // ample for an answer over loopback
  assert.equal(simulator.requestCount('ack'), 0);
  assert.equal(pairing.events.length, 1);
  letGo();
  await pairing.event('qr', 1);
  await simulator.requestArrived('ack');
});

test('a pairing that was broken off goes on with the same keys, and the latest secret', async () => {
  await using simulator = await startSimulator();
  const alice = simulator.phone('5511999990001');
  simulator.faults.add({ kind: 'scan', times: 1, refresh: 'companion_reg_refresh' });
  const keys = new MemoryKeyStore();
  const writes: (readonly KeyChange[])[] = [];
  const write = keys.write.bind(keys);
  keys.write = (changes) => {
    writes.push(changes);
    return write(changes);
  };
  await using broken = await dial(simulator, { keys });
  await assert.rejects(alice.scan((await broken.event('qr')).qr));
  const { qr: before } = await broken.event('qr', 1);
  simulator.dropConnections();
  await broken.event('closed');
  await using pairing = await dial(simulator, { keys });
  const { qr: after } = await pairing.event('qr');
  assert.deepEqual({ ...partsOf(after), ref: '' }, { ...partsOf(before), ref: '' });
  assert.equal(writes.length, 2, 'one for the keys, one for the secret, none for coming back');
  await alice.scan(after);
  await pairing.event('paired');
  // The linked credentials, the one-time keys, and the end of the pending ones: all or nothing.
  assert.equal(writes[2]?.length, 2 + 812);
  assert.deepEqual([...(keys.values.get('creds')?.keys() ?? [])], ['creds']);
});

for (const options of ['with-options', 'without-options'] as const) {
  test(`a scan that brings a passkey (${options}) is acknowledged once and ends the showing of codes`, async () => {
    await using simulator = await startSimulator();
    const alice = simulator.phone('5511999990001');
    simulator.faults.add({ kind: 'scan', times: 1, passkey: options });
    await using pairing = await dial(simulator, { qrLifetime: { firstMs: 60_000, nextMs: 60_000 } });
    const { qr } = await pairing.event('qr');
    await assert.rejects(alice.scan(qr), /wants a passkey/);
    const { options: asked } = await pairing.event('passkey-required');
    if (options === 'without-options') assert.equal(asked, undefined);
    else assert.equal(JSON.parse(asked ?? '').rpId, 'whatsapp.com');
    await simulator.requestArrived('ack');
    await assert.rejects(
      pairing.connection.requestPairingCode(alicesNumber),
      (error) => error instanceof GatewayError && error.code === 'passkey_required',
    );
    assert.equal(simulator.requestCount('companion-hello'), 0);

    await alice.scan(qr); // WhatsApp has its passkey
    await pairing.event('paired');
    assert.equal(simulator.requestCount('ack'), 1);
    assert.deepEqual(
      pairing.events.map(({ type }) => type).filter((type) => type === 'qr'),
      ['qr'],
    );
  });
}

test('a second demand for a passkey brings its own options', async () => {
  await using simulator = await startSimulator();
  const alice = simulator.phone('5511999990001');
  simulator.faults.add({ kind: 'scan', times: 2, passkey: 'with-options' });
  await using pairing = await dial(simulator);
  const { qr } = await pairing.event('qr');
  await assert.rejects(alice.scan(qr));
  await assert.rejects(alice.scan(qr));
  const { options: first } = await pairing.event('passkey-required');
  const { options: second } = await pairing.event('passkey-required', 1);
  assert.notEqual(first, second);
});

test('a passkey can be wanted after a pairing code was typed, and the phone still be linked', async () => {
  await using simulator = await startSimulator();
  const alice = simulator.phone('5511999990001');
  simulator.faults.add({ kind: 'enter-code', times: 1, passkey: 'with-options' });
  await using pairing = await dial(simulator);
  const code = await pairing.connection.requestPairingCode(alicesNumber);
  await assert.rejects(alice.enterCode(code), /wants a passkey/);
  await pairing.event('passkey-required');
  await simulator.requestArrived('ack', 2); // of the phone's keys, and of the demand: both by Baileys
  await alice.enterCode(code);
  await pairing.event('paired');
  assert.equal(simulator.requestCount('ack'), 3);
});

test('a pairing code that is accepted only after a passkey was demanded is not given out', async () => {
  await using simulator = await startSimulator();
  const alice = simulator.phone('5511999990001');
  simulator.faults.add({ kind: 'scan', times: 1, passkey: 'with-options' });
  simulator.faults.add({ kind: 'companion-hello', times: 1, delayMs: 100 });
  await using pairing = await dial(simulator);
  const { qr } = await pairing.event('qr');
  const late = assert.rejects(
    pairing.connection.requestPairingCode(alicesNumber),
    (error) => error instanceof GatewayError && error.code === 'passkey_required',
  );
  await simulator.requestArrived('companion-hello');
  await assert.rejects(alice.scan(qr), /wants a passkey/);
  await late;
  await alice.scan(qr);
  await pairing.event('paired');
});

const refresh = {
  tag: 'notification',
  attrs: { from: '@s.whatsapp.net', type: 'companion_reg_refresh', id: '1' },
  content: [{ tag: 'companion_reg_refresh', attrs: {} }],
};

/** A pairing without the connection around it. */
async function startPairing(webSocketUrl: string, qrLifetime: QrLifetime) {
  const auth = await openAuthState(new MemoryKeyStore());
  const socket = openSocket({
    auth,
    webSocketUrl,
    version: [2, 3000, 1043857760],
    connectTimeoutMs: 3_000,
    queryTimeoutMs: 3_000,
    logger: pino({ level: 'silent' }),
  });
  const codes: string[] = [];
  const paired = Promise.withResolvers<string>();
  const pairing = new Pairing({
    socket,
    auth,
    query: queryOn(socket, { ended: new AbortController().signal, timeoutMs: 3_000 }),
    qrLifetime,
    logger: pino({ level: 'silent' }),
    onQr: (qr) => codes.push(qr),
    onPasskey: () => {},
    onPaired: () => paired.resolve('paired'),
    onFailed: paired.resolve,
  });
  await pairing.ready;
  return {
    auth,
    socket,
    pairing,
    codes,
    /** `paired`, or why not. */
    outcome: paired.promise,
    async [Symbol.asyncDispose]() {
      pairing.stop();
      await socket.end(undefined);
    },
  };
}

test('once the phone has typed a pairing code, a refresh leaves the secret alone', async () => {
  await using simulator = await startSimulator();
  await using started = await startPairing(simulator.webSocketUrl, { firstMs: 60_000, nextMs: 60_000 });
  const { auth, socket } = started;
  const secret = auth.creds.advSecretKey;
  socket.ws.emit('CB:notification,type:link_code_companion_reg', {
    tag: 'notification',
    attrs: {},
    content: [{ tag: 'link_code_companion_reg', attrs: { stage: 'primary_hello' } }],
  });
  socket.ws.emit('CB:notification,type:companion_reg_refresh', refresh);
  await simulator.requestArrived('ack');
  assert.equal(auth.creds.advSecretKey, secret);
});

const passkeyWanted = {
  tag: 'notification',
  attrs: { from: '@s.whatsapp.net', type: 'passkey_prologue_request', id: '2' },
};

type Started = Awaited<ReturnType<typeof startPairing>>;

for (const [what, end, acks] of [
  ['that was stopped', ({ pairing }: Started) => pairing.stop(), 1],
  [
    'that a passkey is wanted for',
    ({ socket }: Started) => socket.ws.emit('CB:notification,type:passkey_prologue_request', passkeyWanted),
    2,
  ],
] as const) {
  test(`a pairing ${what} shows no more codes, whatever WhatsApp still says`, async () => {
    await using simulator = await startSimulator();
    await using started = await startPairing(simulator.webSocketUrl, { firstMs: 60_000, nextMs: 60_000 });
    const { socket, codes } = started;
    end(started);
    const codesBefore = codes.length;
    socket.ws.emit('CB:iq,type:set,pair-device', {
      tag: 'iq',
      attrs: { id: '1' },
      content: [
        { tag: 'pair-device', attrs: {}, content: [{ tag: 'ref', attrs: {}, content: Buffer.from('1@x') }] },
      ],
    });
    socket.ws.emit('CB:notification,type:companion_reg_refresh', refresh);
    await simulator.requestArrived('ack', acks);
    assert.equal(codes.length, codesBefore);
  });
}

const noRefs = {
  tag: 'iq',
  attrs: { id: '1' },
  content: [{ tag: 'pair-device', attrs: {}, content: [] }],
};

test('when all codes were shown, the connection stays for as long as a pairing code can be typed', async () => {
  await using simulator = await startSimulator();
  await using started = await startPairing(simulator.webSocketUrl, { firstMs: 60_000, nextMs: 60_000 });
  const { socket, codes, pairing, outcome } = started;
  await pairing.requestCode(alicesNumber);
  socket.ws.emit('CB:iq,type:set,pair-device', noRefs);
  await simulator.phone('5511999990001').scan(codes[0] ?? '');
  assert.equal(await outcome, 'paired');
});

test('a pairing code that WhatsApp wants made anew does not keep the connection', async () => {
  await using simulator = await startSimulator();
  simulator.faults.add({ kind: 'enter-code', times: 1, refreshCode: true });
  await using started = await startPairing(simulator.webSocketUrl, { firstMs: 60_000, nextMs: 60_000 });
  const { socket, pairing, outcome } = started;
  const code = await pairing.requestCode(alicesNumber);
  await assert.rejects(simulator.phone('5511999990001').enterCode(code));
  await simulator.requestArrived('ack');
  socket.ws.emit('CB:iq,type:set,pair-device', noRefs);
  assert.match(await outcome, /All codes were shown/);
});
