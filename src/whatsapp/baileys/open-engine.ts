import type { Logger } from 'pino';
import type { WebVersion, WebVersionStore } from '../web-version.ts';
import type { Connect } from '../whatsapp.ts';
import type { BaileysOptions } from './connect.ts';

/** What the gateway needs of WhatsApp. */
export interface Engine {
  readonly connect: Connect;
  /** Whether WhatsApp can be reached right now, without a proxy. */
  isReachable(): Promise<boolean>;
  /** Whether WhatsApp can be reached through this proxy right now. */
  isProxyReachable(proxyUrl: string): Promise<boolean>;
}

interface EngineOptions extends Pick<BaileysOptions, 'webSocketUrl' | 'rootPublicKey' | 'queryTimeoutMs'> {
  /** The version of WhatsApp Web to speak; `undefined`: kept current, see `WebVersions`. */
  readonly version: WebVersion | undefined;
  readonly versionStore: WebVersionStore;
  /** See `WebVersions`. */
  readonly fetchText: (url: string) => Promise<string>;
  readonly clock: { now(): Date };
  readonly logger: Logger;
}

/**
 * The engine, which is loaded when it is first needed: Baileys costs a third of a second and 20 MB, and a gateway without
 * a phone has no use for it.
 */
export function openEngine(options: EngineOptions): Engine {
  const { webSocketUrl } = options;
  let connecting: Promise<Connect> | undefined;
  return {
    async connect(dialling) {
      connecting ??= loadConnect(options);
      return (await connecting)(dialling);
    },
    async isReachable() {
      const { isWhatsAppReachable } = await import('./reachable.ts');
      return isWhatsAppReachable(webSocketUrl);
    },
    async isProxyReachable(proxyUrl) {
      const { isProxyReachable } = await import('./proxy.ts');
      return isProxyReachable(proxyUrl, { webSocketUrl });
    },
  };
}

async function loadConnect({ version, versionStore, fetchText, clock, ...options }: EngineOptions) {
  const { connectBaileys } = await import('./connect.ts');
  const { fixedVersion, WebVersions } = await import('./web-version.ts');
  const { webSocketUrl, logger } = options;
  // A simulator takes any version, and whoever set one wants that one: nothing is looked up for either.
  const isFixed = version !== undefined || webSocketUrl !== undefined;
  const versions = isFixed
    ? fixedVersion(version)
    : new WebVersions({ store: versionStore, fetchText, clock, logger });
  return connectBaileys({ ...options, versions });
}
