/**
 * How a connection of a paired phone can end, what the session makes of it, and what callers are told meanwhile.
 * The rows are those of whatsmeow types/events/events.go (ConnectFailureReason) and connectionevents.go, and what a network
 * does.
 */
import assert from 'node:assert/strict';
import { after, before, describe, mock, test } from 'node:test';
import type { Phone } from '../../simulator/phone.ts';
import type { Simulator } from '../../simulator/simulator.ts';
import { type BinaryNode, element } from '../../simulator/stanza.ts';
import { GatewayError } from '../errors.ts';
import { MemoryKeyStore } from '../whatsapp/memory-key-store.fixture.ts';
import type { EndReason } from '../whatsapp/whatsapp.ts';
import type { Session } from './session.ts';
import { openSession, pairedSession, reaches, startWhatsApp } from './test-session.fixture.ts';

/** What a session is in when its connection has ended, and what it answers. */
interface Becomes {
  readonly state: 'waiting' | 'stopped' | 'loggedOut';
  readonly end: EndReason;
  /** When it dials again, by itself. */
  readonly againAfterMs?: number;
  readonly answer: {
    readonly status: 409 | 503;
    readonly retryAfterSeconds?: number;
    /** What stands behind "You are not connected." */
    readonly says?: RegExp;
    /** The same, where it is this, the detail of the end, and that it is tried again. */
    readonly saysDetailAfter?: string;
  };
}

const comesBack = (end: EndReason): Becomes => ({
  state: 'waiting',
  end,
  againAfterMs: 1_000,
  answer: {
    status: 503,
    retryAfterSeconds: 1,
    saysDetailAfter: end === 'unreachable' ? 'WhatsApp cannot be reached from here at the moment. ' : '',
  },
});

const staysAway = (againAfterMs: number, until: string): Becomes => ({
  state: 'waiting',
  end: 'told-to-wait',
  againAfterMs,
  answer: {
    status: 503,
    retryAfterSeconds: againAfterMs / 1_000,
    says: new RegExp(`^WhatsApp told us to stay away until 2026-08-01T${until}Z; a restart tries earlier`),
  },
});

const needsPairing: Becomes = { state: 'loggedOut', end: 'logged-out', answer: { status: 409 } };
const isReplaced: Becomes = {
  state: 'stopped',
  end: 'replaced',
  answer: { status: 409, says: /^Another program uses the keys of this instance; restart/ },
};
const isBanned: Becomes = {
  state: 'stopped',
  end: 'banned',
  answer: { status: 409, says: /^WhatsApp has locked or banned this account; restart/ },
};
const isTooOld: Becomes = {
  state: 'stopped',
  end: 'client-too-old',
  againAfterMs: 1_800_000,
  answer: {
    status: 409,
    says: /^WhatsApp does not accept the version of WhatsApp Web .* update the gateway/,
  },
};

interface World {
  readonly simulator: Simulator;
  readonly alice: Phone;
}

interface Row {
  readonly what: string;
  readonly becomes: Becomes;
  /** What stands in the way of the next login. */
  readonly disturb?: (world: World) => void;
  /** Where the session connects to instead of the simulator. */
  readonly target?: { readonly webSocketUrl?: string; readonly rootPublicKey?: Uint8Array };
  /** How long a login may take. */
  readonly connectTimeoutMs?: number;
  /** What happens when the session is online. */
  readonly whenOnline?: (world: World) => void | Promise<void>;
}

const failure = (code: number, becomes: Becomes, attributes: Record<string, string> = {}): Row => ({
  what: `<failure reason="${code}"> ${JSON.stringify(attributes)}`,
  becomes,
  disturb: ({ simulator }) => simulator.faults.add({ kind: 'login', failure: code, attributes, times: 1 }),
});

const streamError = (code: string, becomes: Becomes): Row => ({
  what: `<stream:error code="${code}">`,
  becomes,
  disturb: ({ simulator }) => simulator.faults.add({ kind: 'login', streamError: code, times: 1 }),
});

const lastWord = (what: string, stanza: BinaryNode, becomes: Becomes): Row => ({
  what,
  becomes,
  whenOnline: ({ alice }) => alice.devices[0]?.link?.end(stanza),
});

const conflict = (type: string) => element('conflict', { type });

const refusedUpgrade = (status: number, lingers: boolean): Row => ({
  what: `HTTP ${status} instead of a WebSocket${lingers ? ', the connection left open' : ''}`,
  becomes: comesBack('lost'),
  disturb: ({ simulator }) => simulator.faults.add({ kind: 'upgrade', status, lingers, times: 1 }),
});

const rows: readonly Row[] = [
  failure(400, comesBack('lost')),
  failure(401, needsPairing),
  failure(402, staysAway(3_600_000, '13:00:00'), { code: '101', expire: '3600' }),
  failure(402, staysAway(900_000, '12:15:00'), { code: '101' }),
  failure(403, isBanned),
  failure(405, isTooOld),
  failure(406, isBanned),
  failure(409, isTooOld),
  failure(413, comesBack('lost')),
  failure(414, comesBack('lost')),
  failure(415, comesBack('lost')),
  failure(418, comesBack('lost')),
  failure(429, staysAway(30_000, '12:00:30'), { backoff: '30' }),
  failure(429, staysAway(900_000, '12:15:00')),
  failure(500, comesBack('lost')),
  failure(501, comesBack('lost')),
  failure(503, comesBack('lost')),
  streamError('515', comesBack('restart-required')),
  streamError('516', needsPairing),
  streamError('503', comesBack('lost')),
  lastWord(
    '<stream:error code="401"><conflict type="device_removed">',
    element('stream:error', { code: '401' }, [conflict('device_removed')]),
    needsPairing,
  ),
  lastWord(
    '<conflict type="device_removed"> without a code',
    element('stream:error', {}, [conflict('device_removed')]),
    needsPairing,
  ),
  lastWord('<conflict type="replaced">', element('stream:error', {}, [conflict('replaced')]), isReplaced),
  lastWord(
    '<xml-not-well-formed>',
    element('stream:error', {}, [element('xml-not-well-formed')]),
    comesBack('lost'),
  ),
  lastWord('<xmlstreamend>', element('xmlstreamend'), comesBack('lost')),
  {
    what: 'a connection that breaks off',
    becomes: comesBack('lost'),
    whenOnline: ({ simulator }) => simulator.dropConnections(),
  },
  {
    what: 'a connection that breaks off at the login',
    becomes: comesBack('lost'),
    disturb: ({ simulator }) => simulator.faults.add({ kind: 'login', close: true, times: 1 }),
  },
  refusedUpgrade(403, false),
  refusedUpgrade(503, false),
  refusedUpgrade(302, false),
  refusedUpgrade(503, true),
  {
    what: 'a server that takes the connection and says nothing',
    becomes: comesBack('unreachable'),
    connectTimeoutMs: 200,
    disturb: ({ simulator }) => simulator.faults.add({ kind: 'upgrade', silence: true, times: 1 }),
  },
  {
    what: 'an address where nobody listens',
    becomes: comesBack('unreachable'),
    target: { webSocketUrl: 'ws://127.0.0.1:9/ws/chat' },
  },
  {
    what: 'a name that nobody has',
    becomes: comesBack('unreachable'),
    // Too long for a name, so that no server has to be asked for it.
    target: { webSocketUrl: `ws://${'x'.repeat(64)}.invalid/ws/chat` },
  },
  {
    what: 'no answer to the hello',
    becomes: comesBack('lost'),
    connectTimeoutMs: 1_000,
    disturb: ({ simulator }) => simulator.faults.add({ kind: 'handshake', silence: true, times: 1 }),
  },
  {
    what: 'a certificate that is not WhatsApp’s',
    becomes: comesBack('lost'),
    target: { rootPublicKey: Buffer.alloc(32, 7) },
  },
  {
    what: 'no answer to the login',
    becomes: comesBack('lost'),
    connectTimeoutMs: 1_000,
    disturb: ({ simulator }) => simulator.faults.add({ kind: 'login', silence: true, times: 1 }),
  },
];

/** What a caller is answered who needs the connection right now. */
async function answerOf(session: Session): Promise<GatewayError> {
  try {
    await session.connected(0);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  assert.fail('The session is connected.');
}

async function assertEndsIn(
  { session, clock }: Awaited<ReturnType<typeof openSession>>,
  { state, end, againAfterMs, answer }: Becomes,
): Promise<void> {
  await reaches(session, state);
  const status = session.status();
  assert.equal(status.lastEnd?.reason, end);
  assert.notEqual(status.lastEnd.detail, '');
  assert.equal(status.connected, false);
  assert.equal(status.paired, state !== 'loggedOut');
  assert.equal(status.stopReason, state === 'stopped' ? end : undefined);
  const againIn = status.retryAt && status.retryAt.getTime() - clock.now().getTime();
  assert.equal(againIn, againAfterMs);

  const error = await answerOf(session);
  assert.equal(error.code, 'not_connected');
  assert.equal(error.status, answer.status);
  assert.equal(error.retryAfterSeconds, answer.retryAfterSeconds);
  const [youAreNot, why] = error.message.split(/(?<=^You are not connected\.) /);
  assert.equal(youAreNot, 'You are not connected.');
  const { says, saysDetailAfter } = answer;
  const { detail } = status.lastEnd;
  if (says) assert.match(why ?? '', says);
  else if (saysDetailAfter === undefined) assert.equal(why, undefined);
  else assert.equal(why, `${saysDetailAfter}${detail} It is tried again by itself.`);

  clock.pass((againAfterMs ?? 86_400_000) - 1);
  assert.equal(session.status().state, state);
  clock.pass(1);
  assert.equal(session.status().state, againAfterMs === undefined ? state : 'connecting');
}

describe('how a connection can end', () => {
  let simulator: Simulator;
  let alice: Phone;
  const pairedKeys = new MemoryKeyStore();

  before(async () => {
    simulator = await startWhatsApp();
    alice = simulator.phone('5511999990001');
    await using _paired = await pairedSession(simulator, alice, { keys: pairedKeys });
  });

  after(() => simulator[Symbol.asyncDispose]());

  for (const { what, becomes, disturb, target, connectTimeoutMs, whenOnline } of rows) {
    const { end, state, againAfterMs } = becomes;
    const again = againAfterMs === undefined ? '' : `, and dials after ${againAfterMs / 1_000} s`;
    test(`${what}: ${end}, so the session is ${state}${again}`, async () => {
      const keys = new MemoryKeyStore();
      for (const [type, values] of pairedKeys.values) keys.values.set(type, new Map(values));
      disturb?.({ simulator, alice });
      await using opened = await openSession(
        { ...simulator, ...target },
        { keys, ...(connectTimeoutMs !== undefined && { connectTimeoutMs }) },
      );
      await opened.session.start();
      if (whenOnline) {
        assert.equal(opened.session.status().state, 'online');
        await whenOnline({ simulator, alice });
      }
      await assertEndsIn(opened, becomes);
    });
  }

  test('pings that are not answered: lost, so the session is waiting, and dials after 1 s', async () => {
    await using simulator = await startWhatsApp();
    // The engine's, which asks every 30 s.
    mock.timers.enable({ apis: ['setInterval', 'Date'], now: Date.now() });
    try {
      await using opened = await pairedSession(simulator, simulator.phone('5511999990001'));
      simulator.faults.add({ kind: 'ping', silence: true });
      mock.timers.tick(30_000);
      await simulator.requestArrived('ping');
      mock.timers.tick(30_000);
      mock.timers.reset();
      await assertEndsIn(opened, comesBack('lost'));
    } finally {
      mock.timers.reset();
    }
  });
});
