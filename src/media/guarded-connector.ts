import type { LookupFunction } from 'node:net';
import { isIP } from 'node:net';
import { buildConnector } from 'undici';
import type { addressRules } from './address-rules.ts';
import { FetchError } from './fetch-error.ts';

/** All addresses of a host name; rejects as `dns.lookup` does. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

/**
 * The door that every outgoing connection passes: resolves the name once, checks every address it has, and connects
 * to one of those that may be fetched from and to no other, so that a name which changes its answer afterwards (DNS
 * rebinding) gains nothing. They are tried until one answers.
 *
 * Addresses that may not are left out when there are others: in a network that reaches IPv4 through NAT64, every name
 * has a forbidden one.
 *
 * Aborting `signal` ends the connection, made or not.
 * Errors: `FetchError` (`address-forbidden`); those of the resolver, of TCP and of TLS rise as they are.
 */
export function guardedConnector(options: {
  readonly mayConnect: ReturnType<typeof addressRules>;
  readonly resolve: Resolve;
  readonly signal: AbortSignal;
}): buildConnector.connector {
  const { mayConnect, resolve, signal } = options;

  async function checkedAddresses(hostname: string, port: number): Promise<readonly string[]> {
    const all = isIP(hostname) ? [hostname] : await resolve(hostname);
    const addresses = all.filter((address) => mayConnect({ hostname, port, address }));
    if (addresses.length === 0) throw new FetchError('address-forbidden', { host: hostname });
    signal.throwIfAborted();
    return addresses;
  }

  return (target, callback) => {
    const port = Number(target.port || (target.protocol === 'https:' ? 443 : 80));
    checkedAddresses(target.hostname, port).then(
      (addresses) => {
        const connect = buildConnector({
          lookup: pinnedTo(addresses),
          signal,
          timeout: 0, // the signal is what ends it
          allowH2: false,
        });
        connect(target, callback);
      },
      (error: Error) => callback(error, null),
    );
  };
}

function pinnedTo(addresses: readonly string[]): LookupFunction {
  const answers = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_hostname, { all }, callback) => {
    const [first] = answers;
    if (all || first === undefined) callback(null, answers);
    else callback(null, first.address, first.family);
  };
}
