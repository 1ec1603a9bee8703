import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { initAuthCreds } from 'baileys';
import type { RequestFault } from '../../../simulator/faults.ts';
import { startSimulator } from '../../../simulator/simulator.ts';
import { type ErrorCode, GatewayError } from '../../errors.ts';
import { parsePhoneNumber } from '../../ids.ts';
import { MemoryKeyStore } from '../memory-key-store.fixture.ts';
import { requestPairingCode } from './pairing-code.ts';
import type { Query } from './query.ts';
import { dial } from './test-connection.fixture.ts';
import { fails } from './test-family.fixture.ts';

const startWhatsApp = () => startSimulator({ preKeyCount: 100 });
const [alicesNumber, brunosNumber] = ['5511999990001', '5511999990002'].map(parsePhoneNumber);
assert.ok(alicesNumber && brunosNumber);

test('a phone that types the code links the device, which logs in on its next connection', async () => {
  await using simulator = await startWhatsApp();
  const alice = simulator.phone(alicesNumber);
  const keys = new MemoryKeyStore();
  {
    await using pairing = await dial(simulator, { keys });
    // Asked for before WhatsApp is ready: the request waits.
    const code = await pairing.connection.requestPairingCode(alicesNumber);
    assert.match(code, /^[1-9A-HJ-NP-TV-Z]{8}$/);
    await alice.enterCode(code);
    assert.equal((await pairing.event('closed')).reason, 'restart-required');
  }
  await using connection = await dial(simulator, { keys });
  assert.equal((await connection.event('open')).me.phone, alicesNumber);
});

describe('a code is given out only when WhatsApp has accepted it', () => {
  const outcomes: [what: string, fault: RequestFault, code: ErrorCode][] = [
    ['400', { kind: 'companion-hello', error: 400 }, 'pairing_refused'],
    ['429', { kind: 'companion-hello', error: 429 }, 'whatsapp_rate_limited'],
    [
      'an error without a reason',
      { kind: 'companion-hello', malformed: 'error-without-reason' },
      'pairing_refused',
    ],
    ['silence', { kind: 'companion-hello', silence: true }, 'whatsapp_timeout'],
    ['a connection that breaks', { kind: 'companion-hello', close: 'before-change' }, 'whatsapp_timeout'],
  ];
  for (const [what, fault, code] of outcomes) {
    test(`${what}: ${code}`, async () => {
      await using simulator = await startWhatsApp();
      simulator.faults.add(fault);
      await using pairing = await dial(simulator, { queryTimeoutMs: 200 });
      await assert.rejects(pairing.connection.requestPairingCode(alicesNumber), fails(code));
    });
  }
});

test('a code asked for on a connection that does not come about is a time-out', async () => {
  await using simulator = await startWhatsApp();
  simulator.faults.add({ kind: 'upgrade', status: 503 });
  await using pairing = await dial(simulator);
  await assert.rejects(pairing.connection.requestPairingCode(alicesNumber), fails('whatsapp_timeout'));
});

test('after a refused code, the QR code still links', async () => {
  await using simulator = await startWhatsApp();
  simulator.faults.add({ kind: 'companion-hello', error: 400 });
  await using pairing = await dial(simulator);
  await assert.rejects(pairing.connection.requestPairingCode(alicesNumber), fails('pairing_refused'));
  await simulator.phone(alicesNumber).scan((await pairing.event('qr')).qr);
  await pairing.event('paired');
});

test('after a connection lost with a code given out, the next one pairs instead of logging in', async () => {
  await using simulator = await startWhatsApp();
  const alice = simulator.phone(alicesNumber);
  const keys = new MemoryKeyStore();
  await using first = await dial(simulator, { keys });
  await first.connection.requestPairingCode(alicesNumber);
  simulator.dropConnections();
  assert.equal((await first.event('closed')).reason, 'lost');
  await using second = await dial(simulator, { keys });
  await alice.enterCode(await second.connection.requestPairingCode(alicesNumber));
  await second.event('paired');
});

test('a new code takes the place of the one before, for the same number and for another', async () => {
  await using simulator = await startWhatsApp();
  const [alice, bruno] = [simulator.phone(alicesNumber), simulator.phone(brunosNumber)];
  await using pairing = await dial(simulator);
  const first = await pairing.connection.requestPairingCode(alicesNumber);
  const forBruno = await pairing.connection.requestPairingCode(brunosNumber);
  await assert.rejects(alice.enterCode(first), /Nobody waits/);
  const last = await pairing.connection.requestPairingCode(alicesNumber);
  await assert.rejects(bruno.enterCode(forBruno), /Nobody waits/);
  await assert.rejects(alice.enterCode(first), /Wrong code/);
  await alice.enterCode(last);
  assert.equal((await pairing.event('paired')).me.phone, alicesNumber);
});

test('two who ask at once for one number get one code, and for two numbers the later one links', async () => {
  await using simulator = await startWhatsApp();
  await using pairing = await dial(simulator);
  const codes = [alicesNumber, alicesNumber, brunosNumber].map((phone) =>
    pairing.connection.requestPairingCode(phone),
  );
  const [first, second, last] = await Promise.all(codes);
  assert.equal(first, second);
  assert.equal(simulator.requestCount('companion-hello'), 2);
  await simulator.phone(brunosNumber).enterCode(last ?? '');
  assert.equal((await pairing.event('paired')).me.phone, brunosNumber);
});

test('a refused code does not keep others from theirs', async () => {
  await using simulator = await startWhatsApp();
  simulator.faults.add({ kind: 'companion-hello', times: 1, error: 400 });
  await using pairing = await dial(simulator);
  const refused = assert.rejects(
    pairing.connection.requestPairingCode(brunosNumber),
    fails('pairing_refused'),
  );
  const code = await pairing.connection.requestPairingCode(alicesNumber);
  await refused;
  await simulator.phone(alicesNumber).enterCode(code);
  assert.equal((await pairing.event('paired')).me.phone, alicesNumber);
});

test('a code that WhatsApp wants made anew is dead, and the next one links', async () => {
  await using simulator = await startWhatsApp();
  const alice = simulator.phone(alicesNumber);
  simulator.faults.add({ kind: 'enter-code', times: 1, refreshCode: true });
  await using pairing = await dial(simulator);
  const dead = await pairing.connection.requestPairingCode(alicesNumber);
  await assert.rejects(alice.enterCode(dead), /another code/);
  await simulator.requestArrived('ack');
  await assert.rejects(alice.enterCode(dead), /Nobody waits/);
  await alice.enterCode(await pairing.connection.requestPairingCode(alicesNumber));
  await pairing.event('paired');
  assert.equal(simulator.requestCount('ack'), 2); // of the dead code, and of the phone's keys
});

test('a code that is accepted after another phone has scanned the QR code is not given out', async () => {
  const creds = initAuthCreds();
  const bruno = '5511999990002:1@s.whatsapp.net';
  const query: Query = async () => {
    Object.assign(creds, { account: {}, me: { id: bruno } });
    return { tag: 'iq', attrs: { type: 'result' } };
  };
  const mustBeOfUse = () => {
    if (creds.account) throw new GatewayError('already_connected');
  };
  const code = requestPairingCode({ query, creds, phone: alicesNumber, mustBeOfUse });
  await assert.rejects(code, fails('already_connected'));
  assert.equal(creds.me?.id, bruno);
});
