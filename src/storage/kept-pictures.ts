import type { Transaction } from 'kysely';
import type { Tables } from './tables.ts';

/** Keeps the bytes of a picture, which may be there already. Whoever asks for it refers to them in this transaction. */
export async function keepPicture(
  transaction: Transaction<Tables>,
  picture: { readonly sha256: string; readonly jpeg: Uint8Array },
): Promise<void> {
  await transaction
    .insertInto('picture')
    .values({ sha256: picture.sha256, jpeg: picture.jpeg })
    .onConflict((conflict) => conflict.column('sha256').doNothing())
    .execute();
}

/** Removes those of these pictures that nothing refers to any more. */
export async function removeUnusedPictures(
  transaction: Transaction<Tables>,
  sha256s: readonly (string | null)[],
): Promise<void> {
  for (const sha256 of new Set(sha256s)) {
    await transaction
      .deleteFrom('picture')
      .where('sha256', '=', sha256)
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom('group_photo').select('position').where('picture_sha256', '=', sha256))),
      )
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom('photo_job').select('id').where('picture_sha256', '=', sha256))),
      )
      .execute();
  }
}
