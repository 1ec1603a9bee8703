import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { type Simulator, startSimulator } from '../../simulator/simulator.ts';
import { type ErrorCode, GatewayError } from '../errors.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import { type BaileysOptions, connectBaileys } from '../whatsapp/baileys/connect.ts';
import { isPaired } from '../whatsapp/baileys/is-paired.ts';
import { MemoryKeyStore } from '../whatsapp/memory-key-store.fixture.ts';
import { LoginLine } from './login-line.ts';
import { Session } from './session.ts';
import { initialState } from './state.ts';

/** A simulator whose clients need no one-time keys: making them takes long, and no test here writes messages. */
export const startWhatsApp = () => startSimulator({ preKeyCount: 100 });

/** A line with one place, in which nobody rests. */
export const newLine = () => new LoginLine({ places: 1, rest: (onOver) => onOver() });

/** Where a session connects to: a simulator, or something worse. */
type Target = Pick<BaileysOptions, 'webSocketUrl' | 'rootPublicKey'>;

interface Setting extends Partial<Omit<ConstructorParameters<typeof Session>[0], 'keys' | 'clock'>> {
  readonly keys?: MemoryKeyStore;
  /** Whether the session takes `keys` for those of a paired phone; by default it is right about that. */
  readonly paired?: boolean;
  readonly isMoved?: boolean;
  readonly clock?: ManualClock;
  readonly connectTimeoutMs?: number;
}

interface OpenedSession extends AsyncDisposable {
  readonly session: Session;
  readonly keys: MemoryKeyStore;
  readonly clock: ManualClock;
}

/** For tests: a session with real connections, whose time passes when it is told to, and whose pauses are the shortest. */
export async function openSession(target: Target, setting: Setting = {}): Promise<OpenedSession> {
  const { keys = new MemoryKeyStore(), clock = new ManualClock(), connectTimeoutMs = 3_000 } = setting;
  const { paired = await isPaired(keys), isMoved = false, ...options } = setting;
  const logger = pino({ level: 'silent' });
  const { webSocketUrl, rootPublicKey } = target;
  const session = new Session({
    initial: initialState(paired, isMoved),
    connect: connectBaileys({ webSocketUrl, rootPublicKey, logger, connectTimeoutMs }),
    dialOptions: async () => ({}),
    line: newLine(),
    network: undefined,
    random: () => 0,
    logger,
    ...options,
    keys,
    clock,
  });
  return { session, keys, clock, [Symbol.asyncDispose]: () => session[Symbol.asyncDispose]() };
}

/** The same, online: `phone` has just linked it. */
export async function pairedSession(
  simulator: Simulator,
  phone: { scan(qr: string): Promise<unknown> },
  setting?: Setting,
): Promise<OpenedSession> {
  const opened = await openSession(simulator, setting);
  await phone.scan(await opened.session.qr());
  await reaches(opened.session, 'online');
  return opened;
}

/** Waits for a state, for 20 real seconds at most; looking is cheap and a session tells nobody. */
export async function reaches(
  session: Session,
  state: ReturnType<Session['status']>['state'],
): Promise<void> {
  const giveUp = Date.now() + 20_000;
  while (session.status().state !== state) {
    assert.ok(Date.now() < giveUp, `The session is "${session.status().state}", not "${state}"`);
    await pause(2);
  }
}

/** For `assert.rejects`: an error with this code, that fits. */
export const fails =
  (code: ErrorCode, fits: (error: GatewayError) => boolean = () => true) =>
  (error: unknown) =>
    error instanceof GatewayError && error.code === code && fits(error);
