/** Which messages went to whom, and which receipts came for them: what a person sees on a phone. Contents are not kept. */
import { Watch } from '../watch.ts';
import type { Account } from '../world.ts';
import type { Route } from './route.ts';

/** A message as its receivers see it, who may not be able to read it. */
export interface ReceivedMessage {
  readonly id: string;
  readonly from: Account;
  /** A person's PN (whom it was written to), a group's address, or `status@broadcast`. */
  readonly chat: string;
}

/** A receipt that an account has of a message it wrote. */
export interface ReceivedReceipt {
  readonly id: string;
  /** As on the wire (`read`, `read-self`, `retry`, `inactive` …); `delivered` where the wire has nothing. */
  readonly type: string;
  readonly by: Account;
  readonly device: number;
  readonly to: Account;
}

export class MessageBook {
  readonly #received = new Map<Account, ReceivedMessage[]>();
  readonly #receipts = new Map<Account, ReceivedReceipt[]>();
  readonly #watch = new Watch();

  add(id: string, from: Account, { chat, accounts }: Route): void {
    for (const account of new Set(accounts)) {
      if (account !== from) this.#append(this.#received, account, { id, from, chat });
    }
  }

  addReceipt(receipt: ReceivedReceipt): void {
    this.#append(this.#receipts, receipt.to, receipt);
  }

  /** The messages from others, oldest first. */
  receivedBy(account: Account): readonly ReceivedMessage[] {
    return this.#received.get(account) ?? [];
  }

  /** The receipts for the account's messages, oldest first. */
  receiptsOf(account: Account): readonly ReceivedReceipt[] {
    return this.#receipts.get(account) ?? [];
  }

  /** Resolves with the first that `find` gives, now or later; rejects after `deadlineMs`. */
  until<Found>(find: () => Found | undefined, deadlineMs?: number): Promise<Found> {
    return this.#watch.until(
      find,
      (waitedMs) => `No such message or receipt within ${waitedMs} ms`,
      deadlineMs,
    );
  }

  #append<Entry>(entries: Map<Account, Entry[]>, account: Account, entry: Entry): void {
    const list = entries.get(account) ?? [];
    list.push(entry);
    entries.set(account, list);
    this.#watch.changed();
  }
}
