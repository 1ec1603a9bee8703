/** Which messages went to whom, and which receipts came for them: what a person sees on a phone. Contents are not kept. */
import type { Account } from '../world.ts';
import type { Route } from './message-relay.ts';

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

/** Far more than anything here takes, on a machine that has much else to do, too. */
const defaultDeadlineMs = 20_000;

export class MessageBook {
  readonly #received = new Map<Account, ReceivedMessage[]>();
  readonly #receipts = new Map<Account, ReceivedReceipt[]>();
  readonly #waiting = new Set<() => void>();

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
  until<Found>(find: () => Found | undefined, deadlineMs = defaultDeadlineMs): Promise<Found> {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`No such message or receipt within ${deadlineMs} ms`));
      }, deadlineMs);
      const look = () => {
        const found = find();
        if (found === undefined) return;
        clearTimeout(deadline);
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }

  #append<Entry>(entries: Map<Account, Entry[]>, account: Account, entry: Entry): void {
    const list = entries.get(account) ?? [];
    list.push(entry);
    entries.set(account, list);
    for (const look of [...this.#waiting]) look();
  }
}
