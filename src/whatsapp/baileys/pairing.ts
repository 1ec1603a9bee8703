import { randomBytes } from 'node:crypto';
import {
  type BinaryNode,
  buildAckStanza,
  buildPairingQRData,
  configureSuccessfulPairing,
  getBinaryNodeChild,
  getBinaryNodeChildren,
  S_WHATSAPP_NET,
  type WASocket,
} from 'baileys';
import type { AuthState } from './auth-state.ts';
import { browser } from './socket.ts';

/** How long a QR code is shown before the next one takes its place: the first of a connection, and each later one. */
export interface QrLifetime {
  readonly firstMs: number;
  readonly nextMs: number;
}

/** How long a pairing code can be typed. Source: WhatsApp Web, WAWebAltDeviceLinkingApi. */
const codeLifetimeMs = 180_000;

interface PairingOptions {
  readonly socket: WASocket;
  readonly auth: AuthState;
  readonly qrLifetime: QrLifetime;
  readonly onQr: (qr: string) => void;
  /** A phone accepted us and the credentials are stored. */
  readonly onPaired: () => void;
  readonly onFailed: (detail: string) => void;
}

/**
 * The linking of an unpaired connection to a phone, from WhatsApp's first stanza to the phone's signature.
 *
 * It takes the place of Baileys' own handlers, which draw codes from a copy of a secret that WhatsApp may ask to
 * change, end the connection in the middle of a slow pairing, and thank the phone before the credentials are stored.
 */
export class Pairing {
  /** Resolves when WhatsApp has sent what codes are made of. */
  readonly ready: Promise<void>;
  readonly #options: PairingOptions;
  readonly #setReady: () => void;
  /** What WhatsApp gave us to show, one after another; the first is on screen. */
  #refs: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #codeUntilMs = 0;
  #phoneTypedCode = false;
  #isOver = false;

  constructor(options: PairingOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ready = promise;
    this.#setReady = resolve;
    const { ws } = options.socket;
    ws.removeAllListeners('CB:iq,type:set,pair-device');
    ws.on('CB:iq,type:set,pair-device', this.#failing(this.#begin));
    ws.removeAllListeners('CB:iq,,pair-success');
    ws.on('CB:iq,,pair-success', this.#failing(this.#succeed));
    ws.on('CB:notification,type:companion_reg_refresh', this.#failing(this.#refresh));
    ws.on('CB:notification,type:link_code_companion_reg', (notification: BinaryNode) => {
      const stage = getBinaryNodeChild(notification, 'link_code_companion_reg')?.attrs.stage;
      if (stage === 'primary_hello') this.#phoneTypedCode = true;
    });
  }

  /** A pairing code has been given out: the connection has to stay for as long as it can be typed. */
  codeGiven(): void {
    this.#codeUntilMs = Date.now() + codeLifetimeMs;
  }

  /** Ends the showing of codes. */
  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  readonly #begin = async (stanza: BinaryNode): Promise<void> => {
    const { socket, qrLifetime } = this.#options;
    await socket.sendNode({
      tag: 'iq',
      attrs: { to: S_WHATSAPP_NET, type: 'result', id: stanza.attrs.id ?? '' },
    });
    const refs = getBinaryNodeChildren(getBinaryNodeChild(stanza, 'pair-device'), 'ref');
    this.#refs = refs.map(({ content }) => textOf(content));
    this.#setReady();
    this.#show(qrLifetime.firstMs);
  };

  #show(lifetimeMs: number): void {
    clearTimeout(this.#timer);
    if (this.#isOver) return;
    if (this.#refs.length === 0) {
      this.#endWhenCodeIsOver();
      return;
    }
    this.#draw();
    this.#timer = setTimeout(() => {
      this.#refs.shift();
      this.#show(this.#options.qrLifetime.nextMs);
    }, lifetimeMs);
  }

  // From the live credentials: a code drawn with an older secret cannot be scanned any more.
  #draw(): void {
    const [ref] = this.#refs;
    if (ref === undefined || this.#isOver) return;
    const { creds } = this.#options.auth;
    const base64 = (key: Uint8Array) => Buffer.from(key).toString('base64');
    const noiseKey = base64(creds.noiseKey.public);
    const identityKey = base64(creds.signedIdentityKey.public);
    this.#options.onQr(buildPairingQRData(ref, noiseKey, identityKey, creds.advSecretKey, browser));
  }

  #endWhenCodeIsOver(): void {
    const remainingMs = this.#codeUntilMs - Date.now();
    if (remainingMs > 0) this.#timer = setTimeout(() => this.#endWhenCodeIsOver(), remainingMs);
    else this.#options.onFailed('All codes were shown and no phone used one.');
  }

  /**
   * WhatsApp asks for a new secret behind the same code, often at the moment of a scan; the code drawn anew is the only
   * one that can be scanned from then on. The secret is not on disk before a phone has accepted us, so there is nothing
   * to store.
   * Source: WhatsApp Web, WAWebHandleCompanionReqRefreshNotification; WhiskeySockets/Baileys#2765.
   */
  readonly #refresh = async (notification: BinaryNode): Promise<void> => {
    const { socket, auth } = this.#options;
    const known = ['companion_reg_refresh', 'pair-device-rotate-qr'];
    if (!known.some((tag) => getBinaryNodeChild(notification, tag))) return;
    // From here on the phone signs with the secret that both sides derived from the pairing code.
    if (!this.#phoneTypedCode) auth.creds.advSecretKey = randomBytes(32).toString('base64');
    // Baileys acknowledges by itself only once it knows whose device this is.
    if (!auth.creds.me) await socket.sendNode(buildAckStanza(notification));
    this.#draw();
  };

  readonly #succeed = async (stanza: BinaryNode): Promise<void> => {
    const { socket, auth, onPaired } = this.#options;
    socket.updateServerTimeOffset(stanza);
    const { creds, reply } = configureSuccessfulPairing(stanza, auth.creds);
    this.stop();
    Object.assign(auth.creds, creds);
    // Stored before WhatsApp hears that we have them: otherwise a crash in between loses a linked device.
    await auth.saveCreds();
    onPaired();
    await socket.sendNode(reply);
    await socket.sendUnifiedSession();
  };

  #failing(handler: (stanza: BinaryNode) => Promise<void>): (stanza: BinaryNode) => void {
    return (stanza) => {
      handler(stanza).catch((error: Error) => this.#options.onFailed(error.message));
    };
  }
}

const textOf = (content: BinaryNode['content']): string =>
  content instanceof Uint8Array ? Buffer.from(content).toString() : String(content ?? '');
