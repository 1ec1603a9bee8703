import type { EndReason } from '../whatsapp/whatsapp.ts';

/** How often in a row a proxy may fail. As Z-API does it: developer.z-api.io/en/partner/configure-proxy. */
const maxFailures = 3;

/**
 * Whether a session goes through its proxy: after it has failed three times in a row it goes on without, until the proxy
 * is another one or someone restarts the session.
 */
export class ProxyUse {
  #url: string | undefined;
  #failures = 0;

  /** The proxy for the next connection, when this one is wanted. */
  choose(url: string | undefined): string | undefined {
    if (url !== this.#url) this.#failures = 0;
    this.#url = url;
    return this.#isGivenUp ? undefined : url;
  }

  /** A connection has ended; gives whether the proxy is given up with that. */
  ended(reason: EndReason): boolean {
    if (this.#url === undefined || this.#isGivenUp) return false;
    this.#failures = reason === 'proxy-failed' ? this.#failures + 1 : 0;
    return this.#isGivenUp;
  }

  /** The proxy gets another chance. */
  tryAgain(): void {
    this.#failures = 0;
  }

  get #isGivenUp(): boolean {
    return this.#failures >= maxFailures;
  }
}
