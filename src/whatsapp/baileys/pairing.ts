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
import type { Logger } from 'pino';
import { GatewayError } from '../../errors.ts';
import type { PhoneNumber } from '../../ids.ts';
import type { AuthState } from './auth-state.ts';
import { requestPairingCode } from './pairing-code.ts';
import { passkeyOptionsFrom } from './passkey.ts';
import { initialPreKeyCount, makePreKeys } from './pre-keys.ts';
import type { Query } from './query.ts';
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
  readonly query: Query;
  readonly qrLifetime: QrLifetime;
  readonly logger: Logger;
  readonly onQr: (qr: string) => void;
  /** WhatsApp wants a passkey; with what an authenticator is to be asked, if it sent that along. */
  readonly onPasskey: (options: string | undefined) => void;
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
  /** The pairing code that WhatsApp is being asked for. */
  #asking: { readonly phone: PhoneNumber; readonly code: Promise<string> } | undefined;
  #phoneTypedCode = false;
  #wantsPasskey = false;
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
    ws.on('CB:notification,type:passkey_prologue_request', this.#failing(this.#askForPasskey));
    ws.on('CB:notification,type:link_code_companion_reg', this.#codeMoves);
  }

  /**
   * A code for this number; the connection then stays for as long as it can be typed. WhatsApp takes only the last code
   * of a connection: whoever asks while it is being asked for the same number gets the same code, and others wait.
   * Errors: those of `requestPairingCode`, and `passkey_required`.
   */
  requestCode(phone: PhoneNumber): Promise<string> {
    const before = this.#asking;
    if (before?.phone === phone) return before.code;
    const code = this.#codeAfter(before?.code, phone);
    this.#asking = { phone, code };
    const forget = () => {
      if (this.#asking?.code === code) this.#asking = undefined;
    };
    code.then(forget, forget);
    return code;
  }

  /** Ends the showing of codes. */
  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  async #codeAfter(before: Promise<string> | undefined, phone: PhoneNumber): Promise<string> {
    await before?.catch(() => {}); // told to whoever asked for it
    const { query, auth } = this.#options;
    const mustBeOfUse = () => {
      // Someone may have scanned the QR code meanwhile: these credentials are that phone's now.
      if (auth.isLinked) throw new GatewayError('already_connected');
      if (this.#wantsPasskey) throw new GatewayError('passkey_required');
    };
    mustBeOfUse();
    const code = await requestPairingCode({ query, creds: auth.creds, phone, mustBeOfUse });
    this.#codeUntilMs = Date.now() + codeLifetimeMs;
    return code;
  }

  readonly #begin = async (stanza: BinaryNode): Promise<void> => {
    const { socket, auth, qrLifetime } = this.#options;
    await socket.sendNode({
      tag: 'iq',
      attrs: { to: S_WHATSAPP_NET, type: 'result', id: stanza.attrs.id ?? '' },
    });
    const refs = getBinaryNodeChildren(getBinaryNodeChild(stanza, 'pair-device'), 'ref');
    this.#refs = refs.map(({ content }) => textOf(content));
    await auth.savePending();
    this.#setReady();
    this.#show(qrLifetime.firstMs);
  };

  #show(lifetimeMs: number): void {
    clearTimeout(this.#timer);
    if (this.#isOver || this.#wantsPasskey) return;
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
    if (ref === undefined || this.#isOver || this.#wantsPasskey) return;
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
   * one that can be scanned from then on.
   * Source: WhatsApp Web, WAWebHandleCompanionReqRefreshNotification; WhiskeySockets/Baileys#2765.
   */
  readonly #refresh = async (notification: BinaryNode): Promise<void> => {
    const known = ['companion_reg_refresh', 'pair-device-rotate-qr'];
    if (!known.some((tag) => getBinaryNodeChild(notification, tag))) return;
    await this.#acknowledgingAfter(notification, async () => {
      // From here on the phone signs with the secret that both sides derived from the pairing code.
      if (!this.#phoneTypedCode) await this.#options.auth.savePending(randomBytes(32).toString('base64'));
    });
    this.#draw();
  };

  /**
   * WhatsApp will not link the phone without a passkey. Until it is given no code is of any use, so none is shown; the
   * connection stays, because the ceremony would be held on it.
   * Source: whatsmeow pair-passkey.go; WhiskeySockets/Baileys#2672.
   */
  readonly #askForPasskey = (notification: BinaryNode): Promise<void> =>
    this.#acknowledgingAfter(notification, () => {
      if (this.#isOver) return;
      this.#wantsPasskey = true;
      clearTimeout(this.#timer);
      this.#options.onPasskey(passkeyOptionsFrom(notification));
    });

  /** What becomes of a pairing code. Baileys answers the phone; this is what it keeps to itself. */
  readonly #codeMoves = (notification: BinaryNode): void => {
    const stage = getBinaryNodeChild(notification, 'link_code_companion_reg')?.attrs.stage;
    if (stage === 'primary_hello') this.#phoneTypedCode = true;
    if (stage === 'refresh_code') {
      // Nobody could type a code of our own making that nobody asked for: it takes a new request.
      this.#codeUntilMs = 0;
      this.#options.logger.info('WhatsApp does not take the last pairing code any more; ask for a new one');
    }
  };

  /** Baileys acknowledges notifications by itself, but only when it knows whose device this is. */
  async #acknowledgingAfter(notification: BinaryNode, work: () => Promise<void> | void): Promise<void> {
    const { socket, auth } = this.#options;
    const isAcknowledgedByBaileys = auth.creds.me !== undefined;
    await work();
    if (!isAcknowledgedByBaileys) await socket.sendNode(buildAckStanza(notification));
  }

  readonly #succeed = async (stanza: BinaryNode): Promise<void> => {
    const { socket, auth, onPaired } = this.#options;
    socket.updateServerTimeOffset(stanza);
    const { creds, reply } = configureSuccessfulPairing(stanza, auth.creds);
    this.stop();
    // Stored before WhatsApp hears that we have them: otherwise a crash in between loses a linked device.
    await auth.link(creds, await makePreKeys(initialPreKeyCount));
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
