import type { Kysely, Selectable, Transaction } from 'kysely';
import type { GroupId, InstanceId } from '../ids.ts';
import type { PhotoChange, PhotoEntry, PhotoStore } from '../photos/photo-store.ts';
import type { GroupedCommits } from './grouped-commits.ts';
import { keepPicture, removeUnusedPictures } from './kept-pictures.ts';
import type { Tables } from './tables.ts';

/** What groups showed, as far as we learnt of it, in the order in which we did. */
export class PhotoHistory {
  readonly #database: Kysely<Tables>;
  readonly #commits: GroupedCommits;

  constructor(parts: { database: Kysely<Tables>; commits: GroupedCommits }) {
    this.#database = parts.database;
    this.#commits = parts.commits;
  }

  /** The photos of the groups of one instance, which must exist. */
  photosOf(instance: InstanceId): PhotoStore {
    return {
      entries: (group) => this.#entries({ instance, group }),
      add: (group, change, { jpeg, keep }) =>
        this.#commits.run(async (transaction) => {
          const place = { instance, group };
          await addOrComplete(transaction, place, rowOf(change), keep > 0 ? jpeg : undefined);
          await prune(transaction, place, keep);
        }),
      bytes: (sha256) => this.#bytes(instance, sha256),
    };
  }

  /** The groups of one instance that a photo, or none, is known of. */
  async groupsOf(instance: InstanceId): Promise<GroupId[]> {
    const rows = await this.#database
      .selectFrom('group_photo')
      .select('group_id')
      .distinct()
      .where('instance_id', '=', instance)
      .orderBy('group_id')
      .execute();
    return rows.map(({ group_id }) => group_id);
  }

  /**
   * Removes what `add` would not keep with this `keep`, from all groups at once: for a start with another one than
   * before.
   */
  prune(keep: number): Promise<void> {
    return this.#commits.run(async (transaction) => {
      const places = await transaction
        .selectFrom('group_photo')
        .select(['instance_id as instance', 'group_id as group'])
        .groupBy(['instance_id', 'group_id'])
        // With 0 a group is done with once its bytes are gone; it shall not be looked at again at every start.
        .having(({ fn }) => fn.count(keep > 0 ? 'picture_id' : 'picture_sha256'), '>', keep)
        .execute();
      for (const place of places) await prune(transaction, place, keep);
    });
  }

  async #entries(place: Place): Promise<PhotoEntry[]> {
    const rows = await rowsOf(this.#database, place).selectAll().orderBy('position').execute();
    return rows.map(entryFrom);
  }

  async #bytes(instance: InstanceId, sha256: string): Promise<Uint8Array | undefined> {
    const row = await this.#database
      .selectFrom('picture')
      .select('jpeg')
      .where('sha256', '=', sha256)
      .where(({ exists, selectFrom }) =>
        exists(
          selectFrom('group_photo')
            .select('position')
            .where('picture_sha256', '=', sha256)
            .where('instance_id', '=', instance),
        ),
      )
      .executeTakeFirst();
    return row?.jpeg;
  }
}

interface Place {
  readonly instance: InstanceId;
  readonly group: GroupId;
}

type Row = Selectable<Tables['group_photo']>;
type Told = ReturnType<typeof rowOf>;

const rowsOf = (database: Kysely<Tables>, { instance, group }: Place) =>
  database.selectFrom('group_photo').where('instance_id', '=', instance).where('group_id', '=', group);

async function addOrComplete(
  transaction: Transaction<Tables>,
  place: Place,
  told: Told,
  jpeg: Uint8Array | undefined,
): Promise<void> {
  const rows = rowsOf(transaction, place).selectAll();
  const newest = await rows.orderBy('position', 'desc').limit(1).executeTakeFirst();
  // Without a photo there is no id to look for, and nothing equals null: only the newest entry can be the same.
  const known =
    newest?.picture_id === told.picture_id
      ? newest
      : await rows.where('picture_id', '=', told.picture_id).executeTakeFirst();
  const row = known ? completed(known, told) : told;

  // WhatsApp's copy of a photo has other bytes than what was sent: those that the entry knows of stay.
  const kept = jpeg && told.sha256 === row.sha256 ? told.sha256 : null;
  if (jpeg && kept !== null) await keepPicture(transaction, { sha256: kept, jpeg });
  const now = { ...row, picture_sha256: kept ?? known?.picture_sha256 ?? null };
  await transaction
    .insertInto('group_photo')
    .values({
      ...now,
      instance_id: place.instance,
      group_id: place.group,
      position: known?.position ?? (newest?.position ?? 0) + 1,
    })
    .onConflict((conflict) => conflict.columns(['instance_id', 'group_id', 'position']).doUpdateSet(now))
    .execute();
}

/** What is known, and where that is nothing, what is told. */
const completed = (known: Row, told: Told): Told => ({
  picture_id: known.picture_id,
  set_by: known.set_by ?? told.set_by,
  set_at: known.set_at ?? told.set_at,
  by_us: Math.max(known.by_us, told.by_us),
  restores: known.restores ?? told.restores,
  sha256: known.sha256 ?? told.sha256,
  size_bytes: known.size_bytes ?? told.size_bytes,
  width: known.width ?? told.width,
  height: known.height ?? told.height,
});

async function prune(transaction: Transaction<Tables>, place: Place, keep: number): Promise<void> {
  const rows = rowsOf(transaction, place);
  // With 0 the newest entry stays, photo or not: it says what the group shows.
  const oldest = await (keep > 0 ? rows.where('picture_id', 'is not', null) : rows)
    .select('position')
    .orderBy('position', 'desc')
    .offset(Math.max(keep - 1, 0))
    .limit(1)
    .executeTakeFirst();
  if (!oldest) return;

  const withoutBytes = await rows
    .select('picture_sha256')
    .where('picture_sha256', 'is not', null)
    .where('position', keep > 0 ? '<' : '<=', oldest.position)
    .execute();
  await transaction
    .deleteFrom('group_photo')
    .where('instance_id', '=', place.instance)
    .where('group_id', '=', place.group)
    .where('position', '<', oldest.position)
    .execute();
  if (keep === 0) {
    await transaction
      .updateTable('group_photo')
      .set({ picture_sha256: null })
      .where('instance_id', '=', place.instance)
      .where('group_id', '=', place.group)
      .execute();
  }
  await removeUnusedPictures(
    transaction,
    withoutBytes.map(({ picture_sha256 }) => picture_sha256),
  );
}

/** What a change says, as columns. */
const rowOf = ({ pictureId, setBy, setAt, byUs, restores, file }: PhotoChange) => ({
  picture_id: pictureId ?? null,
  set_by: setBy ?? null,
  set_at: setAt?.toISOString() ?? null,
  by_us: byUs ? 1 : 0,
  restores: restores ?? null,
  sha256: file?.sha256 ?? null,
  size_bytes: file?.sizeBytes ?? null,
  width: file?.width ?? null,
  height: file?.height ?? null,
});

function entryFrom(row: Row): PhotoEntry {
  const { sha256, size_bytes: sizeBytes, width, height } = row;
  const isSeen = sha256 !== null && sizeBytes !== null && width !== null && height !== null;
  return {
    position: row.position,
    pictureId: row.picture_id ?? undefined,
    setBy: row.set_by ?? undefined,
    setAt: row.set_at === null ? undefined : new Date(row.set_at),
    byUs: row.by_us === 1,
    restores: row.restores ?? undefined,
    file: isSeen ? { sha256, sizeBytes, width, height } : undefined,
  };
}
