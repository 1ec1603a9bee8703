import ipaddr from 'ipaddr.js';

type Address = ReturnType<typeof ipaddr.parse>;

/** Where a connection is about to go: the name or address in the URL, and one address that it stands for. */
export interface Destination {
  /** As in a URL, IPv6 without brackets. */
  readonly hostname: string;
  readonly port: number;
  readonly address: string;
}

type Rule = (destination: Destination) => boolean;

/**
 * Which destinations may be fetched from: addresses of the public internet, and whatever `allow` lists. An entry is a
 * host, an IP address or a CIDR, the first two with an optional port: `minio`, `minio:9000`, `10.0.0.7`,
 * `[fd00::7]:9000`, `10.0.0.0/8`. A listed host may have any address.
 *
 * Of a public address any port may be asked: a GET in which the caller cannot write a line of their own says nothing in
 * another protocol.
 *
 * Errors: `RangeError` naming the entry that is none of these.
 */
export function addressRules(allow: readonly string[]): Rule {
  const rules = allow.map(parseEntry);
  return (destination) => isPublic(destination.address) || rules.some((rule) => rule(destination));
}

const hostWithPort = /^(?:\[(?<v6>[^\]]+)\]|(?<host>[\w.-]+))(?::(?<port>\d{1,5}))?$/;

function parseEntry(entry: string): Rule {
  if (ipaddr.isValidCIDR(entry)) return inNetwork(...ipaddr.parseCIDR(entry));
  if (ipaddr.isValid(entry) && entry.includes(':')) return isAddress(entry);

  const { v6, host, port: portText } = hostWithPort.exec(entry)?.groups ?? {};
  const name = v6 ?? host;
  const port = Number(portText ?? 0);
  if (name === undefined || port > 65_535 || (v6 !== undefined && !ipaddr.IPv6.isValid(v6))) {
    throw new RangeError(`"${entry}" is not a host, host:port, IP address or CIDR.`);
  }
  const fits = isAddressLiteral(name) ? isAddress(name) : isNamed(name);
  return (destination) => (portText === undefined || destination.port === port) && fits(destination);
}

const isAddressLiteral = (text: string) => ipaddr.IPv4.isValidFourPartDecimal(text) || text.includes(':');

const isNamed = (name: string): Rule => {
  const wanted = withoutRootDot(name);
  return ({ hostname }) => withoutRootDot(hostname) === wanted;
};

const withoutRootDot = (name: string) => name.toLowerCase().replace(/\.$/, '');

function isAddress(text: string): Rule {
  const address = ipaddr.process(text);
  return inNetwork(address, address.kind() === 'ipv4' ? 32 : 128);
}

function inNetwork(network: Address, prefixLength: number): Rule {
  return ({ address: text }) => {
    if (!ipaddr.isValid(text)) return false;
    const address = ipaddr.process(text); // ::ffff:10.0.0.7 is the host 10.0.0.7
    return address.kind() === network.kind() && address.match([network, prefixLength]);
  };
}

/** Azure's metadata and agent service: an address of the public range that only the own host answers on. */
const azureHostAddress = '168.63.129.16';

const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Neither private nor special. Addresses that hold an IPv4 address (mapped, NAT64, 6to4, Teredo) are not public,
 * whatever is inside: they are another way to write a forbidden one.
 */
function isPublic(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== 'unicast') return false;
  // For ipaddr.js every IPv6 range that it does not know is unicast, such as the old IPv4-compatible ::/96.
  return address.kind() === 'ipv4' ? text !== azureHostAddress : address.match(globalUnicast);
}
