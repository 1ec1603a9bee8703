/** `npm run instance:import`: takes in an exported instance, or the session of another program built on Baileys. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Instance } from '../instance.ts';
import { importInstance, importKeys } from '../moving/import-instance.ts';
import { MovingError } from '../moving/moving-error.ts';
import { openStorage, type Storage } from '../storage/open-storage.ts';
import { AuthFolderError, readAuthFolder } from '../whatsapp/baileys/auth-folder.ts';
import { CommandError, runCommand } from './command.ts';
import { passphraseVariable, readPassphrase } from './passphrase.ts';

await runCommand(
  {
    usage: 'npm run instance:import -- <exported file, or Baileys folder> [--name <name>]',
    argumentCount: 1,
    options: { name: { type: 'string' } },
    variables: [passphraseVariable],
    expectedErrors: [MovingError, AuthFolderError],
  },
  async (call) => {
    const [argument = ''] = call.arguments;
    const { name } = call.options;
    const path = resolve(argument);
    const isFolder = await isDirectory(path);
    await using storage = await openStorage(call.config);
    const lines = isFolder
      ? await takeInFolder(storage, { path, name })
      : await takeInFile(storage, {
          path,
          name,
          passphrase: await readPassphrase(call, { isNew: false }),
        });
    console.log(lines.join('\n'));
  },
);

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw new CommandError(`${path} cannot be read: ${(cause as Error).message}.`, { cause });
  }
}

async function takeInFile(
  storage: Storage,
  options: { path: string; name: string | undefined; passphrase: string },
): Promise<string[]> {
  const { instance, isHome, keyCount, photoCount } = await importInstance(storage, options);
  return [
    `Instance ${instance.id} ("${instance.name}") is ${isHome ? 'here again' : 'here'}: ${keyCount} keys, ${photoCount} photos of groups.`,
    ...addressOf(instance),
    'Callers only change the address. The Client-Token is the gateway’s own: send this one’s, or set POMBO_CLIENT_TOKEN to the other one’s.',
    'It connects when the gateway starts. Delete the file: its keys are old from then on, and in a second place they would break its encrypted chats.',
  ];
}

async function takeInFolder(
  storage: Storage,
  { path, name }: { path: string; name: string | undefined },
): Promise<string[]> {
  const { phone, keys, unknown, damaged } = await readAuthFolder(path);
  const instance = await importKeys(storage, { name: name ?? phone, keys });
  return [
    `Instance ${instance.id} ("${instance.name}") is made, for the phone ${phone}: ${keys.length} keys.`,
    ...addressOf(instance),
    ...named('No keys of a session, and left out', unknown),
    ...named('Damaged, and left out', damaged),
    'Stop the program that used the folder before you start the gateway, and never start it with these keys again: two at once break the encrypted chats of both.',
    'Was it running while the folder was read? Then delete the instance, stop the program and import again.',
  ];
}

// Functions, not constants: what is awaited at the top calls them before the end of the file is reached.
function addressOf({ id, token }: Instance): string[] {
  return [`Its address: /instances/${id}/token/${token}`];
}

function named(what: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`${what}: ${names.join(', ')}`];
}
