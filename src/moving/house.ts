/** What is needed of the storage that an instance leaves or comes to. */
import type { PhotoRecord } from '../group-photos.ts';
import type { GroupId, InstanceId, PictureId, UserId } from '../ids.ts';
import type { Instance, InstanceChange } from '../instance.ts';
import type { KeyChange, KeyStore } from '../whatsapp/whatsapp.ts';

/** A key that is there. */
export type Key = KeyChange & { readonly value: string };

/** What a group showed from some time on: a photo, or none. */
export interface PhotoChange {
  readonly pictureId: PictureId | undefined;
  readonly setBy: UserId | undefined;
  readonly setAt: Date | undefined;
  readonly byUs: boolean;
  /** The position of the entry that this change went back to. */
  readonly restores: number | undefined;
  readonly file: PhotoRecord['file'];
}

interface GroupPhotos {
  /** Oldest first. */
  entries(group: GroupId): Promise<readonly (PhotoChange & { readonly position: number })[]>;
  /** Positions are given from 1, without a gap, where nothing is kept of the group yet. */
  add(
    group: GroupId,
    change: PhotoChange,
    options: { readonly jpeg: Uint8Array | undefined; readonly keep: number },
  ): Promise<void>;
  bytes(sha256: string): Promise<Uint8Array | undefined>;
}

export interface Rooms {
  readonly instances: {
    /** With an id and a token of its own. */
    create(instance: { name: string }): Promise<Instance>;
    find(id: InstanceId): Promise<Instance | undefined>;
    /** All, oldest first. */
    list(): Promise<readonly Instance[]>;
    restore(instance: Instance): Promise<void>;
    update(id: InstanceId, change: InstanceChange): Promise<Instance | undefined>;
    /** Forgets an instance with all that was kept of it. */
    remove(id: InstanceId): Promise<void>;
  };
  readonly sessionKeys: {
    keysOf(id: InstanceId): KeyStore;
    allOf(id: InstanceId): Promise<readonly Key[]>;
  };
  readonly photoHistory: {
    photosOf(id: InstanceId): GroupPhotos;
    groupsOf(id: InstanceId): Promise<readonly GroupId[]>;
  };
}

export interface House extends Rooms {
  /** All that `work` writes with what it is handed is kept when it resolves, and none of it when it rejects. */
  inOneTransaction<Result>(work: (rooms: Rooms) => Promise<Result>): Promise<Result>;
}
