/** Groups of the simulated WhatsApp: members, settings, and the picture. State only; stanzas are made elsewhere. */
import { randomInt } from 'node:crypto';
import { unixSeconds } from '../unix-seconds.ts';
import type { Account } from '../world.ts';
import { defaultPictureHabits, type PictureHabits } from './picture-habits.ts';
import { defaultPictureLimits, type PictureLimits } from './picture-limits.ts';

export type AddressingMode = 'pn' | 'lid';
export type Role = 'member' | 'admin' | 'superadmin';

export interface Picture {
  /** Decimal, grows with every change in the whole world; the unix second of the change where that is free. */
  readonly id: string;
  readonly jpeg: Buffer;
  readonly width: number;
  readonly height: number;
  readonly setBy: Account;
}

/** Whoever has a picture: a group, or a person. */
interface Pictured {
  picture: Picture | undefined;
  /** The unix seconds at which the picture was set or removed, oldest first. */
  readonly pictureChanges: number[];
}

export interface Description {
  /** Chosen by the client that wrote it. */
  readonly id: string;
  readonly text: string;
  readonly by: Account;
  /** Unix seconds. */
  readonly at: number;
}

export interface Group extends Pictured {
  /** `1203630…` without `@g.us`. */
  readonly id: string;
  subject: string;
  subjectSetBy: Account;
  /** Unix seconds. */
  subjectSetAt: number;
  readonly owner: Account;
  /** Unix seconds. */
  readonly creation: number;
  readonly addressingMode: AddressingMode;
  /** Only admins may change subject, picture and description. */
  locked: boolean;
  /** Only admins may send. */
  announcement: boolean;
  /** After how many seconds messages disappear; 0 = never. */
  ephemeralSeconds: number;
  /** Every member may add others, not only admins. */
  membersMayAdd: boolean;
  /** Whoever comes by the invite code needs an admin's approval. */
  joinApproval: boolean;
  inviteCode: string;
  description: Description | undefined;
  readonly participants: Map<Account, Role>;
  /** Who asked to join and waits for an admin, with the unix second of the request. */
  readonly joinRequests: Map<Account, number>;
}

export interface NewGroup {
  readonly subject: string;
  /** Becomes superadmin; need not be named among the participants. */
  readonly owner: Account;
  readonly participants: Iterable<Account>;
  readonly addressingMode?: AddressingMode;
  readonly locked?: boolean;
}

export interface GroupBookOptions {
  /** What a picture may be and how often it may change; what is left out keeps its default. */
  readonly pictureLimits?: Partial<PictureLimits>;
  /** How pictures are handed out; what is left out keeps its default. */
  readonly pictureHabits?: Partial<PictureHabits>;
  /** See `GroupBook.notAdminCode`. */
  readonly notAdminCode?: 401 | 403;
  /** The clock, in unix seconds. */
  readonly now?: () => number;
}

const inviteCodeAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

const newInviteCode = () =>
  Array.from({ length: 22 }, () => inviteCodeAlphabet[randomInt(inviteCodeAlphabet.length)]).join('');

/** All groups, and what is unique among them: ids, invite codes, picture ids. */
export class GroupBook {
  pictureLimits: PictureLimits;
  pictureHabits: PictureHabits;
  /**
   * The code for a member who tries what only admins may. It could not be settled which one WhatsApp uses: whatsmeow
   * (errors.go) knows 401 for missing rights, Cobalt documents 403.
   */
  notAdminCode: 401 | 403;
  /** The clock of everything that happens in groups, in unix seconds. */
  now: () => number;
  readonly #groups = new Map<string, Group>();
  readonly #pictures = new Map<string, Picture>();
  #lastPictureId = 0;

  constructor({
    pictureLimits,
    pictureHabits,
    notAdminCode = 401,
    now = unixSeconds,
  }: GroupBookOptions = {}) {
    this.pictureLimits = { ...defaultPictureLimits, ...pictureLimits };
    this.pictureHabits = { ...defaultPictureHabits, ...pictureHabits };
    this.notAdminCode = notAdminCode;
    this.now = now;
  }

  get all(): Iterable<Group> {
    return this.#groups.values();
  }

  /** By id: bare, with `@g.us`, or as HTTP APIs write it, with `-group`. */
  group(id: string): Group | undefined {
    return this.#groups.get(id.replace(/(@g\.us|-group)$/, ''));
  }

  /** The group that this invite code leads to now; a code that was reset leads nowhere. */
  groupInvitedBy(inviteCode: string): Group | undefined {
    return [...this.#groups.values()].find((group) => group.inviteCode === inviteCode);
  }

  create({ subject, owner, participants, addressingMode = 'lid', locked = false }: NewGroup): Group {
    const now = this.now();
    const members = new Map<Account, Role>([[owner, 'superadmin']]);
    for (const account of participants) if (account !== owner) members.set(account, 'member');
    const group: Group = {
      id: `120363${400_000_000_001 + this.#groups.size}`,
      subject,
      subjectSetBy: owner,
      subjectSetAt: now,
      owner,
      creation: now,
      addressingMode,
      locked,
      announcement: false,
      ephemeralSeconds: 0,
      membersMayAdd: false,
      joinApproval: false,
      inviteCode: newInviteCode(),
      description: undefined,
      participants: members,
      joinRequests: new Map(),
      picture: undefined,
      pictureChanges: [],
    };
    this.#groups.set(group.id, group);
    return group;
  }

  /** Makes a new invite code; the one before is worthless from now on. */
  resetInviteCode(group: Group): string {
    group.inviteCode = newInviteCode();
    return group.inviteCode;
  }

  /** Gives a group or a person a picture, with an id greater than every one before it. */
  setPicture(pictured: Pictured, picture: Omit<Picture, 'id'>): Picture {
    const now = this.now();
    this.#lastPictureId = Math.max(now, this.#lastPictureId + 1);
    const numbered = { ...picture, id: String(this.#lastPictureId) };
    this.#pictures.set(numbered.id, numbered);
    pictured.picture = numbered;
    pictured.pictureChanges.push(now);
    return numbered;
  }

  removePicture(pictured: Pictured): void {
    pictured.picture = undefined;
    pictured.pictureChanges.push(this.now());
  }

  /** Any picture that was ever set, also one that is replaced or removed. */
  pictureById(id: string): Picture | undefined {
    return this.#pictures.get(id);
  }
}
