import { pino } from 'pino';
import { MemoryKeyStore } from '../memory-key-store.fixture.ts';
import type { Connect, Connection, ConnectionEvent } from '../whatsapp.ts';
import { type BaileysOptions, connectBaileys } from './connect.ts';

/** Far more than any event takes, on a machine that has much else to do, too. */
const deadlineMs = 20_000;

type EventOf<Type extends ConnectionEvent['type']> = Extract<ConnectionEvent, { type: Type }>;

/** For tests: a connection that remembers what it told. */
export interface TestConnection extends AsyncDisposable {
  readonly connection: Connection;
  /** All events so far, oldest first. */
  readonly events: readonly ConnectionEvent[];
  /** The first event of this type (and, with `after`, later than that many of them); rejects after a deadline. */
  event<Type extends ConnectionEvent['type']>(type: Type, after?: number): Promise<EventOf<Type>>;
}

/** Where a test connects to: a simulator, or something worse. */
export type Target = Pick<BaileysOptions, 'webSocketUrl' | 'rootPublicKey'>;

type Options = Partial<Omit<Parameters<Connect>[0], 'onEvent'>> & Omit<Partial<BaileysOptions>, keyof Target>;

/** A connection that is logged in, of a device that `phone` has just linked. */
export async function dialPaired(
  target: Target,
  phone: { scan(qr: string): Promise<unknown> },
  { keys = new MemoryKeyStore(), deviceName, ...options }: Options = {},
): Promise<TestConnection> {
  const pairing = await dial(target, { keys, deviceName, proxyUrl: options.proxyUrl });
  await phone.scan((await pairing.event('qr')).qr);
  await pairing.event('closed');
  const paired = await dial(target, { keys, ...options });
  await paired.event('open');
  return paired;
}

/** Dials `target`. Resolves at once. */
export async function dial(
  target: Target,
  { keys = new MemoryKeyStore(), deviceName, proxyUrl, ...options }: Options = {},
): Promise<TestConnection> {
  const events: ConnectionEvent[] = [];
  const listening = new Set<() => void>();
  const { webSocketUrl, rootPublicKey } = target;
  const connect = connectBaileys({
    webSocketUrl,
    rootPublicKey,
    logger: pino({ level: 'silent' }),
    ...options,
  });
  const connection = await connect({
    keys,
    deviceName,
    proxyUrl,
    onEvent(event) {
      events.push(event);
      for (const look of [...listening]) look();
    },
  });
  return {
    connection,
    events,
    event: <Type extends ConnectionEvent['type']>(type: Type, after = 0) =>
      new Promise<EventOf<Type>>((resolve, reject) => {
        const deadline = setTimeout(() => {
          listening.delete(look);
          const told = events.map((event) => event.type).join(', ');
          reject(new Error(`No such "${type}" within ${deadlineMs} ms, only: ${told}`));
        }, deadlineMs);
        const look = () => {
          const found = events.filter((event): event is EventOf<Type> => event.type === type)[after];
          if (!found) return;
          clearTimeout(deadline);
          listening.delete(look);
          resolve(found);
        };
        listening.add(look);
        look();
      }),
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}
