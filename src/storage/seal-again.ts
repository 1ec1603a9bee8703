import { type RawBuilder, sql, type Transaction } from 'kysely';
import { placeOf } from './places.ts';
import type { SecretBox } from './secret-box.ts';
import type { Tables } from './tables.ts';

interface SealedColumn {
  readonly table: keyof Tables;
  readonly column: `sealed_${string}`;
  /** The columns that name a row. */
  readonly key: readonly string[];
  /** Where the value of a row is sealed, from its `key`. */
  place(...key: string[]): string;
}

/** Every column that holds something sealed. */
export const sealedColumns: readonly SealedColumn[] = [
  { table: 'instance', column: 'sealed_token', key: ['id'], place: placeOf.instanceToken },
  { table: 'instance', column: 'sealed_proxy', key: ['id'], place: placeOf.instanceProxy },
  {
    table: 'session_key',
    column: 'sealed_value',
    key: ['instance_id', 'type', 'id'],
    place: placeOf.sessionKey,
  },
  {
    table: 'idempotent_request',
    column: 'sealed_answer',
    key: ['instance_id', 'key_hash'],
    place: placeOf.idempotentAnswer,
  },
  {
    table: 'secret_key',
    column: 'sealed_check',
    key: ['version'],
    place: () => placeOf.secretKeyCheck,
  },
];

/** Opens with one box and seals with the other all that is sealed, and gives how many values that were. */
export async function sealAgain(
  transaction: Transaction<Tables>,
  { from, to }: { readonly from: SecretBox; readonly to: SecretBox },
): Promise<number> {
  let count = 0;
  for (const sealedColumn of sealedColumns) {
    for await (const { key, sealed } of sealedValues(transaction, sealedColumn)) {
      const place = sealedColumn.place(...key.map(String));
      const text = from.open(sealed, place);
      const again = typeof sealed === 'string' ? to.seal(text, place) : to.sealToBytes(text, place);
      await sql`update ${sql.table(sealedColumn.table)} set ${sql.ref(sealedColumn.column)} = ${again}
        where ${rowValue(sealedColumn.key.map((name) => sql.ref(name)))} = ${rowValue(key.map(asValue))}`.execute(
        transaction,
      );
      count++;
    }
  }
  return count;
}

const rowsPerRead = 1_000;

/** The values of a column, some at a time: all keys of a thousand instances would take hundreds of megabytes. */
async function* sealedValues(transaction: Transaction<Tables>, { table, column, key }: SealedColumn) {
  const names = key.map((name) => sql.ref(name));
  let last: readonly unknown[] | undefined;
  while (true) {
    const isLater = last ? sql`${rowValue(names)} > ${rowValue(last.map(asValue))}` : sql`1 = 1`;
    const { rows } = await sql<Record<string, unknown> & { sealed: string | Uint8Array }>`
      select ${sql.join(names)}, ${sql.ref(column)} as sealed from ${sql.table(table)}
      where ${sql.ref(column)} is not null and ${isLater}
      order by ${sql.join(names)} limit ${rowsPerRead}`.execute(transaction);
    for (const row of rows) {
      last = key.map((name) => row[name]);
      yield { key: last, sealed: row.sealed };
    }
    if (rows.length < rowsPerRead) return;
  }
}

const asValue = (value: unknown): RawBuilder<unknown> => sql`${value}`;
const rowValue = (parts: readonly RawBuilder<unknown>[]): RawBuilder<unknown> => sql`(${sql.join(parts)})`;
