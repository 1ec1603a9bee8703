/**
 * A session as a state machine: `step` is a pure function from (state, what happened) to (state, what to do).
 * `session.ts` carries it out.
 */
import type { EndReason } from '../whatsapp/whatsapp.ts';

export type SessionState =
  /** No phone, and nobody is asking for one. */
  | { readonly name: 'unpaired' }
  /** A connection without keys shows codes. `attempt` counts the connections that ended before one was shown. */
  | { readonly name: 'pairing'; readonly attempt: number }
  /**
   * Dialling or logging in. `attempt` counts the failures since the session last held. After pairing, WhatsApp asks for
   * a new connection (`awaitsRestart`).
   */
  | { readonly name: 'connecting'; readonly attempt: number; readonly awaitsRestart?: true }
  /** `attempt` goes on counting until the connection has held for a while: a login alone proves little. */
  | { readonly name: 'online'; readonly attempt: number }
  /** A pause of `delayMs` before the next connection. */
  | {
      readonly name: 'waiting';
      readonly next: 'pairing' | 'connecting';
      readonly attempt: number;
      readonly delayMs: number;
    }
  /** WhatsApp ended it in a way that trying again by ourselves would make worse. */
  | { readonly name: 'stopped'; readonly reason: StopReason; readonly paired: boolean }
  /** WhatsApp removed this device: the keys are gone, pairing starts over. */
  | { readonly name: 'loggedOut' }
  /** The process ends. */
  | { readonly name: 'shut' };

type StopReason = Extract<EndReason, 'replaced' | 'banned' | 'client-too-old'>;

export type SessionEvent =
  /** The pause is over; also the first event of a paired session. */
  | { readonly type: 'due' }
  /** Someone asks for a code to pair with. */
  | { readonly type: 'pairing-wanted' }
  /** Nobody has asked for a code for a while. */
  | { readonly type: 'pairing-idle' }
  /** The connection shows a code. */
  | { readonly type: 'qr' }
  /** A phone accepted us; the keys are stored. */
  | { readonly type: 'paired' }
  | { readonly type: 'opened' }
  /** The session has been online for a while. */
  | { readonly type: 'held' }
  | { readonly type: 'closed'; readonly reason: EndReason }
  | { readonly type: 'restart' }
  | { readonly type: 'disconnect' }
  | { readonly type: 'shutdown' };

/**
 * What to do, one after another. The pause of `waiting` and the watch over idle pairing follow from the state itself.
 */
export type SessionAction =
  | 'dial'
  /** Close the connection; what it still says is not heard any more. */
  | 'hang-up'
  /** As `hang-up`, after telling WhatsApp to remove this device. */
  | 'log-out'
  | 'forget-keys';

interface Step {
  readonly state: SessionState;
  readonly actions: readonly SessionAction[];
}

/** The state of a session that has just been made: a paired one waits for its `due`. */
export const initialState = (paired: boolean): SessionState =>
  paired ? { name: 'waiting', next: 'connecting', attempt: 0, delayMs: 0 } : { name: 'unpaired' };

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

/** Whether the session is on its way to a code that someone asked for. */
export const isPairing = (state: SessionState): boolean =>
  state.name === 'pairing' || (state.name === 'waiting' && state.next === 'pairing');

/** What a session does when something happens. `chance`, from 0 to 1, spreads the pauses of many sessions. */
export function step(state: SessionState, event: SessionEvent, chance: number): Step {
  if (state.name === 'shut') return stay(state);
  switch (event.type) {
    case 'due':
      return state.name === 'waiting' ? dial(state.next, state.attempt) : stay(state);
    case 'pairing-wanted':
      return isPaired(state) || isPairing(state) ? stay(state) : dial('pairing', 0);
    case 'pairing-idle':
      return isPairing(state) ? disconnect(state) : stay(state);
    case 'qr':
      return state.name === 'pairing' ? stay({ name: 'pairing', attempt: 0 }) : stay(state);
    case 'paired':
      return state.name === 'pairing'
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
      return afterClose(state, event.reason, chance);
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

const stay = (state: SessionState): Step => ({ state, actions: [] });

const dial = (name: 'pairing' | 'connecting', attempt: number, ...before: SessionAction[]): Step => ({
  state: { name, attempt },
  actions: [...before, 'dial'],
});

const hasConnection = ({ name }: SessionState): boolean =>
  name === 'pairing' || name === 'connecting' || name === 'online';

const hangUp = (state: SessionState): SessionAction[] => (hasConnection(state) ? ['hang-up'] : []);

function pause(next: 'pairing' | 'connecting', failures: number, chance: number): Step {
  return stay({ name: 'waiting', next, attempt: failures, delayMs: pauseMs(next, failures, chance) });
}

function afterClose(state: SessionState, reason: EndReason, chance: number): Step {
  if (!hasConnection(state)) return stay(state);
  const paired = isPaired(state);
  const attempt = 'attempt' in state ? state.attempt : 0;
  switch (reason) {
    case 'replaced':
    case 'banned':
    case 'client-too-old':
      return stay({ name: 'stopped', reason, paired });
    case 'logged-out': {
      const after = paired ? stay({ name: 'loggedOut' }) : pause('pairing', attempt + 1, chance);
      return { ...after, actions: ['forget-keys'] };
    }
    case 'pairing-failed':
      // Someone is still asking, or `pairing-idle` would have come: new codes at once if the old ones were shown.
      // A connection with keys does not pair; if the engine finds none, they are gone.
      if (paired) return stay({ name: 'unpaired' });
      return attempt === 0 ? dial('pairing', 1) : pause('pairing', attempt + 1, chance);
    case 'restart-required':
      // At once, where it is a part of pairing; whoever is asked again and again must not come back in a tight loop.
      return state.name === 'connecting' && state.awaitsRestart
        ? dial('connecting', attempt)
        : pause(paired ? 'connecting' : 'pairing', attempt + 1, chance);
    case 'told-to-wait':
    case 'unreachable':
    case 'proxy-failed':
    case 'lost':
    case 'closed':
      return pause(paired ? 'connecting' : 'pairing', attempt + 1, chance);
  }
}

function restart(state: SessionState): Step {
  if (isPaired(state)) return dial('connecting', 0, ...hangUp(state));
  return isPairing(state) ? dial('pairing', 0, ...hangUp(state)) : stay(state);
}

function disconnect(state: SessionState): Step {
  const paired = isPaired(state);
  if (!paired && !isPairing(state)) return stay(state);
  const farewell: SessionAction[] = paired && hasConnection(state) ? ['log-out'] : hangUp(state);
  // Also while pairing: the keys may have been stored in this very moment, and WhatsApp will not hear of it.
  return { state: { name: 'unpaired' }, actions: [...farewell, 'forget-keys'] };
}
