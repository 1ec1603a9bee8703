import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import {
  DEFAULT_CONNECTION_CONFIG,
  isPnUser,
  type SignalKeyStoreWithTransaction,
  type SocketConfig,
} from 'baileys';

import { inSignalLine } from './signal-lines.ts';

type MakeRepository = SocketConfig['makeSignalRepository'];

/** How many decrypted messages are kept. */
const keptMessages = 8;

/**
 * Baileys' Signal sessions, so that a crash at any moment costs no message. Two things are done differently.
 *
 * Baileys encrypts, sends, and then stores how far the session has come, in one transaction. After a crash in between
 * the next message would be encrypted with the same key again, and whoever has seen that key throws the message away
 * (Baileys does, see `MISSING_KEYS_ERROR_TEXT`). Such a transaction also overwrites what another one has stored
 * meanwhile for a message that came in. Here each step of a session is a transaction of its own, stored before what it
 * made is sent.
 *
 * What was decrypted cannot be decrypted again, but comes again when a crash kept us from acknowledging it. So the last
 * messages are stored with the step of the session that decrypted them, and found when they come again (whatsmeow does
 * the same: message.go, bufferedDecrypt).
 */
export const makeSignalRepository: MakeRepository = (auth, logger, pnToLid) => {
  // Baileys says less than it hands over.
  const keys = withOwnTransactions(auth.keys as SignalKeyStoreWithTransaction);
  const repository = DEFAULT_CONNECTION_CONFIG.makeSignalRepository({ ...auth, keys }, logger, pnToLid);
  const { encryptMessage, injectE2ESession, decryptMessage, encryptGroupMessage, decryptGroupMessage } =
    repository;
  const keep = keptIn(keys);

  // Sessions are stored under the LID, whichever address they are used with: two names would be two lines to wait in.
  const lidOf = async (jid: string) =>
    (isPnUser(jid) && (await repository.lidMapping.getLIDForPN(jid))) || jid;

  const inLineOf = <Result>(jid: string, work: () => Promise<Result>) =>
    inSignalLine(repository.jidToSignalProtocolAddress(jid), work);

  return Object.assign(repository, {
    async encryptMessage(input: Parameters<typeof encryptMessage>[0]) {
      const jid = await lidOf(input.jid);
      return inLineOf(jid, () => encryptMessage({ ...input, jid }));
    },
    async injectE2ESession(input: Parameters<typeof injectE2ESession>[0]) {
      const jid = await lidOf(input.jid);
      return inLineOf(jid, () => injectE2ESession({ ...input, jid }));
    },
    decryptMessage: (input: Parameters<typeof decryptMessage>[0]) =>
      inLineOf(input.jid, () =>
        keys.transaction(() => keep(input.ciphertext, () => decryptMessage(input)), input.jid),
      ),
    encryptGroupMessage: (input: Parameters<typeof encryptGroupMessage>[0]) =>
      inSignalLine(input.group, () => encryptGroupMessage(input)),
    decryptGroupMessage: (input: Parameters<typeof decryptGroupMessage>[0]) =>
      inSignalLine(input.group, () =>
        keys.transaction(() => keep(input.msg, () => decryptGroupMessage(input)), input.group),
      ),
  });
};

/** The same keys, whose transactions are not part of one that Baileys has begun, except within each other. */
function withOwnTransactions(keys: SignalKeyStoreWithTransaction): SignalKeyStoreWithTransaction {
  const outside = AsyncLocalStorage.snapshot();
  const inside = new AsyncLocalStorage<true>();
  return {
    ...keys,
    transaction: (work, key) =>
      inside.getStore()
        ? keys.transaction(work, key)
        : // Another line than Baileys' own of this name, in which we may be standing.
          outside(() => inside.run(true, () => keys.transaction(work, `signal ${key}`))),
  };
}

/** Decrypts within a transaction and keeps what came out; gives what was kept for what cannot be decrypted again. */
function keptIn(keys: SignalKeyStoreWithTransaction) {
  // A kind of key that Baileys does not know: messages by the hash of what was decrypted, and those hashes, oldest first.
  const store = keys as unknown as {
    get(type: 'decrypted', ids: ['recent']): Promise<{ recent?: string[] }>;
    get(type: 'decrypted', ids: string[]): Promise<{ [hash: string]: Uint8Array | undefined }>;
    set(data: { decrypted: { [id: string]: Uint8Array | string[] | null } }): Promise<void>;
  };
  let recent: string[] | undefined;

  const keep = async (hash: string, plaintext: Uint8Array) => {
    recent ??= (await store.get('decrypted', ['recent'])).recent ?? [];
    recent.push(hash);
    const forgotten = recent.splice(0, Math.max(0, recent.length - keptMessages));
    const nothing = Object.fromEntries(forgotten.map((old) => [old, null]));
    await store.set({ decrypted: { ...nothing, [hash]: plaintext, recent: [...recent] } });
  };

  return async (ciphertext: Uint8Array, decrypt: () => Promise<Uint8Array>): Promise<Uint8Array> => {
    const hash = createHash('sha256').update(ciphertext).digest('base64');
    let plaintext: Uint8Array;
    try {
      plaintext = await decrypt();
    } catch (error) {
      const { [hash]: kept } = await store.get('decrypted', [hash]);
      if (kept) return kept;
      throw error;
    }
    await keep(hash, plaintext);
    return plaintext;
  };
}
