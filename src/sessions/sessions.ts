import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { InstanceId } from '../ids.ts';
import type { ChatEvent, Connect, KeyStore } from '../whatsapp/whatsapp.ts';
import { type Patience, Session } from './session.ts';

interface SessionsOptions {
  /** The instances there are; more come with `of`. */
  readonly instances: readonly InstanceId[];
  readonly keysOf: (instance: InstanceId) => KeyStore;
  /** Whether these keys hold a paired phone. */
  readonly isPaired: (keys: KeyStore) => Promise<boolean>;
  readonly connect: Connect;
  readonly clock: Clock;
  /** A number from 0 to 1, as `Math.random`. */
  readonly random: () => number;
  readonly logger: Logger;
  /** Asked before each connection of an instance. */
  readonly dialOptions?: (
    instance: InstanceId,
  ) => Promise<Pick<Parameters<Connect>[0], 'deviceName' | 'proxyUrl'>>;
  /** Hears of what others do, also while a session is still connecting; must not throw. */
  readonly onEvent?: (instance: InstanceId, event: ChatEvent) => void;
  /** How many sessions log in at the same time. Default: 20. */
  readonly connectAtOnce?: number;
  readonly patience?: Partial<Patience>;
}

/** How long the end of the process may take; whatever is not closed by then is left to the operating system. */
const closingMs = 3_000;

/** All sessions of the process. */
export class Sessions implements AsyncDisposable {
  readonly #options: SessionsOptions;
  readonly #sessions = new Map<InstanceId, Session>();

  /** Use `startSessions`. */
  constructor(options: SessionsOptions, paired: ReadonlyMap<InstanceId, boolean>) {
    this.#options = options;
    for (const [instance, isPaired] of paired) this.#add(instance, isPaired);
  }

  /** The session of an instance; one that is new here is unpaired. */
  of(instance: InstanceId): Session {
    return this.#sessions.get(instance) ?? this.#add(instance, false);
  }

  /** Unpairs the phone, as far as WhatsApp can be told, and ends the session of an instance that is to be no more. */
  async remove(instance: InstanceId): Promise<void> {
    const session = this.#sessions.get(instance);
    if (!session) return;
    await session.disconnect();
    await session[Symbol.asyncDispose]();
    this.#sessions.delete(instance);
  }

  /** Connects the paired sessions, a few at a time; resolves when each has been tried. */
  async connectAll(): Promise<void> {
    const { connectAtOnce = 20 } = this.#options;
    const queue = [...this.#sessions.values()].filter((session) => session.status().paired);
    const work = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) await next.start();
    };
    await Promise.all(Array.from({ length: connectAtOnce }, work));
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

  #add(instance: InstanceId, paired: boolean): Session {
    const { keysOf, connect, clock, random, onEvent, patience } = this.#options;
    const logger = this.#options.logger.child({ instance });
    const session = new Session({
      keys: keysOf(instance),
      paired,
      connect,
      clock,
      random,
      logger,
      onEvent: (event) => onEvent?.(instance, event),
      ...(patience && { patience }),
    });
    this.#sessions.set(instance, session);
    return session;
  }
}

/**
 * The sessions of all instances. The paired ones are connected in the background, without the others waiting for it.
 */
export async function startSessions(options: SessionsOptions): Promise<Sessions> {
  const { instances, keysOf, isPaired } = options;
  const paired = new Map<InstanceId, boolean>();
  for (const instance of instances) paired.set(instance, await isPaired(keysOf(instance)));
  const sessions = new Sessions(options, paired);
  void sessions.connectAll();
  return sessions;
}
