import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage } from 'node:http';
import { type BinaryNode, S_WHATSAPP_NET, type WASocket } from 'baileys';
import type { Logger } from 'pino';
import { GatewayError } from '../../errors.ts';
import type { GroupId, PhoneNumber } from '../../ids.ts';
import type { WebVersion } from '../web-version.ts';
import type { ChatEvent, Connection, ConnectionEvent, Me, WhatsApp } from '../whatsapp.ts';
import { setAbout } from './about.ts';
import { Acknowledgements } from './acknowledgements.ts';
import { AppState } from './app-state.ts';
import type { AuthState } from './auth-state.ts';
import { callEventFrom, messageEventFrom } from './chat-events.ts';
import { type End, endOf, refusedUpgrade } from './end-reason.ts';
import { groupPhoto, removeGroupPhoto, setGroupPhoto } from './group-photo.ts';
import { groupPhotoEventFrom } from './group-photo-notification.ts';
import { createGroup, fetchGroup, fetchGroups, fetchInviteCode } from './groups.ts';
import { meFrom } from './me.ts';
import { markRead, ReadReceipts, rejectCall, sendText } from './messages.ts';
import { Pairing, type QrLifetime } from './pairing.ts';
import { fetchProfile, setProfilePhoto } from './profile.ts';
import type { ProxyRoute } from './proxy.ts';
import { keepPushName, learnPushName, setPushName } from './push-name.ts';
import { type Query, queryOn } from './query.ts';
import type { SentMessages } from './sent-messages.ts';
import { openSocket, releaseWaiters } from './socket.ts';

export interface ConnectionOptions {
  readonly sent: SentMessages;
  readonly webSocketUrl: string | undefined;
  /** The version of WhatsApp Web that we say we are. */
  readonly version: WebVersion;
  /** Asked when WhatsApp has refused that version: whether the next connection would have a newer one. */
  readonly isNewerVersionKnown: (refused: WebVersion) => Promise<boolean>;
  /** See `browserOf`. */
  readonly deviceName: string | undefined;
  /** Default: the straight way. */
  readonly proxy: ProxyRoute | undefined;
  /** How long it may take from dialling to being logged in or, unpaired, to the first QR code. */
  readonly connectTimeoutMs: number;
  /** How long WhatsApp may take to answer a request. */
  readonly queryTimeoutMs: number;
  readonly qrLifetime: QrLifetime;
  readonly logger: Logger;
  readonly onEvent: (event: ConnectionEvent) => void;
}

/** How long whoever logs out is to wait for WhatsApp, and leaves without it then. */
const logoutTimeoutMs = 5_000;

/** One Baileys socket and everything that belongs to it, from dialling to `closed`. */
export class BaileysConnection implements Connection {
  readonly whatsapp: WhatsApp;
  readonly #options: ConnectionOptions;
  readonly #auth: AuthState;
  readonly #socket: WASocket;
  readonly #query: Query;
  readonly #acknowledgements: Acknowledgements;
  readonly #readReceipts: ReadReceipts;
  readonly #appState: AppState;
  readonly #pairing: Pairing | undefined;
  /** Aborts when the connection ends: nothing can be answered any more. */
  readonly #ended = new AbortController();
  readonly #socketClosed = Promise.withResolvers<void>();
  readonly #caughtUp = Promise.withResolvers<void>();
  /** Somebody wants us gone, whatever WhatsApp says. */
  readonly #left = Promise.withResolvers<void>();
  #watchdog: NodeJS.Timeout | undefined;
  /** WhatsApp's server has opened the WebSocket. */
  #isReached = false;
  #isOpen = false;
  #end: Promise<void> | undefined;

  constructor(auth: AuthState, options: ConnectionOptions) {
    // What others do with an event is not Baileys' doing, nor are their errors: see `withStrayRejectionsLogged`.
    this.#options = { ...options, onEvent: AsyncLocalStorage.bind(options.onEvent) };
    this.#auth = auth;
    const { proxy, connectTimeoutMs: timeoutMs } = options;
    const agent = proxy?.({ timeoutMs, signal: this.#ended.signal });
    this.#socket = openSocket({ auth, agent, ...options });
    const patience = { ended: this.#ended.signal, timeoutMs: options.queryTimeoutMs };
    this.#query = queryOn(this.#socket, patience);
    this.#acknowledgements = new Acknowledgements(this.#socket, patience);
    this.#readReceipts = new ReadReceipts(this.#socket, this.#query);
    this.#appState = new AppState({
      socket: this.#socket,
      query: this.#query,
      ended: this.#ended.signal,
      queryTimeoutMs: options.queryTimeoutMs,
      onSettings: ({ pushNameSetting }) => {
        if (pushNameSetting?.name) keepPushName(this.#socket, pushNameSetting.name);
      },
    });
    this.#pairing = auth.isLinked ? undefined : this.#startPairing();
    this.whatsapp = this.#verbs();
    this.#listen();
    this.#watch();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  async requestPairingCode(phone: PhoneNumber): Promise<string> {
    const pairing = this.#pairing;
    if (!pairing || this.#auth.isLinked) throw new GatewayError('already_connected');
    await Promise.race([pairing.ready, this.#socketClosed.promise]);
    if (this.#end) {
      throw new GatewayError('whatsapp_timeout', {
        message: 'The connection to WhatsApp was lost before there was a code. Ask for a new one.',
      });
    }
    return pairing.requestCode(phone);
  }

  async logout(): Promise<void> {
    try {
      const jid = this.#auth.creds.me?.id;
      if (this.#isOpen && jid) {
        await this.#query(
          {
            attrs: { to: S_WHATSAPP_NET, type: 'set', xmlns: 'md' },
            content: [{ tag: 'remove-companion-device', attrs: { jid, reason: 'user_initiated' } }],
            timeoutMs: logoutTimeoutMs,
          },
          'The phone may still list this device.',
        );
      }
    } catch (error) {
      // WhatsApp may close the connection instead of answering, and whoever logs out leaves in any case.
      this.#options.logger.info({ err: error }, 'WhatsApp did not confirm the logout');
    } finally {
      await this.#leave('Logged out.');
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#leave('Closed by us.');
  }

  #listen(): void {
    this.#socket.ev.on(
      'connection.update',
      ({ connection, lastDisconnect, receivedPendingNotifications }) => {
        // From `<ib><offline/></ib>`, which WhatsApp sends after the last of what waited for us.
        if (receivedPendingNotifications) this.#caughtUp.resolve();
        if (connection === 'open') this.#opened();
        if (connection === 'close') {
          this.#socketClosed.resolve();
          void this.#finish(this.#seenThroughProxy(endOf(lastDisconnect?.error, this.#auth.isLinked)));
        }
      },
    );
    // Baileys hears this, keeps it to itself, and stays "connecting" for ever.
    this.#socket.ws.on('unexpected-response', (_request, response: IncomingMessage) => {
      void this.#finish(refusedUpgrade(response, new Date()));
    });
    this.#socket.ws.on('open', () => {
      this.#isReached = true;
    });
    // Baileys hears it as well, keeps only a part of what it says, and acknowledges it.
    this.#socket.ws.on('CB:notification,type:picture', (notification: BinaryNode) => {
      this.#tell(groupPhotoEventFrom(notification));
    });
    this.#socket.ev.on('messages.upsert', ({ messages }) => {
      for (const message of messages) this.#tell(messageEventFrom(message, this.#me()));
    });
    this.#socket.ev.on('call', (calls) => {
      for (const call of calls) this.#tell(callEventFrom(call));
    });
    void this.#auth.failure.then((error) => {
      this.#options.logger.error({ err: error }, 'The keys could not be read or written');
      return this.#finish({ reason: 'lost', detail: 'The keys could not be read or written.' });
    });
  }

  #tell(event: ChatEvent | undefined): void {
    if (event && !this.#end) this.#options.onEvent(event);
  }

  /** Gives WhatsApp time for its next step: Baileys has no limit for a login, or a restart, that never comes. */
  #watch(): void {
    const { connectTimeoutMs } = this.#options;
    const detail = `WhatsApp kept us waiting for ${connectTimeoutMs / 1_000} s.`;
    this.#watchdog = setTimeout(() => {
      const reason = this.#isReached ? 'lost' : 'unreachable';
      void this.#finish(this.#seenThroughProxy({ reason, detail }));
    }, connectTimeoutMs);
  }

  #startPairing(): Pairing {
    const { onEvent, qrLifetime, logger } = this.#options;
    return new Pairing({
      socket: this.#socket,
      auth: this.#auth,
      query: this.#query,
      qrLifetime,
      logger,
      onQr: (qr) => {
        clearTimeout(this.#watchdog);
        onEvent({ type: 'qr', qr });
      },
      onPasskey: (options) => onEvent({ type: 'passkey-required', options }),
      onPaired: () => {
        if (this.#end) return;
        onEvent({ type: 'paired', me: this.#me() });
        this.#watch(); // for the restart that WhatsApp asks for next
      },
      onFailed: (detail) =>
        void this.#finish({ reason: this.#auth.isLinked ? 'lost' : 'pairing-failed', detail }),
    });
  }

  #opened(): void {
    if (this.#end) return;
    const me = this.#me();
    clearTimeout(this.#watchdog);
    this.#isOpen = true;
    this.#options.onEvent({ type: 'open', me });
    learnPushName(this.#socket, this.#appState);
  }

  /** Ends the connection, once; resolves when it is over and everything is stored. The first reason counts. */
  #finish(end: End): Promise<void> {
    this.#end ??= this.#close(end);
    return this.#end;
  }

  #leave(detail: string): Promise<void> {
    this.#left.resolve();
    return this.#finish({ reason: 'closed', detail });
  }

  /** What cannot be reached through a proxy is the proxy's doing, as far as anyone can tell from here. */
  #seenThroughProxy(end: End): End {
    return this.#options.proxy && end.reason === 'unreachable'
      ? { reason: 'proxy-failed', detail: `Through the proxy: ${end.detail}` }
      : end;
  }

  async #close(end: End): Promise<void> {
    await this.#release();
    const { reason, detail, retryAfterMs } = await this.#afterNews(end);
    this.#options.onEvent({
      type: 'closed',
      reason,
      detail,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  }

  /** A version that is too old is no end when there is a newer one by now. */
  async #afterNews(end: End): Promise<End> {
    if (end.reason !== 'client-too-old') return end;
    const { version, isNewerVersionKnown } = this.#options;
    const isKnown = await Promise.race([isNewerVersionKnown(version), this.#left.promise]);
    return isKnown
      ? { reason: 'restart-required', detail: `${end.detail} There is a newer one, which is tried next.` }
      : end;
  }

  async #release(): Promise<void> {
    this.#isOpen = false;
    this.#ended.abort();
    this.#caughtUp.resolve();
    clearTimeout(this.#watchdog);
    this.#pairing?.stop();
    void this.#socket.end(undefined);
    await this.#socketClosed.promise;
    releaseWaiters(this.#socket, this.#options.logger);
    await this.#auth.seal();
  }

  #me(): Me {
    return meFrom(this.#auth.creds);
  }

  #verbs(): WhatsApp {
    const me = () => this.#me();
    const query: Query = async (request, whenUnknown) => {
      if (!this.#isOpen) throw new GatewayError('not_connected', { retryAfterSeconds: 1 });
      return this.#query(request, whenUnknown);
    };
    const sender = { socket: this.#socket, acknowledgements: this.#acknowledgements };
    const photoOf = (group: GroupId) => ({ query, me: me(), group });
    return {
      get me() {
        return me();
      },
      caughtUp: () => this.#caughtUp.promise,
      createGroup: (subject, members) => createGroup(query, subject, members),
      groups: () => fetchGroups(query),
      group: (id) => fetchGroup(query, id),
      groupInviteCode: (id) => fetchInviteCode(query, id),
      setGroupPhoto: (id, jpeg) => setGroupPhoto(photoOf(id), jpeg),
      removeGroupPhoto: (id) => removeGroupPhoto(photoOf(id)),
      groupPhoto: (id, size) => groupPhoto(photoOf(id), size),
      sendText: (to, text) => sendText({ ...sender, sent: this.#options.sent }, to, text),
      markRead: (messages) => markRead({ ...sender, readReceipts: this.#readReceipts }, messages),
      rejectCall: (call) => rejectCall(sender, call),
      profile: () => fetchProfile(query, me()),
      setProfileName: (name) => setPushName(this.#socket, this.#appState, name),
      setProfileAbout: (about) => setAbout(query, about),
      setProfilePhoto: (jpeg) => setProfilePhoto(query, jpeg),
    };
  }
}
