/**
 * The state of the simulated WhatsApp, in memory: accounts with their devices, and groups. It knows nothing of
 * sockets but the small `DeviceLink` through which a device is reached while it is online.
 */
import { Curve, type KeyPair } from 'baileys';
import type { GroupBook, Picture } from './groups/group-book.ts';
import { MessageBook } from './messages/message-book.ts';
import { CallBook } from './messages/phone-call.ts';
import type { About } from './profile/about.ts';
import { AppState } from './profile/app-state.ts';
import { newSignalKeys, type SignalKeys } from './signal-keys.ts';
import { type BinaryNode, element } from './stanza.ts';

/** The open connection of a device. */
export interface DeviceLink {
  send(stanza: BinaryNode): void;
  /** Ends the connection with these last stanzas. */
  end(...lastWords: BinaryNode[]): void;
}

/** A linked device (a companion): Baileys, in our case. The phone itself is not a device with keys here. */
export interface Device {
  readonly account: Account;
  /** Companions count from 1; 0 is the phone. */
  readonly id: number;
  readonly keyIndex: number;
  /** The name under which the phone lists it; the phone itself has none. */
  readonly name?: string;
  /** Its long-lived Noise key, by which a login is recognised. */
  readonly noiseKey: Buffer;
  /** What others need to write to it; its identity key is in there, too. */
  keys: SignalKeys;
  /** It has not confirmed the history that the phone sends to a new companion. */
  awaitsHistory: boolean;
  link: DeviceLink | undefined;
  /** Stanzas that it has not acknowledged, oldest first: they come again at its next login. */
  queue: BinaryNode[];
}

/** A WhatsApp account, which is a phone with its linked devices. */
export interface Account {
  /** Digits with country code. */
  readonly number: string;
  /** `5511999990001@s.whatsapp.net` */
  readonly pn: string;
  /** `<15 digits>@lid` */
  readonly lid: string;
  /** The name that it gave itself ("push name"); it stands beside its messages. */
  name: string;
  readonly about: About;
  readonly appState: AppState;
  picture: Picture | undefined;
  /** Whom the account lets know what it has read. */
  readReceipts: 'all' | 'none';
  readonly pictureChanges: number[];
  /** Signs every companion's identity (ADV). */
  readonly identityKey: KeyPair;
  /** The phone's own keys, for those who write to it. */
  readonly keys: SignalKeys;
  readonly devices: Map<number, Device>;
  /** The last device id given out: a removed device's number is not used again. */
  lastDeviceId: number;
}

export class World {
  readonly groups: GroupBook;
  readonly messages = new MessageBook();
  readonly calls = new CallBook();
  /** Where the simulator's HTTP server is reached, without a slash at the end; set once it listens. */
  publicUrl = '';
  /**
   * How many one-time keys every device is told to have left; `undefined`: as many as it has. With some, a new client
   * does not make its first 812, which takes it some 100 ms and, in Baileys, leaves a timer of 30 s behind.
   */
  preKeyCount: number | undefined;
  /**
   * The last number of the oldest version of WhatsApp Web that is let in, such as 1043857760; older ones are refused as
   * too old (405). `undefined`: all are let in.
   */
  oldestWebRevision: number | undefined;
  readonly #accounts = new Map<string, Account>();

  constructor(groups: GroupBook) {
    this.groups = groups;
  }

  /** Adds an account, or gives the one that has this number. */
  addAccount(number: string, name = number): Account {
    const known = this.#accounts.get(number);
    if (known) return known;
    // A LID is a number space of its own; this one can be told from the number at a glance, but not by arithmetic.
    const lid = `${String(200_000_000_000_000 + this.#accounts.size * 7_919 + 1)}@lid`;
    const identityKey = Curve.generateKeyPair();
    let keys: SignalKeys | undefined;
    const account: Account = {
      number,
      pn: `${number}@s.whatsapp.net`,
      lid,
      name,
      about: { legacy: '', current: undefined },
      appState: new AppState({
        name,
        onName: (newName) => {
          account.name = newName;
        },
      }),
      picture: undefined,
      readReceipts: 'all',
      pictureChanges: [],
      identityKey,
      // Made when first asked for: most accounts are never written to, and a signature takes some 15 ms.
      get keys() {
        keys ??= newSignalKeys(identityKey);
        return keys;
      },
      devices: new Map(),
      lastDeviceId: 0,
    };
    this.#accounts.set(number, account);
    return account;
  }

  /** The account behind a number, a PN or a LID, with or without a device suffix. */
  account(address: string): Account | undefined {
    const [user = '', server] = address.split('@');
    const bare = user.replace(/[:_].*$/, '');
    if (server !== 'lid') return this.#accounts.get(bare);
    return [...this.#accounts.values()].find(({ lid }) => lid === `${bare}@lid`);
  }

  /**
   * Sends a stanza to a device now and keeps it until the device acknowledges it; what is not acknowledged comes again
   * at the next login.
   */
  deliver(device: Device, stanza: BinaryNode): void {
    device.queue.push(stanza);
    device.link?.send(stanza);
  }

  /** Delivers a stanza to every device of each account. */
  deliverTo(accounts: readonly Account[], stanza: BinaryNode): void {
    for (const { devices } of accounts) {
      for (const device of devices.values()) this.deliver(device, stanza);
    }
  }

  /** Forgets what the device has acknowledged with this `<ack>`, or with the `<receipt>` that stands for one. */
  acknowledge(device: Device, acknowledgement: BinaryNode): void {
    device.queue = device.queue.filter((stanza) => !isAcknowledged(stanza, acknowledgement));
  }

  /** Removes a device from its account; if it is online, it is told why it has to go. */
  unlink(device: Device): void {
    device.account.devices.delete(device.id);
    // With the code: without it Baileys reads the conflict as "replaced", not as "logged out".
    device.link?.end(
      element('stream:error', { code: '401' }, [element('conflict', { type: 'device_removed' })]),
    );
  }
}

/** A message, its receipts and their kinds all go by the same id. */
function isAcknowledged(stanza: BinaryNode, { tag, attrs }: BinaryNode): boolean {
  if (stanza.attrs.id !== attrs.id) return false;
  if (tag === 'receipt') return stanza.tag === 'message';
  return stanza.tag === attrs.class && (attrs.type === undefined || attrs.type === stanza.attrs.type);
}
