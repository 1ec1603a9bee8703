/** Which requests have come: a test can wait for one, and sees those that nothing here answers. */
import { type BinaryNode, childrenOf } from './stanza.ts';
import { Watch } from './watch.ts';

/**
 * Counts by kind: `upgrade`, `login`, the kinds of requests (`IqHandler.kind` and those of a companion that is not yet
 * linked), each as it comes; and the stanzas `message`, `receipt` and `ack`, once they are dealt with.
 */
export class RequestLog {
  readonly #counts = new Map<string, number>();
  readonly #watch = new Watch();
  readonly #unknown: string[] = [];

  /** What came and is not known here, such as `iq get w:mex <query>`. */
  get unknown(): readonly string[] {
    return this.#unknown;
  }

  /** Notes a stanza that nothing here answers. */
  addUnknown(stanza: BinaryNode): void {
    const { type, xmlns } = stanza.attrs;
    const child = childrenOf(stanza)[0];
    this.#unknown.push([stanza.tag, type, xmlns, child && `<${child.tag}>`].filter(Boolean).join(' '));
  }

  /** How many requests of this kind have come so far. */
  count(kind: string): number {
    return this.#counts.get(kind) ?? 0;
  }

  add(kind: string): void {
    this.#counts.set(kind, this.count(kind) + 1);
    this.#watch.changed();
  }

  /**
   * Resolves as soon as `count` requests of this kind have come, counted from the start of the simulator; at once if
   * they have come already. Rejects after `deadlineMs`.
   */
  async arrived(kind: string, count = 1, deadlineMs?: number): Promise<void> {
    await this.#watch.until(
      () => this.count(kind) >= count || undefined,
      (waitedMs) => `${this.count(kind)} of ${count} "${kind}" requests came within ${waitedMs} ms`,
      deadlineMs,
    );
  }
}
