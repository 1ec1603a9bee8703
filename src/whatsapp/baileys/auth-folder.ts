import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AuthenticationCreds, BufferJSON, proto, type SignalDataTypeMap } from 'baileys';
import { type PhoneNumber, parsePhoneNumber, parseUserId } from '../../ids.ts';
import type { KeyChange } from '../whatsapp.ts';
import { openAuthState } from './auth-state.ts';
import { deviceFrom } from './linked-device.ts';

/** Why a folder cannot be taken over, in a sentence for whoever named it. */
export class AuthFolderError extends Error {
  override readonly name = 'AuthFolderError';
}

/** What another program that is built on Baileys kept of a linked phone. */
export interface AuthFolder {
  readonly phone: PhoneNumber;
  /** Which linked device it is, as `linkedDeviceOf` tells it. */
  readonly device: string;
  /** All keys, as a connection writes them into its `KeyStore`. */
  readonly keys: readonly KeyChange[];
  /** The names of files that are none of Baileys'. */
  readonly unknown: readonly string[];
  /** The names of key files that are damaged. Baileys itself takes such a key for one that is not there. */
  readonly damaged: readonly string[];
}

/**
 * Reads the folder that Baileys' `useMultiFileAuthState` writes, of version 6 or 7. It is not changed.
 *
 * Errors: `AuthFolderError` when it is no such folder, is of no linked phone, or its credentials are damaged.
 * Source: WhiskeySockets/Baileys src/Utils/use-multi-file-auth-state.ts.
 */
export async function readAuthFolder(folder: string): Promise<AuthFolder> {
  const names = await namesIn(folder);
  if (!names.includes(credentialsFile)) {
    throw new AuthFolderError(
      `${folder} holds no ${credentialsFile}: it is not the folder of a Baileys session (useMultiFileAuthState).`,
    );
  }
  const creds = await readCredentials(join(folder, credentialsFile));
  const { phone, device } = linkOf(creds, folder);

  const keys: KeyChange[] = [];
  const text = JSON.stringify(creds, BufferJSON.replacer);
  // Written by way of an auth state, the keys have the very form in which a connection will look for them.
  const auth = await openAuthState({
    read: async (_type, ids) => new Map(ids.map((id) => [id, text])),
    write: async (changes) => void keys.push(...changes),
    clear: async () => undefined,
  });
  await auth.saveCreds();

  const unknown: string[] = [];
  const damaged: string[] = [];
  for (const name of names) {
    if (name === credentialsFile) continue;
    const place = placeFrom(name);
    if (!place) {
      unknown.push(name);
      continue;
    }
    const value = await readValue(join(folder, name), place.type);
    if (value === undefined) damaged.push(name);
    else await auth.keys.set({ [place.type]: { [place.id]: value } });
  }
  return { phone, device, keys, unknown, damaged };
}

const credentialsFile = 'creds.json';

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (cause) {
    throw new AuthFolderError(`The folder ${folder} cannot be read: ${(cause as Error).message}.`, { cause });
  }
}

async function readCredentials(path: string): Promise<Partial<AuthenticationCreds>> {
  try {
    return { ...(await readJson(path)) };
  } catch (cause) {
    throw new AuthFolderError(`${path} is damaged: ${(cause as Error).message}.`, { cause });
  }
}

/** The number of the linked phone, and the device that is linked to it. */
function linkOf(creds: Partial<AuthenticationCreds>, folder: string): Pick<AuthFolder, 'phone' | 'device'> {
  if (!creds.account || !creds.me) {
    throw new AuthFolderError(
      `The session in ${folder} is not linked to a phone: there is nothing to import.`,
    );
  }
  const { noiseKey, signedIdentityKey, signedPreKey } = creds;
  const isWhole =
    [noiseKey, signedIdentityKey, signedPreKey?.keyPair].every(isKeyPair) &&
    typeof creds.registrationId === 'number';
  const phone = parsePhoneNumber(parseUserId(creds.me.id)?.split('@', 1)[0] ?? '');
  if (!isWhole || !signedIdentityKey || phone === undefined) {
    throw new AuthFolderError(`${join(folder, credentialsFile)} is damaged: keys or the number are missing.`);
  }
  return { phone, device: deviceFrom({ signedIdentityKey }) };
}

const isKeyPair = (pair: Partial<Record<'public' | 'private', unknown>> | undefined): boolean =>
  pair?.public instanceof Uint8Array && pair.private instanceof Uint8Array;

/** What the file holds; `undefined` when that is no key. A crash while Baileys writes leaves half a file, or an empty one. */
async function readValue(path: string, type: KeyType): Promise<SignalDataTypeMap[KeyType] | undefined> {
  try {
    const value = await readJson(path);
    if (type === 'app-state-sync-key') return proto.Message.AppStateSyncKeyData.fromObject(value);
    // Version 6 keeps the states themselves, version 7 their JSON as bytes.
    if (type === 'sender-key' && Array.isArray(value)) {
      return Buffer.from(JSON.stringify(value, BufferJSON.replacer));
    }
    return (value || undefined) as SignalDataTypeMap[KeyType] | undefined;
  } catch {
    return undefined;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: whatever another program wrote
const readJson = async (path: string): Promise<any> => JSON.parse(await readFile(path, 'utf8'), bytesRevived);

/** As Baileys reads bytes, and as its earlier versions wrote them: as a list of numbers. */
function bytesRevived(key: string, value: unknown): unknown {
  const { type, data } = (value ?? {}) as { type?: unknown; data?: unknown };
  return type === 'Buffer' && Array.isArray(data) ? Buffer.from(data) : BufferJSON.reviver(key, value);
}

type KeyType = keyof SignalDataTypeMap;

const verbatim = (name: string): string => name;

/**
 * How the ids of each kind are read back from names of files, in which Baileys writes `/` as `__` and `:` as `-`.
 * Each kind has its own way, because other ids hold `__` and `-` themselves: `tctoken`'s `__index`, old groups' ids.
 */
const idsFromNames: Readonly<Record<KeyType, (name: string) => string | undefined>> = {
  'pre-key': verbatim,
  session: verbatim,
  // `<group>::<user>::<device>`
  'sender-key': (name) =>
    /^.+--[^-]+--\d+$/.test(name) ? name.replace(/--([^-]+)--(\d+)$/, '::$1::$2') : undefined,
  'sender-key-memory': verbatim,
  // Base64
  'app-state-sync-key': (name) => name.replaceAll('__', '/'),
  'app-state-sync-version': verbatim,
  'lid-mapping': verbatim,
  'device-list': verbatim,
  tctoken: verbatim,
  'identity-key': verbatim,
};

// The longest first: `sender-key-memory-…` begins like a sender key, too.
const keyTypes = (Object.keys(idsFromNames) as KeyType[]).sort((one, other) => other.length - one.length);

function placeFrom(fileName: string): { type: KeyType; id: string } | undefined {
  const type = keyTypes.find((known) => fileName.startsWith(`${known}-`));
  if (!type || !fileName.endsWith('.json')) return undefined;
  const id = idsFromNames[type](fileName.slice(type.length + 1, -'.json'.length));
  return id ? { type, id } : undefined;
}
