/**
 * Every setting, declared once: the parser below, `.env.example` and docs/reference/settings.md are made from the
 * list. Settings are environment variables; none is needed.
 */
import { closestName } from './closest-name.ts';
import {
  choice,
  destinations,
  directory,
  host,
  port,
  publicKey,
  type SettingKind,
  secretKey,
  token,
  webSocketUrl,
  webVersion,
  wholeNumber,
} from './setting-kinds.ts';

interface Setting {
  /** The name of the environment variable. */
  readonly key: string;
  readonly kind: SettingKind;
  /** The value when the variable is not set, or is empty. */
  readonly default: unknown;
  /** What a default of `undefined` comes to, in words. */
  readonly otherwise?: string;
  /** Whole sentences, for the reference. */
  readonly description: string;
}

export const settings = {
  port: {
    key: 'PORT',
    kind: port,
    default: 8080,
    description: 'The port to listen on; 0 takes a free one.',
  },
  host: {
    key: 'HOST',
    kind: host,
    default: '0.0.0.0',
    description:
      'The address to listen on. The default lets other machines and containers reach the gateway; 127.0.0.1 keeps it to this machine.',
  },
  dataDir: {
    key: 'POMBO_DATA_DIR',
    kind: directory,
    default: './data',
    description:
      'The folder of everything that is kept: the database and the key file. It is made when it is not there, and belongs to one running gateway at a time.',
  },
  clientToken: {
    key: 'POMBO_CLIENT_TOKEN',
    kind: token,
    default: undefined,
    otherwise: 'made at the first start and printed once',
    description:
      'What callers send in the header `Client-Token`. A token that is set here replaces the one before.',
  },
  askForClientToken: {
    key: 'POMBO_ASK_CLIENT_TOKEN',
    kind: choice('yes', 'no'),
    default: 'yes',
    description:
      'Whether callers must send the `Client-Token`. At Z-API that is off until it is switched on, so there are programs that never send it: with `no` they work here, too, and the token in the address is the only secret.',
  },
  partnerToken: {
    key: 'POMBO_PARTNER_TOKEN',
    kind: token,
    default: undefined,
    otherwise: 'made at the first start and printed once',
    description:
      'What partners send as `Authorization: Bearer …`, to create instances. A token that is set here replaces the one before, and a first start with it makes no instance by itself.',
  },
  secretKey: {
    key: 'POMBO_SECRET_KEY',
    kind: secretKey,
    default: undefined,
    otherwise: 'made at the first start and kept in the file `secret.key` of the data folder',
    description:
      'The key with which tokens and the keys of paired phones are encrypted in the database. Without it, nothing in the database can be used.',
  },
  handling: {
    key: 'POMBO_HANDLING',
    kind: choice('lenient', 'strict'),
    default: 'lenient',
    description:
      'How a refusal by WhatsApp is answered: `lenient`, as Z-API documents it, with `"value": false` inside a 200; `strict` with the status of the error. A request may choose for itself with `Prefer: handling=strict`.',
  },
  fetchAllow: {
    key: 'POMBO_FETCH_ALLOW',
    kind: destinations,
    default: [],
    otherwise: 'none',
    description:
      'The hosts and networks that pictures are fetched from although their addresses are private, such as `minio:9000,10.0.0.0/8`.',
  },
  photoHistory: {
    key: 'POMBO_PHOTO_HISTORY',
    kind: wholeNumber({ from: 0, to: 1_000 }),
    default: 20,
    description:
      'How many photos are kept of each group, with their bytes, for `group-photo/{groupId}/history` and `undo`. Each picture is kept once, some 50 kB. With 0 there is no history and no picture is kept, only what the last one was.',
  },
  photoPaceSeconds: {
    key: 'POMBO_PHOTO_PACE_SECONDS',
    kind: wholeNumber({ from: 0, to: 3_600 }),
    default: 10,
    description:
      'How many seconds `update-group-photos` waits between two groups: WhatsApp does not like many changes in a short time.',
  },
  connectAtOnce: {
    key: 'POMBO_CONNECT_AT_ONCE',
    kind: wholeNumber({ from: 1, to: 1_000 }),
    default: 20,
    description:
      'How many instances log in to WhatsApp at the same time at most, after a start or when the network is back. Fewer are gentler to WhatsApp, more are faster; none begins while the gateway is busy.',
  },
  pairingSeconds: {
    key: 'POMBO_PAIRING_SECONDS',
    kind: wholeNumber({ from: 10, to: 86_400 }),
    default: 180,
    description: 'How many seconds an instance goes on pairing when nobody asks for a code any more.',
  },
  whatsappVersion: {
    key: 'POMBO_WHATSAPP_VERSION',
    kind: webVersion,
    default: undefined,
    otherwise: 'kept current by itself: fetched from web.whatsapp.com, the newest one known until then',
    description:
      'The version of WhatsApp Web to speak, such as `2.3000.1043857760`. With it, nothing is fetched.',
  },
  whatsappUrl: {
    key: 'POMBO_WHATSAPP_URL',
    kind: webSocketUrl,
    default: undefined,
    otherwise: 'WhatsApp itself',
    description: 'The server to connect to, such as the simulator’s.',
  },
  whatsappRootKey: {
    key: 'POMBO_WHATSAPP_ROOT_KEY',
    kind: publicKey,
    default: undefined,
    otherwise: 'WhatsApp’s own',
    description:
      'The public key that the server’s certificate must descend from. Set it only together with the simulator’s URL.',
  },
  logLevel: {
    key: 'LOG_LEVEL',
    kind: choice('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    default: 'info',
    description: 'What is written to the log: this level and everything above it.',
  },
} as const satisfies Record<string, Setting>;

type Settings = typeof settings;

/** A value for every setting, under our names. */
export type Config = {
  readonly [Name in keyof Settings]:
    | NonNullable<ReturnType<Settings[Name]['kind']['parse']>>
    | Settings[Name]['default'];
};

/** All that is wrong with a configuration, a line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(mistakes: readonly string[]) {
    super(['The settings cannot be used:', ...mistakes.map((mistake) => `  ${mistake}`)].join('\n'));
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings from environment variables; an empty one counts as not set.
 *
 * Errors: `ConfigError` with every mistake, among them variables that begin with `POMBO_` and are no setting.
 */
export function readConfig(environment: Environment): Config {
  const mistakes: string[] = [];
  const values = Object.entries<Setting>(settings).map(([name, { key, kind, default: whenUnset }]) => {
    const text = environment[key]?.trim() ?? '';
    if (text === '') return [name, whenUnset];
    const value = kind.parse(text);
    if (value === undefined) {
      mistakes.push(`${key}: expected ${kind.expects}${kind.isSecret ? '' : `, got "${text}"`}.`);
    }
    return [name, value];
  });
  mistakes.push(...unknownSettings(environment));
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return Object.fromEntries(values) as Config;
}

const prefix = 'POMBO_';

function unknownSettings(environment: Environment): string[] {
  const keys: string[] = Object.values(settings).map(({ key }) => key);
  return Object.keys(environment)
    .filter((key) => key.startsWith(prefix) && !keys.includes(key) && !isServiceLink(key, environment))
    .map((key) => {
      const meant = keys.includes(key.slice(prefix.length))
        ? key.slice(prefix.length)
        : closestName(key, keys);
      return `${key}: there is no such setting.${meant ? ` Did you mean ${meant}?` : ''}`;
    });
}

/** Kubernetes gives every container variables like these when there is a service called "pombo". */
const isServiceLink = (key: string, environment: Environment): boolean =>
  'POMBO_SERVICE_HOST' in environment && /^POMBO_(SERVICE|PORT)(_|$)/.test(key);
