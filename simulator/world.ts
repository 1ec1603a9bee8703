/**
 * The state of the simulated WhatsApp, in memory: accounts with their devices, and groups. It knows nothing of
 * sockets but the small `DeviceLink` through which a device is reached while it is online.
 */
import { Curve, type KeyPair } from 'baileys';
import type { GroupBook } from './groups.ts';
import type { BinaryNode } from './stanza.ts';

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
  /** Its long-lived Noise key, by which a login is recognised. */
  readonly noiseKey: Buffer;
  readonly identityKey: Buffer;
  link: DeviceLink | undefined;
  /** Stanzas that wait for its next login, oldest first. */
  readonly queue: BinaryNode[];
}

/** A WhatsApp account, which is a phone with its linked devices. */
export interface Account {
  /** Digits with country code. */
  readonly number: string;
  /** `5511999990001@s.whatsapp.net` */
  readonly pn: string;
  /** `<15 digits>@lid` */
  readonly lid: string;
  readonly name: string;
  /** Signs every companion's identity (ADV). */
  readonly identityKey: KeyPair;
  readonly devices: Map<number, Device>;
  /** The last device id given out: a removed device's number is not used again. */
  lastDeviceId: number;
}

export class World {
  readonly groups: GroupBook;
  readonly #accounts = new Map<string, Account>();

  constructor(groups: GroupBook) {
    this.groups = groups;
  }

  get accounts(): Iterable<Account> {
    return this.#accounts.values();
  }

  /** Adds an account, or gives the one that has this number. */
  addAccount(number: string, name = number): Account {
    const known = this.#accounts.get(number);
    if (known) return known;
    // A LID is a number space of its own; this one can be told from the number at a glance, but not by arithmetic.
    const lid = `${String(200_000_000_000_000 + this.#accounts.size * 7_919 + 1)}@lid`;
    const account: Account = {
      number,
      pn: `${number}@s.whatsapp.net`,
      lid,
      name,
      identityKey: Curve.generateKeyPair(),
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

  /** The device that owns this Noise key. */
  deviceWithKey(noiseKey: Uint8Array): Device | undefined {
    for (const { devices } of this.#accounts.values()) {
      for (const device of devices.values()) if (device.noiseKey.equals(noiseKey)) return device;
    }
    return undefined;
  }

  /** Sends a stanza to a device now, or keeps it for its next login. */
  deliver(device: Device, stanza: BinaryNode): void {
    if (device.link) device.link.send(stanza);
    else device.queue.push(stanza);
  }
}
