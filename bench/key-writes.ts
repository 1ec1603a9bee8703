/** What it costs to keep the keys of a session, beside the bare database. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openStorage } from '../src/storage/open-storage.ts';
import { type Figure, figureOf } from './figure.ts';
import { temporaryFolder } from './gateway.ts';
import { inTurns, wallMs } from './rounds.ts';

const changesPerWrite = 100;
const writesPerRound = 50;

type KeyChanges = readonly { readonly type: string; readonly id: string; readonly value: string }[];

/**
 * The same keys every time, as Baileys writes them again and again, each with about 200 bytes that are others than the
 * time before: SQLite writes nothing to the disk where a row stays what it was.
 */
const newValues = (): KeyChanges =>
  Array.from({ length: changesPerWrite }, (_, index) => ({
    type: 'session',
    id: `5511999990001.${index}`,
    value: randomBytes(100).toString('hex'),
  }));

export async function keyWriteFigures(rounds: number): Promise<Figure[]> {
  using folder = temporaryFolder();
  await using storage = await openStorage({ dataDir: join(folder.path, 'ours') });
  const { id } = await storage.instances.create({ name: 'Bench' });
  const keys = storage.sessionKeys.keysOf(id);
  const [some, others] = [newValues(), newValues()];
  using bare = bareStore(join(folder.path, 'bare.db'), id);

  const perSecond = async (write: (changes: KeyChanges) => unknown) => {
    const tookMs = await wallMs(async () => {
      for (let count = 0; count < writesPerRound; count++) {
        await write(count % 2 === 0 ? some : others);
      }
    });
    return (changesPerWrite * writesPerRound * 1_000) / tookMs;
  };
  const pairs = await inTurns(rounds, {
    ours: () => perSecond((changes) => keys.write(changes)),
    theirs: () => perSecond((changes) => bare.write(changes)),
  });
  return [
    figureOf(
      {
        name: `keys written, ${changesPerWrite} together`,
        comparedWith: 'bare node:sqlite, not encrypted',
        unit: '/s',
        target: { atLeast: 0.5 },
      },
      pairs,
    ),
  ];
}

/** The same rows as they are, with the same promise: on the disk when it returns. */
function bareStore(path: string, instance: string): Disposable & { write(changes: KeyChanges): void } {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  database.exec(
    'CREATE TABLE session_key (instance_id TEXT, type TEXT, id TEXT, value TEXT, PRIMARY KEY (instance_id, type, id))',
  );
  const upsert = database.prepare(
    'INSERT INTO session_key VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  );
  return {
    write(changes) {
      database.exec('BEGIN');
      for (const { type, id, value } of changes) upsert.run(instance, type, id, value);
      database.exec('COMMIT');
    },
    [Symbol.dispose]: () => database.close(),
  };
}
