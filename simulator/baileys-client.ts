/** For tests: a real Baileys client on a simulator, with keys in memory and deadlines instead of sleeps. */
import {
  type AuthenticationCreds,
  type AuthenticationState,
  type BaileysEventMap,
  generateMessageIDV2,
  initAuthCreds,
  makeWASocket,
  type proto,
  type SignalDataTypeMap,
  type SocketConfig,
  WA_CERT_DETAILS,
  type WASocket,
} from 'baileys';
import { pino } from 'pino';
import type { Phone } from './phone.ts';
import type { Simulator } from './simulator.ts';
import { Watch } from './watch.ts';

/** Far more than an answer takes, on a machine that has much else to do, too. */
const answerDeadlineMs = 20_000;

type EventName = keyof BaileysEventMap;

export interface BaileysClient extends AsyncDisposable {
  readonly sock: WASocket;
  /** Credentials and keys; hand them to `connectClient` to come back as the same device. */
  readonly auth: AuthenticationState;
  /**
   * The first event of this kind that fits, from the past of this client or its future. Rejects after `deadlineMs`.
   * Without `fits` any will do.
   */
  event<Name extends EventName>(
    name: Name,
    fits?: (data: BaileysEventMap[Name]) => boolean,
    deadlineMs?: number,
  ): Promise<BaileysEventMap[Name]>;
  /** All events of this kind so far, oldest first. */
  events<Name extends EventName>(name: Name): readonly BaileysEventMap[Name][];
  /** The status code with which the connection ended (`lastDisconnect.error.output.statusCode`). */
  closed(deadlineMs?: number): Promise<number | undefined>;
  /** The next QR code. */
  qr(): Promise<string>;
  /** Sends a text, encrypted, and again to those who ask for it. Gives the id of the message. */
  say(jid: string, text: string): Promise<string>;
}

/** Fresh credentials, and a key store in memory. */
export function newAuth(creds: AuthenticationCreds = initAuthCreds()): AuthenticationState {
  const values = new Map<string, unknown>();
  return {
    creds,
    keys: {
      get: async <Type extends keyof SignalDataTypeMap>(type: Type, ids: string[]) => {
        const found: { [id: string]: SignalDataTypeMap[Type] } = {};
        for (const id of ids) {
          const value = values.get(`${type}/${id}`);
          if (value !== undefined) found[id] = value as SignalDataTypeMap[Type];
        }
        return found;
      },
      set: async (changes) => {
        for (const [type, entries] of Object.entries(changes)) {
          for (const [id, value] of Object.entries(entries)) {
            if (value) values.set(`${type}/${id}`, value);
            else values.delete(`${type}/${id}`);
          }
        }
      },
    },
  };
}

interface ClientOptions {
  /** Default: Baileys' own. */
  readonly makeSignalRepository?: SocketConfig['makeSignalRepository'];
}

interface ConnectOptions extends ClientOptions {
  readonly auth?: AuthenticationState;
  readonly connectTimeoutMs?: number;
}

/** Dials the simulator: logs in with paired `auth`, waits to be paired with fresh one. Resolves at once. */
export function connectClient(
  simulator: Pick<Simulator, 'webSocketUrl' | 'rootPublicKey'>,
  { auth = newAuth(), connectTimeoutMs = 3_000, makeSignalRepository }: ConnectOptions = {},
): BaileysClient {
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(simulator.rootPublicKey);
  const written = new Map<string, proto.IMessage>();
  const sock = makeWASocket({
    auth,
    waWebSocketUrl: simulator.webSocketUrl,
    logger: pino({ level: 'silent' }),
    // Their timers outlive the connection and keep the process alive.
    defaultQueryTimeoutMs: 3_000,
    connectTimeoutMs,
    ...(makeSignalRepository && { makeSignalRepository }),
    retryRequestDelayMs: 0,
    markOnlineOnConnect: false,
    getMessage: async ({ id }) => written.get(id ?? ''),
  });
  const heard: { name: string; data: unknown }[] = [];
  const watch = new Watch();
  sock.ev.process((events) => {
    for (const [name, data] of Object.entries(events)) heard.push({ name, data });
    watch.changed();
  });

  const events = <Name extends EventName>(name: Name) =>
    heard.filter((event) => event.name === name).map(({ data }) => data as BaileysEventMap[Name]);

  const event = <Name extends EventName>(
    name: Name,
    fits: (data: BaileysEventMap[Name]) => boolean = () => true,
    deadlineMs?: number,
  ) =>
    watch.until(
      () => events(name).find(fits),
      (waitedMs) => `No such "${name}" within ${waitedMs} ms`,
      deadlineMs,
    );

  return {
    sock,
    auth,
    event,
    events,
    async closed(deadlineMs) {
      const update = await event('connection.update', ({ connection }) => connection === 'close', deadlineMs);
      const error = update.lastDisconnect?.error;
      return error && 'output' in error ? (error.output as { statusCode: number }).statusCode : undefined;
    },
    async qr() {
      const { qr = '' } = await event('connection.update', (update) => update.qr !== undefined);
      return qr;
    },
    say(jid, text) {
      const messageId = generateMessageIDV2(sock.user?.id);
      const message = { conversation: text };
      // Before it is sent: who cannot read it asks at once.
      written.set(messageId, message);
      return sock.relayMessage(jid, message, { messageId });
    },
    async [Symbol.asyncDispose]() {
      if (sock.ws.isOpen) await settle(sock, 500).catch(() => undefined);
      await sock.end(undefined);
    },
  };
}

/** A client that `phone` has linked by QR code, back from the restart that belongs to it, and online. */
export async function pairClient(
  simulator: Simulator,
  phone: Phone,
  options?: ClientOptions,
): Promise<BaileysClient> {
  const auth = newAuth();
  {
    await using unpaired = connectClient(simulator, { auth });
    await phone.scan(await unpaired.qr());
    await unpaired.closed();
  }
  return onlineClient(simulator, auth, options);
}

/** The keys of a client that `phone` has linked, and that was online and is not any more. */
export async function pairedAuth(simulator: Simulator, phone: Phone): Promise<AuthenticationState> {
  await using client = await pairClient(simulator, phone);
  return client.auth;
}

/** A client that logs in with these keys, once it is online. */
export async function onlineClient(
  simulator: Pick<Simulator, 'webSocketUrl' | 'rootPublicKey'>,
  auth: AuthenticationState,
  options?: ClientOptions,
): Promise<BaileysClient> {
  await using parts = new AsyncDisposableStack();
  const client = parts.use(connectClient(simulator, { auth, ...options }));
  await client.event('connection.update', ({ connection }) => connection === 'open');
  await settle(client.sock, answerDeadlineMs);
  parts.move();
  return client;
}

/** Answers come in order: after this one, no query is under way whose timer would outlive the connection. */
async function settle(sock: WASocket, deadlineMs: number): Promise<void> {
  const attrs = { to: '@s.whatsapp.net', type: 'get', xmlns: 'w:p' };
  await sock.query({ tag: 'iq', attrs }, deadlineMs);
}
