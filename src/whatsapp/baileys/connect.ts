import { Curve, WA_CERT_DETAILS } from 'baileys';
import type { Logger } from 'pino';
import type { Connect, KeyStore } from '../whatsapp.ts';
import { openAuthState } from './auth-state.ts';
import { BaileysConnection } from './connection.ts';
import { fastCurve } from './curve.ts';
import type { QrLifetime } from './pairing.ts';
import { proxyRoute } from './proxy.ts';
import { SentMessages } from './sent-messages.ts';
import { fixedVersion, type Versions } from './web-version.ts';

export interface BaileysOptions {
  /** Default: WhatsApp's own. */
  readonly webSocketUrl?: string | undefined;
  /**
   * The 32 bytes of the key that must have signed the server's certificate; default: WhatsApp's own. The last call
   * decides for all connections of the process.
   */
  readonly rootPublicKey?: Uint8Array | undefined;
  /** Connections report to it; Baileys itself is kept quiet. */
  readonly logger: Logger;
  /** How long it may take from dialling to being logged in or, unpaired, to the first QR code. Default: 30 s. */
  readonly connectTimeoutMs?: number;
  /** How long WhatsApp may take to answer a request. Default: 20 s. */
  readonly queryTimeoutMs?: number;
  /** Default: always the version that Baileys was made for. */
  readonly versions?: Versions | undefined;
  /** Default: 60 s for the first code and 20 s for each later one, as WhatsApp Web does it. */
  readonly qrLifetime?: QrLifetime;
}

/**
 * The engine of the house: WhatsApp by way of Baileys.
 *
 * Two things hold for the whole process from then on, because Baileys has them once: the root key, and `fastCurve`, with
 * a check of signatures that can fail. (That the certificate belongs to the server at hand, Baileys leaves to TLS.)
 */
export function connectBaileys({
  webSocketUrl,
  rootPublicKey,
  logger,
  connectTimeoutMs = 30_000,
  queryTimeoutMs = 20_000,
  versions = fixedVersion(),
  qrLifetime = { firstMs: 60_000, nextMs: 20_000 },
}: BaileysOptions): Connect {
  Object.assign(Curve, fastCurve());
  if (rootPublicKey) WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(rootPublicKey);
  const sentWith = new WeakMap<KeyStore, SentMessages>();
  return async ({ keys, deviceName, proxyUrl, onEvent }) => {
    // The next connection with the same keys may be asked for what this one has sent.
    const sent = sentWith.get(keys) ?? new SentMessages();
    sentWith.set(keys, sent);
    return new BaileysConnection(await openAuthState(keys), {
      sent,
      webSocketUrl,
      version: await versions.current(),
      isNewerVersionKnown: (version) => versions.isNewerThan(version),
      deviceName,
      proxy: proxyUrl === undefined ? undefined : await proxyRoute(proxyUrl),
      connectTimeoutMs,
      queryTimeoutMs,
      qrLifetime,
      logger,
      onEvent,
    });
  };
}
