import { DEFAULT_CONNECTION_CONFIG } from 'baileys';
import type { Logger } from 'pino';
import type { WebVersion, WebVersionStore } from '../web-version.ts';

/** Which version of WhatsApp Web to say that we are. WhatsApp refuses those that are too old (405). */
export interface Versions {
  current(): Promise<WebVersion>;
  /** Whether there is a newer one than this, which WhatsApp has just refused; may take as long as it takes to ask. */
  isNewerThan(refused: WebVersion): Promise<boolean>;
}

/** Always the same version; default: the one that Baileys was made for. */
export function fixedVersion(version: WebVersion = bundledVersion()): Versions {
  return { current: async () => version, isNewerThan: async () => false };
}

const bundledVersion = (): WebVersion => DEFAULT_CONNECTION_CONFIG.version;

interface WebVersionsOptions {
  readonly store: WebVersionStore;
  /** The text behind WhatsApp Web's address for it, see `serviceWorkerUrl`; rejects when there is none in time. */
  readonly fetchText: (url: string) => Promise<string>;
  readonly clock: { now(): Date };
  readonly logger: Logger;
}

const dayMs = 86_400_000;
/** After a failure, and between two refusals: every instance may be refused at the same time. */
const pauseMs = 60_000;

/** The script in which WhatsApp Web tells its version. Source: Baileys Utils/generics.ts, fetchLatestWaWebVersion. */
export const serviceWorkerUrl = 'https://web.whatsapp.com/sw.js';

/**
 * The newest version of WhatsApp Web that we know of: of the one that Baileys was made for, the newest one ever seen, and
 * what WhatsApp Web says of itself, which is looked up now and then while connections are made. No connection waits for
 * that, except one that WhatsApp has refused, and whoever cannot look it up goes on with what is known.
 */
export class WebVersions implements Versions {
  readonly #options: WebVersionsOptions;
  #newest = bundledVersion();
  #kept: Promise<void> | undefined;
  #lookUp: Promise<void> | undefined;
  /** When the last look-up began, and when the next one is due, in Unix time. */
  #lookedUpAtMs = Number.NEGATIVE_INFINITY;
  #dueAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: WebVersionsOptions) {
    this.#options = options;
  }

  async current(): Promise<WebVersion> {
    await this.#readKept();
    if (this.#nowMs() >= this.#dueAtMs) void this.#refresh();
    return this.#newest;
  }

  async isNewerThan(refused: WebVersion): Promise<boolean> {
    await this.#readKept();
    const isKnown = () => compare(this.#newest, refused) > 0;
    if (!isKnown() && (this.#lookUp || this.#nowMs() - this.#lookedUpAtMs >= pauseMs)) await this.#refresh();
    return isKnown();
  }

  #nowMs(): number {
    return this.#options.clock.now().getTime();
  }

  /** Once. */
  #readKept(): Promise<void> {
    this.#kept ??= this.#readStore();
    return this.#kept;
  }

  async #readStore(): Promise<void> {
    const { store, logger } = this.#options;
    try {
      this.#learn(await store.read());
    } catch (error) {
      // No reason not to connect.
      logger.warn({ err: error }, 'The newest version of WhatsApp Web that was seen could not be read');
    }
  }

  /** Resolves when it is over, whatever came of it. One at a time. */
  #refresh(): Promise<void> {
    this.#lookUp ??= this.#lookUpOnce().finally(() => {
      this.#lookUp = undefined;
    });
    return this.#lookUp;
  }

  async #lookUpOnce(): Promise<void> {
    const { store, fetchText, logger } = this.#options;
    this.#lookedUpAtMs = this.#nowMs();
    this.#dueAtMs = this.#lookedUpAtMs + pauseMs;
    try {
      const version = versionIn(await fetchText(serviceWorkerUrl));
      this.#dueAtMs = this.#lookedUpAtMs + dayMs;
      if (!this.#learn(version)) return;
      logger.info({ version: version.join('.') }, 'WhatsApp Web has a newer version');
      await store.write(version);
    } catch (error) {
      logger.warn({ err: error }, 'The version of WhatsApp Web could not be looked up, or not be kept');
    }
  }

  /** Whether it was news. Never goes back: WhatsApp Web is served by many machines, and some are behind. */
  #learn(version: WebVersion | undefined): boolean {
    if (!version || compare(version, this.#newest) <= 0) return false;
    this.#newest = version;
    return true;
  }
}

/** Source: Baileys Utils/generics.ts, fetchLatestWaWebVersion; the first two numbers are the same for all. */
function versionIn(script: string): WebVersion {
  const revision = /\\?"client_revision\\?":\s*(\d{9,10})\b/.exec(script)?.[1];
  if (revision === undefined) throw new Error('WhatsApp Web does not say its version where it did.');
  return [2, 3000, Number(revision)];
}

function compare(one: WebVersion, other: WebVersion): number {
  return one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
}
