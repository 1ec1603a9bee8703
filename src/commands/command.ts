/** What the command-line programs beside the gateway have in common: settings, arguments, failures, the end. */
import { existsSync } from 'node:fs';
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { type Config, ConfigError, readConfig } from '../config.ts';
import { StorageError } from '../storage-error.ts';

/** Why a command could not do its work, in a sentence for whoever typed it. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

interface CommandDescription<Options extends ParseArgsOptionsConfig> {
  /** How it is called, for whoever calls it otherwise. */
  readonly usage: string;
  /** How many arguments it takes beside its options. */
  readonly argumentCount: number;
  readonly options: Options;
  /** Environment variables that are its own, and no settings of the gateway. */
  readonly variables: readonly string[];
  /** Errors whose sentence is for whoever typed the command, beyond those of settings and storage. */
  readonly expectedErrors?: readonly (new (
    message: string,
  ) => Error)[];
}

/** What was typed, and where it is to be done. */
export interface CommandCall<Options extends ParseArgsOptionsConfig> {
  readonly config: Config;
  readonly arguments: readonly string[];
  readonly options: ReturnType<typeof parseArgs<{ options: Options; allowPositionals: true }>>['values'];
  /** The value of one of `variables`; `undefined` when it is not set, or is empty. */
  variable(name: string): string | undefined;
}

/**
 * Carries out a command and ends the process: with 0, or with 1 after a sentence on stderr. Settings are read as the
 * gateway reads them, the file `.env` of the working directory included.
 */
export async function runCommand<const Options extends ParseArgsOptionsConfig>(
  description: CommandDescription<Options>,
  run: (call: CommandCall<Options>) => Promise<void>,
): Promise<never> {
  try {
    await run(readCall(description));
  } catch (error) {
    const expected = [ConfigError, StorageError, CommandError, ...(description.expectedErrors ?? [])];
    console.error(expected.some((kind) => error instanceof kind) ? (error as Error).message : error);
    process.exit(1);
  }
  process.exit(0);
}

function readCall<const Options extends ParseArgsOptionsConfig>({
  usage,
  argumentCount,
  options,
  variables,
}: CommandDescription<Options>): CommandCall<Options> {
  const typed = readArguments(options, usage);
  if (typed.positionals.length !== argumentCount) throw new CommandError(`Usage: ${usage}`);
  if (existsSync('.env')) process.loadEnvFile('.env'); // what the environment says already stays
  const own = new Map(variables.map((name) => [name, process.env[name] || undefined]));
  const settings = Object.entries(process.env).filter(([name]) => !own.has(name));
  return {
    config: readConfig(Object.fromEntries(settings)),
    arguments: typed.positionals,
    options: typed.values,
    variable: (name) => own.get(name),
  };
}

function readArguments<const Options extends ParseArgsOptionsConfig>(options: Options, usage: string) {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw new CommandError(`${(error as Error).message}\nUsage: ${usage}`);
  }
}
