import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Kysely, Transaction } from 'kysely';
import { StorageError } from '../storage-error.ts';
import type { Tables } from './tables.ts';

interface Pending {
  write(transaction: Transaction<Tables>): Promise<void>;
  /** To be called once what was written last is on the disk. */
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Commits together what was asked for in the same turn of the event loop, or while the commit before was under way:
 * one wait for the disk instead of many. Each write is there as a whole or not at all, in the order they were asked
 * for, and on the disk before its promise resolves. Disposing waits for the last one.
 *
 * Within a transaction there is nothing to group: each write is a part of it.
 */
export class GroupedCommits {
  readonly #database: Kysely<Tables>;
  #pending: Pending[] = [];
  #working: Promise<void> | undefined;
  #areFailing = false;

  constructor(database: Kysely<Tables>) {
    this.#database = database;
  }

  /** Whether the last commit failed because of the database or its disk, not because of what was to be written. */
  get areFailing(): boolean {
    return this.#areFailing;
  }

  /** Resolves with what `write` gave, which may be called again when another one of its commit has failed. */
  run<Result>(write: (transaction: Transaction<Tables>) => Promise<Result>): Promise<Result> {
    if (this.#database instanceof Transaction) return write(this.#database);
    return new Promise((resolve, reject) => {
      let result: Result;
      this.#pending.push({
        async write(transaction) {
          result = await write(transaction);
        },
        resolve: () => resolve(result),
        reject,
      });
      this.#working ??= this.#commitPending();
    });
  }

  async #commitPending(): Promise<void> {
    await nextTurn();
    while (this.#pending.length > 0) {
      const group = this.#pending;
      this.#pending = [];
      await this.#commit(group);
    }
    this.#working = undefined;
  }

  async #commit(group: readonly Pending[]): Promise<void> {
    try {
      await this.#database.transaction().execute(async (transaction) => {
        for (const { write } of group) await write(transaction);
      });
    } catch (error) {
      // One that fails must not take the others with it.
      if (group.length > 1) for (const pending of group) await this.#commit([pending]);
      else {
        this.#areFailing = error instanceof StorageError;
        group[0]?.reject(error);
      }
      return;
    }
    this.#areFailing = false;
    for (const { resolve } of group) resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#working;
  }
}
