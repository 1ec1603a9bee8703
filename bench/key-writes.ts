/** What it costs to keep the keys of a session, beside the bare database. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openStorage } from '../src/storage/open-storage.ts';
import { SecretBox } from '../src/storage/secret-box.ts';
import type { KeyStore } from '../src/whatsapp/whatsapp.ts';
import { temporaryFolder } from './data-folder.ts';
import { type Figure, figureOf } from './figure.ts';
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

/** How many instances write at the same time, for the figure of many. */
const instancesAtOnce = 8;

export async function keyWriteFigures(rounds: number): Promise<Figure[]> {
  using folder = temporaryFolder();
  await using storage = await openStorage({ dataDir: join(folder.path, 'ours') });
  const stores: KeyStore[] = [];
  for (let count = 0; count < instancesAtOnce; count++) {
    const { id } = await storage.instances.create({ name: 'Bench' });
    stores.push(storage.sessionKeys.keysOf(id));
  }
  const [store] = stores;
  if (!store) throw new Error('There is no instance to write for.');
  const values = [newValues(), newValues()] as const;
  using bare = bareStore(join(folder.path, 'bare.db'), (value) => value);
  const box = new SecretBox(randomBytes(32));
  using sealing = bareStore(join(folder.path, 'sealing.db'), (value, place) => box.sealToBytes(value, place));

  const perSecond = async (write: (changes: KeyChanges) => unknown, atOnce = 1) => {
    const tookMs = await wallMs(async () => {
      for (let count = 0; count < writesPerRound; count++) await write(values[count % 2 === 0 ? 0 : 1]);
    });
    return (changesPerWrite * writesPerRound * atOnce * 1_000) / tookMs;
  };
  const ofOne = () => perSecond((changes) => store.write(changes));
  const ofMany = () =>
    perSecond((changes) => Promise.all(stores.map((each) => each.write(changes))), instancesAtOnce);
  const ofBare = () => perSecond((changes) => bare.write(changes));
  const ofSealing = () => perSecond((changes) => sealing.write(changes));

  const figure = async (
    about: Pick<Figure, 'name' | 'comparedWith' | 'target'>,
    ways: { ours: () => Promise<number>; theirs: () => Promise<number> },
  ) => figureOf({ ...about, unit: '/s' }, await inTurns(rounds, ways));
  const notEncrypted = `bare node:sqlite, ${changesPerWrite} in each commit, not encrypted`;
  return [
    await figure(
      { name: 'keys written by one instance', comparedWith: notEncrypted, target: { atLeast: 0.5 } },
      { ours: ofOne, theirs: ofBare },
    ),
    await figure(
      {
        name: `keys written by ${instancesAtOnce} at once`,
        comparedWith: notEncrypted,
        target: { atLeast: 0.5 },
      },
      { ours: ofMany, theirs: ofBare },
    ),
    await figure(
      {
        name: 'keys written by one instance',
        comparedWith: 'the same, each value encrypted as ours are',
        target: undefined,
      },
      { ours: ofOne, theirs: ofSealing },
    ),
  ];
}

/** The same rows, with the same promise: on the disk when it returns. */
function bareStore(
  path: string,
  seal: (value: string, place: string) => string | Buffer,
): Disposable & { write(changes: KeyChanges): void } {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  database.exec(
    'CREATE TABLE session_key (instance_id TEXT, type TEXT, id TEXT, value ANY, PRIMARY KEY (instance_id, type, id))',
  );
  const upsert = database.prepare(
    'INSERT INTO session_key VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  );
  return {
    write(changes) {
      database.exec('BEGIN');
      for (const { type, id, value } of changes) {
        upsert.run('bench', type, id, seal(value, `session_key/bench/${type}/${id}`));
      }
      database.exec('COMMIT');
    },
    [Symbol.dispose]: () => database.close(),
  };
}
