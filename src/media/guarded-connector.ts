import type { LookupFunction } from 'node:net';
import { isIP } from 'node:net';
import { buildConnector } from 'undici';
import { GatewayError } from '../errors.ts';
import type { addressRules } from './address-rules.ts';

/** All addresses of a host name; rejects as `dns.lookup` does. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

/**
 * The door that every outgoing connection passes: resolves the name once, checks every address it has, and connects
 * to exactly these, so that a name which changes its answer afterwards (DNS rebinding) gains nothing.
 *
 * Errors: `picture_url_forbidden`; those of the resolver, of TCP and of TLS rise as they are.
 */
export function guardedConnector(options: {
  readonly mayConnect: ReturnType<typeof addressRules>;
  readonly resolve: Resolve;
  readonly timeoutMs: number;
}): buildConnector.connector {
  const { mayConnect, resolve, timeoutMs } = options;

  async function checkedAddresses(hostname: string, port: number): Promise<readonly string[]> {
    const addresses = isIP(hostname) ? [hostname] : await resolve(hostname);
    if (!addresses.every((address) => mayConnect({ hostname, port, address }))) {
      throw new GatewayError('picture_url_forbidden', {
        message: `The picture URL leads to "${hostname}", which is not an address of the public internet. Put the picture at a public address or send it as Base64; the operator of this server can also allow the host.`,
      });
    }
    return addresses;
  }

  return (target, callback) => {
    const port = Number(target.port || (target.protocol === 'https:' ? 443 : 80));
    checkedAddresses(target.hostname, port).then(
      (addresses) =>
        buildConnector({ timeout: timeoutMs, allowH2: false, lookup: pinnedTo(addresses) })(target, callback),
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
