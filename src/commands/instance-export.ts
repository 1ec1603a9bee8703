/** `npm run instance:export`: packs an instance into a file, to be taken to another gateway. */
import { resolve } from 'node:path';
import { instanceIdFrom } from '../ids.ts';
import { exportInstance, instanceToExport } from '../moving/export-instance.ts';
import { MovingError } from '../moving/moving-error.ts';
import { hasDatabase } from '../storage/has-database.ts';
import { openStorage } from '../storage/open-storage.ts';
import { CommandError, runCommand } from './command.ts';
import { passphraseVariable, readPassphrase } from './passphrase.ts';

await runCommand(
  {
    usage: 'npm run instance:export -- <instance id> [--to <file>]',
    argumentCount: 1,
    options: { to: { type: 'string' } },
    variables: [passphraseVariable],
    expectedErrors: [MovingError],
  },
  async (call) => {
    const [argument = ''] = call.arguments;
    const id = instanceIdFrom(argument);
    const path = resolve(call.options.to ?? `pombo-${id}.instance`);
    const dataDir = resolve(call.config.dataDir);
    if (!(await hasDatabase(dataDir))) {
      throw new CommandError(`There is no database in ${dataDir}: check POMBO_DATA_DIR.`);
    }
    await using storage = await openStorage(call.config);
    await instanceToExport(storage, id); // nobody is to think up a passphrase in vain
    const passphrase = await readPassphrase(call, { isNew: true });
    const unfinished = (await storage.photoJobs.unfinished()).filter(({ instance }) => instance === id);
    const { instance, keyCount, photoCount } = await exportInstance(storage, {
      id,
      path,
      passphrase,
      now: new Date(),
    });
    const lines = [
      `Instance ${id} ("${instance.name}") is in ${path}: ${keyCount} keys, ${photoCount} photos of groups.`,
      ...(keyCount === 0 ? ['No phone is linked to it.'] : []),
      ...(unfinished.length > 0
        ? [`Jobs do not move: ${unfinished.length} of it are unfinished, and stay here.`]
        : []),
      'It is marked as moved and does not connect here any more: the same keys in two places would break its encrypted chats.',
      'Import the file once, in one place; then delete it. If it shall stay here after all: start the gateway and call "restart" of the instance.',
    ];
    console.log(lines.join('\n'));
  },
);
