import type { GroupId, InstanceId, JobId, PhoneNumber, PictureId, UserId } from '../ids.ts';
import type { PhotoJob } from '../photo-jobs.ts';

/**
 * The tables as the newest migration leaves them. Times are ISO 8601 texts in UTC, JSON is text: SQLite and
 * PostgreSQL agree on both. Yes and no are 1 and 0. A column called `sealed_…` holds what `SecretBox` sealed.
 */
export interface Tables {
  account: AccountTable;
  group_photo: GroupPhotoTable;
  idempotent_request: IdempotentRequestTable;
  instance: InstanceTable;
  photo_job: PhotoJobTable;
  photo_job_group: PhotoJobGroupTable;
  picture: PictureTable;
  secret_key: SecretKeyTable;
  session_key: SessionKeyTable;
  whatsapp_version: WhatsAppVersionTable;
}

interface AccountTable {
  id: string;
  /** SHA-256, hex: the token itself is shown once and never kept. */
  client_token_hash: string;
  /** SHA-256, hex. */
  partner_token_hash: string;
  created_at: string;
}

interface InstanceTable {
  id: string;
  name: string;
  sealed_token: string;
  /** JSON: `Instance['settings']`. */
  settings: string;
  /** JSON: `Instance['subscription']`. */
  subscription: string;
  /** JSON: `Instance['proxy']`. Its URL may hold a password. */
  sealed_proxy: string | null;
  moved_at: string | null;
  /** `searchTextOf` the id and the name, a line each. */
  search_text: string;
  created_at: string;
}

/** By which keys the sealed columns were written; the keys themselves are elsewhere. */
interface SecretKeyTable {
  version: number;
  /** A known text, sealed: whoever can open it has the right key. */
  sealed_check: string;
}

/** Credentials and Signal keys of the sessions, as the WhatsApp engine names them. */
interface SessionKeyTable {
  instance_id: string;
  type: string;
  id: string;
  sealed_value: Uint8Array;
}

/** One row: the newest version of WhatsApp Web that was ever seen, as `2.3000.1043857760`. */
interface WhatsAppVersionTable {
  id: string;
  version: string;
}

/** The bytes of pictures, each once for the whole gateway, as long as something refers to them. */
interface PictureTable {
  /** Of the bytes, hex. */
  sha256: string;
  jpeg: Uint8Array;
}

/** What the groups showed one after another, as far as we learnt of it. */
interface GroupPhotoTable {
  instance_id: InstanceId;
  group_id: GroupId;
  /** Later is larger. */
  position: number;
  /** `null`: the group had no photo. */
  picture_id: PictureId | null;
  set_by: UserId | null;
  set_at: string | null;
  by_us: number;
  /** The position of the entry that was gone back to; it may not be kept any more. */
  restores: number | null;
  /** What the bytes are; it and the next three are `null` together, while the bytes were not seen. */
  sha256: string | null;
  size_bytes: number | null;
  width: number | null;
  height: number | null;
  /** The same as `sha256` when the bytes are kept, else `null`. */
  picture_sha256: string | null;
}

/** The requests that came with an `Idempotency-Key`, and what became of them. */
interface IdempotentRequestTable {
  instance_id: InstanceId;
  /** SHA-256 of the key, hex: it is only ever compared, and callers may put anything into it. */
  key_hash: string;
  /** What tells this request from another one with the same key. */
  fingerprint: string;
  /** `null` while the request is not finished. */
  sealed_answer: string | null;
  begun_at: string;
}

interface PhotoJobTable {
  id: JobId;
  instance_id: InstanceId;
  /** Among the jobs of the instance: later is larger. */
  position: number;
  /** The number that it was started with. */
  phone: PhoneNumber;
  /** The photo to set; `null` once the job is finished. */
  picture_sha256: string | null;
  force: number;
  state: PhotoJob['state'];
  created_at: string;
  finished_at: string | null;
}

interface PhotoJobGroupTable {
  job_id: JobId;
  /** In the order in which the groups were given, from 0. */
  position: number;
  group_id: GroupId;
  /** Which one is running is nothing to keep. */
  state: Exclude<PhotoJob['results'][number]['state'], 'running'>;
  picture_id: PictureId | null;
  /** JSON: the `failure` of `PhotoJob['results']`. */
  failure: string | null;
}
