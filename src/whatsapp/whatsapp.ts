/**
 * WhatsApp in our words: what a paired phone can do, and what a connection tells. One engine implements it
 * (`baileys/`), nothing above this folder has heard of it.
 */
import type { CallId, GroupId, MessageId, PhoneNumber, PictureId, UserId } from '../ids.ts';

/** Who the connected account is. `lid` is its second, private address. */
export interface Me {
  readonly phone: PhoneNumber;
  readonly lid: UserId | undefined;
  readonly name: string | undefined;
  /** Which of the account's linked devices we are: a small number, 1 or more. */
  readonly device: number;
  /** What the phone runs, as it said when it linked us; the `smb` ones are WhatsApp Business. */
  readonly platform: PhonePlatform | undefined;
}

export type PhonePlatform = 'android' | 'iphone' | 'smba' | 'smbi';

/** What the account shows of itself, as far as WhatsApp tells. */
export interface Profile {
  readonly about: string | undefined;
  /** Where WhatsApp serves the photo, for some days; `undefined` when there is none. */
  readonly photoUrl: string | undefined;
}

export interface GroupParticipant {
  /** The address WhatsApp uses in this group: a phone number's in `pn` groups, a LID in `lid` groups. */
  readonly id: UserId;
  /** The phone number's address, when WhatsApp told it. */
  readonly phone: UserId | undefined;
  readonly role: 'member' | 'admin' | 'superadmin';
}

export interface Group {
  readonly id: GroupId;
  readonly subject: string;
  readonly subjectOwner: UserId | undefined;
  /** Unix seconds. */
  readonly subjectTime: number | undefined;
  readonly description: string | undefined;
  readonly owner: UserId | undefined;
  /** Unix seconds. */
  readonly creation: number | undefined;
  readonly participants: readonly GroupParticipant[];
  /** Only admins may send messages. */
  readonly announcement: boolean;
  /** Only admins may change subject, photo and description ("locked", "restrict"). */
  readonly locked: boolean;
  /** New members need an admin's approval. */
  readonly joinApproval: boolean;
  /** The community this group belongs to. */
  readonly communityId: GroupId | undefined;
  /** The announcement group of a community. */
  readonly isCommunityAnnounce: boolean;
}

/** `full` is what WhatsApp keeps, 640 px as a rule; `preview` is small, 96 px as a rule. */
export type PhotoSize = 'preview' | 'full';

/** A photo that WhatsApp keeps. */
export interface RemotePhoto {
  readonly id: PictureId;
  /** Where WhatsApp serves the JPEG, for some days; or the bytes, where it sent them along. */
  readonly source: string | Uint8Array;
}

/**
 * The verbs of a connected phone. Each rejects with a `GatewayError`:
 * `not_group_admin`, `not_group_member`, `group_not_found`, `whatsapp_refused` (with `whatsappCode`) when WhatsApp said
 * no; `whatsapp_rate_limited`, `whatsapp_unavailable` when it may say yes later; `whatsapp_timeout` when the outcome is
 * unknown, because WhatsApp did not answer, the connection was lost before it did, or it answered without confirming;
 * `not_connected` when there was no connection to ask on.
 */
export interface WhatsApp {
  readonly me: Me;
  /**
   * Resolves when all events of the time in which we were away are told, some of which may come after `open`; also when
   * the connection ends before. WhatsApp decides how long that takes.
   */
  caughtUp(): Promise<void>;
  /** Creates a group with these members; `notAdded` are those whom WhatsApp did not take. */
  createGroup(
    subject: string,
    members: readonly PhoneNumber[],
  ): Promise<{ group: Group; notAdded: readonly UserId[] }>;
  /** All groups this phone takes part in. */
  groups(): Promise<readonly Group[]>;
  group(id: GroupId): Promise<Group>;
  /** The code behind `https://chat.whatsapp.com/`; only admins get it. */
  groupInviteCode(id: GroupId): Promise<string>;
  /**
   * Sets the photo of a group and tells its members. `jpeg` is a square JPEG of at most 640 px.
   * Resolves only when WhatsApp confirmed, with the id it gave the picture.
   * Further error: `picture_refused` (WhatsApp answers 406).
   */
  setGroupPhoto(id: GroupId, jpeg: Uint8Array): Promise<PictureId>;
  /** Leaves a group without a photo and tells its members. Resolves only when WhatsApp confirmed. */
  removeGroupPhoto(id: GroupId): Promise<void>;
  /** The photo that a group shows; `undefined` when it has none. Members may ask, admin or not. */
  groupPhoto(id: GroupId, size: PhotoSize): Promise<RemotePhoto | undefined>;

  /** Sends a text to a person. Resolves when WhatsApp has taken it, with the id that it goes under. */
  sendText(to: UserId, text: string): Promise<MessageId>;
  /** Tells the senders that these messages were read, as far as the account's privacy settings have them told. */
  markRead(messages: readonly MessageEvent[]): Promise<void>;
  /** Rejects a call that is ringing; the caller sees that it was declined. */
  rejectCall(call: CallEvent): Promise<void>;

  /** What the account shows of itself. */
  profile(): Promise<Profile>;
  /** Gives the account another name. Resolves only when WhatsApp confirmed. */
  setProfileName(name: string): Promise<void>;
  /** Gives the account another text about itself; an empty one is none. Resolves only when WhatsApp confirmed. */
  setProfileAbout(about: string): Promise<void>;
  /**
   * Gives the account another photo, a square JPEG of at most 640 px. Resolves only when WhatsApp confirmed.
   * Further error: `picture_refused`.
   */
  setProfilePhoto(jpeg: Uint8Array): Promise<PictureId>;
}

/** Why a connection ended; the session decides from it what comes next. */
export type EndReason =
  /** We closed it. */
  | 'closed'
  /**
   * WhatsApp wants a new connection at once (stream error 515, part of every pairing), or has refused our version of
   * WhatsApp Web (405) and the next connection has a newer one.
   */
  | 'restart-required'
  /** The device was removed or is unknown (401 and its kin): the keys are worthless. */
  | 'logged-out'
  /** Another connection with the same keys took over. */
  | 'replaced'
  /** WhatsApp locked or banned the account (403, 406). */
  | 'banned'
  /** WhatsApp told us to stay away for a while (402, 429): `retryAfterMs` says how long, where it was told. */
  | 'told-to-wait'
  /** Our WhatsApp Web version is too old (405), or not believed (409), and there is no newer one. */
  | 'client-too-old'
  /** Pairing ended without a phone: the codes ran out or WhatsApp refused the pairing. */
  | 'pairing-failed'
  /** WhatsApp could not be reached: no network, no such host, nobody listens. */
  | 'unreachable'
  /** The proxy could not be reached, or did not let us through. */
  | 'proxy-failed'
  /** Network trouble, silence, a restart of WhatsApp's servers: worth another try. */
  | 'lost';

/** A group has another photo, or none: someone changed it, we ourselves included. */
export interface GroupPhotoEvent {
  readonly type: 'group-photo';
  readonly group: GroupId;
  /** `undefined`: the photo was removed. */
  readonly pictureId: PictureId | undefined;
  /** Who did it, by phone number or LID; `undefined` when WhatsApp did not say. */
  readonly author: UserId | undefined;
  readonly at: Date;
}

/** A message came in: someone wrote to us or to one of our groups, or posted a status. Not what we wrote ourselves. */
export interface MessageEvent {
  readonly type: 'message';
  readonly id: MessageId;
  readonly chat: UserId | GroupId | 'status';
  readonly sender: UserId;
  readonly at: Date;
}

/** Someone calls us. */
export interface CallEvent {
  readonly type: 'call';
  readonly id: CallId;
  readonly from: UserId;
  /** The group that it is a call of. */
  readonly group: GroupId | undefined;
  readonly isVideo: boolean;
  readonly at: Date;
  /** It rang while we were away, and is told now. */
  readonly isOver: boolean;
}

/** What others do, us included where it says so: told whenever it happens, and after a login what happened meanwhile. */
export type ChatEvent = GroupPhotoEvent | MessageEvent | CallEvent;

export type ConnectionEvent =
  /** A QR code to show; replaces the one before. */
  | { readonly type: 'qr'; readonly qr: string }
  /**
   * WhatsApp wants a passkey before it links this phone: no code is of use until it is given. `options` is the request
   * for the authenticator (WebAuthn, JSON), where WhatsApp sent it along.
   */
  | { readonly type: 'passkey-required'; readonly options: string | undefined }
  /** A phone accepted us; the engine closes next with `restart-required` and the keys are stored. */
  | { readonly type: 'paired'; readonly me: Me }
  /** Logged in and ready for the verbs. */
  | { readonly type: 'open'; readonly me: Me }
  /** Comes before `open`, too: what happened while we were offline is told at the login. See `WhatsApp.caughtUp`. */
  | ChatEvent
  /** The end of this connection; nothing follows. `retryAfterMs`: how long WhatsApp told us to stay away. */
  | {
      readonly type: 'closed';
      readonly reason: EndReason;
      readonly detail: string;
      readonly retryAfterMs?: number;
    };

/** One connection to WhatsApp, from dialling to `closed`. Disposing closes it without logging out. */
export interface Connection extends AsyncDisposable {
  /** The verbs; usable while `isOpen`. */
  readonly whatsapp: WhatsApp;
  /** From `open` until the connection begins to end, which is a moment before `closed`. */
  readonly isOpen: boolean;
  /**
   * Asks WhatsApp for an 8-character code that the user types on the phone; only while unpaired.
   * Resolves after WhatsApp accepted the request. Errors: `pairing_refused`, `whatsapp_rate_limited`,
   * `whatsapp_unavailable`, `whatsapp_timeout`, `already_connected`, `passkey_required`.
   */
  requestPairingCode(phone: PhoneNumber): Promise<string>;
  /**
   * Removes this device from the account's linked devices, then closes. While it is not logged in it only closes, and
   * the phone keeps listing it.
   */
  logout(): Promise<void>;
}

/**
 * Where a connection keeps its credentials and Signal keys: opaque text under (type, id), written in one
 * transaction per call, in the order of the calls. `null` deletes.
 */
export interface KeyStore {
  read(type: string, ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  write(changes: readonly KeyChange[]): Promise<void>;
  /** Forgets everything: the instance is unpaired. */
  clear(): Promise<void>;
}

export interface KeyChange {
  readonly type: string;
  readonly id: string;
  readonly value: string | null;
}

/** Dials WhatsApp with the keys in `keys` (none: to be paired). Returns at once; what happens comes as events. */
export type Connect = (options: {
  readonly keys: KeyStore;
  /** The name that the phone shows among its linked devices; said once, when pairing. Default: that of a browser. */
  readonly deviceName?: string | undefined;
  /** The proxy to go through, see `Proxy.url` of an instance. Default: none. */
  readonly proxyUrl?: string | undefined;
  readonly onEvent: (event: ConnectionEvent) => void;
}) => Promise<Connection>;
