/** `npm run instance:import`: takes in an exported instance, or the session of another program built on Baileys. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Instance } from '../instance.ts';
import { importInstance, importKeys } from '../moving/import-instance.ts';
import { checkInstanceFile } from '../moving/instance-file.ts';
import { MovingError } from '../moving/moving-error.ts';
import { hasDatabase } from '../storage/has-database.ts';
import { openStorage } from '../storage/open-storage.ts';
import { AuthFolderError, readAuthFolder } from '../whatsapp/baileys/auth-folder.ts';
import { linkedDeviceOf } from '../whatsapp/baileys/linked-device.ts';
import { type CommandCall, CommandError, runCommand } from './command.ts';
import { passphraseVariable, readPassphrase } from './passphrase.ts';

const description = {
  usage: 'npm run instance:import -- <exported file, or Baileys folder> [--name <name>] [--replace]',
  argumentCount: 1,
  options: { name: { type: 'string' }, replace: { type: 'boolean', default: false } },
  variables: [passphraseVariable],
  expectedErrors: [MovingError, AuthFolderError],
} as const;

type Call = CommandCall<(typeof description)['options']>;

await runCommand(description, async (call) => {
  const [argument = ''] = call.arguments;
  const path = resolve(argument);
  const arrival = {
    name: readName(call.options.name),
    replace: call.options.replace,
    deviceOf: linkedDeviceOf,
  };
  const lines = (await isDirectory(path))
    ? await takeInFolder(call, { path, ...arrival })
    : await takeInFile(call, { path, ...arrival });
  console.log(lines.join('\n'));
});

/** As the API wants the names of instances. */
function readName(name: string | undefined): string | undefined {
  const isSound =
    name === undefined || (/^\P{Cc}*$/u.test(name) && /\S/.test(name) && [...name].length <= 200);
  if (!isSound)
    throw new CommandError(
      '--name: expected a text in one line that is not blank, of at most 200 characters.',
    );
  return name;
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw new CommandError(`${path} cannot be read: ${(cause as Error).message}.`, { cause });
  }
}

interface Arrival {
  readonly path: string;
  readonly name: string | undefined;
  readonly replace: boolean;
  readonly deviceOf: typeof linkedDeviceOf;
}

async function takeInFile(call: Call, arrival: Arrival): Promise<string[]> {
  await using parts = new AsyncDisposableStack();
  const open = async () => parts.use(await openStorage(call.config));
  // Whether it is in use is known before the passphrase is asked for; a new one is made for a sound file only.
  const opened = (await hasDatabase(call.config.dataDir)) ? await open() : undefined;
  const passphrase = await readPassphrase(call, { isNew: false });
  if (!opened) await checkInstanceFile(arrival.path, passphrase);
  const imported = await importInstance(opened ?? (await open()), { ...arrival, passphrase });
  const { instance, isHome, twin, keyCount, photoCount } = imported;
  return [
    `Instance ${instance.id} ("${instance.name}") is ${isHome ? 'here again' : 'here'}: ${keyCount} keys, ${photoCount} photos of groups.`,
    ...(twin
      ? [`It is in the place of instance ${twin.id} ("${twin.name}"), the same linked device, which is gone.`]
      : []),
    ...whereIs(instance, call),
    'Callers only change the address. The Client-Token is the gateway’s own: send this one’s, or set POMBO_CLIENT_TOKEN to the other one’s.',
    'It connects when the gateway starts. Delete the file: its keys are old from then on, and in a second place they would break its encrypted chats.',
  ];
}

async function takeInFolder(call: Call, { path, ...arrival }: Arrival): Promise<string[]> {
  const { phone, device, keys, unknown, damaged } = await readAuthFolder(path);
  await using storage = await openStorage(call.config);
  const { instance, isReplaced } = await importKeys(storage, {
    ...arrival,
    defaultName: phone,
    device,
    keys,
  });
  return [
    `Instance ${instance.id} ("${instance.name}") ${isReplaced ? 'has the keys of the folder' : 'is made'}, for the phone ${phone}: ${keys.length} keys.`,
    ...whereIs(instance, call),
    ...named('No keys of a session, and left out', unknown),
    ...named('Damaged, and left out', damaged),
    'Stop the program that used the folder before you start the gateway, and never start it with these keys again: two at once break the encrypted chats of both.',
    'Was it running while the folder was read? Then stop it, and import again with --replace.',
  ];
}

// Functions, not constants: what is awaited at the top calls them before the end of the file is reached.
function whereIs({ id, token }: Instance, { config }: Call): string[] {
  return [`Its address: /instances/${id}/token/${token}`, `The data directory: ${resolve(config.dataDir)}`];
}

function named(what: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`${what}: ${names.join(', ')}`];
}
