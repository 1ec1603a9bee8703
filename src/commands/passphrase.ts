import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { type CommandCall, CommandError } from './command.ts';

/** The environment variable that holds the passphrase where nobody sits at a terminal. */
export const passphraseVariable = 'POMBO_PASSPHRASE';

const shortest = 8;

/**
 * The passphrase of a file: from the environment, or else typed on the terminal, where it is not shown.
 *
 * `isNew`: it is made up now; so it is to be typed twice, and not to be too short.
 * Errors: `CommandError` when there is none, or it is not fit.
 */
export async function readPassphrase(
  call: Pick<CommandCall<never>, 'variable'>,
  { isNew }: { isNew: boolean },
): Promise<string> {
  const preset = call.variable(passphraseVariable);
  const passphrase = preset ?? (await ask('Passphrase of the file: '));
  if (isNew && passphrase.length < shortest) {
    throw new CommandError(`The passphrase is too short: it needs at least ${shortest} characters.`);
  }
  if (isNew && preset === undefined && (await ask('The same again: ')) !== passphrase) {
    throw new CommandError('The two passphrases differ. Nothing was done.');
  }
  return passphrase;
}

async function ask(question: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new CommandError(
      `There is no terminal to ask for the passphrase on. Set it as ${passphraseVariable} in the environment.`,
    );
  }
  process.stderr.write(question);
  // It edits the line as a terminal does, and what it would show goes nowhere.
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: unseen, terminal: true });
  const given = new AbortController();
  lines.on('SIGINT', () => given.abort());
  lines.on('close', () => given.abort());
  try {
    return await lines.question('', { signal: given.signal });
  } catch (cause) {
    throw new CommandError('No passphrase was given. Nothing was done.', { cause });
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
