/** `npm run rotate-key`: encrypts the data directory with another key, while no gateway runs on it. */
import type { Secret } from '../secret.ts';
import { secretKey as secretKeyKind } from '../setting-kinds.ts';
import { rotateSecretKey } from '../storage/rotate-secret-key.ts';
import { CommandError, runCommand } from './command.ts';

const newKeyVariable = 'POMBO_NEW_SECRET_KEY';

await runCommand(
  { usage: 'npm run rotate-key', argumentCount: 0, options: {}, variables: [newKeyVariable] },
  async ({ config: { dataDir, secretKey }, variable }) => {
    const newSecretKey = readNewKey(variable(newKeyVariable));
    const { valueCount, keyFile } = await rotateSecretKey({ dataDir, secretKey, newSecretKey });
    console.log(
      valueCount === undefined
        ? `All that is encrypted in ${dataDir} is encrypted with ${newKeyVariable} already.`
        : `All that is encrypted in ${dataDir} (values: ${valueCount}) is encrypted with a new key now.`,
    );
    console.log(
      keyFile === undefined
        ? `Before you start Pombo again, set POMBO_SECRET_KEY to the new key, and remove ${newKeyVariable}.`
        : `The new key is in ${keyFile}, in place of the old one. Pombo can be started again as before.`,
    );
    console.log('Backups from before still need the key they were made with.');
  },
);

function readNewKey(text: string | undefined): Secret | undefined {
  if (text === undefined) return undefined;
  const key = secretKeyKind.parse(text.trim());
  if (!key) throw new CommandError(`${newKeyVariable}: expected ${secretKeyKind.expects}.`);
  return key;
}
