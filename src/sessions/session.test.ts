import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Phone } from '../../simulator/phone.ts';
import type { Simulator } from '../../simulator/simulator.ts';
import { element } from '../../simulator/stanza.ts';
import { type GroupId, type PhoneNumber, parseGroupId, parsePhoneNumber } from '../ids.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import type { SessionStatus } from '../session-control.ts';
import { isPaired } from '../whatsapp/baileys/is-paired.ts';
import { MemoryKeyStore } from '../whatsapp/memory-key-store.fixture.ts';
import type { ChatEvent } from '../whatsapp/whatsapp.ts';
import { NetworkWatch } from './network-watch.ts';
import {
  fails,
  newLine,
  openSession,
  pairedSession,
  reaches,
  startWhatsApp,
} from './test-session.fixture.ts';

const number = (text: string): PhoneNumber => {
  const phone = parsePhoneNumber(text);
  assert.ok(phone);
  return phone;
};

const idOf = (address: string): GroupId => {
  const id = parseGroupId(address);
  assert.ok(id);
  return id;
};

test('a phone that scans the code brings the session online', async () => {
  await using simulator = await startWhatsApp();
  const alice = simulator.phone('5511999990001', 'Alice');
  await using opened = await openSession(simulator);
  const { session, clock } = opened;
  const offline = { connected: false, paired: false, me: undefined, since: clock.now() };
  const uneventful = { stopReason: undefined, retryAt: undefined, lastEnd: undefined };
  assert.deepEqual(session.status(), { state: 'unpaired', ...offline, ...uneventful });

  const qr = await session.qr();
  assert.deepEqual(session.status(), { state: 'pairing', ...offline, ...uneventful });
  await alice.scan(qr);
  await reaches(session, 'online');
  assert.deepEqual(session.status(), {
    state: 'online',
    connected: true,
    paired: true,
    me: { phone: '5511999990001', lid: alice.lid, name: 'Alice', device: 1, platform: 'android' },
    since: clock.now(),
    ...uneventful,
  });
  assert.deepEqual(await (await session.connected()).groups(), []);
});

test('a phone that types the pairing code brings the session online', async () => {
  await using simulator = await startWhatsApp();
  const alice = simulator.phone('5511999990001');
  await using opened = await openSession(simulator);
  const code = await opened.session.pairingCode(number(alice.number));
  await alice.enterCode(code);
  await reaches(opened.session, 'online');
});

const isPasskeyRequired = fails('passkey_required', ({ status }) => status === 409);

/** A session of which WhatsApp wants a passkey, because a phone has scanned its code. */
async function sessionWithoutPasskey(simulator: Simulator, phone: Phone) {
  simulator.faults.add({ kind: 'scan', passkey: 'with-options', times: 1 });
  const opened = await openSession(simulator);
  await assert.rejects(phone.scan(await opened.session.qr()), /passkey/);
  await reaches(opened.session, 'passkey');
  return opened;
}

test('a session of which WhatsApp wants a passkey says so, gives no codes, and starts over when it is restarted', async () => {
  await using simulator = await startWhatsApp();
  const alice = simulator.phone('5511999990001');
  await using opened = await sessionWithoutPasskey(simulator, alice);
  const { session } = opened;
  await assert.rejects(session.qr(), isPasskeyRequired);
  await assert.rejects(session.pairingCode(number(alice.number)), isPasskeyRequired);
  const saysWhy = fails('not_connected', ({ message, status }) => /passkey/.test(message) && status === 409);
  await assert.rejects(session.connected(), saysWhy);
  assert.equal(session.status().paired, false);
  await session.restart();
  await alice.scan(await session.qr());
  await reaches(session, 'online');
});

test('a wish for a passkey ends with its connection, without another one, until someone asks for a code', async () => {
  await using simulator = await startWhatsApp();
  const alice = simulator.phone('5511999990001');
  await using opened = await sessionWithoutPasskey(simulator, alice);
  const { session, clock } = opened;
  const upgrades = simulator.requestCount('upgrade');
  simulator.dropConnections();
  await reaches(session, 'unpaired');
  clock.pass(3_600_000);
  assert.equal(session.status().state, 'unpaired');
  assert.equal(simulator.requestCount('upgrade'), upgrades);
  await alice.scan(await session.qr());
  await reaches(session, 'online');
});

test('a wish for a passkey ends by itself however often someone asks for a code, who then gets another one', async () => {
  await using simulator = await startWhatsApp();
  const alice = simulator.phone('5511999990001');
  await using opened = await sessionWithoutPasskey(simulator, alice);
  const { session, clock } = opened;
  for (let asked = 1; asked <= 17; asked += 1) {
    clock.pass(10_000);
    await assert.rejects(session.qr(), isPasskeyRequired);
  }
  clock.pass(10_000);
  assert.equal(session.status().state, 'unpaired');
  await alice.scan(await session.qr());
  await reaches(session, 'online');
});

test('a wish for a passkey ends when the session is disconnected', async () => {
  await using simulator = await startWhatsApp();
  await using opened = await sessionWithoutPasskey(simulator, simulator.phone('5511999990001'));
  await opened.session.disconnect();
  assert.equal(opened.session.status().state, 'unpaired');
});

test('a session that is online gives no codes', async () => {
  await using simulator = await startWhatsApp();
  const alice = simulator.phone('5511999990001');
  await using opened = await pairedSession(simulator, alice);
  await assert.rejects(opened.session.qr(), fails('already_connected'));
  await assert.rejects(opened.session.pairingCode(number(alice.number)), fails('already_connected'));
});

test('callers who ask for a code at the same time share one connection', async () => {
  await using simulator = await startWhatsApp();
  await using opened = await openSession(simulator);
  const [first, second] = await Promise.all([opened.session.qr(), opened.session.qr()]);
  assert.equal(first, second);
});

test('a code that WhatsApp does not give in time is a time-out that says what to do', async () => {
  await using simulator = await startWhatsApp();
  simulator.faults.add({ kind: 'handshake', silence: true });
  await using opened = await openSession(simulator);
  const qr = opened.session.qr();
  opened.clock.pass(10_000);
  await assert.rejects(
    qr,
    fails('whatsapp_timeout', ({ message }) => message.includes('Ask again')),
  );
});

/** Asks for both kinds of code while the session waits for its next attempt, and is patient to the end. */
async function codesInVain({ session, clock }: Awaited<ReturnType<typeof openSession>>, fits: RegExp) {
  const saysWhy = fails(
    'whatsapp_unavailable',
    ({ message, status, retryAfterSeconds }) =>
      fits.test(message) &&
      status === 503 &&
      retryAfterSeconds === secondsUntilRetry(session.status(), clock),
  );
  const asking = Promise.all([
    assert.rejects(session.qr(), saysWhy),
    assert.rejects(session.pairingCode(number('5511999990001')), saysWhy),
  ]);
  // The attempts after 1, 2 and 4 s, and the pause of 8 s.
  for (const pauseMs of [1_000, 2_000, 4_000]) {
    await reaches(session, 'waiting');
    clock.pass(pauseMs);
  }
  await reaches(session, 'waiting');
  clock.pass(3_000);
  await asking;
}

const secondsUntilRetry = ({ retryAt }: SessionStatus, clock: ManualClock): number =>
  Math.ceil(((retryAt ?? clock.now()).getTime() - clock.now().getTime()) / 1_000);

test('someone who asks for a code while WhatsApp cannot be reached is told so, and when it is tried again', async () => {
  await using simulator = await startWhatsApp();
  await using opened = await openSession({ ...simulator, webSocketUrl: 'ws://127.0.0.1:9/ws/chat' });
  await codesInVain(
    opened,
    /^WhatsApp cannot be reached from here at the moment\. Nobody answers at WhatsApp's address \(ECONNREFUSED\)\. It is tried again by itself\.$/,
  );
});

for (const status of [403, 503]) {
  test(`someone who asks for a code while WhatsApp answers HTTP ${status} is told so`, async () => {
    await using simulator = await startWhatsApp();
    simulator.faults.add({ kind: 'upgrade', status });
    await using opened = await openSession(simulator);
    await codesInVain(
      opened,
      new RegExp(`^WhatsApp's server answered HTTP ${status} .* tried again by itself`),
    );
    const needsPairing = fails('not_connected', ({ status, message }) => {
      return status === 409 && message === 'You are not connected.';
    });
    await assert.rejects(opened.session.connected(), needsPairing);
  });
}

test('someone who asks for a code while the proxy lets nothing through is told so, without the address of the proxy', async () => {
  await using simulator = await startWhatsApp();
  const proxyUrl = 'socks5://user:password@127.0.0.1:9';
  await using opened = await openSession(simulator, {
    dialOptions: async () => ({ proxyUrl }),
    random: () => 1,
  });
  const { session, clock } = opened;
  const asking = assert.rejects(
    session.qr(),
    fails(
      'whatsapp_unavailable',
      ({ message, retryAfterSeconds }) =>
        message === "Nobody answers at the proxy's address (ECONNREFUSED). It is tried again by itself." &&
        retryAfterSeconds === 4,
    ),
  );
  for (const pauseMs of [2_000, 4_000, 4_000]) {
    await reaches(session, 'waiting');
    clock.pass(pauseMs);
  }
  await asking;
});

test('an end of long ago is not the reason why there is no code', async () => {
  await using simulator = await startWhatsApp();
  await using opened = await openSession(simulator);
  const { session, clock } = opened;
  simulator.faults.add({ kind: 'upgrade', status: 503, times: 1 });
  const qr = session.qr();
  await reaches(session, 'waiting');
  clock.pass(1_000);
  await qr;
  await session.disconnect();
  simulator.faults.add({ kind: 'handshake', silence: true });
  const asking = session.qr();
  clock.pass(10_000);
  await assert.rejects(asking, fails('whatsapp_timeout'));
});

test('pairing stops when nobody has asked for a code for three minutes', async () => {
  await using simulator = await startWhatsApp();
  await using opened = await openSession(simulator);
  const { session, clock } = opened;
  const qr = await session.qr();
  clock.pass(120_000);
  await session.qr();
  clock.pass(120_000);
  assert.equal(session.status().state, 'pairing');
  clock.pass(60_000);
  assert.equal(session.status().state, 'unpaired');
  await session.disconnect(); // after the hanging up
  await assert.rejects(simulator.phone('5511999990001').scan(qr), /expired/);
});

test('a verb is refused while there is no phone', async () => {
  await using simulator = await startWhatsApp();
  await using opened = await openSession(simulator);
  const needsPairing = fails('not_connected', ({ retryAfterSeconds }) => retryAfterSeconds === undefined);
  await assert.rejects(opened.session.connected(), needsPairing);
});

test('a lost connection comes back after a pause, and callers are told how long', async () => {
  await using simulator = await startWhatsApp();
  await using opened = await pairedSession(simulator, simulator.phone('5511999990001'));
  const { session, clock } = opened;
  simulator.faults.add({ kind: 'upgrade', status: 503, times: 3 });
  simulator.dropConnections();
  for (const pauseMs of [1_000, 2_000, 4_000]) {
    await reaches(session, 'waiting');
    clock.pass(pauseMs);
    assert.equal(session.status().state, 'connecting');
  }
  await reaches(session, 'waiting');
  await assert.rejects(
    session.connected(),
    fails('not_connected', ({ retryAfterSeconds }) => retryAfterSeconds === 8),
  );
  clock.pass(8_000);
  await reaches(session, 'online');
});

test('a caller waits for a session that is about to be online', async () => {
  await using simulator = await startWhatsApp();
  await using opened = await pairedSession(simulator, simulator.phone('5511999990001'));
  await opened.session.restart();
  assert.equal(opened.session.status().state, 'connecting');
  assert.deepEqual(await (await opened.session.connected()).groups(), []);
});

test('verbs that were asked for before a reconnect work after it', async () => {
  await using simulator = await startWhatsApp();
  await using opened = await pairedSession(simulator, simulator.phone('5511999990001'));
  const { session, clock } = opened;
  const whatsapp = await session.connected();
  await session.restart();
  assert.deepEqual(await whatsapp.groups(), []);
  simulator.dropConnections();
  await reaches(session, 'waiting');
  const groups = whatsapp.groups();
  clock.pass(1_000);
  assert.deepEqual(await groups, []);
  await session.disconnect();
  await assert.rejects(whatsapp.groups(), fails('not_connected'));
});

test('a caller does not wait for ever for a session that is about to be online', async () => {
  await using simulator = await startWhatsApp();
  await using opened = await pairedSession(simulator, simulator.phone('5511999990001'));
  const { session, clock } = opened;
  simulator.faults.add({ kind: 'login', silence: true });
  await session.restart();
  const connected = session.connected();
  clock.pass(5_000);
  await assert.rejects(
    connected,
    fails('not_connected', ({ retryAfterSeconds }) => retryAfterSeconds === 1),
  );
  // A paired session that is on its way has no code to give, and says when to look again.
  await assert.rejects(
    session.qr(),
    fails('not_connected', ({ retryAfterSeconds }) => retryAfterSeconds === 1),
  );
});

test('while a session tries again, callers are told why it had to, until it has come back', async () => {
  await using simulator = await startWhatsApp();
  await using opened = await pairedSession(simulator, simulator.phone('5511999990001'));
  const { session, clock } = opened;
  simulator.faults.add({ kind: 'upgrade', status: 503, times: 1 });
  await session.restart();
  await reaches(session, 'waiting');
  clock.pass(1_000);
  assert.equal(session.status().state, 'connecting');
  const inVain = session.connected(1);
  clock.pass(1);
  await assert.rejects(
    inVain,
    fails('not_connected', ({ message }) => /^You are not connected\. .* HTTP 503 .*again/.test(message)),
  );
  await reaches(session, 'online');
  await session.restart();
  const bare = session.connected(1);
  clock.pass(1);
  await assert.rejects(
    bare,
    fails('not_connected', ({ message }) => message === 'You are not connected.'),
  );
});

test('a patient caller waits for a session that fails and comes back, as long as that may take', async () => {
  await using simulator = await startWhatsApp();
  await using opened = await pairedSession(simulator, simulator.phone('5511999990001'));
  const { session, clock } = opened;
  simulator.faults.add({ kind: 'upgrade', status: 503, times: 3 });
  simulator.dropConnections();
  await reaches(session, 'waiting');
  const connected = session.connected(20_000);
  for (const pauseMs of [1_000, 2_000, 4_000]) {
    await reaches(session, 'waiting');
    clock.pass(pauseMs);
  }
  await reaches(session, 'waiting');
  await assert.rejects(session.connected(), fails('not_connected'), 'in 8 s is later than most wait');
  clock.pass(8_000);
  assert.deepEqual(await (await connected).groups(), []);
});

test('who has lost an answer with its connection can ask at once, and is answered on the next one', async () => {
  await using simulator = await startWhatsApp();
  const alice = simulator.phone('5511999990001');
  await using opened = await pairedSession(simulator, alice);
  const { session, keys, clock } = opened;
  const family = idOf(simulator.createGroup({ subject: 'family', owner: alice, participants: [] }).id);
  // What a login writes is stored before its connection counts as closed: here that takes until it is let go.
  const { writing, letGo } = holdWrites(keys);
  await session.restart();
  const whatsapp = await session.connected();
  await writing;
  simulator.faults.add({ kind: 'picture-set', close: 'before-change', times: 1 });
  await assert.rejects(whatsapp.removeGroupPhoto(family), fails('whatsapp_timeout'));
  assert.equal(session.status().state, 'online');
  const asking = [whatsapp.groupPhoto(family, 'full'), session.connected(20_000).then(({ me }) => me.phone)];
  letGo();
  await reaches(session, 'waiting');
  clock.pass(1_000);
  assert.deepEqual(await Promise.all(asking), [undefined, alice.number]);
});

test('a connection has to hold for 30 s before the next loss counts as the first', async () => {
  await using simulator = await startWhatsApp();
  await using opened = await pairedSession(simulator, simulator.phone('5511999990001'));
  const { session, clock } = opened;
  const comesBackAfter = async (pauseMs: number) => {
    simulator.dropConnections();
    await reaches(session, 'waiting');
    clock.pass(pauseMs - 1);
    assert.equal(session.status().state, 'waiting');
    clock.pass(1);
    await reaches(session, 'online');
  };
  await comesBackAfter(1_000);
  clock.pass(29_999);
  await comesBackAfter(2_000);
  clock.pass(30_000);
  await comesBackAfter(1_000);
});

test('callers are told how long the pause still is, and wait for one that is nearly over', async () => {
  await using simulator = await startWhatsApp();
  await using opened = await pairedSession(simulator, simulator.phone('5511999990001'));
  const { session, clock } = opened;
  simulator.faults.add({ kind: 'login', failure: 429, attributes: { backoff: '60' }, times: 1 });
  await session.restart();
  await reaches(session, 'waiting');
  const dueAt = new Date(clock.now().getTime() + 60_000);
  assert.deepEqual(session.status().retryAt, dueAt);
  clock.pass(54_500);
  const sixSeconds = fails('not_connected', ({ retryAfterSeconds }) => retryAfterSeconds === 6);
  await assert.rejects(session.connected(), sixSeconds);
  clock.pass(1_000);
  const connected = session.connected();
  clock.pass(4_500);
  assert.equal(session.status().retryAt, undefined);
  assert.deepEqual(await (await connected).groups(), []);
});

test('a restart tries at once what WhatsApp told to wait', async () => {
  await using simulator = await startWhatsApp();
  await using opened = await pairedSession(simulator, simulator.phone('5511999990001'));
  const { session } = opened;
  simulator.faults.add({ kind: 'login', failure: 402, attributes: { expire: '86400' }, times: 1 });
  await session.restart();
  await reaches(session, 'waiting');
  await session.restart();
  await reaches(session, 'online');
  assert.equal(session.status().lastEnd?.reason, 'told-to-wait');
});

test('waits of no given length grow while WhatsApp tells the same again, and begin anew after a login', async () => {
  await using simulator = await startWhatsApp();
  const alice = simulator.phone('5511999990001');
  await using opened = await pairedSession(simulator, alice);
  const { session, clock } = opened;
  const minutes: number[] = [];
  const isToldToWait = async () => {
    await reaches(session, 'waiting');
    const { retryAt } = session.status();
    assert.ok(retryAt);
    const pauseMs = retryAt.getTime() - clock.now().getTime();
    minutes.push(pauseMs / 60_000);
    clock.pass(pauseMs);
  };
  simulator.faults.add({ kind: 'login', failure: 429, times: 2 });
  await session.restart();
  for (let time = 0; time < 2; time += 1) await isToldToWait();
  await reaches(session, 'online');
  alice.devices[0]?.link?.end(element('failure', { reason: '429' }));
  await isToldToWait();
  assert.deepEqual(minutes, [15, 30, 15]);
});

test('someone who asks for a code is told how long WhatsApp told us to wait, and cannot get around it', async () => {
  await using simulator = await startWhatsApp();
  await using opened = await openSession(simulator);
  const { session, clock } = opened;
  simulator.faults.add({ kind: 'upgrade', status: 429, times: 1 });
  const inMinutes = (minutes: number) =>
    fails(
      'not_connected',
      ({ retryAfterSeconds, message }) =>
        retryAfterSeconds === minutes * 60 && message.includes('until 2026-08-01T12:15:00Z'),
    );
  await assert.rejects(session.qr(), inMinutes(15));
  // Waiting brings no phone: whoever needs one has to pair, and is not told to ask again.
  const needsPairing = fails(
    'not_connected',
    ({ status, message }) => status === 409 && message === 'You are not connected.',
  );
  await assert.rejects(session.connected(), needsPairing);
  clock.pass(600_000);
  await assert.rejects(session.qr(), inMinutes(5));
  clock.pass(300_000);
  assert.match(await session.qr(), /@/);
});

test('codes that WhatsApp told to wait for are shown in the end, and not for ever when nobody asks for them', async () => {
  await using simulator = await startWhatsApp();
  await using opened = await openSession(simulator);
  const { session, clock } = opened;
  simulator.faults.add({ kind: 'upgrade', status: 429, times: 1 });
  await assert.rejects(session.qr(), fails('not_connected'));
  clock.pass(180_000);
  assert.equal(session.status().state, 'waiting');
  clock.pass(720_000);
  assert.equal(session.status().state, 'pairing');
  clock.pass(180_000);
  assert.equal(session.status().state, 'unpaired');
});

test('a session that lost its network dials when it is back, and not before its time otherwise', async () => {
  await using simulator = await startWhatsApp();
  const clock = new ManualClock();
  let isThere = true;
  const network = new NetworkWatch({ isReachable: async () => isThere, clock });
  await using opened = await pairedSession(simulator, simulator.phone('5511999990001'), { clock, network });
  const { session } = opened;
  simulator.faults.add({ kind: 'upgrade', close: true });
  simulator.dropConnections();
  const failsAgainAfter = async (pauseMs: number) => {
    await reaches(session, 'waiting');
    for (let passedMs = 0; passedMs < pauseMs; passedMs += 1_000) {
      assert.equal(session.status().state, 'waiting');
      clock.pass(1_000);
      await turn(); // for the answer of whoever looks at the network
    }
    assert.equal(session.status().state, 'connecting');
  };
  for (const pauseMs of [1_000, 2_000, 4_000, 8_000, 16_000]) await failsAgainAfter(pauseMs);
  await reaches(session, 'waiting');
  isThere = false;
  clock.pass(5_000);
  await turn();
  simulator.faults.clear();
  isThere = true;
  clock.pass(5_000);
  await reaches(session, 'online');
  // What failed without a network does not count against the next connection.
  simulator.dropConnections();
  await reaches(session, 'waiting');
  clock.pass(1_000);
  await reaches(session, 'online');
});

test('a session whose proxy fails three times goes on without it, says so once, and takes it again when restarted', async () => {
  await using simulator = await startWhatsApp();
  const alice = simulator.phone('5511999990001');
  let proxyUrl: string | undefined;
  let told = 0;
  await using opened = await pairedSession(simulator, alice, {
    dialOptions: async () => ({ proxyUrl }),
    onProxyFailed: () => {
      told += 1;
    },
  });
  const { session, clock } = opened;
  const fallsBack = async () => {
    for (const pauseMs of [1_000, 2_000, 4_000]) {
      await reaches(session, 'waiting');
      assert.equal(session.status().lastEnd?.reason, 'proxy-failed');
      clock.pass(pauseMs);
    }
    await reaches(session, 'online');
  };
  proxyUrl = 'socks5://user:password@127.0.0.1:9';
  await session.restart();
  await fallsBack();
  simulator.dropConnections();
  await reaches(session, 'waiting');
  clock.pass(8_000);
  await reaches(session, 'online');
  assert.equal(told, 1);
  await session.restart();
  await fallsBack();
  assert.equal(told, 2);
});

test('the name of the device is asked for at each dial', async () => {
  await using simulator = await startWhatsApp();
  const keys = new MemoryKeyStore();
  const dialled: (string | undefined)[] = [];
  let deviceName = 'Shop';
  await using opened = await openSession(simulator, {
    keys,
    dialOptions: async () => ({ deviceName }),
    connect: async ({ deviceName }) => {
      dialled.push(deviceName);
      throw new Error('not today');
    },
  });
  const { session, clock } = opened;
  const asking = assert.rejects(session.qr(), fails('whatsapp_unavailable'));
  await reaches(session, 'waiting');
  deviceName = 'Warehouse';
  clock.pass(1_000);
  await reaches(session, 'waiting');
  clock.pass(10_000);
  await asking;
  assert.deepEqual(dialled.slice(0, 2), ['Shop', 'Warehouse']);
});

test('an instance that was moved away does not connect until it is restarted, which is told', async () => {
  await using simulator = await startWhatsApp();
  const alice = simulator.phone('5511999990001');
  const keys = new MemoryKeyStore();
  {
    await using _before = await pairedSession(simulator, alice, { keys });
  }
  let takenBack = 0;
  await using opened = await openSession(simulator, {
    keys,
    isMoved: true,
    onTakenBack: () => {
      takenBack += 1;
    },
  });
  const { session, clock } = opened;
  const loginsBefore = simulator.requestCount('login');
  await session.start();
  clock.pass(86_400_000);
  const { state, stopReason, paired, retryAt } = session.status();
  assert.deepEqual({ state, stopReason, paired }, { state: 'stopped', stopReason: 'moved', paired: true });
  assert.equal(retryAt, undefined);
  await assert.rejects(
    session.connected(),
    fails('not_connected', ({ message, status }) => /exported to another/.test(message) && status === 409),
  );
  assert.equal(simulator.requestCount('login'), loginsBefore);
  assert.equal(takenBack, 0);
  await session.restart();
  await reaches(session, 'online');
  assert.equal(takenBack, 1);
});

test('a moved instance whose process ends is not taken back, one that is disconnected is', async () => {
  await using simulator = await startWhatsApp();
  let takenBack = 0;
  const setting = {
    isMoved: true,
    paired: true,
    onTakenBack: () => {
      takenBack += 1;
    },
  };
  await using first = await openSession(simulator, setting);
  await first.session[Symbol.asyncDispose]();
  await using second = await openSession(simulator, setting);
  await second.session.remove();
  assert.equal(takenBack, 0);
  await using third = await openSession(simulator, setting);
  await third.session.disconnect();
  assert.equal(takenBack, 1);
});

test('a session waits in the line as one that is connecting, and leaves it when it is told to', async () => {
  await using simulator = await startWhatsApp();
  const line = newLine();
  const alice = simulator.phone('5511999990001');
  await using opened = await pairedSession(simulator, alice, { line });
  const { session } = opened;
  const ahead = line.enter(() => {}, { isFirst: true });
  const loginsBefore = simulator.requestCount('login');
  await session.restart();
  assert.equal(session.status().state, 'connecting');
  await session.restart();
  await session.disconnect();
  assert.equal(session.status().state, 'unpaired');
  ahead[Symbol.dispose]();
  assert.equal(simulator.requestCount('login'), loginsBefore);
  let isFree = false;
  line.enter(
    () => {
      isFree = true;
    },
    { isFirst: false },
  );
  assert.equal(isFree, true);
});

test('a session has its place for as long as a login takes, also one that fails, and not while it shows codes', async () => {
  await using simulator = await startWhatsApp();
  const line = newLine();
  const isFree = () => {
    let isFree = false;
    const place = line.enter(
      () => {
        isFree = true;
      },
      { isFirst: false },
    );
    place[Symbol.dispose]();
    return isFree;
  };
  const alice = simulator.phone('5511999990001');
  await using opened = await openSession(simulator, { line });
  const { session } = opened;
  const qr = session.qr();
  await turn();
  assert.equal(isFree(), false);
  const shown = await qr;
  assert.equal(isFree(), true);
  await alice.scan(shown);
  await reaches(session, 'online');
  assert.equal(isFree(), true);
  simulator.faults.add({ kind: 'login', silence: true, times: 1 });
  await session.restart();
  await simulator.requestArrived('login', simulator.requestCount('login') + 1);
  assert.equal(isFree(), false);
  simulator.dropConnections();
  await reaches(session, 'waiting');
  assert.equal(isFree(), true);
});

test('how the last connection ended is kept, unless it was we who ended it', async () => {
  await using simulator = await startWhatsApp();
  const alice = simulator.phone('5511999990001');
  await using opened = await pairedSession(simulator, alice);
  const { session, clock } = opened;
  await session.restart();
  await reaches(session, 'online');
  assert.equal(session.status().lastEnd, undefined);
  clock.pass(60_000);
  const at = clock.now();
  alice.unlinkAll();
  await reaches(session, 'loggedOut');
  clock.pass(60_000);
  const { since, lastEnd } = session.status();
  assert.deepEqual([since, lastEnd?.reason, lastEnd?.at], [at, 'logged-out', at]);
});

test('an instance that is deleted is unlinked, loses its keys, and does nothing any more', async () => {
  await using simulator = await startWhatsApp();
  const alice = simulator.phone('5511999990001');
  await using opened = await pairedSession(simulator, alice);
  const { session, keys } = opened;
  keys.failure = new Error('disk full');
  await assert.rejects(session.remove(), /disk full/);
  keys.failure = undefined;
  await Promise.all([session.remove(), session.remove()]);
  assert.equal(keys.values.size, 0);
  assert.equal(alice.devices.length, 0);
  const deleted = fails('not_connected', ({ message, status }) => /deleted/.test(message) && status === 409);
  await assert.rejects(session.qr(), deleted);
  await session.restart();
  await assert.rejects(session.connected(), deleted);
  await session[Symbol.asyncDispose]();
  assert.equal(session.status().state, 'unpaired');
});

test('a change of a photo is handed on, also one that is told before the session is online', async () => {
  await using simulator = await startWhatsApp();
  const alice = simulator.phone('5511999990001');
  const told: [state: string, event: ChatEvent][] = [];
  const keys = new MemoryKeyStore();
  {
    await using _before = await pairedSession(simulator, alice, { keys });
  }
  await using opened = await openSession(simulator, {
    keys,
    onEvent: (event) => told.push([opened.session.status().state, event]),
  });
  const family = idOf(simulator.createGroup({ subject: 'family', owner: alice, participants: [] }).id);
  const set = { tag: 'set', attrs: { jid: family, author: alice.lid, id: '1664163304' } };
  const attrs = { from: family, type: 'picture', id: '1', t: '1664163305' };
  simulator.world.deliverTo([alice.account], { tag: 'notification', attrs, content: [set] });
  await opened.session.start();
  assert.equal(opened.session.status().state, 'online');
  assert.deepEqual(
    told.map(([state, { type, ...event }]) => [state, type, { ...event, at: undefined }]),
    [
      [
        'connecting',
        'group-photo',
        { group: family, pictureId: '1664163304', author: alice.lid, at: undefined },
      ],
    ],
  );
});

test('a device that the phone removes loses its keys and can be paired again', async () => {
  await using simulator = await startWhatsApp();
  const alice = simulator.phone('5511999990001');
  await using opened = await pairedSession(simulator, alice);
  const { session, keys } = opened;
  const [device] = alice.devices;
  assert.ok(device);
  alice.unlink(device);
  await reaches(session, 'loggedOut');
  await alice.scan(await session.qr());
  await reaches(session, 'online');
  assert.equal(await isPaired(keys), true);
});

test('a session whose keys connect elsewhere stops, says so, and comes back when it is told to', async () => {
  await using simulator = await startWhatsApp();
  await using opened = await pairedSession(simulator, simulator.phone('5511999990001'));
  const { session, clock } = opened;
  await using thief = await openSession(simulator, { keys: opened.keys });
  void thief.session.start();
  await reaches(session, 'stopped');
  clock.pass(3_600_000);
  assert.equal(session.status().state, 'stopped');
  assert.equal(session.status().paired, true);
  await assert.rejects(
    session.connected(),
    fails('not_connected', ({ message }) => message.includes('Another program')),
  );
  await session.restart();
  await reaches(session, 'online');
});

test('disconnecting removes the device from the phone and forgets its keys', async () => {
  await using simulator = await startWhatsApp();
  const alice = simulator.phone('5511999990001');
  await using opened = await pairedSession(simulator, alice);
  const { session, keys } = opened;
  assert.equal(alice.devices.length, 1);
  await session.disconnect();
  const { state, paired, me } = session.status();
  assert.deepEqual({ state, paired, me }, { state: 'unpaired', paired: false, me: undefined });
  assert.equal(alice.devices.length, 0);
  assert.equal(keys.values.size, 0);
});

/** Keys whose writes wait: `writing` resolves when the first has come, `letGo` lets them be done. */
function holdWrites(keys: MemoryKeyStore): { writing: Promise<void>; letGo: () => void } {
  const { promise: writing, resolve: isWriting } = Promise.withResolvers<void>();
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  const write = keys.write.bind(keys);
  keys.write = async (changes) => {
    isWriting();
    await held;
    await write(changes);
  };
  return { writing, letGo };
}

test('disconnecting in the moment of a scan leaves no keys and no linked device', async () => {
  await using simulator = await startWhatsApp();
  const alice = simulator.phone('5511999990001');
  await using opened = await openSession(simulator);
  const { session, keys } = opened;
  const qr = await session.qr();
  const { writing, letGo } = holdWrites(keys);
  const scan = assert.rejects(alice.scan(qr));
  await writing;
  const disconnecting = session.disconnect();
  letGo();
  await disconnecting;
  await scan;
  assert.equal(keys.values.size, 0);
  assert.equal(alice.devices.length, 0);
  await alice.scan(await session.qr());
  await reaches(session, 'online');
});

// A connection that is lost in the moment of a scan leaves such keys behind.
test('keys that turn up while pairing log in, and are forgotten if WhatsApp does not know them', async () => {
  await using simulator = await startWhatsApp();
  const alice = simulator.phone('5511999990001');
  const keys = new MemoryKeyStore();
  await using first = await pairedSession(simulator, alice, { keys });
  await first.session[Symbol.asyncDispose]();
  {
    await using opened = await openSession(simulator, { keys, paired: false });
    await assert.rejects(opened.session.qr(), fails('already_connected'));
    assert.equal(opened.session.status().connected, true);
  }
  alice.unlinkAll();
  await using opened = await openSession(simulator, { keys, paired: false });
  const { session, clock } = opened;
  const qr = session.qr();
  await reaches(session, 'waiting');
  clock.pass(1_000);
  await alice.scan(await qr);
  await reaches(session, 'online');
});

test('disconnecting while pairing ends the codes, and pairing can begin anew', async () => {
  await using simulator = await startWhatsApp();
  const alice = simulator.phone('5511999990001');
  await using opened = await openSession(simulator);
  const { session } = opened;
  const asking = session.qr();
  const disconnecting = session.disconnect();
  await assert.rejects(asking, fails('not_connected'));
  await disconnecting;
  assert.equal(session.status().state, 'unpaired');
  await alice.scan(await session.qr());
  await reaches(session, 'online');
});

test('restarts upon restarts leave one connection, which works', async () => {
  await using simulator = await startWhatsApp();
  const alice = simulator.phone('5511999990001');
  await using opened = await pairedSession(simulator, alice);
  const { session } = opened;
  const loginsBefore = simulator.requestCount('login');
  await Promise.all([session.restart(), session.restart(), session.restart()]);
  await reaches(session, 'online');
  assert.deepEqual(await (await session.connected()).groups(), []);
  // Two logins with the same keys at the same time would have ended one of them as "replaced".
  assert.ok(simulator.requestCount('login') > loginsBefore);
  assert.equal(session.status().state, 'online');
});

test('a restart while the connection fails leaves one attempt, not two', async () => {
  await using simulator = await startWhatsApp();
  await using opened = await pairedSession(simulator, simulator.phone('5511999990001'));
  const { session, keys, clock } = opened;
  const read = keys.read.bind(keys);
  keys.read = async () => {
    keys.read = read;
    throw new Error('busy');
  };
  const loginsBefore = simulator.requestCount('login');
  await Promise.all([session.restart(), session.restart()]);
  await reaches(session, 'waiting');
  clock.pass(1_000);
  await reaches(session, 'online');
  await (await session.connected()).groups();
  assert.equal(simulator.requestCount('login'), loginsBefore + 1);
});

test('a disconnect that cannot forget the keys says so, and the next pairing forgets them', async () => {
  await using simulator = await startWhatsApp();
  const alice = simulator.phone('5511999990001');
  await using opened = await pairedSession(simulator, alice);
  const { session, keys, clock } = opened;
  keys.failure = new Error('disk full');
  await assert.rejects(session.disconnect(), /disk full/);
  keys.failure = undefined;
  const qr = session.qr();
  await reaches(session, 'waiting');
  clock.pass(1_000);
  await alice.scan(await qr);
  await reaches(session, 'online');
});

test('a session that was closed leaves the phone paired, and no timer', async () => {
  await using simulator = await startWhatsApp();
  const alice = simulator.phone('5511999990001');
  const keys = new MemoryKeyStore();
  {
    await using first = await pairedSession(simulator, alice, { keys });
    await first.session[Symbol.asyncDispose]();
    assert.equal(first.clock.running, 0);
    const retryable = fails('not_connected', ({ retryAfterSeconds }) => retryAfterSeconds === 1);
    await assert.rejects(first.session.connected(), retryable);
  }
  await using second = await openSession(simulator, { keys });
  assert.equal(second.session.status().paired, true);
  await second.session.start();
  assert.equal(second.session.status().state, 'online');
  assert.equal(alice.devices.length, 1);
});

test('keys that cannot be read are tried again after a pause', async () => {
  await using simulator = await startWhatsApp();
  const keys = new MemoryKeyStore();
  await using opened = await pairedSession(simulator, simulator.phone('5511999990001'), { keys });
  const { session, clock } = opened;
  keys.failure = new Error('disk full');
  await session.restart();
  await reaches(session, 'waiting');
  keys.failure = undefined;
  clock.pass(1_000);
  await reaches(session, 'online');
});
