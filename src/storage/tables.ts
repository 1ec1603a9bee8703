/**
 * The tables as the newest migration leaves them. Times are ISO 8601 texts in UTC, JSON is text: SQLite and
 * PostgreSQL agree on both. A column called `sealed_…` holds what `SecretBox.seal` gave.
 */
export interface Tables {
  account: AccountTable;
  instance: InstanceTable;
  secret_key: SecretKeyTable;
  session_key: SessionKeyTable;
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
  /** JSON: one object, `Instance['settings']`. */
  settings: string;
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
  sealed_value: string;
}
