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
import type { LoginLine } from './login-line.ts';
import type { NetworkWatch } from './network-watch.ts';
import { noCodeYet, notConnected, notPairing } from './not-connected.ts';
import { ProxyUse } from './proxy-use.ts';
import {
  isPaired,
  isPairing,
  isToldToWait,
  type SessionAction,
  type SessionEvent,
  type SessionState,
  step,
  waitsForNetwork,
} from './state.ts';
import { waitUntil } from './wait-until.ts';
import { WaitingCallers } from './waiting-callers.ts';

interface SessionOptions {
  readonly keys: KeyStore;
  /** What the session begins as, see `initialState`. */
  readonly initial: SessionState;
  readonly connect: Connect;
  /** Asked before each connection. */
  readonly dialOptions: () => Promise<DialOptions>;
  /** Where the sessions of the process stand in line to log in. */
  readonly line: LoginLine;
  /** Tells when a network that was gone is back. */
  readonly network: NetworkWatch | undefined;
  readonly clock: Clock;
  /** A number from 0 to 1, as `Math.random`. */
  readonly random: () => number;
  readonly logger: Logger;
  /** Hears of what others do, also while the session is still connecting; must not throw. */
  readonly onEvent?: (event: ChatEvent) => void;
  /** The session goes on without its proxy, which failed again and again; must not throw. */
  readonly onProxyFailed?: () => void;
  /** An instance that was moved has been brought back; must not throw. */
  readonly onTakenBack?: () => void;
  readonly patience?: Partial<Patience>;
}

/** What the next connection of an instance is dialled with. */
export type DialOptions = Pick<Parameters<Connect>[0], 'deviceName' | 'proxyUrl'>;

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
  readonly #proxy = new ProxyUse();
  #state: SessionState;
  #since: Date;
  #retryAt: Date | undefined;
  #lastEnd: SessionStatus['lastEnd'];
  /** How often in a row WhatsApp told us to stay away. */
  #timesTold = 0;
  #me: Me | undefined;
  #qr: string | undefined;
  #connection: Connection | undefined;
  /** What a connection tells is heard only while it is the one that listens here. */
  #listening: object | undefined;
  /** The place in the line, from the wish to dial until the login is over. */
  #place: Disposable | undefined;
  /** All actions so far: the next one begins when they are done, so two connections never meet. */
  #done: Promise<void> = Promise.resolve();
  #retry: Disposable | undefined;
  #networkWait: Disposable | undefined;
  #idle: Disposable | undefined;
  #hold: Disposable | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#patience = { ...defaultPatience, ...options.patience };
    this.#callers = new WaitingCallers(options.clock);
    this.#state = options.initial;
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
    const isDue = this.#retryAt !== undefined && this.#retryAt <= this.#options.clock.now();
    return {
      state: nameForPeople(name),
      connected: name === 'online',
      paired: isPaired(this.#state),
      me: this.#me,
      since: this.#since,
      stopReason: this.#state.name === 'stopped' ? this.#state.reason : undefined,
      retryAt: isDue ? undefined : this.#retryAt,
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
    if (!this.#connection) throw notPairing(this.#standing());
    return this.#connection.requestPairingCode(phone);
  }

  async disconnect(): Promise<void> {
    await this.#happened({ type: 'disconnect' });
  }

  async restart(): Promise<void> {
    this.#proxy.tryAgain();
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

  /**
   * Unlinks the phone, as far as WhatsApp can be told, forgets the keys and ends the session for good. Rejects when the keys
   * could not be forgotten, and can then be repeated.
   */
  async remove(): Promise<void> {
    await this.#happened({ type: 'remove' });
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
    const work = this.#inTurn(() => this.#carryOut(actions));
    this.#callers.lookAgain();
    return work;
  }

  /** Does something when all that was begun before it is done. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#done.then(work);
    this.#done = done.catch((error) => this.#options.logger.error({ err: error }, 'A session action failed'));
    return done;
  }

  #entered(before: SessionState): void {
    const state = this.#state;
    if (state.name !== before.name) {
      const { clock, logger } = this.#options;
      const to = state.name === 'passkey' ? { name: state.name } : state; // its options are for nobody else
      logger.info({ from: before.name, to }, 'The session moved on');
      this.#since = clock.now();
    }
    this.#setTimers();
    if (!isPaired(state)) this.#me = undefined;
    const wasMoved = before.name === 'stopped' && before.reason === 'moved';
    if (wasMoved && !isOver(state)) this.#options.onTakenBack?.();
  }

  /** What happens by itself after a while, or when the network is back, in the state there is. */
  #setTimers(): void {
    const state = this.#state;
    const { clock, network } = this.#options;
    for (const timer of [this.#retry, this.#networkWait, this.#hold]) timer?.[Symbol.dispose]();
    const happens = (event: SessionEvent) => () => void this.#happened(event);
    const delayMs = state.name === 'waiting' || state.name === 'stopped' ? state.delayMs : undefined;
    this.#retryAt = delayMs === undefined ? undefined : new Date(clock.now().getTime() + delayMs);
    this.#retry = this.#retryAt && waitUntil(clock, this.#retryAt, happens({ type: 'due' }));
    this.#networkWait = waitsForNetwork(state) ? network?.wait(happens({ type: 'network-back' })) : undefined;
    const isOnTrial = state.name === 'online' && state.attempt > 0;
    this.#hold = isOnTrial ? clock.after(holdMs, happens({ type: 'held' })) : undefined;
    if (isPairing(state)) {
      if (!this.#idle) this.#watchIdle();
    } else {
      this.#idle?.[Symbol.dispose]();
      this.#idle = undefined;
    }
  }

  /** Each action is tried, also when one before it failed: a session must not be left half-way. */
  async #carryOut(actions: readonly SessionAction[]): Promise<void> {
    const failures: unknown[] = [];
    for (const action of actions) await this.#do(action).catch((error) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  async #do(action: SessionAction): Promise<void> {
    switch (action) {
      case 'dial':
        return this.#standInLine({ isFirst: false });
      case 'dial-first':
        return this.#standInLine({ isFirst: true });
      case 'hang-up':
        return this.#release((connection) => connection[Symbol.asyncDispose]());
      case 'log-out':
        return this.#release((connection) => connection.logout());
      case 'forget-keys':
        return this.#options.keys.clear();
    }
  }

  #standInLine(standing: { readonly isFirst: boolean }): void {
    // The machine may have moved on while earlier actions were under way.
    if (this.#state.name !== 'connecting' && this.#state.name !== 'pairing') return;
    this.#leaveLine();
    const place = this.#options.line.enter(() => void this.#inTurn(() => this.#dial(place)), standing);
    this.#place = place;
  }

  /** Also the end of a login: others may have the place. */
  #leaveLine(): void {
    this.#place?.[Symbol.dispose]();
    this.#place = undefined;
  }

  async #dial(place: Disposable): Promise<void> {
    if (this.#place !== place) return; // it has left the line since
    const listener = {};
    this.#listening = listener;
    const { connect, dialOptions, keys, logger } = this.#options;
    try {
      const { deviceName, proxyUrl } = await dialOptions();
      if (this.#listening !== listener) return;
      this.#connection = await connect({
        keys,
        deviceName,
        proxyUrl: this.#proxy.choose(proxyUrl),
        onEvent: (event) => {
          if (this.#listening === listener) this.#heard(event);
        },
      });
    } catch (error) {
      logger.error({ err: error }, 'A connection could not be started');
      if (this.#listening !== listener) return;
      this.#ended({ type: 'closed', reason: 'lost', detail: 'The connection could not be started.' });
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
    this.#leaveLine();
  }

  #heard(event: ConnectionEvent): void {
    switch (event.type) {
      case 'qr':
        this.#leaveLine();
        this.#qr = event.qr;
        void this.#happened({ type: 'qr' });
        break;
      case 'passkey-required':
        this.#leaveLine();
        void this.#happened(event);
        break;
      case 'paired':
        this.#qr = undefined;
        this.#me = event.me;
        void this.#happened({ type: 'paired' });
        break;
      case 'open':
        this.#leaveLine();
        this.#timesTold = 0;
        this.#me = event.me;
        void this.#happened({ type: 'opened' });
        this.#options.network?.reached();
        break;
      case 'group-photo':
      case 'message':
      case 'call':
        this.#options.onEvent?.(event);
        break;
      case 'closed':
        this.#ended(event);
        break;
    }
  }

  #ended({ reason, detail, retryAfterMs }: Extract<ConnectionEvent, { type: 'closed' }>): void {
    const { clock, logger, onProxyFailed } = this.#options;
    logger.info({ reason, detail }, 'The connection ended');
    this.#stopListening();
    this.#connection = undefined;
    const isPartOfPairing = this.#state.name === 'connecting' && this.#state.awaitsRestart;
    if (reason !== 'closed' && !(reason === 'restart-required' && isPartOfPairing)) {
      this.#lastEnd = { reason, detail, at: clock.now() };
    }
    this.#timesTold = reason === 'told-to-wait' ? this.#timesTold + 1 : 0;
    if (this.#proxy.ended(reason)) {
      logger.warn({ detail }, 'The proxy failed again and again: the session goes on without it');
      onProxyFailed?.();
    }
    void this.#happened({ type: 'closed', reason, retryAfterMs, timesTold: this.#timesTold });
  }

  #wantPairing(): void {
    void this.#happened({ type: 'pairing-wanted' });
    // Asking does not make a passkey unnecessary: that state has to end, or who asks again and again never gets a code.
    if (isPairing(this.#state) && this.#state.name !== 'passkey') this.#watchIdle();
  }

  #watchIdle(): void {
    this.#idle?.[Symbol.dispose]();
    this.#idle = this.#options.clock.after(this.#patience.pairingMs, () => {
      this.#idle = undefined;
      void this.#happened({ type: 'pairing-idle' });
    });
  }

  async #firstCode(): Promise<string> {
    const code = await this.#callers.until(() => {
      if (this.#state.name === 'online') throw new GatewayError('already_connected');
      if (this.#state.name === 'passkey') throw new GatewayError('passkey_required');
      if (!isPairing(this.#state) || isToldToWait(this.#state)) throw notPairing(this.#standing());
      return this.#qr;
    }, this.#patience.codeMs);
    if (code) return code;
    throw noCodeYet(this.#standing());
  }

  /** The verbs of the connection there is. See `connected`. */
  async #live(patienceMs = this.#patience.connectionMs): Promise<WhatsApp> {
    const whatsapp = await this.#callers.until(() => {
      // One that is ending is not of use any more, and its end will be heard in a moment.
      if (this.#state.name === 'online')
        return this.#connection?.isOpen ? this.#connection.whatsapp : undefined;
      if (!this.#isAboutToConnect(patienceMs)) throw notConnected(this.#standing());
      return undefined;
    }, patienceMs);
    if (!whatsapp) throw notConnected(this.#standing());
    return whatsapp;
  }

  #isAboutToConnect(withinMs: number): boolean {
    if (this.#state.name !== 'waiting') return this.#state.name === 'connecting';
    const remainingMs = (this.#retryAt?.getTime() ?? 0) - this.#options.clock.now().getTime();
    return this.#state.next === 'connecting' && remainingMs <= withinMs;
  }

  #standing(): Parameters<typeof notConnected>[0] {
    return {
      state: this.#state,
      now: this.#options.clock.now(),
      retryAt: this.#retryAt,
      lastEnd: this.#lastEnd,
    };
  }
}

const isOver = ({ name }: SessionState): boolean => name === 'shut' || name === 'removed';

function nameForPeople(name: SessionState['name']): SessionStatus['state'] {
  if (name === 'shut') return 'stopped';
  return name === 'removed' ? 'unpaired' : name;
}
