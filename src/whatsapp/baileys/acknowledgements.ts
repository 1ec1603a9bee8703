import type { BinaryNode, WASocket } from 'baileys';
import { GatewayError } from '../../errors.ts';
import { Refusal } from './refusal.ts';

/** What is acknowledged instead of answered. */
const kinds = ['message', 'call'] as const;

interface Sending {
  readonly kind: (typeof kinds)[number];
  readonly id: string;
  /** Writes the stanza with this id; may ask WhatsApp for what it needs first. */
  readonly send: () => Promise<unknown>;
  /** The advice for callers who do not learn the outcome. */
  readonly whenUnknown: string;
}

/**
 * WhatsApp's word for what it has taken: `<ack class id [error]/>` on `socket`, until `ended` aborts.
 *
 * Baileys considers such a stanza sent once it is written, tells of a refusal in an event of its own, and never of
 * success.
 */
export class Acknowledgements {
  readonly #socket: Pick<WASocket, 'ws'>;
  readonly #ended: AbortSignal;
  readonly #timeoutMs: number;
  readonly #waiting = new Map<string, (refusal: Refusal | undefined) => void>();

  constructor(socket: Pick<WASocket, 'ws'>, { ended, timeoutMs }: { ended: AbortSignal; timeoutMs: number }) {
    this.#socket = socket;
    this.#ended = ended;
    this.#timeoutMs = timeoutMs;
    for (const kind of kinds) {
      socket.ws.on(`CB:ack,class:${kind}`, ({ attrs }: BinaryNode) => {
        const refusal = attrs.error
          ? new Refusal({ tag: 'error', attrs: { code: attrs.error, text: attrs.text ?? 'refused' } })
          : undefined;
        this.#waiting.get(`${kind} ${attrs.id}`)?.(refusal);
      });
    }
  }

  /**
   * Sends, and resolves when WhatsApp has acknowledged it.
   *
   * Errors: `Refusal`; `whatsapp_timeout` when there was no word in time or the connection ended before it;
   * `not_connected` when there was none to send on; and whatever `send` rejects with.
   */
  of({ kind, id, send, whenUnknown }: Sending): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#ended.aborted || !this.#socket.ws.isOpen) {
        reject(new GatewayError('not_connected', { retryAfterSeconds: 1 }));
        return;
      }
      const key = `${kind} ${id}`;
      const settle = () => {
        clearTimeout(timer);
        this.#waiting.delete(key);
        this.#ended.removeEventListener('abort', onEnd);
      };
      const giveUp = (what: string) => {
        settle();
        const message = `${what}, so the outcome is unknown. ${whenUnknown}`;
        reject(new GatewayError('whatsapp_timeout', { message }));
      };
      const onEnd = () => giveUp('The connection to WhatsApp was lost before WhatsApp confirmed');
      const timer = setTimeout(
        () => giveUp(`WhatsApp did not confirm within ${this.#timeoutMs / 1_000} s`),
        this.#timeoutMs,
      );
      this.#waiting.set(key, (refusal) => {
        settle();
        if (refusal) reject(refusal);
        else resolve();
      });
      this.#ended.addEventListener('abort', onEnd);
      send().catch((error) => {
        settle();
        reject(error);
      });
    });
  }
}
