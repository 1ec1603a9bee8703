/** A simulated phone: what its owner can do with it. */
import type { proto } from 'baileys';
import sharp from 'sharp';
import type { Group, NewGroup } from './groups/group-book.ts';
import { groupAddress } from './groups/group-node.ts';
import { tellOfNewGroup } from './groups/group-notification.ts';
import type { ReceivedMessage, ReceivedReceipt } from './messages/message-book.ts';
import { PhoneCall } from './messages/phone-call.ts';
import { writeAsPhone } from './messages/phone-message.ts';
import { routeToGroup, routeToPerson, routeToStatus } from './messages/route.ts';
import type { Registrations } from './pairing/registrations.ts';
import { phoneRequest } from './phone-request.ts';
import { shownAbout } from './profile/about.ts';
import { keyShare } from './profile/key-share.ts';
import { settingsChanged } from './profile/settings-changed.ts';
import { type BinaryNode, bytesOf, element, StanzaError } from './stanza.ts';
import { pictureGet } from './stanzas/picture-get.ts';
import { unixSeconds } from './unix-seconds.ts';
import type { Account, Device, World } from './world.ts';

/** A photo as a phone sees it. */
export interface SeenPhoto {
  /** The id that WhatsApp gave the picture. */
  readonly id: string;
  readonly bytes: Buffer;
  readonly width: number;
  readonly height: number;
  /** As libvips calls it: `jpeg`, `png` … */
  readonly format: string;
}

/** A group that a phone makes. */
export interface NewGroupOfPhone extends Omit<NewGroup, 'owner' | 'participants'> {
  readonly participants: readonly Phone[];
}

interface PhoneOptions {
  readonly account: Account;
  readonly world: World;
  readonly registrations: Registrations;
}

export class Phone {
  readonly account: Account;
  readonly #world: World;
  readonly #registrations: Registrations;

  constructor({ account, world, registrations }: PhoneOptions) {
    this.account = account;
    this.#world = world;
    this.#registrations = registrations;
  }

  /** Digits with country code. */
  get number(): string {
    return this.account.number;
  }

  /** `<15 digits>@lid` */
  get lid(): string {
    return this.account.lid;
  }

  /** As the account calls itself now. */
  get name(): string {
    return this.account.name;
  }

  /** Gives the account another name, of which its linked devices hear. */
  async rename(name: string): Promise<void> {
    const { collection, version } = await this.account.appState.rename(name);
    this.#world.deliverTo([this.account], settingsChanged(collection, version));
  }

  /** Whether new linked devices get the key to the settings that all share; the phone does it by itself, as a rule. */
  set sharesKey(isShared: boolean) {
    this.account.appState.sharesKey = isShared;
    for (const device of this.devices) {
      if (this.account.appState.owesKeyTo(device)) device.link?.send(keyShare(device));
    }
  }

  /** The text under "About" as everyone sees it; `undefined` when there is none, or it has expired. */
  get about(): string | undefined {
    return shownAbout(this.account.about, unixSeconds());
  }

  /** The linked devices, oldest first. */
  get devices(): readonly Device[] {
    return [...this.account.devices.values()];
  }

  /**
   * Scans the QR code that a companion shows, and resolves when the companion is linked. It then comes back with a
   * login of its own. Rejects with a `PairingError`: not a QR code, unknown, expired, or refused by the companion.
   */
  async scan(qr: string): Promise<Device> {
    const { registration, advSecret } = this.#registrations.scanned(qr);
    return registration.scan(this.account, advSecret);
  }

  /**
   * Types the 8 characters that a companion shows; case, spaces and dashes do not matter. Resolves and rejects as
   * `scan` does, also when the code is wrong; after a wrong one the right one can still be typed.
   */
  async enterCode(typed: string): Promise<Device> {
    const { registration, code } = this.#registrations.asked(this.number, typed);
    return registration.enterCode(this.account, code);
  }

  /** Makes a group and becomes its superadmin; everyone in it hears of it. In LID mode unless told otherwise. */
  createGroup({ participants, ...settings }: NewGroupOfPhone): Group {
    const group = this.#world.groups.create({
      ...settings,
      owner: this.account,
      participants: participants.map(({ account }) => account),
    });
    tellOfNewGroup(phoneRequest(this.#world, this.account, element('iq')), group);
    return group;
  }

  /**
   * Writes to a person or into a group: a text, or any message. It is not encrypted, and clients of Baileys' take it all
   * the same. Gives the id of the message.
   */
  writeTo(to: Phone | Group, content: string | proto.IMessage): string {
    const route =
      to instanceof Phone
        ? routeToPerson(to.account, this.account, 0, 'lid')
        : routeToGroup(to, this.account, 0);
    return writeAsPhone(this.#world, this.account, route, content);
  }

  /** Posts a status, which all these may see. Gives the id of the message. */
  postStatus(text: string, audience: readonly Phone[]): string {
    const accounts = audience.map(({ account }) => account);
    return writeAsPhone(this.#world, this.account, routeToStatus(accounts, this.account, 0), text);
  }

  /** Calls a person, or all others of a group. The call rings until it is declined or given up. */
  call(to: Phone | Group, { isVideo }: { readonly isVideo?: boolean } = {}): PhoneCall {
    const caller = this.account;
    const call =
      to instanceof Phone
        ? { caller, called: [to.account], isVideo }
        : {
            caller,
            called: [...to.participants.keys()].filter((account) => account !== caller),
            group: groupAddress(to),
            isVideo,
          };
    return this.#world.calls.add(new PhoneCall(this.#world, call));
  }

  /** The messages that others wrote to this account, oldest first. */
  get inbox(): readonly ReceivedMessage[] {
    return this.#world.messages.receivedBy(this.account);
  }

  /** The receipts that came for this account's messages, oldest first. */
  get receipts(): readonly ReceivedReceipt[] {
    return this.#world.messages.receiptsOf(this.account);
  }

  /** The first message from others that fits, now or later; rejects after a deadline. */
  message(fits: (message: ReceivedMessage) => boolean, deadlineMs?: number): Promise<ReceivedMessage> {
    return this.#world.messages.until(() => this.inbox.find(fits), deadlineMs);
  }

  /** The first receipt that fits, now or later; rejects after a deadline. */
  receipt(fits: (receipt: ReceivedReceipt) => boolean, deadlineMs?: number): Promise<ReceivedReceipt> {
    return this.#world.messages.until(() => this.receipts.find(fits), deadlineMs);
  }

  /** Removes a linked device: its connection ends, and its keys are worthless. */
  unlink(device: Device): void {
    this.#world.unlink(device);
  }

  unlinkAll(): void {
    for (const device of this.devices) this.unlink(device);
  }

  /**
   * Looks at the photo of a group (see `GroupBook.group` for its id) or of a person (by PN or LID), as far as this phone
   * may: asks where it is, downloads it over HTTP and decodes it. `undefined` when there is none. Rejects with a
   * `StanzaError` when WhatsApp refuses.
   */
  async photoOf(groupOrPerson: string): Promise<SeenPhoto | undefined> {
    const picture = await this.#pictureOf(groupOrPerson);
    const { id, url } = picture?.attrs ?? {};
    if (!picture || !id) return undefined;
    const bytes = url ? await download(url) : bytesOf(picture);
    const { width, height, format } = await sharp(bytes).metadata();
    return { id, bytes, width, height, format };
  }

  async #pictureOf(target: string): Promise<BinaryNode | undefined> {
    const question = element('picture', { type: 'image', query: 'url' });
    const iq = element('iq', { type: 'get', xmlns: pictureGet.xmlns, target }, [question]);
    try {
      return (await pictureGet.answer(phoneRequest(this.#world, this.account, iq)))?.[0];
    } catch (error) {
      if (error instanceof StanzaError && error.code === 404) return undefined;
      throw error;
    }
  }
}

async function download(url: string): Promise<Buffer> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}
