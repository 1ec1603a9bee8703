import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { RequestFault } from '../../../simulator/faults.ts';
import type { ErrorCode, GatewayError } from '../../errors.ts';
import { MemoryKeyStore } from '../memory-key-store.fixture.ts';
import type { WhatsApp } from '../whatsapp.ts';
import { dial, dialPaired } from './test-connection.fixture.ts';
import { fails, startFamily, type TestFamily } from './test-family.fixture.ts';

/** Resolves when the account has this name; rejects after a deadline. */
async function named(whatsapp: WhatsApp, name: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (whatsapp.me.name !== name) {
    assert.ok(Date.now() < deadline, `It is still ${whatsapp.me.name}`);
    await setImmediate();
  }
}

test('a name is set when the phone shows it, and is ours from then on, also after a new login', async () => {
  await using world = await startFamily();
  const { simulator, whatsapp, alice, keys, connection } = world;
  assert.equal(whatsapp.me.name, 'Alice');
  await whatsapp.setProfileName('Alice at work');
  assert.equal(alice.name, 'Alice at work');
  assert.equal(whatsapp.me.name, 'Alice at work');
  await whatsapp.setProfileName('Alice again');
  assert.equal(alice.name, 'Alice again');
  await connection[Symbol.asyncDispose]();
  await using back = await dial(simulator, { keys });
  assert.equal((await back.event('open')).me.name, 'Alice again');
  await back.connection.whatsapp.setProfileName('Alice');
  assert.equal(alice.name, 'Alice');
});

test('names that are set at the same time are set one after another, and the last one counts', async () => {
  await using world = await startFamily();
  const { whatsapp, alice, simulator } = world;
  await Promise.all(['One', 'Two', 'Three'].map((name) => whatsapp.setProfileName(name)));
  assert.equal(alice.name, 'Three');
  assert.equal(whatsapp.me.name, 'Three');
  assert.equal(simulator.requestCount('app-state-patch'), 3);
});

test('a name that another device sets is heard of, and does not keep us from setting the next', async () => {
  await using world = await startFamily();
  const { simulator, whatsapp, alice } = world;
  await using other = await dialPaired(simulator, alice);
  await other.connection.whatsapp.setProfileName('From elsewhere');
  await named(whatsapp, 'From elsewhere');
  await whatsapp.setProfileName('From here');
  await named(other.connection.whatsapp, 'From here');
  for (const name of ['1', '2', '3', '4', '5', '6', '7', '8']) await alice.rename(name);
  await whatsapp.setProfileName('After many');
  assert.equal(alice.name, 'After many');
});

test('a change that another device made meanwhile is caught up with, and ours is made on top', async () => {
  await using world = await startFamily({ queryTimeoutMs: 300 });
  const { simulator, whatsapp, alice } = world;
  await whatsapp.setProfileName('First');
  // Made, and not confirmed: WhatsApp is a version ahead of us.
  simulator.faults.add({ kind: 'app-state-patch', times: 1, delayMs: 3_600_000 });
  const unknown = fails('whatsapp_timeout', ({ message }) =>
    /unknown.* Repeating the request is safe/.test(message),
  );
  await assert.rejects(whatsapp.setProfileName('Second'), unknown);
  await whatsapp.setProfileName('Third');
  assert.equal(alice.name, 'Third');
  assert.equal(simulator.requestCount('app-state-patch'), 4);
});

test('a phone that keeps its keys for a while is waited for', async () => {
  const keys = new MemoryKeyStore();
  await using world = await startFamily();
  const { simulator, bob } = world;
  bob.sharesKey = false;
  await using connection = await dialPaired(simulator, bob, { keys });
  const naming = connection.connection.whatsapp.setProfileName('Robert');
  bob.sharesKey = true;
  await naming;
  assert.equal(bob.name, 'Robert');
});

test('a phone that does not share its keys is named as the reason', async () => {
  await using world = await startFamily();
  const { simulator, bob } = world;
  bob.sharesKey = false;
  await using connection = await dialPaired(simulator, bob, { queryTimeoutMs: 300 });
  await assert.rejects(
    connection.connection.whatsapp.setProfileName('Robert'),
    fails('whatsapp_unavailable', ({ message }) => /has not shared the keys.*online/.test(message)),
  );
  assert.equal(simulator.requestCount('app-state-patch'), 0);
});

test('whoever waits for the keys of a phone is told when the connection ends', async () => {
  await using world = await startFamily();
  const { simulator, bob } = world;
  bob.sharesKey = false;
  await using connection = await dialPaired(simulator, bob);
  const naming = assert.rejects(
    connection.connection.whatsapp.setProfileName('Robert'),
    fails('not_connected'),
  );
  await connection[Symbol.asyncDispose]();
  await naming;
});

describe('a name that WhatsApp does not confirm is not set', () => {
  const outcomes: [effect: object, code: ErrorCode, fits?: (error: GatewayError) => boolean][] = [
    [{ error: 400 }, 'whatsapp_refused', ({ details }) => details.whatsappCode === 400],
    [{ error: 401 }, 'whatsapp_refused'],
    [{ error: 409 }, 'whatsapp_unavailable', ({ message }) => message.includes('Other devices')],
    [{ error: 429, attributes: { backoff: '7' } }, 'whatsapp_rate_limited', (e) => e.retryAfterSeconds === 7],
    [{ error: 500 }, 'whatsapp_unavailable'],
    [{ error: 504 }, 'whatsapp_timeout'],
    [{ malformed: 'error-without-reason' }, 'whatsapp_refused'],
    [{ malformed: 'error-in-result' }, 'whatsapp_refused'],
    [{ malformed: 'empty-result' }, 'whatsapp_timeout', ({ message }) => message.includes('unknown')],
    [{ silence: true }, 'whatsapp_timeout'],
    [{ close: 'before-change' }, 'whatsapp_timeout'],
    [{ close: 'after-change' }, 'whatsapp_timeout'],
    [{ streamError: '503' }, 'whatsapp_timeout'],
  ];
  for (const [effect, code, fits] of outcomes) {
    test(`${JSON.stringify(effect)}: ${code}`, async () => {
      await using world = await startFamily({ queryTimeoutMs: 300 });
      world.simulator.faults.add({ kind: 'app-state-patch', ...effect } as RequestFault);
      await assert.rejects(world.whatsapp.setProfileName('Nobody'), fails(code, fits));
      assert.equal(world.whatsapp.me.name, 'Alice');
    });
  }
});

test('without WhatsApp’s version of the settings no name is set, and the next attempt starts anew', async () => {
  await using world = await startFamily({ queryTimeoutMs: 300 });
  const { simulator, whatsapp, alice } = world;
  for (const effect of [{ silence: true }, { error: 503 }, { malformed: 'empty-result' }] as const) {
    simulator.faults.add({ kind: 'app-state-sync', times: 1, ...effect });
    await assert.rejects(whatsapp.setProfileName('Nobody'));
  }
  assert.equal(simulator.requestCount('app-state-patch'), 0);
  await whatsapp.setProfileName('Somebody');
  assert.equal(alice.name, 'Somebody');
});

test('after the end of a connection no name is set', async () => {
  await using world = await startFamily();
  await world.connection[Symbol.asyncDispose]();
  await assert.rejects(world.whatsapp.setProfileName('Nobody'), fails('not_connected'));
});

test('our copy of the settings, if damaged, is fetched anew', async () => {
  await using world = await startFamily({ queryTimeoutMs: 300 });
  const { whatsapp, alice, keys } = world;
  await whatsapp.setProfileName('First');
  const versions = keys.values.get('app-state-sync-version');
  const { hash: _, ...rest } = JSON.parse(versions?.get('critical_block') ?? '');
  const hash = { type: 'Buffer', data: Buffer.alloc(128, 7).toString('base64') };
  versions?.set('critical_block', JSON.stringify({ ...rest, version: 1, hash }));
  await whatsapp.setProfileName('Second');
  assert.equal(alice.name, 'Second');
});

describe('an account that did not tell its name when it linked us is asked for it', () => {
  /** Bob's keys, as they are after a pairing in which his phone did not say what he is called. */
  async function namelessKeys({ simulator, bob }: TestFamily): Promise<MemoryKeyStore> {
    const keys = new MemoryKeyStore();
    await using pairing = await dial(simulator, { keys });
    await bob.scan((await pairing.event('qr')).qr);
    await pairing.event('closed');
    const creds = keys.values.get('creds');
    const { me, ...rest } = JSON.parse(creds?.get('creds') ?? '');
    creds?.set('creds', JSON.stringify({ ...rest, me: { ...me, name: undefined } }));
    return keys;
  }

  test('as soon as the phone shares its keys', async () => {
    await using world = await startFamily();
    const { simulator, bob } = world;
    bob.sharesKey = false;
    await using paired = await dial(simulator, { keys: await namelessKeys(world) });
    assert.equal((await paired.event('open')).me.name, undefined);
    bob.sharesKey = true;
    await named(paired.connection.whatsapp, 'Bob');
  });

  test('at the next login, if that was in vain', async () => {
    await using world = await startFamily();
    const { simulator } = world;
    const keys = await namelessKeys(world);
    simulator.faults.add({ kind: 'app-state-sync', error: 503 });
    {
      await using paired = await dial(simulator, { keys });
      await paired.event('open');
      await simulator.requestArrived('app-state-sync');
    }
    simulator.faults.clear();
    await using back = await dial(simulator, { keys });
    assert.equal((await back.event('open')).me.name, undefined);
    await named(back.connection.whatsapp, 'Bob');
  });
});
