import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { GatewayError } from '../errors.ts';
import type { PhoneNumber } from '../ids.ts';
import type { SessionControl, SessionStatus } from '../session-control.ts';
import type {
  ChatEvent,
  Connect,
  Connection,
  ConnectionEvent,
  KeyStore,
  Me,
  WhatsApp,
} from '../whatsapp/whatsapp.ts';
import { liveVerbs } from './live-verbs.ts';
import { notConnected } from './not-connected.ts';
import {
  initialState,
  isPaired,
  isPairing,
  type SessionAction,
  type SessionEvent,
  type SessionState,
  step,
} from './state.ts';
import { WaitingCallers } from './waiting-callers.ts';

interface SessionOptions {
  readonly keys: KeyStore;
  /** Whether `keys` hold a paired phone. */
  readonly paired: boolean;
  readonly connect: Connect;
  readonly clock: Clock;
  /** A number from 0 to 1, as `Math.random`. */
  readonly random: () => number;
  readonly logger: Logger;
  /** Hears of what others do, also while the session is still connecting; must not throw. */
  readonly onEvent?: (event: ChatEvent) => void;
  readonly patience?: Partial<Patience>;
}

/** How long a session waits for what. */
export interface Patience {
  /** A caller, for the first code to pair with. */
  readonly codeMs: number;
  /** A caller, for a session that is about to be online. */
  readonly connectionMs: number;
  /** A session that shows codes, for someone to ask for one. */
  readonly pairingMs: number;
}

const defaultPatience: Patience = { codeMs: 10_000, connectionMs: 5_000, pairingMs: 180_000 };

/** A connection that has held for so long was a good one: when it is lost, the next one is dialled after a short pause. */
const holdMs = 30_000;

/** The session of one instance over time: it carries out what `step` decides, with one connection at a time. */
export class Session implements SessionControl, AsyncDisposable {
  readonly #options: SessionOptions;
  readonly #patience: Patience;
  readonly #callers: WaitingCallers;
  #state: SessionState;
  #since: Date;
  #retryAt: Date | undefined;
  #lastEnd: SessionStatus['lastEnd'];
  #me: Me | undefined;
  #qr: string | undefined;
  #connection: Connection | undefined;
  /** What a connection tells is heard only while it is the one that listens here. */
  #listening: object | undefined;
  /** All actions so far: the next one begins when they are done, so two connections never meet. */
  #done: Promise<void> = Promise.resolve();
  #retry: Disposable | undefined;
  #idle: Disposable | undefined;
  #hold: Disposable | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#patience = { ...defaultPatience, ...options.patience };
    this.#callers = new WaitingCallers(options.clock);
    this.#state = initialState(options.paired);
    this.#since = options.clock.now();
  }

  /**
   * Connects a paired session for the first time; resolves when that has worked or failed. Others have nothing to
   * start.
   */
  async start(): Promise<void> {
    await this.#happened({ type: 'due' });
    await this.#callers.until(() => (this.#state.name === 'connecting' ? undefined : this.#state));
  }

  status(): SessionStatus {
    const { name } = this.#state;
    return {
      state: name === 'shut' ? 'stopped' : name,
      connected: name === 'online',
      paired: isPaired(this.#state),
      me: this.#me,
      since: this.#since,
      stopReason: this.#state.name === 'stopped' ? this.#state.reason : undefined,
      retryAt: this.#retryAt,
      lastEnd: this.#lastEnd,
    };
  }

  async qr(): Promise<string> {
    this.#wantPairing();
    return this.#firstCode();
  }

  async pairingCode(phone: PhoneNumber): Promise<string> {
    this.#wantPairing();
    await this.#firstCode();
    if (!this.#connection) throw notConnected(this.#state);
    return this.#connection.requestPairingCode(phone);
  }

  async disconnect(): Promise<void> {
    await this.#happened({ type: 'disconnect' });
  }

  async restart(): Promise<void> {
    await this.#happened({ type: 'restart' });
  }

  /**
   * The verbs of the connected phone, which outlast a reconnect. Waits for a session that is about to be online, for
   * `patienceMs` at most, in which it may lose its connection and come back more than once; each of the verbs then
   * waits for the usual patience.
   * Errors: `not_connected`, retryable while the session comes back by itself.
   */
  async connected(patienceMs?: number): Promise<WhatsApp> {
    return liveVerbs(await this.#live(patienceMs), () => this.#live());
  }

  /** Ends the session for good; the phone stays paired. Resolves when everything is closed and stored. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#happened({ type: 'shutdown' });
  }

  /** Moves the machine; resolves when the actions that follow are done, and rejects when one of them failed. */
  #happened(event: SessionEvent): Promise<void> {
    const before = this.#state;
    const { state, actions } = step(before, event, this.#options.random());
    this.#state = state;
    if (actions.some((action) => action === 'hang-up' || action === 'log-out')) this.#stopListening();
    if (state !== before) this.#entered(before);
    const work = this.#carryOut(actions, this.#done);
    this.#done = work.catch((error) => this.#options.logger.error({ err: error }, 'A session action failed'));
    this.#callers.lookAgain();
    return work;
  }

  #entered(before: SessionState): void {
    const state = this.#state;
    const { clock, logger } = this.#options;
    if (state.name !== before.name) logger.info({ from: before.name, to: state }, 'The session moved on');
    if (state.name !== before.name) this.#since = clock.now();
    this.#retryAt = state.name === 'waiting' ? new Date(clock.now().getTime() + state.delayMs) : undefined;
    this.#retry?.[Symbol.dispose]();
    this.#retry = undefined;
    if (state.name === 'waiting') {
      this.#retry = clock.after(state.delayMs, () => void this.#happened({ type: 'due' }));
    }
    this.#hold?.[Symbol.dispose]();
    this.#hold = undefined;
    if (state.name === 'online' && state.attempt > 0) {
      this.#hold = clock.after(holdMs, () => void this.#happened({ type: 'held' }));
    }
    if (!isPairing(state)) {
      this.#idle?.[Symbol.dispose]();
      this.#idle = undefined;
    }
    if (!isPaired(state)) this.#me = undefined;
  }

  /** Each action is tried, also when one before it failed: a session must not be left half-way. */
  async #carryOut(actions: readonly SessionAction[], earlier: Promise<void>): Promise<void> {
    await earlier;
    const failures: unknown[] = [];
    for (const action of actions) await this.#do(action).catch((error) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  async #do(action: SessionAction): Promise<void> {
    switch (action) {
      case 'dial':
        return this.#dial();
      case 'hang-up':
        return this.#release((connection) => connection[Symbol.asyncDispose]());
      case 'log-out':
        return this.#release((connection) => connection.logout());
      case 'forget-keys':
        return this.#options.keys.clear();
    }
  }

  async #dial(): Promise<void> {
    // The machine may have moved on while earlier actions were under way.
    if (this.#state.name !== 'connecting' && this.#state.name !== 'pairing') return;
    const listener = {};
    this.#listening = listener;
    const { connect, keys, logger } = this.#options;
    try {
      this.#connection = await connect({
        keys,
        onEvent: (event) => {
          if (this.#listening === listener) this.#heard(event);
        },
      });
    } catch (error) {
      logger.error({ err: error }, 'A connection could not be started');
      if (this.#listening === listener) void this.#happened({ type: 'closed', reason: 'lost' });
    }
  }

  async #release(end: (connection: Connection) => PromiseLike<void>): Promise<void> {
    this.#stopListening(); // again: a dial that was under way has begun to listen since
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection) await end(connection);
  }

  #stopListening(): void {
    this.#listening = undefined;
    this.#qr = undefined;
  }

  #heard(event: ConnectionEvent): void {
    switch (event.type) {
      case 'qr':
        this.#qr = event.qr;
        void this.#happened({ type: 'qr' });
        break;
      case 'paired':
        this.#qr = undefined;
        this.#me = event.me;
        void this.#happened({ type: 'paired' });
        break;
      case 'open':
        this.#me = event.me;
        void this.#happened({ type: 'opened' });
        break;
      case 'group-photo':
      case 'message':
      case 'call':
        this.#options.onEvent?.(event);
        break;
      case 'passkey-required':
        break;
      case 'closed':
        this.#lastEnd = { reason: event.reason, detail: event.detail, at: this.#options.clock.now() };
        this.#options.logger.info({ reason: event.reason, detail: event.detail }, 'The connection ended');
        this.#stopListening();
        this.#connection = undefined;
        void this.#happened({ type: 'closed', reason: event.reason });
        break;
    }
  }

  #wantPairing(): void {
    void this.#happened({ type: 'pairing-wanted' });
    if (!isPairing(this.#state)) return;
    this.#idle?.[Symbol.dispose]();
    const { clock } = this.#options;
    this.#idle = clock.after(this.#patience.pairingMs, () => void this.#happened({ type: 'pairing-idle' }));
  }

  async #firstCode(): Promise<string> {
    const code = await this.#callers.until(() => {
      if (this.#state.name === 'online') throw new GatewayError('already_connected');
      if (!isPairing(this.#state)) throw notConnected(this.#state);
      return this.#qr;
    }, this.#patience.codeMs);
    if (code) return code;
    throw new GatewayError('whatsapp_timeout', {
      message: 'WhatsApp has not given a code to pair with yet. Ask again in a moment.',
    });
  }

  /** The verbs of the connection there is. See `connected`. */
  async #live(patienceMs = this.#patience.connectionMs): Promise<WhatsApp> {
    const whatsapp = await this.#callers.until(() => {
      // One that is ending is not of use any more, and its end will be heard in a moment.
      if (this.#state.name === 'online')
        return this.#connection?.isOpen ? this.#connection.whatsapp : undefined;
      if (!isAboutToConnect(this.#state, patienceMs)) throw notConnected(this.#state);
      return undefined;
    }, patienceMs);
    if (!whatsapp) throw notConnected(this.#state);
    return whatsapp;
  }
}

function isAboutToConnect(state: SessionState, withinMs: number): boolean {
  if (state.name === 'waiting') return state.next === 'connecting' && state.delayMs <= withinMs;
  return state.name === 'connecting';
}
