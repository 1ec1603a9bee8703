import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import {
  type DialectAdapter,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  type SqliteStatement,
} from 'kysely';
import { storageErrorOf } from './sqlite-error.ts';

/**
 * Opens the database file at `path`, made with mode 0600 when it is not there, and gives the Kysely dialect to speak
 * to it. What a transaction wrote is on the disk when it is over (`synchronous=FULL`).
 *
 * Errors: `StorageError`, here and from each statement, when the file or its disk is the trouble.
 */
export function openSqlite(path: string): SqliteDialect {
  closeSync(openSync(path, 'a', 0o600)); // SQLite gives its -wal and -shm files the mode of this one
  const database = new DatabaseSync(path, { timeout: 5_000, enableForeignKeyConstraints: true });
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  } catch (error) {
    database.close();
    throw storageErrorOf(error, path);
  }
  return new TransactionalSqliteDialect({ database: statementsOf(database, path) });
}

/** `node:sqlite` as Kysely wants to see a SQLite database. */
function statementsOf(database: DatabaseSync, path: string): SqliteDatabase {
  const prepared = new Map<string, SqliteStatement>();
  return {
    prepare(sql) {
      // A full disk makes SQLite roll back by itself, and the error of a second rollback would hide that.
      if (sql === 'rollback' && !database.isTransaction) return nothingToDo;
      const statement = prepared.get(sql) ?? prepare(database, sql, path);
      // Texts vary with the number of rows they write, so only the most recently used are kept.
      prepared.delete(sql);
      prepared.set(sql, statement);
      const [oldest] = prepared.keys();
      if (prepared.size > 200 && oldest !== undefined) prepared.delete(oldest);
      return statement;
    },
    close() {
      prepared.clear();
      database.close(); // the last connection: SQLite moves what is in the -wal file into the database
    },
  };
}

const nothingToDo: SqliteStatement = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [].values(),
};

function prepare(database: DatabaseSync, sql: string, path: string): SqliteStatement {
  const translated = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      throw storageErrorOf(error, path);
    }
  };
  const statement = translated(() => database.prepare(sql));
  const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[];
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => translated(() => statement.all(...values(parameters))),
    run: (parameters) => translated(() => statement.run(...values(parameters))),
    iterate: (parameters) => translated(() => statement.iterate(...values(parameters))),
  };
}

/** Kysely migrates SQLite without a transaction; a crash between a table and the note of it would then be final. */
class TransactionalSqliteDialect extends SqliteDialect {
  override createAdapter(): DialectAdapter {
    return new (class extends SqliteAdapter {
      override get supportsTransactionalDdl(): boolean {
        return true;
      }
    })();
  }
}
