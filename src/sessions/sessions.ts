import type { Logger } from 'pino';
import { type Clock, systemClock } from '../clock.ts';
import type { InstanceId } from '../ids.ts';
import type { ChatEvent, Connect, KeyStore } from '../whatsapp/whatsapp.ts';
import { LoginLine } from './login-line.ts';
import { NetworkWatch } from './network-watch.ts';
import { type DialOptions, type Patience, Session } from './session.ts';
import { initialState, type SessionState } from './state.ts';
import { whenLoopIsFree } from './when-loop-is-free.ts';

interface SessionsOptions {
  /** The instances there are; more come with `of`. Those that were moved to another gateway do not connect by themselves. */
  readonly instances: readonly { readonly id: InstanceId; readonly isMoved: boolean }[];
  readonly keysOf: (instance: InstanceId) => KeyStore;
  /** Whether these keys hold a paired phone. */
  readonly isPaired: (keys: KeyStore) => Promise<boolean>;
  readonly connect: Connect;
  readonly clock: Clock;
  /** A number from 0 to 1, as `Math.random`. */
  readonly random: () => number;
  readonly logger: Logger;
  /** Asked before each connection of an instance. */
  readonly dialOptions?: (instance: InstanceId) => Promise<DialOptions>;
  /**
   * Whether WhatsApp can be reached right now. Asked every few seconds while sessions wait for a network that is gone, so
   * that they come back as soon as it does; without it they only try again after growing pauses.
   */
  readonly isReachable?: () => Promise<boolean>;
  /** Hears of what others do, also while a session is still connecting; must not throw. */
  readonly onEvent?: (instance: InstanceId, event: ChatEvent) => void;
  /** An instance goes on without its proxy, which failed three times in a row; must not throw. */
  readonly onProxyFailed?: (instance: InstanceId) => void;
  /** An instance that was moved has been brought back: the mark has to go; must not throw. */
  readonly onTakenBack?: (instance: InstanceId) => void;
  /** How many sessions log in at the same time, at most: none begins while the event loop is busy. Default: 20. */
  readonly connectAtOnce?: number;
  readonly patience?: Partial<Patience>;
}

/** How long the end of the process may take; whatever is not closed by then is left to the operating system. */
const closingMs = 3_000;

/** All sessions of the process. */
export class Sessions implements AsyncDisposable {
  readonly #options: SessionsOptions;
  readonly #line: LoginLine;
  readonly #network: NetworkWatch | undefined;
  readonly #sessions = new Map<InstanceId, Session>();
  /** Someone may still hold these ids: what they get is of no use, and does nothing. */
  readonly #removed = new Set<InstanceId>();

  /** Use `startSessions`. */
  constructor(options: SessionsOptions, initial: ReadonlyMap<InstanceId, SessionState>) {
    const { connectAtOnce = 20, isReachable, clock } = options;
    this.#options = options;
    this.#line = new LoginLine({
      places: connectAtOnce,
      rest: (onOver) => whenLoopIsFree(systemClock, onOver), // the loop is busy in real time, whatever `clock` says
    });
    this.#network = isReachable && new NetworkWatch({ isReachable, clock });
    for (const [instance, state] of initial) this.#add(instance, state);
  }

  /** The session of an instance; one that is new here is unpaired. */
  of(instance: InstanceId): Session {
    const session = this.#sessions.get(instance);
    if (session) return session;
    return this.#removed.has(instance)
      ? this.#open(instance, { name: 'removed' })
      : this.#add(instance, initialState(false, false));
  }

  /** Connects the paired sessions, a few at a time. */
  connectAll(): void {
    for (const session of this.#sessions.values()) void session.start();
  }

  /**
   * Unlinks the phone, as far as WhatsApp can be told, and ends the session of an instance that is to be no more. Rejects
   * when its keys could not be forgotten, and can then be repeated.
   */
  async remove(instance: InstanceId): Promise<void> {
    const session = this.of(instance);
    this.#removed.add(instance);
    await session.remove();
    this.#sessions.delete(instance);
  }

  /** Closes all sessions; the phones stay paired. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = Promise.allSettled(
      [...this.#sessions.values()].map((session) => session[Symbol.asyncDispose]()),
    );
    const { promise: tooLong, resolve } = Promise.withResolvers<void>();
    using _deadline = this.#options.clock.after(closingMs, resolve);
    await Promise.race([closed, tooLong]);
  }

  #add(instance: InstanceId, initial: SessionState): Session {
    const session = this.#open(instance, initial);
    this.#sessions.set(instance, session);
    return session;
  }

  #open(instance: InstanceId, initial: SessionState): Session {
    const { keysOf, connect, clock, random, patience } = this.#options;
    const { dialOptions, onEvent, onProxyFailed, onTakenBack } = this.#options;
    return new Session({
      keys: keysOf(instance),
      initial,
      connect,
      dialOptions: async () => (await dialOptions?.(instance)) ?? {},
      line: this.#line,
      network: this.#network,
      clock,
      random,
      logger: this.#options.logger.child({ instance }),
      onEvent: (event) => onEvent?.(instance, event),
      onProxyFailed: () => onProxyFailed?.(instance),
      onTakenBack: () => onTakenBack?.(instance),
      ...(patience && { patience }),
    });
  }
}

/**
 * The sessions of all instances. The paired ones are connected in the background, without the others waiting for it.
 */
export async function startSessions(options: SessionsOptions): Promise<Sessions> {
  const { instances, keysOf, isPaired } = options;
  const initial = new Map<InstanceId, SessionState>();
  for (const { id, isMoved } of instances) {
    initial.set(id, initialState(await isPaired(keysOf(id)), isMoved));
  }
  const sessions = new Sessions(options, initial);
  sessions.connectAll();
  return sessions;
}
