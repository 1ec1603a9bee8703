import type { KeyChange, KeyStore } from './whatsapp.ts';

/** For tests: keys in memory. */
export class MemoryKeyStore implements KeyStore {
  /** What is stored, by type and id. */
  readonly values = new Map<string, Map<string, string>>();
  /** While set, reading and writing fail with it. */
  failure: Error | undefined;

  async read(type: string, ids: readonly string[]): Promise<Map<string, string>> {
    this.#mayFail();
    const found = new Map<string, string>();
    for (const id of ids) {
      const value = this.values.get(type)?.get(id);
      if (value !== undefined) found.set(id, value);
    }
    return found;
  }

  async write(changes: readonly KeyChange[]): Promise<void> {
    this.#mayFail();
    for (const { type, id, value } of changes) {
      const ofType = this.values.get(type) ?? new Map<string, string>();
      this.values.set(type, ofType);
      if (value === null) ofType.delete(id);
      else ofType.set(id, value);
    }
  }

  async clear(): Promise<void> {
    this.#mayFail();
    this.values.clear();
  }

  #mayFail(): void {
    if (this.failure) throw this.failure;
  }
}
