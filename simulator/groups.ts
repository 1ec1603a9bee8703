/** Groups of the simulated WhatsApp: members, settings, and the picture. State only; stanzas are made elsewhere. */
import type { Account } from './world.ts';

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

export interface Group {
  /** `1203630…` without `@g.us`. */
  readonly id: string;
  subject: string;
  readonly owner: Account;
  /** Unix seconds. */
  readonly creation: number;
  readonly addressingMode: AddressingMode;
  /** Only admins may change subject, picture and description. */
  locked: boolean;
  /** Only admins may send. */
  announcement: boolean;
  inviteCode: string;
  description:
    | { readonly id: string; readonly text: string; readonly by: Account; readonly at: number }
    | undefined;
  readonly participants: Map<Account, Role>;
  picture: Picture | undefined;
}

export class GroupBook {
  readonly #groups = new Map<string, Group>();

  get all(): Iterable<Group> {
    return this.#groups.values();
  }

  /** By id, with or without `@g.us`. */
  group(id: string): Group | undefined {
    return this.#groups.get(id.replace(/@g\.us$/, ''));
  }
}
