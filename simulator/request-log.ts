/** Which requests have come: a test can wait for one, and sees those that nothing here answers. */
import { type BinaryNode, childrenOf } from './stanza.ts';

/** Far more than anything here takes, on a machine that has much else to do, too. */
const defaultDeadlineMs = 20_000;

/**
 * Counts by kind: `upgrade`, `login`, the kinds of requests (`IqHandler.kind` and those of a companion that is not yet
 * linked), each as it comes; and the stanzas `message`, `receipt` and `ack`, once they are dealt with.
 */
export class RequestLog {
  readonly #counts = new Map<string, number>();
  readonly #waiting = new Set<() => void>();
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
    for (const look of [...this.#waiting]) look();
  }

  /**
   * Resolves as soon as `count` requests of this kind have come, counted from the start of the simulator; at once if
   * they have come already. Rejects after `deadlineMs`.
   */
  arrived(kind: string, count = 1, deadlineMs = defaultDeadlineMs): Promise<void> {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`${this.count(kind)} of ${count} "${kind}" requests came within ${deadlineMs} ms`));
      }, deadlineMs);
      const look = () => {
        if (this.count(kind) < count) return;
        clearTimeout(deadline);
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }
}
