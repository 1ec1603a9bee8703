import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { startSimulator } from '../../../simulator/simulator.ts';
import { parsePhoneNumber } from '../../ids.ts';
import { MemoryKeyStore } from '../memory-key-store.fixture.ts';
import { openAuthState } from './auth-state.ts';
import { Pairing, type QrLifetime } from './pairing.ts';
import { openSocket } from './socket.ts';
import { dial } from './test-connection.fixture.ts';

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
  const phone = parsePhoneNumber(alice.number);
  assert.ok(phone);
  await pairing.connection.requestPairingCode(phone); // from here on Baileys acknowledges by itself
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
  assert.equal(keys.values.size, 0);
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
    connectTimeoutMs: 3_000,
    queryTimeoutMs: 3_000,
    logger: pino({ level: 'silent' }),
  });
  const codes: string[] = [];
  const allShown = Promise.withResolvers<void>();
  const paired = Promise.withResolvers<string>();
  const pairing = new Pairing({
    socket,
    auth,
    qrLifetime,
    onQr(qr) {
      codes.push(qr);
      if (codes.length === 6) allShown.resolve();
    },
    onPaired: () => paired.resolve('paired'),
    onFailed: paired.resolve,
  });
  await pairing.ready;
  return {
    auth,
    socket,
    pairing,
    codes,
    allShown: allShown.promise,
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

test('a pairing that was stopped shows nothing more, whatever WhatsApp still says', async () => {
  await using simulator = await startSimulator();
  await using started = await startPairing(simulator.webSocketUrl, { firstMs: 60_000, nextMs: 60_000 });
  const { socket, pairing, codes } = started;
  pairing.stop();
  const codesBefore = codes.length;
  socket.ws.emit('CB:iq,type:set,pair-device', {
    tag: 'iq',
    attrs: { id: '1' },
    content: [
      { tag: 'pair-device', attrs: {}, content: [{ tag: 'ref', attrs: {}, content: Buffer.from('1@x') }] },
    ],
  });
  socket.ws.emit('CB:notification,type:companion_reg_refresh', refresh);
  await simulator.requestArrived('ack');
  assert.equal(codes.length, codesBefore);
});

test('when all codes were shown, the connection stays for as long as a pairing code can be typed', async () => {
  await using simulator = await startSimulator();
  await using started = await startPairing(simulator.webSocketUrl, { firstMs: 20, nextMs: 1 });
  const { codes, pairing, allShown, outcome } = started;
  pairing.codeGiven();
  await allShown;
  await pause(5); // a later timer than the one that ends the last code
  await simulator.phone('5511999990001').scan(codes[5] ?? '');
  assert.equal(await outcome, 'paired');
});
