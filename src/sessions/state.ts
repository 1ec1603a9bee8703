/**
 * A session as a state machine: `step` is a pure function from (state, what happened) to (state, what to do).
 * `session.ts` carries it out.
 */
import type { StopReason } from '../session-control.ts';
import type { EndReason } from '../whatsapp/whatsapp.ts';

export type SessionState =
  /** No phone, and nobody is asking for one. */
  | { readonly name: 'unpaired' }
  /** A connection without keys shows codes. `attempt` counts the connections that ended before one was shown. */
  | { readonly name: 'pairing'; readonly attempt: number }
  /**
   * WhatsApp wants a passkey before it links a phone. `options` is the request for the authenticator, where WhatsApp
   * sent it along: the ceremony that answers it begins there.
   */
  | { readonly name: 'passkey'; readonly options: string | undefined }
  /**
   * Waiting for a turn to dial, dialling or logging in. `attempt` counts the failures since the session last held. After
   * pairing, WhatsApp asks for a new connection (`awaitsRestart`).
   */
  | { readonly name: 'connecting'; readonly attempt: number; readonly awaitsRestart?: true }
  /** `attempt` goes on counting until the connection has held for a while: a login alone proves little. */
  | { readonly name: 'online'; readonly attempt: number }
  /** A pause of `delayMs` before the next connection; the last one ended for the reason `after`, if there was one. */
  | {
      readonly name: 'waiting';
      readonly next: 'pairing' | 'connecting';
      readonly attempt: number;
      readonly delayMs: number;
      readonly after: EndReason | undefined;
    }
  /** Trying again soon would make it worse, or be of no use. `delayMs`: when it is worth a look, where time may help. */
  | {
      readonly name: 'stopped';
      readonly reason: StopReason;
      readonly paired: boolean;
      readonly delayMs: number | undefined;
    }
  /** WhatsApp removed this device: the keys are gone, pairing starts over. */
  | { readonly name: 'loggedOut' }
  /** The instance is no more. */
  | { readonly name: 'removed' }
  /** The process ends. */
  | { readonly name: 'shut' };

export type SessionEvent =
  /** The pause is over; also the first event of a paired session. */
  | { readonly type: 'due' }
  /** WhatsApp can be reached again, after it could not for a while. */
  | { readonly type: 'network-back' }
  /** Someone asks for a code to pair with. */
  | { readonly type: 'pairing-wanted' }
  /** Nobody has asked for a code for a while, or those who did could not be given one. */
  | { readonly type: 'pairing-idle' }
  /** The connection shows a code. */
  | { readonly type: 'qr' }
  /** WhatsApp wants a passkey: no code is of use any more. */
  | { readonly type: 'passkey-required'; readonly options: string | undefined }
  /** A phone accepted us; the keys are stored. */
  | { readonly type: 'paired' }
  | { readonly type: 'opened' }
  /** The session has been online for a while. */
  | { readonly type: 'held' }
  | Closed
  | { readonly type: 'restart' }
  | { readonly type: 'disconnect' }
  /** The instance is to be no more. */
  | { readonly type: 'remove' }
  | { readonly type: 'shutdown' };

interface Closed {
  readonly type: 'closed';
  readonly reason: EndReason;
  /** How long WhatsApp told us to stay away, where it said so. */
  readonly retryAfterMs?: number | undefined;
  /** How often in a row it told us to, this time included. */
  readonly timesTold?: number;
}

/**
 * What to do, one after another. The pause of `waiting` and the watch over idle pairing follow from the state itself.
 */
export type SessionAction =
  /** Open a connection, when it is this session's turn. */
  | 'dial'
  /** As `dial`, ahead of the sessions that nobody is looking at right now. */
  | 'dial-first'
  /** Close the connection; what it still says is not heard any more. */
  | 'hang-up'
  /** As `hang-up`, after telling WhatsApp to remove this device. */
  | 'log-out'
  | 'forget-keys';

interface Step {
  readonly state: SessionState;
  readonly actions: readonly SessionAction[];
}

/** The state of a session that has just been made: a paired one waits for its `due`, unless it was moved away. */
export function initialState(paired: boolean, isMoved: boolean): SessionState {
  if (isMoved) return { name: 'stopped', reason: 'moved', paired, delayMs: undefined };
  return paired
    ? { name: 'waiting', next: 'connecting', attempt: 0, delayMs: 0, after: undefined }
    : { name: 'unpaired' };
}

/** Whether the session has the keys of a paired phone. */
export function isPaired(state: SessionState): boolean {
  switch (state.name) {
    case 'connecting':
    case 'online':
      return true;
    case 'waiting':
      return state.next === 'connecting';
    case 'stopped':
      return state.paired;
    default:
      return false;
  }
}

/** Whether someone asked for a code, and that has not come to an end. */
export const isPairing = (state: SessionState): boolean =>
  state.name === 'pairing' ||
  state.name === 'passkey' ||
  (state.name === 'waiting' && state.next === 'pairing');

/** Whether the session waits until a time that WhatsApp has set. */
export const isToldToWait = (state: SessionState): boolean =>
  state.name === 'waiting' && state.after === 'told-to-wait';

/** Whether the session waits for a network that may be back before its pause is over. */
export const waitsForNetwork = (state: SessionState): boolean =>
  state.name === 'waiting' && (state.after === 'unreachable' || state.after === 'lost');

/** What a session does when something happens. `chance`, from 0 to 1, spreads the pauses of many sessions. */
export function step(state: SessionState, event: SessionEvent, chance: number): Step {
  if (event.type === 'remove') return remove(state);
  if (state.name === 'shut' || state.name === 'removed') return stay(state);
  switch (event.type) {
    case 'due':
      if (state.name === 'stopped' && state.delayMs !== undefined) return dial('connecting', 0);
      return state.name === 'waiting' ? dial(state.next, state.attempt) : stay(state);
    case 'network-back':
      // What failed meanwhile says nothing about the network that is there now.
      return state.name === 'waiting' && waitsForNetwork(state) ? dial(state.next, 0) : stay(state);
    case 'pairing-wanted':
      return isPaired(state) || isPairing(state) ? stay(state) : dial('pairing', 0);
    case 'pairing-idle':
      // Whoever asks again must not get around the time that WhatsApp has set.
      return isPairing(state) && !isToldToWait(state) ? disconnect(state) : stay(state);
    case 'qr':
      return state.name === 'pairing' ? stay({ name: 'pairing', attempt: 0 }) : stay(state);
    case 'passkey-required':
      return state.name === 'pairing' || state.name === 'passkey'
        ? stay({ name: 'passkey', options: event.options })
        : stay(state);
    case 'paired':
      return state.name === 'pairing' || state.name === 'passkey'
        ? stay({ name: 'connecting', attempt: 0, awaitsRestart: true })
        : stay(state);
    case 'opened':
      // Also while pairing: a connection that was lost in the moment of a scan may have left keys.
      return state.name === 'connecting' || state.name === 'pairing'
        ? stay({ name: 'online', attempt: state.attempt })
        : stay(state);
    case 'held':
      return state.name === 'online' ? stay({ name: 'online', attempt: 0 }) : stay(state);
    case 'closed':
      return afterClose(state, event, chance);
    case 'restart':
      return restart(state);
    case 'disconnect':
      return disconnect(state);
    case 'shutdown':
      return { state: { name: 'shut' }, actions: hangUp(state) };
  }
}

/** The longest pauses; someone waits in front of a pairing, and it ends when nobody does. */
const longestPauseMs = { pairing: 16_000, connecting: 300_000 };

/**
 * The pause before the attempt after `failures`: doubling from 1–2 s up to half or all of the longest, spread by
 * `chance`, so that the sessions of one process do not come back in one rush.
 */
function pauseMs(next: 'pairing' | 'connecting', failures: number, chance: number): number {
  const longestMs = Math.min(longestPauseMs[next], 1_000 * 2 ** failures);
  return Math.round((longestMs / 2) * (1 + chance));
}

const minuteMs = 60_000;
const longestToldMs = 30 * 1_440 * minuteMs;

/**
 * The pause that WhatsApp asked for, and never less: up to a tenth or a minute more, by `chance`. Where it named no time,
 * or 0, 15 min, and twice as much each further time up to 4 h.
 */
function toldPauseMs({ retryAfterMs, timesTold = 1 }: Closed, chance: number): number {
  const unnamedMs = Math.min(240 * minuteMs, 15 * minuteMs * 2 ** (timesTold - 1));
  // Nobody is known to have been told more than some days. A number beyond a month is a mistake, as of a date in place of
  // a duration, and would keep the instance away for good; asking once a month does no harm, even if it was meant.
  const toldMs = Math.min(retryAfterMs || unnamedMs, longestToldMs);
  return toldMs + Math.ceil(chance * Math.min(minuteMs, toldMs / 10));
}

/** When a version that WhatsApp took for too old is tried again: a newer one may have been found by then. */
const tooOldPauseMs = (chance: number): number => Math.round(30 * minuteMs * (1 + chance / 10));

const stay = (state: SessionState): Step => ({ state, actions: [] });

/** Someone waits in front of every pairing. */
const dial = (name: 'pairing' | 'connecting', attempt: number): Step => ({
  state: { name, attempt },
  actions: [name === 'pairing' ? 'dial-first' : 'dial'],
});

const dialFirst = (name: 'pairing' | 'connecting', attempt: number, ...before: SessionAction[]): Step => ({
  state: { name, attempt },
  actions: [...before, 'dial-first'],
});

const hasConnection = ({ name }: SessionState): boolean =>
  name === 'pairing' || name === 'passkey' || name === 'connecting' || name === 'online';

const hangUp = (state: SessionState): SessionAction[] => (hasConnection(state) ? ['hang-up'] : []);

function afterClose(state: SessionState, closed: Closed, chance: number): Step {
  if (!hasConnection(state)) return stay(state);
  // A phone that asks for a passkey asks each time; whoever wants to try again says so.
  if (state.name === 'passkey') return stay({ name: 'unpaired' });
  const { reason } = closed;
  const paired = isPaired(state);
  const next = paired ? 'connecting' : 'pairing';
  const attempt = 'attempt' in state ? state.attempt : 0;
  const failures = attempt + 1;
  const waitFor = (delayMs: number): Step =>
    stay({ name: 'waiting', next, attempt: failures, delayMs, after: reason });
  switch (reason) {
    case 'replaced':
    case 'banned':
      return stay({ name: 'stopped', reason, paired, delayMs: undefined });
    case 'client-too-old':
      return stay({ name: 'stopped', reason, paired, delayMs: paired ? tooOldPauseMs(chance) : undefined });
    case 'told-to-wait':
      return waitFor(toldPauseMs(closed, chance));
    case 'logged-out': {
      const after = paired ? stay({ name: 'loggedOut' }) : waitFor(pauseMs(next, failures, chance));
      return { ...after, actions: ['forget-keys'] };
    }
    case 'pairing-failed':
      // Someone is still asking, or `pairing-idle` would have come: new codes at once if the old ones were shown.
      // A connection with keys does not pair; if the engine finds none, they are gone.
      if (paired) return stay({ name: 'unpaired' });
      return attempt === 0 ? dial('pairing', 1) : waitFor(pauseMs(next, failures, chance));
    case 'restart-required':
      // At once, where it is a part of pairing; whoever is asked again and again must not come back in a tight loop.
      return state.name === 'connecting' && state.awaitsRestart
        ? dialFirst('connecting', attempt)
        : waitFor(pauseMs(next, failures, chance));
    case 'unreachable':
    case 'proxy-failed':
    case 'lost':
    case 'closed':
      return waitFor(pauseMs(next, failures, chance));
  }
}

function restart(state: SessionState): Step {
  if (isPaired(state)) return dialFirst('connecting', 0, ...hangUp(state));
  if (isPairing(state)) return dialFirst('pairing', 0, ...hangUp(state));
  return stay(state.name === 'stopped' ? { name: 'unpaired' } : state);
}

function disconnect(state: SessionState): Step {
  if (!isPaired(state) && !isPairing(state)) return stay(state);
  // Also while pairing: the keys may have been stored in this very moment, and WhatsApp will not hear of it.
  return { state: { name: 'unpaired' }, actions: [...farewell(state), 'forget-keys'] };
}

/** Also when that was tried before, and the keys could not be forgotten. */
const remove = (state: SessionState): Step => ({
  state: { name: 'removed' },
  actions: [...farewell(state), 'forget-keys'],
});

const farewell = (state: SessionState): SessionAction[] =>
  isPaired(state) && hasConnection(state) ? ['log-out'] : hangUp(state);
