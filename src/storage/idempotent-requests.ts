import { createHash } from 'node:crypto';
import type { InstanceId } from '../ids.ts';
import type { GroupedCommits } from './grouped-commits.ts';
import { placeOf } from './places.ts';
import type { SecretBox } from './secret-box.ts';

interface IdempotencyKey {
  readonly instance: InstanceId;
  readonly key: string;
}

/**
 * The requests that came with an `Idempotency-Key`. What callers put into their keys stays with them, because only the
 * hashes are kept; the answers may hold what they sent, and are encrypted.
 */
export class IdempotentRequests {
  readonly #commits: GroupedCommits;
  readonly #box: SecretBox;

  constructor(parts: { commits: GroupedCommits; box: SecretBox }) {
    this.#commits = parts.commits;
    this.#box = parts.box;
  }

  /**
   * Takes a key for a request that begins, and resolves with `undefined` once that is on the disk. When the key is
   * taken already, nothing changes, and it resolves with the request that has it; without an `answer` when that one was
   * never finished. What began before `expiredBefore` is forgotten first, whoever's it is.
   */
  begin(
    { instance, key }: IdempotencyKey,
    request: { readonly fingerprint: string; readonly begunAt: Date; readonly expiredBefore: Date },
  ): Promise<{ readonly fingerprint: string; readonly answer: string | undefined } | undefined> {
    const keyHash = hashOf(key);
    return this.#commits.run(async (transaction) => {
      await transaction
        .deleteFrom('idempotent_request')
        .where('begun_at', '<', request.expiredBefore.toISOString())
        .execute();
      const begun = await transaction
        .insertInto('idempotent_request')
        .values({
          instance_id: instance,
          key_hash: keyHash,
          fingerprint: request.fingerprint,
          sealed_answer: null,
          begun_at: request.begunAt.toISOString(),
        })
        .onConflict((conflict) => conflict.columns(['instance_id', 'key_hash']).doNothing())
        .returning('key_hash')
        .executeTakeFirst();
      if (begun) return undefined;
      const { fingerprint, sealed_answer } = await transaction
        .selectFrom('idempotent_request')
        .select(['fingerprint', 'sealed_answer'])
        .where('instance_id', '=', instance)
        .where('key_hash', '=', keyHash)
        .executeTakeFirstOrThrow();
      const answer =
        sealed_answer === null
          ? undefined
          : this.#box.open(sealed_answer, placeOf.idempotentAnswer(instance, keyHash));
      return { fingerprint, answer };
    });
  }

  /** Keeps the answer of the request that has the key. */
  finish({ instance, key }: IdempotencyKey, answer: string): Promise<void> {
    const keyHash = hashOf(key);
    const sealed = this.#box.seal(answer, placeOf.idempotentAnswer(instance, keyHash));
    return this.#commits.run(async (transaction) => {
      await transaction
        .updateTable('idempotent_request')
        .set({ sealed_answer: sealed })
        .where('instance_id', '=', instance)
        .where('key_hash', '=', keyHash)
        .execute();
    });
  }

  /** Gives the key free. */
  forget({ instance, key }: IdempotencyKey): Promise<void> {
    return this.#commits.run(async (transaction) => {
      await transaction
        .deleteFrom('idempotent_request')
        .where('instance_id', '=', instance)
        .where('key_hash', '=', hashOf(key))
        .execute();
    });
  }
}

const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');
