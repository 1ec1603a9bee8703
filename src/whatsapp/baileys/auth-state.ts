import {
  type AuthenticationCreds,
  type AuthenticationState,
  BufferJSON,
  initAuthCreds,
  proto,
  type SignalDataSet,
  type SignalDataTypeMap,
} from 'baileys';
import type { KeyChange, KeyStore } from '../whatsapp.ts';

/** Where the credentials stand in the key store; the Signal keys stand under Baileys' own types beside them. */
const credentials = { type: 'creds', id: 'creds' };

/**
 * Whether these keys belong to a linked device.
 *
 * Credentials are stored from the moment on at which a phone accepted them, never before: a pairing that did not
 * finish leaves nothing behind that could be taken for a device.
 */
export async function isPaired(keys: KeyStore): Promise<boolean> {
  return (await keys.read(credentials.type, [credentials.id])).has(credentials.id);
}

/** The credentials and Signal keys of one connection, kept in a `KeyStore`. */
export class AuthState implements AuthenticationState {
  /** The live credentials: Baileys reads and changes this very object. */
  readonly creds: AuthenticationCreds;
  readonly keys: AuthenticationState['keys'];
  /**
   * Resolves with the first error of the store, and never without one. Baileys only logs it, and would carry on with
   * keys that nobody kept.
   */
  readonly failure: Promise<unknown>;
  readonly #store: KeyStore;
  readonly #setFailure: (error: unknown) => void;
  readonly #writes = new Set<Promise<void>>();
  #sealed = false;

  /** Use `openAuthState`. */
  constructor(store: KeyStore, creds: AuthenticationCreds) {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.failure = promise;
    this.#setFailure = resolve;
    this.#store = store;
    this.creds = creds;
    this.keys = { get: (type, ids) => this.#get(type, ids), set: (data) => this.#write(changesOf(data)) };
  }

  /** Whether a phone has accepted these credentials. */
  get isLinked(): boolean {
    return this.creds.account !== undefined;
  }

  /** Stores the credentials as they are now, if they are linked; resolves when they are stored. */
  async saveCreds(): Promise<void> {
    if (!this.isLinked) return;
    await this.#write([{ ...credentials, value: serialise(this.creds) }]);
  }

  /**
   * Resolves when all that was written is stored. What Baileys still wants to write after its end is refused: the
   * same keys may have another connection by then, or be forgotten.
   */
  async seal(): Promise<void> {
    this.#sealed = true;
    await Promise.allSettled(this.#writes);
  }

  async #get<Type extends keyof SignalDataTypeMap>(
    type: Type,
    ids: string[],
  ): Promise<{ [id: string]: SignalDataTypeMap[Type] }> {
    const texts = await this.#reporting(this.#store.read(type, ids));
    const values: { [id: string]: SignalDataTypeMap[Type] } = {};
    for (const [id, text] of texts) values[id] = parse(type, text);
    return values;
  }

  // The store is called at once and in Baileys' order: whatever Baileys tells WhatsApp next comes after it.
  async #write(changes: readonly KeyChange[]): Promise<void> {
    if (this.#sealed) throw new Error('The connection is over: its keys are not written any more.');
    if (changes.length === 0) return;
    const write = this.#reporting(this.#store.write(changes));
    this.#writes.add(write);
    try {
      await write;
    } finally {
      this.#writes.delete(write);
    }
  }

  async #reporting<Value>(work: Promise<Value>): Promise<Value> {
    try {
      return await work;
    } catch (error) {
      this.#setFailure(error);
      throw error;
    }
  }
}

/** The auth state kept in `store`, or a new one, to be paired. */
export async function openAuthState(store: KeyStore): Promise<AuthState> {
  const stored = (await store.read(credentials.type, [credentials.id])).get(credentials.id);
  return new AuthState(
    store,
    stored === undefined ? initAuthCreds() : JSON.parse(stored, BufferJSON.reviver),
  );
}

const serialise = (value: unknown): string => JSON.stringify(value, BufferJSON.replacer);

function parse(type: keyof SignalDataTypeMap, text: string) {
  const value = JSON.parse(text, BufferJSON.reviver);
  // The one kind whose bytes are not Buffers in JSON: protobuf's own toJSON writes them as Base64.
  return type === 'app-state-sync-key' ? proto.Message.AppStateSyncKeyData.fromObject(value) : value;
}

const changesOf = (data: SignalDataSet): KeyChange[] =>
  Object.entries(data).flatMap(([type, values]) =>
    Object.entries(values).map(([id, value]) => ({
      type,
      id,
      value: value === null || value === undefined ? null : serialise(value),
    })),
  );
