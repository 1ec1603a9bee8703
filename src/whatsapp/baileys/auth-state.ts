import {
  type AuthenticationCreds,
  type AuthenticationState,
  BufferJSON,
  initAuthCreds,
  type KeyPair,
  proto,
  type SignalDataSet,
  type SignalDataTypeMap,
} from 'baileys';
import type { KeyChange, KeyStore } from '../whatsapp.ts';
import { linkedCredentials } from './is-paired.ts';

/**
 * What a phone is to link, while it has not: only what codes are made of, and nothing with which Baileys would try to
 * log in.
 */
const pending = { type: 'creds', id: 'pending' };

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
  /** The secret that is stored with the pending credentials, if they are. */
  #pendingSecret: string | undefined;
  /** The last secret that we put in use ourselves; the phone and Baileys may agree on another. */
  #ownSecret: string;
  #sealed = false;

  /** Use `openAuthState`. `isKept`: the credentials come from the store. */
  constructor(store: KeyStore, creds: AuthenticationCreds, isKept: boolean) {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.failure = promise;
    this.#setFailure = resolve;
    this.#store = store;
    this.creds = creds;
    this.#ownSecret = creds.advSecretKey;
    this.#pendingSecret = isKept && !this.isLinked ? creds.advSecretKey : undefined;
    this.keys = { get: (type, ids) => this.#get(type, ids), set: (data) => this.#write(changesOf(data)) };
  }

  /** Whether a phone has accepted these credentials. */
  get isLinked(): boolean {
    return this.creds.account !== undefined;
  }

  /** Stores the credentials as they are now, if they are linked; resolves when they are stored. */
  async saveCreds(): Promise<void> {
    if (!this.isLinked) return;
    await this.#write([{ ...linkedCredentials, value: serialise(this.creds) }]);
  }

  /**
   * Stores what a code is drawn from, if it is not stored yet, so that the next connection comes back with the same
   * keys. With another `advSecretKey`, that one is in use when it is stored, and not before: what is stored, what is
   * shown and what a phone's answer is checked with stay the same.
   */
  async savePending(advSecretKey = this.creds.advSecretKey): Promise<void> {
    if (this.isLinked || advSecretKey === this.#pendingSecret) return;
    const { noiseKey, pairingEphemeralKeyPair, signedIdentityKey, signedPreKey, registrationId } = this.creds;
    const keys = { noiseKey, pairingEphemeralKeyPair, signedIdentityKey, signedPreKey, registrationId };
    this.#pendingSecret = advSecretKey;
    await this.#write([{ ...pending, value: serialise({ ...keys, advSecretKey }) }]);
    // Unless the phone and we have meanwhile agreed on another one, over a pairing code.
    if (this.creds.advSecretKey !== this.#ownSecret) return;
    this.creds.advSecretKey = advSecretKey;
    this.#ownSecret = advSecretKey;
  }

  /**
   * Makes the credentials those of a linked device: with what the phone told, and with the one-time keys that the
   * device will offer to those who write to it. All of it is stored at once, and the pending credentials are gone.
   *
   * Baileys finds the keys by its counters, uploads them at the first login, and makes none itself.
   */
  async link(told: Partial<AuthenticationCreds>, preKeys: readonly KeyPair[]): Promise<void> {
    const firstId = this.creds.nextPreKeyId;
    Object.assign(this.creds, told, { nextPreKeyId: firstId + preKeys.length });
    await this.#write([
      { ...linkedCredentials, value: serialise(this.creds) },
      { ...pending, value: null },
      ...preKeys.map((pair, index) => ({
        type: 'pre-key',
        id: String(firstId + index),
        value: serialise(pair),
      })),
    ]);
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

/** The auth state kept in `store`, linked or to be linked, or a new one, to be linked. */
export async function openAuthState(store: KeyStore): Promise<AuthState> {
  const stored = await store.read(linkedCredentials.type, [linkedCredentials.id, pending.id]);
  const text = stored.get(linkedCredentials.id) ?? stored.get(pending.id);
  const kept = text === undefined ? {} : JSON.parse(text, BufferJSON.reviver);
  const isLinked = stored.has(linkedCredentials.id);
  return new AuthState(store, isLinked ? kept : { ...initAuthCreds(), ...kept }, text !== undefined);
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
