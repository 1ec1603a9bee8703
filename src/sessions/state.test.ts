import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  initialState,
  isPaired,
  isPairing,
  type SessionAction,
  type SessionEvent,
  type SessionState,
  step,
} from './state.ts';

const unpaired: SessionState = { name: 'unpaired' };
const pairing = (attempt = 0): SessionState => ({ name: 'pairing', attempt });
const connecting = (attempt = 0): SessionState => ({ name: 'connecting', attempt });
const awaitingRestart: SessionState = { name: 'connecting', attempt: 0, awaitsRestart: true };
const online = (attempt = 0): SessionState => ({ name: 'online', attempt });
const waiting = (next: 'pairing' | 'connecting', attempt: number, delayMs: number): SessionState => ({
  name: 'waiting',
  next,
  attempt,
  delayMs,
});
const stopped = (reason: 'replaced' | 'banned' | 'client-too-old', paired: boolean): SessionState => ({
  name: 'stopped',
  reason,
  paired,
});
const loggedOut: SessionState = { name: 'loggedOut' };
const shut: SessionState = { name: 'shut' };

const events = {
  due: { type: 'due' },
  'pairing-wanted': { type: 'pairing-wanted' },
  'pairing-idle': { type: 'pairing-idle' },
  qr: { type: 'qr' },
  paired: { type: 'paired' },
  opened: { type: 'opened' },
  held: { type: 'held' },
  restart: { type: 'restart' },
  disconnect: { type: 'disconnect' },
  shutdown: { type: 'shutdown' },
  'closed: closed': { type: 'closed', reason: 'closed' },
  'closed: restart-required': { type: 'closed', reason: 'restart-required' },
  'closed: logged-out': { type: 'closed', reason: 'logged-out' },
  'closed: replaced': { type: 'closed', reason: 'replaced' },
  'closed: banned': { type: 'closed', reason: 'banned' },
  'closed: client-too-old': { type: 'closed', reason: 'client-too-old' },
  'closed: pairing-failed': { type: 'closed', reason: 'pairing-failed' },
  'closed: lost': { type: 'closed', reason: 'lost' },
} as const satisfies Record<string, SessionEvent>;

type Outcome = [state: SessionState, ...actions: SessionAction[]];

/** What each state makes of each event; an event that is not listed changes nothing. With chance 0, pauses are shortest. */
const table: [state: SessionState, outcomes: { [Event in keyof typeof events]?: Outcome }][] = [
  [unpaired, { 'pairing-wanted': [pairing(), 'dial'], shutdown: [shut] }],
  [
    pairing(),
    {
      'pairing-idle': [unpaired, 'hang-up', 'forget-keys'],
      paired: [awaitingRestart],
      opened: [online()],
      restart: [pairing(), 'hang-up', 'dial'],
      disconnect: [unpaired, 'hang-up', 'forget-keys'],
      shutdown: [shut, 'hang-up'],
      'closed: closed': [waiting('pairing', 1, 1_000)],
      'closed: restart-required': [waiting('pairing', 1, 1_000)],
      'closed: logged-out': [waiting('pairing', 1, 1_000), 'forget-keys'],
      'closed: replaced': [stopped('replaced', false)],
      'closed: banned': [stopped('banned', false)],
      'closed: client-too-old': [stopped('client-too-old', false)],
      'closed: pairing-failed': [pairing(1), 'dial'],
      'closed: lost': [waiting('pairing', 1, 1_000)],
    },
  ],
  [
    pairing(1),
    {
      'pairing-idle': [unpaired, 'hang-up', 'forget-keys'],
      qr: [pairing()],
      paired: [awaitingRestart],
      opened: [online(1)],
      restart: [pairing(), 'hang-up', 'dial'],
      disconnect: [unpaired, 'hang-up', 'forget-keys'],
      shutdown: [shut, 'hang-up'],
      'closed: closed': [waiting('pairing', 2, 2_000)],
      'closed: restart-required': [waiting('pairing', 2, 2_000)],
      'closed: logged-out': [waiting('pairing', 2, 2_000), 'forget-keys'],
      'closed: replaced': [stopped('replaced', false)],
      'closed: banned': [stopped('banned', false)],
      'closed: client-too-old': [stopped('client-too-old', false)],
      'closed: pairing-failed': [waiting('pairing', 2, 2_000)],
      'closed: lost': [waiting('pairing', 2, 2_000)],
    },
  ],
  [
    waiting('pairing', 2, 2_000),
    {
      due: [pairing(2), 'dial'],
      'pairing-idle': [unpaired, 'forget-keys'],
      restart: [pairing(), 'dial'],
      disconnect: [unpaired, 'forget-keys'],
      shutdown: [shut],
    },
  ],
  [
    awaitingRestart,
    {
      opened: [online()],
      restart: [connecting(), 'hang-up', 'dial'],
      disconnect: [unpaired, 'log-out', 'forget-keys'],
      shutdown: [shut, 'hang-up'],
      'closed: closed': [waiting('connecting', 1, 1_000)],
      'closed: restart-required': [connecting(), 'dial'],
      'closed: logged-out': [loggedOut, 'forget-keys'],
      'closed: replaced': [stopped('replaced', true)],
      'closed: banned': [stopped('banned', true)],
      'closed: client-too-old': [stopped('client-too-old', true)],
      'closed: pairing-failed': [unpaired],
      'closed: lost': [waiting('connecting', 1, 1_000)],
    },
  ],
  [
    connecting(),
    {
      opened: [online()],
      restart: [connecting(), 'hang-up', 'dial'],
      disconnect: [unpaired, 'log-out', 'forget-keys'],
      shutdown: [shut, 'hang-up'],
      'closed: closed': [waiting('connecting', 1, 1_000)],
      'closed: restart-required': [waiting('connecting', 1, 1_000)],
      'closed: logged-out': [loggedOut, 'forget-keys'],
      'closed: replaced': [stopped('replaced', true)],
      'closed: banned': [stopped('banned', true)],
      'closed: client-too-old': [stopped('client-too-old', true)],
      'closed: pairing-failed': [unpaired],
      'closed: lost': [waiting('connecting', 1, 1_000)],
    },
  ],
  [
    connecting(1),
    {
      opened: [online(1)],
      restart: [connecting(), 'hang-up', 'dial'],
      disconnect: [unpaired, 'log-out', 'forget-keys'],
      shutdown: [shut, 'hang-up'],
      'closed: closed': [waiting('connecting', 2, 2_000)],
      'closed: restart-required': [waiting('connecting', 2, 2_000)],
      'closed: logged-out': [loggedOut, 'forget-keys'],
      'closed: replaced': [stopped('replaced', true)],
      'closed: banned': [stopped('banned', true)],
      'closed: client-too-old': [stopped('client-too-old', true)],
      'closed: pairing-failed': [unpaired],
      'closed: lost': [waiting('connecting', 2, 2_000)],
    },
  ],
  [
    online(),
    {
      restart: [connecting(), 'hang-up', 'dial'],
      disconnect: [unpaired, 'log-out', 'forget-keys'],
      shutdown: [shut, 'hang-up'],
      'closed: closed': [waiting('connecting', 1, 1_000)],
      'closed: restart-required': [waiting('connecting', 1, 1_000)],
      'closed: logged-out': [loggedOut, 'forget-keys'],
      'closed: replaced': [stopped('replaced', true)],
      'closed: banned': [stopped('banned', true)],
      'closed: client-too-old': [stopped('client-too-old', true)],
      'closed: pairing-failed': [unpaired],
      'closed: lost': [waiting('connecting', 1, 1_000)],
    },
  ],
  [
    online(1),
    {
      held: [online()],
      restart: [connecting(), 'hang-up', 'dial'],
      disconnect: [unpaired, 'log-out', 'forget-keys'],
      shutdown: [shut, 'hang-up'],
      'closed: closed': [waiting('connecting', 2, 2_000)],
      'closed: restart-required': [waiting('connecting', 2, 2_000)],
      'closed: logged-out': [loggedOut, 'forget-keys'],
      'closed: replaced': [stopped('replaced', true)],
      'closed: banned': [stopped('banned', true)],
      'closed: client-too-old': [stopped('client-too-old', true)],
      'closed: pairing-failed': [unpaired],
      'closed: lost': [waiting('connecting', 2, 2_000)],
    },
  ],
  [
    waiting('connecting', 3, 4_000),
    {
      due: [connecting(3), 'dial'],
      restart: [connecting(), 'dial'],
      disconnect: [unpaired, 'forget-keys'],
      shutdown: [shut],
    },
  ],
  [
    stopped('replaced', true),
    {
      restart: [connecting(), 'dial'],
      disconnect: [unpaired, 'forget-keys'],
      shutdown: [shut],
    },
  ],
  [stopped('banned', false), { 'pairing-wanted': [pairing(), 'dial'], shutdown: [shut] }],
  [loggedOut, { 'pairing-wanted': [pairing(), 'dial'], shutdown: [shut] }],
  [shut, {}],
];

describe('what a session does', () => {
  for (const [state, outcomes] of table) {
    for (const [name, event] of Object.entries(events)) {
      const [expected, ...actions] = outcomes[name as keyof typeof events] ?? [state];
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

test('a paired session begins by waiting for its turn, an unpaired one does nothing', () => {
  assert.deepEqual(step(initialState(true), events.due, 0), { state: connecting(), actions: ['dial'] });
  assert.deepEqual(step(initialState(false), events.due, 0), { state: unpaired, actions: [] });
});

test('a session is paired exactly while it has keys, and pairing exactly while it is on its way to a code', () => {
  const told = table.map(([state]) => [state.name, isPaired(state), isPairing(state)]);
  assert.deepEqual(told, [
    ['unpaired', false, false],
    ['pairing', false, true],
    ['pairing', false, true],
    ['waiting', false, true],
    ['connecting', true, false],
    ['connecting', true, false],
    ['connecting', true, false],
    ['online', true, false],
    ['online', true, false],
    ['waiting', true, false],
    ['stopped', true, false],
    ['stopped', false, false],
    ['loggedOut', false, false],
    ['shut', false, false],
  ]);
});
