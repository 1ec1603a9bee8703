/** What the text of an environment variable can stand for. */
import { isIP } from 'node:net';
import { Secret } from './secret.ts';

export interface SettingKind {
  /** What is expected, for the reference and for whoever wrote something else. */
  readonly expects: string;
  /** The value must not be shown. */
  readonly isSecret?: boolean;
  /** The value, or `undefined` when the text is not of this kind. The text is trimmed and not empty. */
  parse(text: string): unknown;
}

export const port = {
  expects: 'a port from 0 to 65535',
  parse: (text: string) => (/^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined),
} satisfies SettingKind;

export const wholeNumber = ({ from, to }: { readonly from: number; readonly to: number }) =>
  ({
    expects: `a whole number from ${from} to ${to}`,
    parse: (text: string) =>
      /^\d{1,9}$/.test(text) && Number(text) >= from && Number(text) <= to ? Number(text) : undefined,
  }) satisfies SettingKind;

export const host = {
  expects: 'an IP address or a host name of this machine',
  parse: (text: string) => (isIP(text) || hostName.test(text) ? text : undefined),
} satisfies SettingKind;

export const directory = {
  expects: 'the path of a folder',
  parse: (text: string) => text,
} satisfies SettingKind;

export const webSocketUrl = {
  expects: 'a ws:// or wss:// URL',
  parse: (text: string) => (/^wss?:$/.test(URL.parse(text)?.protocol ?? '') ? text : undefined),
} satisfies SettingKind;

export type WebVersion = readonly [number, number, number];

/** As three numbers. */
export const webVersion = {
  expects: 'three numbers with dots between them, such as 2.3000.1043857760',
  parse(text: string): WebVersion | undefined {
    const [, ...numbers] = /^(\d{1,10})\.(\d{1,10})\.(\d{1,10})$/.exec(text) ?? [];
    return numbers.length === 3 ? (numbers.map(Number) as unknown as WebVersion) : undefined;
  },
} satisfies SettingKind;

export const token = {
  expects: 'printable ASCII characters without spaces',
  isSecret: true,
  parse: (text: string) => (/^[\x21-\x7e]+$/.test(text) ? new Secret(text) : undefined),
} satisfies SettingKind;

export const publicKey = {
  expects: '64 hex digits',
  parse: (text: string) => (hexKey.test(text) ? Uint8Array.from(Buffer.from(text, 'hex')) : undefined),
} satisfies SettingKind;

/** As 64 hex digits, however it was written. */
export const secretKey = {
  expects: '32 bytes as 64 hex digits or in Base64, such as `openssl rand -hex 32` prints',
  isSecret: true,
  parse(text: string): Secret | undefined {
    if (hexKey.test(text)) return new Secret(text);
    if (/^[\w+/-]{43}=?$/.test(text)) return new Secret(Buffer.from(text, 'base64').toString('hex'));
    return undefined;
  },
} satisfies SettingKind;

export const destinations = {
  expects: 'hosts, host:port, IP addresses or CIDR ranges, separated by commas',
  parse(text: string): readonly string[] | undefined {
    const entries = text.split(/[\s,]+/).filter((entry) => entry !== '');
    return entries.every(isDestination) ? entries : undefined;
  },
} satisfies SettingKind;

export const choice = <const Word extends string>(...words: readonly Word[]) =>
  ({
    expects: words.join(', ').replace(/, (?=[^,]*$)/, ' or '),
    parse: (text: string) => words.find((word) => word === text.toLowerCase()),
  }) satisfies SettingKind;

const hexKey = /^[0-9a-f]{64}$/i;

const hostName = /^[\w-]+(\.[\w-]+)*\.?$/;

function isDestination(entry: string): boolean {
  const [address = '', prefixLength, ...rest] = entry.split('/');
  if (prefixLength !== undefined) {
    const longest = isIP(address) === 4 ? 32 : 128;
    return (
      rest.length === 0 &&
      isIP(address) > 0 &&
      /^\d{1,3}$/.test(prefixLength) &&
      Number(prefixLength) <= longest
    );
  }
  if (isIP(entry)) return true;
  const parts = /^(?:\[(?<v6>.+)\]|(?<name>[^:]+))(?::(?<port>\d+))?$/.exec(entry)?.groups;
  if (!parts) return false;
  const isHost = parts.v6 === undefined ? hostName.test(parts.name ?? '') : isIP(parts.v6) === 6;
  return isHost && (parts.port === undefined || port.parse(parts.port) !== undefined);
}
