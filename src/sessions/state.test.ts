import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { StopReason } from '../session-control.ts';
import type { EndReason } from '../whatsapp/whatsapp.ts';
import {
  initialState,
  isPaired,
  isPairing,
  isToldToWait,
  type SessionAction,
  type SessionEvent,
  type SessionState,
  step,
  waitsForNetwork,
} from './state.ts';

const unpaired: SessionState = { name: 'unpaired' };
const pairing = (attempt = 0): SessionState => ({ name: 'pairing', attempt });
const connecting = (attempt = 0): SessionState => ({ name: 'connecting', attempt });
const awaitingRestart: SessionState = { name: 'connecting', attempt: 0, awaitsRestart: true };
const online = (attempt = 0): SessionState => ({ name: 'online', attempt });
const passkey: SessionState = { name: 'passkey', options: '{"challenge":"AQID"}' };
const waiting = (
  next: 'pairing' | 'connecting',
  attempt: number,
  delayMs: number,
  after: EndReason | undefined,
): SessionState => ({ name: 'waiting', next, attempt, delayMs, after });
const stopped = (reason: StopReason, paired: boolean, delayMs?: number): SessionState => ({
  name: 'stopped',
  reason,
  paired,
  delayMs,
});
const halfAnHour = 1_800_000;
const loggedOut: SessionState = { name: 'loggedOut' };
const removed: SessionState = { name: 'removed' };
const shut: SessionState = { name: 'shut' };

const ends = [
  'closed',
  'restart-required',
  'logged-out',
  'replaced',
  'banned',
  'told-to-wait',
  'client-too-old',
  'pairing-failed',
  'unreachable',
  'proxy-failed',
  'lost',
] as const satisfies EndReason[];

type EventName =
  | Exclude<SessionEvent['type'], 'closed'>
  | `closed: ${EndReason}`
  | 'closed: told-to-wait for an hour';

const events: Readonly<Record<EventName, SessionEvent>> = {
  due: { type: 'due' },
  'network-back': { type: 'network-back' },
  'pairing-wanted': { type: 'pairing-wanted' },
  'pairing-idle': { type: 'pairing-idle' },
  qr: { type: 'qr' },
  'passkey-required': { type: 'passkey-required', options: '{"challenge":"AQID"}' },
  paired: { type: 'paired' },
  opened: { type: 'opened' },
  held: { type: 'held' },
  restart: { type: 'restart' },
  disconnect: { type: 'disconnect' },
  remove: { type: 'remove' },
  shutdown: { type: 'shutdown' },
  ...(Object.fromEntries(ends.map((reason) => [`closed: ${reason}`, { type: 'closed', reason }])) as Record<
    `closed: ${EndReason}`,
    SessionEvent
  >),
  'closed: told-to-wait for an hour': { type: 'closed', reason: 'told-to-wait', retryAfterMs: 3_600_000 },
};

type Outcome = [state: SessionState, ...actions: SessionAction[]];
type Outcomes = { readonly [Event in EventName]?: Outcome };

/** What the ends of a connection come to, whose `attempt` was the one before `failures`. */
const afterEnds = (next: 'pairing' | 'connecting', failures: number, delayMs: number): Outcomes => {
  const isPaired = next === 'connecting';
  const pause = (reason: EndReason): Outcome => [waiting(next, failures, delayMs, reason)];
  return {
    'closed: closed': pause('closed'),
    'closed: restart-required': pause('restart-required'),
    'closed: logged-out': isPaired ? [loggedOut, 'forget-keys'] : [...pause('logged-out'), 'forget-keys'],
    'closed: replaced': [stopped('replaced', isPaired)],
    'closed: banned': [stopped('banned', isPaired)],
    'closed: client-too-old': [stopped('client-too-old', isPaired, isPaired ? halfAnHour : undefined)],
    'closed: told-to-wait': [waiting(next, failures, 900_000, 'told-to-wait')],
    'closed: told-to-wait for an hour': [waiting(next, failures, 3_600_000, 'told-to-wait')],
    'closed: pairing-failed': isPaired ? [unpaired] : pause('pairing-failed'),
    'closed: unreachable': pause('unreachable'),
    'closed: proxy-failed': pause('proxy-failed'),
    'closed: lost': pause('lost'),
  };
};

const afterPasskeyEnds: Outcomes = Object.fromEntries(
  Object.keys(events)
    .filter((name) => name.startsWith('closed: '))
    .map((name) => [name, [unpaired]]),
);

/** What each state makes of each event; an event that is not listed changes nothing. With chance 0, pauses are shortest. */
const table: [state: SessionState, outcomes: Outcomes][] = [
  [
    unpaired,
    {
      'pairing-wanted': [pairing(), 'dial-first'],
      remove: [removed, 'forget-keys'],
      shutdown: [shut],
    },
  ],
  [
    pairing(),
    {
      ...afterEnds('pairing', 1, 1_000),
      'pairing-idle': [unpaired, 'hang-up', 'forget-keys'],
      'passkey-required': [passkey],
      paired: [awaitingRestart],
      opened: [online()],
      restart: [pairing(), 'hang-up', 'dial-first'],
      disconnect: [unpaired, 'hang-up', 'forget-keys'],
      remove: [removed, 'hang-up', 'forget-keys'],
      shutdown: [shut, 'hang-up'],
      'closed: pairing-failed': [pairing(1), 'dial-first'],
    },
  ],
  [
    pairing(1),
    {
      ...afterEnds('pairing', 2, 2_000),
      'pairing-idle': [unpaired, 'hang-up', 'forget-keys'],
      qr: [pairing()],
      'passkey-required': [passkey],
      paired: [awaitingRestart],
      opened: [online(1)],
      restart: [pairing(), 'hang-up', 'dial-first'],
      disconnect: [unpaired, 'hang-up', 'forget-keys'],
      remove: [removed, 'hang-up', 'forget-keys'],
      shutdown: [shut, 'hang-up'],
    },
  ],
  [
    passkey,
    {
      ...afterPasskeyEnds,
      'pairing-idle': [unpaired, 'hang-up', 'forget-keys'],
      paired: [awaitingRestart],
      restart: [pairing(), 'hang-up', 'dial-first'],
      disconnect: [unpaired, 'hang-up', 'forget-keys'],
      remove: [removed, 'hang-up', 'forget-keys'],
      shutdown: [shut, 'hang-up'],
    },
  ],
  [
    waiting('pairing', 2, 2_000, 'pairing-failed'),
    {
      due: [pairing(2), 'dial-first'],
      'pairing-idle': [unpaired, 'forget-keys'],
      restart: [pairing(), 'dial-first'],
      disconnect: [unpaired, 'forget-keys'],
      remove: [removed, 'forget-keys'],
      shutdown: [shut],
    },
  ],
  [
    waiting('pairing', 2, 2_000, 'unreachable'),
    {
      due: [pairing(2), 'dial-first'],
      'network-back': [pairing(), 'dial-first'],
      'pairing-idle': [unpaired, 'forget-keys'],
      restart: [pairing(), 'dial-first'],
      disconnect: [unpaired, 'forget-keys'],
      remove: [removed, 'forget-keys'],
      shutdown: [shut],
    },
  ],
  [
    waiting('pairing', 2, 900_000, 'told-to-wait'),
    {
      due: [pairing(2), 'dial-first'],
      restart: [pairing(), 'dial-first'],
      disconnect: [unpaired, 'forget-keys'],
      remove: [removed, 'forget-keys'],
      shutdown: [shut],
    },
  ],
  [
    awaitingRestart,
    {
      ...afterEnds('connecting', 1, 1_000),
      opened: [online()],
      restart: [connecting(), 'hang-up', 'dial-first'],
      disconnect: [unpaired, 'log-out', 'forget-keys'],
      remove: [removed, 'log-out', 'forget-keys'],
      shutdown: [shut, 'hang-up'],
      'closed: restart-required': [connecting(), 'dial-first'],
    },
  ],
  [
    connecting(),
    {
      ...afterEnds('connecting', 1, 1_000),
      opened: [online()],
      restart: [connecting(), 'hang-up', 'dial-first'],
      disconnect: [unpaired, 'log-out', 'forget-keys'],
      remove: [removed, 'log-out', 'forget-keys'],
      shutdown: [shut, 'hang-up'],
    },
  ],
  [
    connecting(1),
    {
      ...afterEnds('connecting', 2, 2_000),
      opened: [online(1)],
      restart: [connecting(), 'hang-up', 'dial-first'],
      disconnect: [unpaired, 'log-out', 'forget-keys'],
      remove: [removed, 'log-out', 'forget-keys'],
      shutdown: [shut, 'hang-up'],
    },
  ],
  [
    online(),
    {
      ...afterEnds('connecting', 1, 1_000),
      restart: [connecting(), 'hang-up', 'dial-first'],
      disconnect: [unpaired, 'log-out', 'forget-keys'],
      remove: [removed, 'log-out', 'forget-keys'],
      shutdown: [shut, 'hang-up'],
    },
  ],
  [
    online(1),
    {
      ...afterEnds('connecting', 2, 2_000),
      held: [online()],
      restart: [connecting(), 'hang-up', 'dial-first'],
      disconnect: [unpaired, 'log-out', 'forget-keys'],
      remove: [removed, 'log-out', 'forget-keys'],
      shutdown: [shut, 'hang-up'],
    },
  ],
  ...(['lost', 'unreachable', 'proxy-failed', 'told-to-wait', undefined] as const).map(
    (after): [SessionState, Outcomes] => [
      waiting('connecting', 3, 4_000, after),
      {
        due: [connecting(3), 'dial'],
        ...((after === 'lost' || after === 'unreachable') && { 'network-back': [connecting(), 'dial'] }),
        restart: [connecting(), 'dial-first'],
        disconnect: [unpaired, 'forget-keys'],
        remove: [removed, 'forget-keys'],
        shutdown: [shut],
      },
    ],
  ),
  ...(['replaced', 'banned', 'moved'] as const).map((reason): [SessionState, Outcomes] => [
    stopped(reason, true),
    {
      restart: [connecting(), 'dial-first'],
      disconnect: [unpaired, 'forget-keys'],
      remove: [removed, 'forget-keys'],
      shutdown: [shut],
    },
  ]),
  [
    stopped('client-too-old', true, halfAnHour),
    {
      due: [connecting(), 'dial'],
      restart: [connecting(), 'dial-first'],
      disconnect: [unpaired, 'forget-keys'],
      remove: [removed, 'forget-keys'],
      shutdown: [shut],
    },
  ],
  [
    stopped('banned', false),
    {
      'pairing-wanted': [pairing(), 'dial-first'],
      restart: [unpaired],
      remove: [removed, 'forget-keys'],
      shutdown: [shut],
    },
  ],
  [
    loggedOut,
    { 'pairing-wanted': [pairing(), 'dial-first'], remove: [removed, 'forget-keys'], shutdown: [shut] },
  ],
  [removed, { remove: [removed, 'forget-keys'] }],
  [shut, { remove: [removed, 'forget-keys'] }],
];

describe('what a session does', () => {
  for (const [state, outcomes] of table) {
    for (const [name, event] of Object.entries(events)) {
      const [expected, ...actions] = outcomes[name as EventName] ?? [state];
      test(`${JSON.stringify(state)}, ${name}: ${[expected.name, ...actions].join(', ')}`, () => {
        assert.deepEqual(step(state, event, 0), { state: expected, actions });
      });
    }
  }
});

test('pauses double from 1–2 s up to 2.5–5 min, while pairing up to 8–16 s, spread by chance', () => {
  const pausesFrom = (start: SessionState, chance: number) => {
    const pauses: number[] = [];
    let state = start;
    for (let failures = 1; failures <= 11; failures += 1) {
      const after = step(state, events['closed: lost'], chance).state;
      assert.ok(after.name === 'waiting');
      pauses.push(after.delayMs / 1_000);
      state = step(after, events.due, chance).state;
    }
    return pauses;
  };
  assert.deepEqual(pausesFrom(connecting(), 0), [1, 2, 4, 8, 16, 32, 64, 128, 150, 150, 150]);
  assert.deepEqual(pausesFrom(connecting(), 1), [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
  assert.deepEqual(pausesFrom(pairing(), 0), [1, 2, 4, 8, 8, 8, 8, 8, 8, 8, 8]);
  assert.deepEqual(pausesFrom(pairing(), 1), [2, 4, 8, 16, 16, 16, 16, 16, 16, 16, 16]);
});

test('a connection that breaks off soon after each login is dialled ever more slowly, until one has held', () => {
  const dropped = (state: SessionState) => {
    const after = step(state, events['closed: lost'], 0).state;
    assert.ok(after.name === 'waiting');
    return { delayMs: after.delayMs, online: step(step(after, events.due, 0).state, events.opened, 0).state };
  };
  const pauses: number[] = [];
  let state = online();
  for (let login = 1; login <= 5; login += 1) {
    const { delayMs, online } = dropped(state);
    pauses.push(delayMs);
    state = online;
  }
  assert.deepEqual(pauses, [1_000, 2_000, 4_000, 8_000, 16_000]);
  assert.equal(dropped(step(state, events.held, 0).state).delayMs, 1_000);
});

test('a wait that WhatsApp asks for is as long as it said, a little longer at most, and 30 days are believed', () => {
  const waitFor = (retryAfterMs: number, chance: number) => {
    const { state } = step(online(), { type: 'closed', reason: 'told-to-wait', retryAfterMs }, chance);
    assert.ok(state.name === 'waiting');
    return state.delayMs;
  };
  assert.equal(waitFor(5_000, 0), 5_000);
  assert.equal(waitFor(5_000, 1), 5_500);
  const monthMs = 30 * 86_400_000;
  assert.equal(waitFor(monthMs - 1_000, 0), monthMs - 1_000);
  assert.equal(waitFor(monthMs - 1_000, 1), monthMs - 1_000 + 60_000);
  assert.equal(waitFor(3_000_000_000_000, 0), monthMs);
  assert.equal(waitFor(1e18, 1), monthMs + 60_000);
});

test('a wait of no given length is a quarter of an hour, and twice as long each further time in a row, up to 4 h', () => {
  for (const retryAfterMs of [undefined, 0]) {
    const minutes = [1, 2, 3, 4, 5, 6].map((timesTold) => {
      const told: SessionEvent = { type: 'closed', reason: 'told-to-wait', retryAfterMs, timesTold };
      const { state } = step(connecting(7), told, 0);
      assert.ok(state.name === 'waiting');
      return state.delayMs / 60_000;
    });
    assert.deepEqual(minutes, [15, 30, 60, 120, 240, 240]);
  }
});

test('a paired session begins by waiting for its turn, one that was moved away by having stopped', () => {
  assert.deepEqual(step(initialState(true, false), events.due, 0), {
    state: connecting(),
    actions: ['dial'],
  });
  assert.deepEqual(step(initialState(false, false), events.due, 0), { state: unpaired, actions: [] });
  assert.deepEqual(initialState(true, true), stopped('moved', true));
  assert.deepEqual(initialState(false, true), stopped('moved', false));
});

test('what the others ask of a state', () => {
  const namesOf = (fits: (state: SessionState) => boolean) => [
    ...new Set(
      table.filter(([state]) => fits(state)).map(([state]) => [state.name, ...detailsOf(state)].join(' ')),
    ),
  ];
  const detailsOf = (state: SessionState) => {
    if (state.name === 'waiting') return [state.next, state.after ?? 'start'];
    return state.name === 'stopped' ? [state.reason] : [];
  };
  assert.deepEqual(namesOf(isPaired), [
    'connecting',
    'online',
    'waiting connecting lost',
    'waiting connecting unreachable',
    'waiting connecting proxy-failed',
    'waiting connecting told-to-wait',
    'waiting connecting start',
    'stopped replaced',
    'stopped banned',
    'stopped moved',
    'stopped client-too-old',
  ]);
  assert.deepEqual(namesOf(isPairing), [
    'pairing',
    'passkey',
    'waiting pairing pairing-failed',
    'waiting pairing unreachable',
    'waiting pairing told-to-wait',
  ]);
  assert.deepEqual(namesOf(isToldToWait), [
    'waiting pairing told-to-wait',
    'waiting connecting told-to-wait',
  ]);
  assert.deepEqual(namesOf(waitsForNetwork), [
    'waiting pairing unreachable',
    'waiting connecting lost',
    'waiting connecting unreachable',
  ]);
});
